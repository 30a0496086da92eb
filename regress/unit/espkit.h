/* SPDX-License-Identifier: ISC */

/*
 * espkit.h: what the tests of s2sd-esp, s2sd-sad and the backends share: a
 * role without a process around it, whose frames are kept; tunnels; packets.
 * No cmocka in here, the fuzz targets and the bench use it too.
 */

#ifndef ESPKIT_H
#define ESPKIT_H

#include "../../daemon/esp/local.h"
#include "role.h"

enum { KIT_FRAMES = 512 };

struct kit_frame {
	enum proc	 to;
	struct ipc_hdr	 h;
	uint8_t		*d;		/* h.len octets */
};

struct kit {
	const struct role *role;
	void		*self;
	struct role_io	 io;
	struct conf	 conf;
	struct kit_frame f[KIT_FRAMES];
	size_t		 nf;
	uint32_t	 gen;
	uint64_t	 seed, now;
	size_t		 nlog;
	int		 reason;	/* of the last log line that had one */
	char		 log[TEXT_MAX];	/* the last log line */
	int		 deaf;		/* sends fail */
	size_t		 room;		/* frames of one receiver; 0: KIT_FRAMES */
	size_t		 lost;		/* sends that failed */
};

void	 kit_new(struct kit *, const struct role *);
void	 kit_free(struct kit *);
/* A whole reload: both rounds. */
void	 kit_conf(struct kit *, const struct tunnel *, size_t n);
void	 kit_conf_global(struct kit *, const struct global *,
	    const struct tunnel *, size_t n);
/* Encode body and hand it to the role: what role_dispatch says. */
int	 kit_send(struct kit *, enum proc from, uint32_t type, uint32_t req,
	    uint32_t tunnel, const void *body);
int	 kit_raw(struct kit *, enum proc from, uint32_t type, uint32_t req,
	    uint32_t tunnel, const uint8_t *, size_t);
/* The first kept frame of that type, decoded into body; it is forgotten.
 * Views in body live until the next call.  1, or 0: none. */
int	 kit_take(struct kit *, uint32_t type, struct ipc_hdr *, void *body);
size_t	 kit_count(const struct kit *, uint32_t type);
void	 kit_forget(struct kit *);
/* Hand every frame for `to' over to the other kit, once. */
void	 kit_pump(struct kit *from, struct kit *to);

/* "10.1.3.0/24" and so on; all algorithms allowed. */
void	 kit_tunnel(struct tunnel *, uint32_t id, const char *name,
	    const char *local, const char *remote, const char *lnet,
	    const char *rnet);
void	 kit_pair_add(struct tunnel *, const char *lnet, const char *rnet);
struct addr kit_addr(const char *, uint16_t port);
void	 kit_key(struct keyoct *, size_t len, uint8_t seed);
/* A request for both SAs of t as its initiator (dir 0) or the other end (1),
 * keys and SPIs from child; pairs is filled from t into buf. */
void	 kit_e_pair(struct m_e_pair *, const struct tunnel *, uint32_t child,
	    const char *encr, const char *integ, int dir, uint8_t *buf,
	    size_t size);

/* --- packets --- */

enum { KIT_ROOM = 4096 };
struct kit_pkt { struct esp_pkt p; uint8_t room[KIT_ROOM]; };

/* IPv4 or IPv6 by the addresses, with right checksums; n: whole length. */
void	 kit_ip(struct kit_pkt *, const char *src, const char *dst,
	    uint8_t ipproto, uint16_t sport, uint16_t dport, size_t n);
void	 kit_fixsum(uint8_t *ip);	/* IPv4 header checksum again */
/* A datagram as it would have come in. */
void	 kit_dgram(struct kit_pkt *, const uint8_t *, size_t n,
	    const struct addr *local, const struct addr *remote);
/* Seal plain (with its trailer) by the peer's SA under that number. */
void	 kit_seal(struct kit_pkt *, struct esp_sa *, uint64_t seq,
	    const uint8_t *plain, size_t n);
/* Packet and right trailer in one buffer: the length. */
size_t	 kit_trailer(uint8_t *plain, size_t n, size_t block, uint8_t next);

#endif /* ESPKIT_H */

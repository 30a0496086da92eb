/* SPDX-License-Identifier: ISC */

/*
 * keys_rig.h: an s2sd-keys driven by frames, for the tests and the fuzz
 * targets.  What it sends is kept until the next request.
 */

#ifndef KEYS_RIG_H
#define KEYS_RIG_H

#include "../../daemon/keys/keys.h"

enum { RIG_OUT = 8, RIG_TUNNELS = 4, RIG_INIT = 2048 };

/* Numbers of common/alg.c that the rig's tunnels allow. */
enum { A_GCM = 1, A_CBC = 4, A_PRF = 20, A_PRF512 = 22, A_INTEG = 30,
    A_X25519 = 40, A_P256 = 41, A_MODP2048 = 46, A_MODP1024 = 50 };

struct rig_frame {
	enum proc	 to;
	struct ipc_hdr	 h;
	uint8_t		 d[IPC_BODY_MAX];
};

struct rig {
	void			*self;
	struct conf		 c;
	struct role_io		 io;
	uint32_t		 seed, req;
	uint64_t		 now;
	size_t			 nout;
	int			 full;		/* channels take nothing */
	unsigned int		 logs, pairs;	/* since the start */
	struct rig_frame	 out[RIG_OUT];
};

/* A new role without configuration; same seed, same octets. */
void	 rig_new(struct rig *, uint32_t seed);
void	 rig_free(struct rig *);
/* A tunnel as s2sd-conf writes it; id of ours and of the peer as FQDN. */
void	 rig_tunnel(struct tunnel *, uint32_t id, const char *name,
	    const char *srcid, const char *dstid);
/* Secrets and tunnels of that generation, through both rounds: 0, or -1 if
 * the role refused (secret NULL: none for that tunnel). */
int	 rig_conf(struct rig *, uint32_t gen, const struct tunnel *t,
	    const char *const *secret, size_t n) WUR;
/* The two halves of it; and the end of secrets of which some are missing. */
int	 rig_part(struct rig *, uint32_t gen);
int	 rig_secret(struct rig *, uint32_t gen, const char *name,
	    const char *psk);
int	 rig_commit(struct rig *, uint32_t gen, const struct tunnel *t,
	    size_t n) WUR;

/* One frame in: what the dispatcher says.  out is emptied before. */
int	 rig_send(struct rig *, enum proc from, uint32_t type,
	    uint32_t tunnel, const void *body);
int	 rig_raw(struct rig *, enum proc from, uint32_t type, uint32_t tunnel,
	    const void *d, size_t n);
/* The frame of that type among the answers, decoded: 1, or 0 if none came. */
int	 rig_answer(struct rig *, uint32_t type, void *body);
uint64_t rig_tick(struct rig *, uint64_t now);

/* An IKE_SA_INIT message: SA, KE and Nonce payloads. */
struct rig_init {
	uint8_t		 spi_i[8], spi_r[8];
	int		 response;
	uint16_t	 group;
	struct rd	 ke, nonce;
};
size_t	 rig_init_make(const struct rig_init *, uint8_t *, size_t max);

/* Repeatable random octets. */
uint32_t rig_rand(uint32_t *seed);

#endif /* KEYS_RIG_H */

/* SPDX-License-Identifier: ISC */

/*
 * verify.h: is this gateway as its tunnels need it?  s2sd-verify is started
 * by `s2sctl verify', as root, and gone after it.  What it saw of the
 * machine becomes facts, the checks are pure functions of facts, and the
 * way of packets is not guessed from rules: probes go through the kernel's
 * own path and are dropped behind the last rule (probe.h).
 */

#ifndef VERIFY_H
#define VERIFY_H

#include <stdio.h>

#include "cf.h"
#include "u.h"

/* ---- results (list.c) ---- */

enum v_result { V_OK, V_WARN, V_FAIL, V_SKIP };
enum v_group { VG_CONF, VG_HOST, VG_TUNNEL, VG_MAX };

struct v_check {
	enum v_result	 result;
	enum v_group	 group;
	const char	*id;		/* static */
	char		*tunnel;	/* or NULL */
	char		*text;		/* what is so */
	char		*seen;		/* what was looked at, or NULL */
	char		*fix;		/* lines to paste, or NULL */
};

struct v_list {
	struct v_check	*c;
	size_t		 n, room;
	int		 bad;		/* out of memory */
};

/* Append; the strings are copied.  tunnel, seen and fix may be NULL. */
void	 v_add(struct v_list *, enum v_result, enum v_group, const char *id,
	    const char *tunnel, const char *fix, const char *seen,
	    const char *fmt, ...) __attribute__((__format__(printf, 8, 9)));
void	 v_clear(struct v_list *);
size_t	 v_count(const struct v_list *, enum v_result);
/* 0 all well, 1 warnings, 2 failures. */
int	 v_exit(const struct v_list *);
void	 v_print(FILE *, const struct v_list *, int colour);
/* Text of the JSON, to be freed; NULL: no memory. */
char	*v_json(const struct v_list *);

/* ---- facts ---- */

enum { V_DEVS = 256, V_ADDRS = 1024, V_SOCKS = 64, V_WORD = 64, V_OTHERS = 8,
    V_ALGS = 64 };

struct v_dev {
	char		 name[16];
	uint32_t	 index, mtu;
	uint8_t		 up, tun, noxfrm, nopolicy;
	uint8_t		 rp_filter;	/* of this device alone */
	uint8_t		 send_redirects;
};

/* IPsec in the kernel: errnos of what was asked, 0: it is there. */
struct v_kernel {
	int		 xfrm, esp4, esp6;
	int		 asked;		/* alg[] is known */
	uint8_t		 alg[V_ALGS];	/* by alg.num: V_ALG_ */
	int		 block;		/* policies of our block, -1: ? */
};
enum { V_ALG_UNKNOWN, V_ALG_HAS, V_ALG_NOT };

/* Who has UDP 500 or 4500, or is an IKE daemon by its name. */
struct v_sock {
	struct addr	 local;
	uint32_t	 pid;		/* 0: not found */
	char		 program[V_WORD];
};

/* Where the kernel would send a packet. */
struct v_route {
	int		 err;		/* errno, 0: there is a route */
	uint8_t		 local;		/* to ourselves */
	uint32_t	 oif;
	uint32_t	 mtu;		/* of the route, 0: the device's */
	struct addr	 gateway, src;	/* af 0: none */
};

struct v_host {
	struct v_dev	 dev[V_DEVS];
	size_t		 ndev;
	struct addr	 mine[V_ADDRS];
	uint32_t	 mine_if[V_ADDRS];	/* index of the device */
	uint8_t		 mine_plen[V_ADDRS];	/* its network there */
	size_t		 nmine;
	int		 fwd4, fwd6;	/* 1, 0, -1: not known */
	int		 rp_all, redirects_all;
	struct v_sock	 sock[V_SOCKS];
	size_t		 nsock;
	struct v_sock	 other[V_OTHERS];	/* local is not set */
	size_t		 nother;
	struct v_kernel	 k;
	int		 synced;	/* clock: 1, 0, -1 */
	uint8_t		 users;		/* bit for each missing user */
	int		 ct_stale;	/* entries with NAT, -1: not known */
};

/* What the daemon said; running 0: it does not answer. */
struct v_daemon {
	int		 running;
	struct u_status	 st;
};

struct v_facts {
	const char	*path;		/* s2sd.conf */
	struct cf_result conf;
	int		 parsed;	/* cf_parse succeeded */
	const char	*only;		/* one tunnel, or NULL */
	struct v_daemon	 d;
	struct v_host	 h;
	/* where the kernel would send a packet */
	void		(*route)(const struct addr *dst,
			    const struct addr *src, uint32_t iif,
			    struct v_route *);
};

/* Is this tunnel to be looked at? */
int	 v_wanted(const struct v_facts *, const struct cf_tunnel *);
const struct v_dev *v_dev(const struct v_host *, uint32_t index);
/* The device that has this address, or NULL. */
const struct v_dev *v_dev_of(const struct v_host *, const struct addr *);
/* The index of our TUN, 0: there is none. */
uint32_t v_plane(const struct v_host *);
/* Is the ESP of the tunnels the kernel's, by XFRM? */
int	 v_xfrm(const struct v_facts *);
/* The tunnel as the daemon sees it, or NULL. */
const struct u_tunnel *v_state(const struct v_facts *, const char *name);
/* The k-th pair of networks as hosts on this side see it: `from A (B)' is B. */
struct selpair v_pair(const struct tunnel *, size_t k);
/* The address at the same place in `to', a prefix of the same length. */
struct addr v_translated(const struct addr *, const struct sel *to);
/* rp_filter as the kernel uses it: the greater of `all' and the device's. */
int	 v_rp(const struct v_host *, const struct v_dev *);

/* facts_linux.c, sock_linux.c: fill in what can be seen. */
void	 v_host_read(struct v_facts *);
void	 v_route(const struct addr *dst, const struct addr *src,
	    uint32_t iif, struct v_route *);
void	 v_socks_read(struct v_host *);
void	 v_kernel_read(struct v_kernel *);	/* kernel_linux.c */
/* daemon.c */
void	 v_daemon_read(struct v_daemon *, const char *socket);

/* ---- checks: pure ---- */

void	 v_check_conf(const struct v_facts *, struct v_list *);
void	 v_check_host(const struct v_facts *, struct v_list *);
void	 v_check_kernel(const struct v_facts *, struct v_list *);
void	 v_check_interfaces(const struct v_facts *, struct v_list *);
void	 v_check_tunnels(const struct v_facts *, struct v_list *);

/* ---- probes: c_probe.c, through the kernel (probe.h) ---- */

/* Rules of ours that somebody saved: in the listing, in files. */
void	 v_check_saved(const struct v_facts *, const char *listing,
	    struct v_list *);
/* Does that text, of nft(8) or iptables-save(8), hold rules of ours; `block'
 * too, or only what goes with s2sd? */
int	 v_saved_has(const char *text, int block);
void	 v_check_packets(const struct v_facts *, struct v_list *);

#endif /* VERIFY_H */

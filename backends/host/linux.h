/* SPDX-License-Identifier: ISC */

/* linux.h: what the files of the Linux backend share. */

#ifndef HOST_LINUX_H
#define HOST_LINUX_H

#include "host_be.h"
#include "nl.h"

enum {
	/* What is ours in the kernel is known by these and by nothing else. */
	LX_PROTO = 83,			/* rtm_protocol of routes and rules */
	LX_POL_DENY = 0x53320100, LX_POL_PASS = 0x53320200,
	LX_POL_VIA = 0x53320240, LX_POL_SELF = 0x53320248,
	LX_POL_OWN = 0x53320280,
	LX_POL_TUN = 0x53320300, LX_POL_BLOCK = 0x53320400,
	LX_POL_WIDE = 0x53320480,
	LX_POL_USER = 0x5332, LX_POL_USER_OWN = 0x5333,
	/* The rules: what bypasses us, then our table. */
	LX_PREF_BYPASS = 218, LX_PREF = 219,
	LX_PREF_NEAR = 32764, LX_PREF_FAR = 32765,	/* before the main table */
	LX_HOME = 64,
	LX_V6 = 1 << 30,		/* in lx_sysctl.need: IPv6 is used */
	LX_IF_GROUP = 0x5332,		/* of devices of `interface' */
	LX_RP_FILTER = 8,		/* IPV4_DEVCONF_RP_FILTER */
	LX_TABLE = 21037,		/* the first that is tried */
	LX_SYSCTLS = 16, LX_SAVED_MAX = 4096
};

struct lx_sysctl {
	const char	*path;		/* below /proc/sys */
	uint32_t	 need;		/* enum gw_flag; 0: always */
	const char	*value;
};

/* A device of ours for a tunnel. */
struct lx_ifc {
	struct host_if	 i;
	uint32_t	 ifindex;
};
/* A device as the kernel tells it. */
struct lx_link {
	char		 name[IF_STRLEN];
	uint32_t	 ifindex, mtu, group;
	uint32_t	 if_id;		/* of an xfrm interface, else 0 */
	uint8_t		 up, xfrm;
};

struct lx {
	struct host_env	 env;
	struct nlsock	 rt, rtev, xfrm, ct;
	int		 have_xfrm;
	int		 kernel, change;
	int		 tun_down;	/* our TUN, as the kernel said last */
	uint32_t	 ifindex;	/* of the TUN, 0: none */
	struct lx_ifc	*ifc;
	size_t		 nifc;
	int		 ifc_told;	/* a failure of theirs was logged */
	uint32_t	 table;		/* ours, 0: none yet */
	struct net	 home[LX_HOME];	/* networks of devices here that tunnels
					   have, or had when they were up */
	size_t		 nhome;
	uint32_t	 mark;		/* on our own sockets */
	int		 warned;	/* said which table and mark */
	int		 sysctl[LX_SYSCTLS];	/* descriptors, -1 */
	int		 rp_default;	/* descriptor of default/rp_filter */
	int		 rp_ours;	/* the TUN's value was set by us */
	int		 saved;		/* descriptor of the file of old values */
	uint32_t	 ipt;		/* iptables variants with our chains */
	int		 xstat;		/* descriptor of net/xfrm_stat, or -1 */
	uint64_t	 blocked;	/* its count of blocked packets */
	uint64_t	 stray_at;	/* s: newest use that was reported */
};

/* linux_route.c */
/* Finds and sets up the TUN; loose: reverse path filtering. */
int	 lx_link(struct lx *, uint16_t mtu, int loose);
int	 lx_routes(struct lx *, const struct host_want *, char *, size_t);
int	 lx_routes_clear(struct lx *);
size_t	 lx_addrs(struct lx *, struct addr *, size_t);
int	 lx_addr_get(struct rd r, struct addr *);  /* RTM_NEWADDR: 1, 0, -1 */

/* linux_ifc.c */
int	 lx_ifcs_look(struct lx *);	/* which of ours there are: 0 or -1 */
/* Make the devices what is wanted: all that can be done is, and -1 and why
 * if that is not all. */
int	 lx_ifcs(struct lx *, const struct host_want *, char *, size_t);
uint32_t lx_ifc_index(const struct lx *, const struct host_if *);  /* or 0 */
int	 lx_ifc_of(const struct lx *, uint32_t ifindex, struct host_if *);
int	 lx_link_get(struct rd, struct lx_link *);	/* RTM_NEWLINK: 0, -1 */
void	 lx_link_new(struct nlbuf *, const char *name, uint32_t if_id,
	    uint16_t mtu);

/* linux_xfrm.c */
int	 lx_pols(struct lx *, const struct host_want *, char *, size_t);
int	 lx_pols_end(struct lx *);	/* those of a device away: it goes */
int	 lx_pol_get(struct rd r, struct host_pol *, uint32_t *ifindex,
	    uint8_t *dir);

/* linux_stray.c */
void	 lx_stray_open(struct lx *);
int	 lx_stray(struct lx *, void (*)(void *, const struct net *), void *);
uint64_t lx_stray_count(const char *);
uint64_t lx_pol_used(struct rd);

/* linux_sad.c: SAs and policies of an s2sd-sad that has ended */
int	 lx_sad_clear(struct lx *);

/* linux_ct.c */
int	 lx_purge(struct lx *, const struct fw_rules *);
/* Does this entry carry a NAT inside the sets? 1, 0, or -1: malformed. */
int	 lx_ct_match(struct rd body, const struct fw_rules *);

/* linux_sysctl.c */
void	 lx_sysctl_open(struct lx *);
int	 lx_sysctls(struct lx *, uint32_t gateway, char *, size_t);
int	 lx_sysctls_restore(struct lx *);
uint32_t lx_rp_default(const struct lx *);	/* of a new device */

/* The file of old values, one a line: `sysctl PATH VALUE', `iptables BITS'. */
struct lx_saved {
	char		 val[LX_SYSCTLS][16];	/* "": not changed by us */
	uint32_t	 ipt;
};
extern const struct lx_sysctl lx_sysctl_rows[LX_SYSCTLS];
int	 lx_saved_parse(struct rd, struct lx_saved *);
int	 lx_saved_write(struct wr *, const struct lx_saved *);
int	 lx_saved_load(struct lx *, struct lx_saved *);
int	 lx_saved_store(struct lx *, const struct lx_saved *);

#endif /* HOST_LINUX_H */

/* SPDX-License-Identifier: ISC */

/*
 * bsd_req.h: what s2sd-host asks of s2sd-exec on the BSDs, whose kernels look
 * at who writes a route message: typed records, a whole wanted state between
 * BSD_BEGIN and BSD_APPLY.  No text, no name, no path.
 */

#ifndef BSD_REQ_H
#define BSD_REQ_H

#include "host_be.h"

enum bsd_what {			/* m_x_run.what, behind those of ipt.h */
	BSD_BEGIN = 64,		/* forget the records so far */
	BSD_ROUTE, BSD_SYSCTL,
	BSD_APPLY,		/* make it so; answered by M_X_DONE */
	BSD_CLEAR,		/* everything as it was; answered */
	BSD_HOLD,		/* switches as they were, and what went into the
				   TUN is refused; answered */
	BSD_DEVICE		/* before the routes that go there */
};

/* BSD_LEAK: into the TUN, and as it was when that is gone.  BSD_VIA: into the
 * device of a tunnel, BSD_VIALEAK: the same, as BSD_LEAK. */
enum bsd_kind { BSD_TUN, BSD_REJECT, BSD_LEAK, BSD_VIA, BSD_VIALEAK,
    BSD_NKIND };
struct bsd_route {
	struct net	 dst;
	struct addr	 src;		/* of ours, or af 0 */
	uint16_t	 mtu;		/* 0: the device's */
	uint8_t		 kind;		/* enum bsd_kind */
	uint32_t	 unit;		/* BSD_VIA, BSD_VIALEAK: of the device;
					   else 0 */
};

/* `interface secN' of sec(4): its name says which system has it. */
struct bsd_device {
	uint32_t	 unit;		/* 1.. */
	struct net	 addr;		/* with host bits; af 0: none */
	uint16_t	 mtu;
	uint8_t		 fresh;		/* was made anew; not in the record */
};
enum { BSD_MTU_MIN = 1280 };		/* sec(4) has no smaller one */

/* Switches of the system: net.inet.ip, net.inet6.ip6. */
enum bsd_ctl { BSD_FORWARD4, BSD_FORWARD6, BSD_REDIRECT4, BSD_REDIRECT6,
    BSD_NCTL };
struct bsd_switch {
	uint8_t		 which;		/* enum bsd_ctl */
	uint8_t		 value;		/* 0 or 1 */
};

void	 bsd_route_put(struct wr *, const struct bsd_route *);
int	 bsd_route_get(struct rd, struct bsd_route *) WUR;
void	 bsd_device_put(struct wr *, const struct bsd_device *);
int	 bsd_device_get(struct rd, struct bsd_device *) WUR;
/*
 * The i-th wanted route as the kernel shall have it: 1, or 0: none, because
 * another one to the same network stands for it, or there is no TUN.  These
 * kernels are told of one route for a network: that of the least metric whose
 * tunnel is up, or one that refuses.
 */
int	 bsd_route_of(const struct host_want *, size_t i, struct bsd_route *);
/* The other end of a network of two, as 169.254.10.1/30; or af 0. */
void	 bsd_other_end(const struct net *, struct addr *);
void	 bsd_switch_put(struct wr *, const struct bsd_switch *);
int	 bsd_switch_get(struct rd, struct bsd_switch *) WUR;

/* bsd_rt.c: the kernel, for s2sd-exec as root: 0, or -1 and errno. */
struct bsd_os {
	void	*arg;
	int	(*route)(void *arg, int add, const struct bsd_route *);
	/* Make one (EEXIST: there is one), or remove it. */
	int	(*device)(void *arg, int add, const struct bsd_device *);
	/* value -1: only ask.  The value before, or -1. */
	int	(*ctl)(void *arg, enum bsd_ctl, int value);
	/* What the last life left (*n is 0 if nothing), and what the next one
	 * shall find, whole or not at all.  NULL: nothing is remembered. */
	int	(*load)(void *arg, uint8_t *, size_t max, size_t *n);
	int	(*store)(void *arg, const uint8_t *, size_t n);
};
extern const struct bsd_os bsd_kernel;
/* bsd_dev.c */
int	 bsd_device_do(void *arg, int add, const struct bsd_device *);
/* The TUN of the parent: up; 0 or -1. */
int	 bsd_tun_up(uint16_t mtu);

#endif /* BSD_REQ_H */

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
	BSD_HOLD		/* switches as they were, and what went into the
				   TUN is refused; answered */
};

/* BSD_LEAK: into the TUN, and as it was when that is gone. */
enum bsd_kind { BSD_TUN, BSD_REJECT, BSD_LEAK, BSD_NKIND };
struct bsd_route {
	struct net	 dst;
	struct addr	 src;		/* of ours, or af 0 */
	uint16_t	 mtu;		/* 0: the device's */
	uint8_t		 kind;		/* enum bsd_kind */
};

/* Switches of the system: net.inet.ip, net.inet6.ip6. */
enum bsd_ctl { BSD_FORWARD4, BSD_FORWARD6, BSD_REDIRECT4, BSD_REDIRECT6,
    BSD_NCTL };
struct bsd_switch {
	uint8_t		 which;		/* enum bsd_ctl */
	uint8_t		 value;		/* 0 or 1 */
};

void	 bsd_route_put(struct wr *, const struct bsd_route *);
int	 bsd_route_get(struct rd, struct bsd_route *) WUR;
void	 bsd_switch_put(struct wr *, const struct bsd_switch *);
int	 bsd_switch_get(struct rd, struct bsd_switch *) WUR;

/* bsd_rt.c: the kernel, for s2sd-exec as root: 0, or -1 and errno. */
struct bsd_os {
	void	*arg;
	int	(*route)(void *arg, int add, const struct bsd_route *);
	/* value -1: only ask.  The value before, or -1. */
	int	(*ctl)(void *arg, enum bsd_ctl, int value);
	/* What the last life left (*n is 0 if nothing), and what the next one
	 * shall find, whole or not at all.  NULL: nothing is remembered. */
	int	(*load)(void *arg, uint8_t *, size_t max, size_t *n);
	int	(*store)(void *arg, const uint8_t *, size_t n);
};
extern const struct bsd_os bsd_kernel;
/* The TUN of the parent: up; 0 or -1. */
int	 bsd_tun_up(uint16_t mtu);

#endif /* BSD_REQ_H */

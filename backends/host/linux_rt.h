/* SPDX-License-Identifier: ISC */

/* linux_rt.h: routes and rules as the files of the Linux backend see them. */

#ifndef HOST_LINUX_RT_H
#define HOST_LINUX_RT_H

#include "linux.h"

struct rt_rec {			/* a route */
	struct net	 dst;
	uint8_t		 type;
	uint32_t	 metric, table, oif, mtu;
	struct addr	 src, gw;
};
struct rt_rule {
	uint8_t		 af;
	struct net	 from, to;
	uint32_t	 pref, table, mark, mask;
	uint32_t	 suppress;	/* 1 + the longest prefix that does not
					   count, 0: all do */
	uint8_t		 ours, invert;
	uint8_t		 unreachable;	/* in the place of a table */
};
struct rt_list {		/* of either; p is malloc'd */
	void		*p;
	size_t		 n, room;
};
struct rt_have {
	struct rt_list	 ours;		/* struct rt_rec */
	struct rt_list	 tables;	/* uint32_t: those of others */
	struct rt_list	 rules;		/* struct rt_rule, everybody's */
	struct rt_list	 near;		/* struct net: networks of devices here */
};

/* linux_rtread.c */
void	*rt_more(struct rt_list *, size_t size);	/* zeroed, or NULL */
int	 rt_attr_addr(uint8_t af, struct rd, struct addr *);
/* One RTM_NEWROUTE: 0 or -1. */
int	 rt_rec_get(struct rd, struct rt_rec *, uint8_t *proto);
/* One RTM_NEWRULE: 1, 0: of another family, -1. */
int	 rt_rule_get(struct rd, struct rt_rule *);
int	 rt_read(struct lx *, struct rt_have *) WUR;
void	 rt_have_free(struct rt_have *);

#endif /* HOST_LINUX_RT_H */

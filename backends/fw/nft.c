/* SPDX-License-Identifier: ISC */

/*
 * nft.c: the firewall by raw nfnetlink.  Table s2sd belongs to the parent's
 * socket: nobody else can change it and it goes with the parent, also after
 * kill -9.  A kernel before 5.12 gets a plain table, which is watched.
 * Table s2sd-block is never owned: it outlives us.
 */

#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "nft_msg.h"

enum { DEAR = 50000 };	/* elements to walk over: more than a new table costs */

struct nft {
	struct fw_env	 env;
	struct nlsock	 own, plain, ev;
	int		 adopted;	/* own.fd is the parent's */
	int		 owner;		/* the kernel knows the owner flag */
	struct fw_rules	 have;		/* what table s2sd holds */
	struct fw_rules	 block;		/* what table s2sd-block holds */
	int		 have_ok, block_ok;
};

static int
ignore(void *arg, const struct nlmsg *m)
{
	(void)arg; (void)m;
	return (0);
}

/* Does nf_tables answer at all? */
static int
nft_answers(struct nft *n)
{
	struct nlbuf	 b = { 0 };
	struct nfgenmsg	 g;
	int		 rv;

	memset(&g, 0, sizeof(g));
	nl_msg(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, NLM_F_ACK, &g,
	    sizeof(g));
	nl_end(&b);
	rv = nl_dump(&n->plain, &b, ignore, NULL);
	nl_clear(&b);
	return (rv);
}

/*
 * Can it do what we need?  A table like ours is made and taken away in one
 * batch, so that nothing is ever seen of it.
 */
static int
nft_try(struct nft *n, int owner)
{
	struct nlbuf	 b = { 0 };
	uint32_t	 seq;
	int		 rv, e;

	nftm_begin(&b);
	nftm_probe(&b, owner);
	nftm_end(&b);
	rv = nl_batch(&n->own, &b, &seq);
	e = errno;
	nl_clear(&b);
	errno = e;
	return (rv);
}

static void
nft_close(void *v)
{
	struct nft	*n = v;

	if (!n->adopted)
		nl_close(&n->own);
	nl_close(&n->plain);
	nl_close(&n->ev);
	fw_rules_free(&n->have);
	fw_rules_free(&n->block);
	free(n);
}

static void *
nft_open(const struct fw_env *env, char *why, size_t len)
{
	struct nft	*n;

	if ((n = calloc(1, sizeof(*n))) == NULL)
		return (NULL);
	n->env = *env;
	n->own.fd = n->plain.fd = n->ev.fd = -1;
	fw_rules_init(&n->have);
	fw_rules_init(&n->block);
	n->adopted = env->owner_fd != -1;
	if (nl_open(&n->plain, NETLINK_NETFILTER, 0) == -1 ||
	    nft_answers(n) == -1) {
		snprintf(why, len, "nf_tables does not answer: %s",
		    strerror(errno));
		nft_close(n);
		return (NULL);
	}
	if ((n->adopted ? nl_adopt(&n->own, env->owner_fd) :
	    nl_open(&n->own, NETLINK_NETFILTER, 0)) == -1 ||
	    nl_open(&n->ev, NETLINK_NETFILTER,
	    1u << (NFNLGRP_NFTABLES - 1)) == -1) {
		snprintf(why, len, "netlink socket: %s", strerror(errno));
		nft_close(n);
		return (NULL);
	}
	n->owner = 1;
	if (nft_try(n, 1) == 0)
		return (n);
	n->owner = 0;
	if (nft_try(n, 0) == 0)
		return (n);
	snprintf(why, len, "nf_tables of this kernel lacks what is needed "
	    "(sets of pairs of ranges, nat chains): %s", strerror(errno));
	nft_close(n);
	return (NULL);
}

/* --- changes --- */

struct change {
	struct fw_pair	*p[2];		/* [0] out, [1] in */
	size_t		 n[2], room[2];
	int		 bad;
};

static void
collect(void *arg, int add, const struct fw_pair *p)
{
	struct change	*c = arg;
	struct fw_pair	*np;
	size_t		 room;

	if (c->n[add] == c->room[add]) {
		room = c->room[add] == 0 ? 16 : 2 * c->room[add];
		if ((np = realloc(c->p[add], room * sizeof(*np))) == NULL) {
			c->bad = 1;
			return;
		}
		c->p[add] = np;
		c->room[add] = room;
	}
	c->p[add][c->n[add]++] = *p;
}

/* The elements that differ; those that go first, so that none overlap. */
static int
elements(struct nlbuf *b, enum fw_verdict v, uint8_t af,
    const struct fw_rules *old, const struct fw_rules *new)
{
	struct change	 c;
	int		 add;

	memset(&c, 0, sizeof(c));
	fw_diff(&old->r[v][af == 6], &new->r[v][af == 6], collect, &c);
	for (add = 0; add < 2; add++)
		nftm_elems(b, v, af, add, c.p[add], c.n[add]);
	free(c.p[0]);
	free(c.p[1]);
	return (c.bad ? -1 : 0);
}

static int
empty(const struct fw_rules *rs, int f, int block)
{
	if (block)
		return (rs->r[FW_BLOCK][f].n + rs->r[FW_DENY][f].n +
		    rs->r[FW_PLAIN][f].n == 0);
	return (rs->r[FW_EXEMPT][f].n + rs->r[FW_OUTER][f].n +
	    rs->r[FW_MSS][f].n + rs->r[FW_MAP][f].n == 0);
}

/* Other values of the MSS: each has a set and rules. */
static int
revalued(const struct fw_rule *old, const struct fw_rule *new)
{
	uint16_t	 a = 0, b = 0;
	int		 more;

	do {
		more = nftm_mss(old->p, old->n, &a);
		if (nftm_mss(new->p, new->n, &b) != more || a != b)
			return (1);
	} while (more);
	return (0);
}

/* Rules that are there only where they have something to do come or go. */
static int
reshaped(const struct fw_rules *old, const struct fw_rules *new, int f,
    int block)
{
	enum fw_verdict	 v = block ? FW_PLAIN : FW_MAP;

	return ((old->r[v][f].n == 0) != (new->r[v][f].n == 0) ||
	    (!block && revalued(&old->r[FW_MSS][f], &new->r[FW_MSS][f])));
}

/* What takes a family's table from old to new; old NULL: whatever it is. */
static int
family(struct nft *n, struct nlbuf *b, int f, int block,
    const struct fw_rules *old, const struct fw_rules *new)
{
	uint8_t	 af = f ? 6 : 4;

	if (old != NULL && empty(old, f, block) && empty(new, f, block))
		return (0);
	if (empty(new, f, block)) {
		nftm_remove(b, af, block ? FW_TABLE_BLOCK : FW_TABLE,
		    !block && n->owner);
		return (0);
	}
	if (old == NULL || empty(old, f, block) ||
	    reshaped(old, new, f, block)) {
		if (block)
			nftm_block(b, af, n->env.outdrop, new);
		else
			nftm_table(b, af, n->owner, new);
		return (0);
	}
	if (block)
		return (elements(b, FW_BLOCK, af, old, new) == -1 ||
		    elements(b, FW_DENY, af, old, new) == -1 ||
		    elements(b, FW_PLAIN, af, old, new) == -1 ? -1 : 0);
	return (elements(b, FW_EXEMPT, af, old, new) == -1 ||
	    elements(b, FW_OUTER, af, old, new) == -1 ||
	    elements(b, FW_MSS, af, old, new) == -1 ||
	    elements(b, FW_MAP, af, old, new) == -1 ? -1 : 0);
}

static void
gone(void *arg, int add, const struct fw_pair *p)
{
	(void)p;
	if (!add)
		++*(size_t *)arg;
}

/*
 * Would changing single elements cost more than the whole table anew?  The
 * kernel walks over all of a set for each element that it takes out.
 */
static int
dear(const struct fw_rules *old, const struct fw_rules *new)
{
	size_t	 away, cost = 0;
	int	 f, v;

	for (v = 0; v < FW_NVERDICT; v++)
		for (f = 0; f < 2; f++) {
			away = 0;
			fw_diff(&old->r[v][f], &new->r[v][f], gone, &away);
			cost += away * old->r[v][f].n;
		}
	return (cost > DEAR);
}

static int
transact(struct nft *n, int block, const struct fw_rules *old,
    const struct fw_rules *new)
{
	struct nlsock	*s = block ? &n->plain : &n->own;
	struct nlbuf	 b = { 0 };
	uint32_t	 seq;
	size_t		 idle;
	int		 f, rv = 0, e;

	nftm_begin(&b);
	idle = b.n;
	for (f = 0; f < 2 && rv == 0; f++)
		rv = family(n, &b, f, block, old, new);
	if (rv == 0 && b.n == idle && !b.bad)
		goto out;			/* nothing differs */
	nftm_end(&b);
	errno = ENOMEM;
	if (rv == 0)
		rv = nl_batch(s, &b, &seq);
 out:
	e = errno;
	nl_clear(&b);
	errno = e;
	return (rv);
}

/* A plain table of our name, out of a ruleset that somebody had saved. */
static int
impostor(struct nft *n)
{
	struct nlbuf	 b = { 0 };
	uint32_t	 seq;
	uint8_t		 af;
	int		 rv = -1;

	for (af = 4; af <= 6; af += 2) {
		nftm_begin(&b);
		nftm_remove(&b, af, FW_TABLE, 0);
		nftm_end(&b);
		if (nl_batch(&n->own, &b, &seq) == 0)
			rv = 0;
		nl_clear(&b);
	}
	return (rv);
}

static int
anew(struct nft *n, int block, const struct fw_rules *new)
{
	if (transact(n, block, NULL, new) == 0)
		return (0);
	if (block || !n->owner || errno != EOPNOTSUPP || impostor(n) == -1)
		return (-1);
	return (transact(n, block, NULL, new));
}

/* Changed elements if we know what is there, else all of it anew. */
static int
make(struct nft *n, int block, const struct fw_rules *new, char *why,
    size_t len)
{
	struct fw_rules	*have = block ? &n->block : &n->have, copy;
	int		*ok = block ? &n->block_ok : &n->have_ok;

	if (fw_rules_copy(&copy, new) == -1) {
		snprintf(why, len, "out of memory");
		return (-1);
	}
	if ((*ok && !dear(have, new) && transact(n, block, have, new) == 0) ||
	    anew(n, block, new) == 0) {
		fw_rules_free(have);
		*have = copy;
		*ok = 1;
		return (0);
	}
	if (errno == EOPNOTSUPP && !block &&
	    new->r[FW_MAP][0].n + new->r[FW_MAP][1].n > 0)
		snprintf(why, len, "nftables: this kernel cannot translate "
		    "networks (from A (B)); Linux 5.8 and newer can");
	else if (errno == EPERM)
		snprintf(why, len, "nftables: table %s belongs to another "
		    "process: is another s2sd running in this network "
		    "namespace?", block ? FW_TABLE_BLOCK : FW_TABLE);
	else
		snprintf(why, len, "nftables: the kernel refused table %s: %s",
		    block ? FW_TABLE_BLOCK : FW_TABLE, strerror(errno));
	fw_rules_free(&copy);
	return (-1);
}

static int
nft_apply(void *v, const struct fw_rules *rs, char *why, size_t len)
{
	return (make(v, 0, rs, why, len));
}

static int
nft_block(void *v, const struct fw_rules *rs, char *why, size_t len)
{
	return (make(v, 1, rs, why, len));
}

static int
nft_done(void *v, uint32_t req, uint32_t err, const char *text, char *why,
    size_t len)
{
	(void)v; (void)req; (void)err; (void)text; (void)why; (void)len;
	return (0);
}

static void
nft_lost(void *v)
{
	(void)v;
}

static int
nft_clear(void *v, int block)
{
	struct fw_rules	 none;
	char		 why[FW_WHYLEN];
	int		 rv;

	fw_rules_init(&none);
	rv = make(v, 0, &none, why, sizeof(why));
	if (block && make(v, 1, &none, why, sizeof(why)) == -1)
		rv = -1;
	return (rv);
}

/* --- the guard --- */

struct seen {
	struct nft	*n;
	int		 foreign;	/* a change of ours by somebody else */
	uint32_t	 pid;
	char		 name[32];
	int		 touched;
};

static int
event(void *arg, const struct nlmsg *m)
{
	struct seen	*s = arg;
	struct rd	 r = m->body, v;

	if (m->type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    rd_skip(&r, sizeof(struct nfgenmsg)) ||
	    m->pid == s->n->own.portid || m->pid == s->n->plain.portid)
		return (0);
	if ((m->type & 0xff) == NFT_MSG_NEWGEN) {
		if (!s->touched)
			return (0);
		s->foreign = 1;
		s->touched = 0;
		if (nl_getbe32(nl_find(r, NFTA_GEN_PROC_PID), &s->pid) == -1)
			s->pid = 0;
		v = nl_find(r, NFTA_GEN_PROC_NAME);
		memset(s->name, 0, sizeof(s->name));
		if (v.n > sizeof(s->name) - 1)
			v.n = sizeof(s->name) - 1;
		if (v.n > 0)
			memcpy(s->name, v.p, v.n);
		return (0);
	}
	/* The first attribute of all others is the table's name. */
	v = nl_find(r, NFTA_TABLE_NAME);
	if (v.n > 0 && v.p[v.n - 1] == '\0' &&
	    (strcmp((const char *)v.p, FW_TABLE) == 0 ||
	    strcmp((const char *)v.p, FW_TABLE_BLOCK) == 0))
		s->touched = 1;
	return (0);
}

static int
nft_fd(void *v)
{
	return (((struct nft *)v)->ev.fd);
}

static int
nft_changed(void *v, char *why, size_t len)
{
	struct nft	*n = v;
	struct seen	 s = { .n = n };

	switch (nl_events(&n->ev, event, &s)) {
	case -1:
		snprintf(why, len, "too many changes of the filter to follow");
		n->have_ok = n->have_ok && n->owner;
		n->block_ok = 0;
		return (1);
	case 0:
		return (0);
	}
	if (!s.foreign)
		return (0);
	/* An owned table cannot have changed; the others are made anew. */
	n->have_ok = n->have_ok && n->owner;
	n->block_ok = 0;
	snprintf(why, len, "%s (pid %u) changed our tables", s.name, s.pid);
	return (1);
}

static int
nft_poll(void *v)
{
	(void)v;
	return (0);
}

const struct fw_backend fw_nft = {
	.name = "nftables", .open = nft_open, .apply = nft_apply,
	.block = nft_block, .done = nft_done, .lost = nft_lost,
	.clear = nft_clear,
	.fd = nft_fd, .changed = nft_changed, .poll = nft_poll, .close = nft_close
};

/* SPDX-License-Identifier: ISC */

/*
 * iptables.c: the firewall by iptables, on s2sd-host's side: which variants
 * this machine uses, and the requests to s2sd-exec.
 */

#include <sys/epoll.h>
#include <sys/inotify.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "ipt.h"
#include "../host/nl.h"

enum { OPS = 16 };

struct op {
	uint32_t	 req;		/* 0: free */
	uint8_t		 what;
	struct ipt_op	 o;
};

struct ipt {
	struct fw_env	 env;
	struct nlsock	 nl;		/* lists tables; fd -1: no nf_tables */
	int		 names[2];	/* /proc/net/ip{,6}_tables_names, or -1 */
	struct nlsock	 ev;		/* changes of nf_tables; fd -1: none */
	int		 lock;		/* inotify: the lock of iptables-legacy */
	int		 both;		/* epoll over these two, or -1 */
	uint32_t	 req;
	struct op	 op[OPS];	/* asked for and not answered */
	uint32_t	 have[2];	/* variants with our chains, by family */
	uint32_t	 block[2];	/* and with those of the block */
	int		 failed, undone, again;
	char		 why[FW_WHYLEN];
};

/* --- which variants --- */

static int
table_got(void *arg, const struct nlmsg *m)
{
	static const char *const names[] = { "nat", "filter", "mangle", "raw" };
	struct rd	 r = m->body, v;
	size_t		 i;

	if (rd_skip(&r, sizeof(struct nfgenmsg)))
		return (0);
	v = nl_find(r, NFTA_TABLE_NAME);
	for (i = 0; i < nitems(names); i++)
		if (v.n == strlen(names[i]) + 1 &&
		    memcmp(v.p, names[i], v.n) == 0)
			*(int *)arg = 1;
	return (0);
}

static int
nft_has(struct ipt *t, int f)
{
	struct nlbuf	 b = { 0 };
	struct nfgenmsg	 g;
	int		 has = 0;

	memset(&g, 0, sizeof(g));
	g.nfgen_family = f ? NFPROTO_IPV6 : NFPROTO_IPV4;
	nl_msg(&b, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, NLM_F_DUMP,
	    &g, sizeof(g));
	nl_end(&b);
	if (nl_dump(&t->nl, &b, table_got, &has) == -1)
		has = -1;
	nl_clear(&b);
	return (has);
}

/* Those that have rules: both if both have.  None: what would be used. */
static uint32_t
variants(struct ipt *t, int f)
{
	uint32_t	 v = 0;
	char		 c;
	int		 has;

	if (t->env.variants != 0)
		return (t->env.variants);
	has = t->nl.fd == -1 ? -1 : nft_has(t, f);
	if (t->names[f] != -1 && pread(t->names[f], &c, 1, 0) == 1)
		v |= IPT_LEGACY;
	if (has == 1)
		v |= IPT_NFT;
	if (v == 0)
		v = has == 0 ? IPT_NFT : IPT_LEGACY;
	return (v);
}

static void
ipt_close(void *v)
{
	struct ipt	*t = v;
	int		 f;

	nl_close(&t->nl);
	nl_close(&t->ev);
	if (t->lock != -1)
		close(t->lock);
	if (t->both != -1)
		close(t->both);
	for (f = 0; f < 2; f++)
		if (t->names[f] != -1)
			close(t->names[f]);
	free(t);
}

/*
 * Somebody at work is seen by events of nf_tables, and, where there are
 * none, by the lock that each run of iptables-legacy takes; in another mount
 * namespace that is another file, so poll() looks, too.
 */
static void
watches(struct ipt *t)
{
	struct epoll_event	 e = { .events = EPOLLIN };

	t->lock = t->both = -1;
	if (nl_open(&t->ev, NETLINK_NETFILTER,
	    1u << (NFNLGRP_NFTABLES - 1)) == -1)
		t->ev.fd = -1;
	if ((t->lock = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) != -1 &&
	    inotify_add_watch(t->lock, "/run", IN_CLOSE) == -1) {
		close(t->lock);
		t->lock = -1;
	}
	if ((t->both = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return;
	if (t->ev.fd != -1)
		(void)epoll_ctl(t->both, EPOLL_CTL_ADD, t->ev.fd, &e);
	if (t->lock != -1)
		(void)epoll_ctl(t->both, EPOLL_CTL_ADD, t->lock, &e);
}

static void *
ipt_open(const struct fw_env *env, char *why, size_t len)
{
	struct ipt	*t;
	int		 f;

	if (env->run == NULL) {
		snprintf(why, len, "iptables needs s2sd-exec");
		return (NULL);
	}
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->env = *env;
	if (nl_open(&t->nl, NETLINK_NETFILTER, 0) == -1)
		t->nl.fd = -1;
	watches(t);
	for (f = 0; f < 2; f++) {
		t->names[f] = open(f ? "/proc/net/ip6_tables_names" :
		    "/proc/net/ip_tables_names", O_RDONLY | O_CLOEXEC);
		t->have[f] = env->leftover & 3;
		t->block[f] = env->leftover >> 2 & 3;
	}
	return (t);
}

/* --- requests --- */

static int
ask(struct ipt *t, uint8_t what, uint32_t variant, int f, int block)
{
	struct op	*op;
	uint8_t		 body[8];
	struct wr	 w = wr_of(body, sizeof(body));

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req == 0)
			break;
	if (op == t->op + OPS)
		return (-1);
	memset(op, 0, sizeof(*op));
	op->what = what;
	op->o.variant = (uint8_t)variant;
	op->o.af = f ? 6 : 4;
	op->o.block = (uint8_t)block;
	op->o.outdrop = (uint8_t)t->env.outdrop;
	ipt_op_put(&w, &op->o);
	if (++t->req == 0)
		t->req = 1;
	if (t->env.run(t->env.arg, t->req, what, body, w.n) == -1)
		return (-1);
	op->req = t->req;
	return (0);
}

static int
busy(const struct ipt *t)
{
	size_t	 i;

	for (i = 0; i < OPS; i++)
		if (t->op[i].req != 0)
			return (1);
	return (0);
}

static int
wanted(const struct fw_rules *rs, int f, int block)
{
	if (block)
		return (rs->r[FW_BLOCK][f].n + rs->r[FW_DENY][f].n > 0);
	return (rs->r[FW_EXEMPT][f].n + rs->r[FW_OUTER][f].n +
	    rs->r[FW_MSS][f].n + rs->r[FW_MAP][f].n > 0);
}

/* Remembered before it is done, for an end in between. */
static void
remember(struct ipt *t, uint32_t more)
{
	t->env.mark(t->env.arg, t->have[0] | t->have[1] |
	    (t->block[0] | t->block[1]) << 2 | more);
}

static int
load(struct ipt *t, const struct fw_rules *rs, int block, char *why,
    size_t len)
{
	uint32_t	*have = block ? t->block : t->have, v, all;
	int		 f;

	snprintf(why, len, "iptables: s2sd-exec cannot be reached");
	if (ipt_records(&t->env, rs) == -1)
		return (-1);
	t->failed = t->undone = t->again = 0;
	for (f = 0; f < 2; f++) {
		all = wanted(rs, f, block) ? variants(t, f) : 0;
		if (all != 0)
			remember(t, block ? all << 2 : all);
		for (v = IPT_LEGACY; v <= IPT_NFT; v <<= 1) {
			if (all & v && ask(t, IPT_LOAD, v, f, block) == -1)
				return (-1);
			if (!(all & v) && have[f] & v &&
			    ask(t, IPT_CLEAR, v, f, block) == -1)
				return (-1);
		}
	}
	return (busy(t));
}

static int
ipt_apply(void *v, const struct fw_rules *rs, char *why, size_t len)
{
	return (load(v, rs, 0, why, len));
}

static int
ipt_block(void *v, const struct fw_rules *rs, char *why, size_t len)
{
	return (load(v, rs, 1, why, len));
}

static void
ipt_lost(void *v)
{
	struct ipt	*t = v;

	memset(t->op, 0, sizeof(t->op));
	t->failed = t->undone = t->again = 0;
}

static int
ipt_clear(void *v, int block)
{
	struct ipt	*t = v;
	uint32_t	 var;
	int		 f;

	for (f = 0; f < 2; f++)
		for (var = IPT_LEGACY; var <= IPT_NFT; var <<= 1) {
			if (t->have[f] & var)
				(void)ask(t, IPT_CLEAR, var, f, 0);
			if (block && t->block[f] & var)
				(void)ask(t, IPT_CLEAR, var, f, 1);
		}
	return (0);
}

/* Is that asked to be loaded, without an answer yet? */
static int
loading(const struct ipt *t, uint32_t variant, int f)
{
	const struct op	*op;

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req != 0 && op->what == IPT_LOAD && !op->o.block &&
		    op->o.variant == variant && (op->o.af == 6) == f)
			return (1);
	return (0);
}

/*
 * One of them was refused, and a restore is atomic for each table only: no
 * half of an exemption stays, neither its own nor that of another variant or
 * family, also of those that are asked for already (in order).  Half a block
 * blocks less than all of it, but more than none: it stays.
 */
static void
undo(struct ipt *t, const struct ipt_op *o)
{
	uint32_t	 var;
	int		 f;

	if (o->block)
		return;
	t->undone = 1;
	for (f = 0; f < 2; f++)
		for (var = IPT_LEGACY; var <= IPT_NFT; var <<= 1)
			if (t->have[f] & var || loading(t, var, f) ||
			    (o->variant == var && (o->af == 6) == f))
				(void)ask(t, IPT_CLEAR, var, f, 0);
}

static void
answered(struct ipt *t, const struct op *op, uint32_t err, const char *text)
{
	uint32_t	*have = op->o.block ? t->block : t->have;
	int		 f = op->o.af == 6;

	if (op->what == IPT_CHECK) {
		if (err == IPT_EMISSING)
			t->again = 1;
		return;
	}
	if (err != IPT_OK && op->what == IPT_LOAD) {
		/* some of its tables may be there: to be cleared one day */
		have[f] |= op->o.variant;
		if (!t->failed)
			snprintf(t->why, sizeof(t->why), "ip%stables-%s: %s",
			    f ? "6" : "", op->o.variant == IPT_LEGACY ?
			    "legacy" : "nft", text);
		t->failed = 1;
		if (!t->undone)
			undo(t, &op->o);
	} else if (op->what == IPT_LOAD)
		have[f] |= op->o.variant;
	else if (err == IPT_OK || err == IPT_EPROGRAM)
		have[f] &= ~(uint32_t)op->o.variant;
	remember(t, 0);
}

static int
ipt_done(void *v, uint32_t req, uint32_t err, const char *text, char *why,
    size_t len)
{
	struct ipt	*t = v;
	struct op	*op, o;

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req == req && req != 0)
			break;
	if (op == t->op + OPS)
		return (0);		/* of an earlier s2sd-exec */
	o = *op;
	op->req = 0;
	answered(t, &o, err, text);
	if (busy(t))
		return (0);
	if (t->failed) {
		snprintf(why, len, "%s", t->why);
		t->failed = t->undone = 0;
		return (-1);
	}
	return (t->again ? 2 : 1);
}

static int
ipt_poll(void *v)
{
	struct ipt	*t = v;
	uint32_t	 var;
	int		 f;

	if (busy(t))
		return (1);
	t->again = 0;
	for (f = 0; f < 2; f++) {
		/* Rules have appeared in the other variant, too. */
		if (t->have[f] != 0 && variants(t, f) & ~t->have[f])
			t->again = 1;
		for (var = IPT_LEGACY; var <= IPT_NFT; var <<= 1)
			if (t->have[f] & var)
				(void)ask(t, IPT_CHECK, var, f, 0);
	}
	return (busy(t));
}

static int
ipt_fd(void *v)
{
	return (((struct ipt *)v)->both);
}

static int
any(void *arg, const struct nlmsg *m)
{
	*(int *)arg |= m->type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN);
	return (0);
}

/* Has one of these closed the lock of iptables? */
static int
lock_closed(const uint8_t *p, size_t n)
{
	static const char	 name[] = "xtables.lock";
	struct inotify_event	 e;
	struct rd		 r = rd_of(p, n), text;

	while (rd_copy(&r, &e, sizeof(e)) == 0 &&
	    rd_sub(&r, e.len, &text) == 0)
		if (text.n >= sizeof(name) &&
		    memcmp(text.p, name, sizeof(name)) == 0)
			return (1);
	return (0);
}

/* 2: somebody was at work, look what he did. */
static int
ipt_changed(void *v, char *why, size_t len)
{
	struct ipt	*t = v;
	uint8_t		 b[4096];
	ssize_t		 n;
	int		 seen = 0;

	(void)why; (void)len;
	if (t->ev.fd != -1 && nl_events(&t->ev, any, &seen) == -1)
		seen = 1;
	while (t->lock != -1 && (n = read(t->lock, b, sizeof(b))) > 0)
		seen |= lock_closed(b, (size_t)n);
	return (seen ? 2 : 0);
}

const struct fw_backend fw_iptables = {
	.name = "iptables", .open = ipt_open, .apply = ipt_apply,
	.block = ipt_block, .done = ipt_done, .lost = ipt_lost,
	.clear = ipt_clear,
	.fd = ipt_fd, .changed = ipt_changed, .poll = ipt_poll,
	.close = ipt_close
};

/* SPDX-License-Identifier: ISC */

/*
 * accept.c: `set gateway { firewall }' on s2sd-host's side: what is there,
 * what shall be, and who is asked to make it so.  Nothing is kept of what
 * nf_tables holds: it is read anew each time, so that what a killed s2sd has
 * left is found by its marks like what somebody else has taken away.
 */

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

#include "accept.h"
#include "ipt.h"
#include "nft_msg.h"

enum { OPS = 12 };

struct op {
	uint32_t	 req;		/* 0: free */
	uint8_t		 what;
	struct ipt_op	 o;
};

struct fw_accept {
	struct fw_env	 env;
	struct nlsock	 nl;		/* fd -1: no nf_tables */
	int		 names[2];	/* /proc/net/ip{,6}_tables_names, or -1 */
	struct fw_rules	 want;
	int		 tun;
	int		 on;		/* there is something to accept */
	int		 dirty;		/* the sets are not those that were made */
	int		 clean;		/* nothing of ours is in nf_tables */
	uint32_t	 have[2];	/* iptables variants with our chains */
	uint32_t	 stale[2];	/* of them, those with older sets */
	uint32_t	 foreign[2];	/* variants that belong to another tool */
	uint32_t	 req;
	struct op	 op[OPS];
	int		 again;		/* look once the answers are here */
	char		 said[FW_WHYLEN];	/* logged last */
};

static void
say(struct fw_accept *t, int level, const char *why)
{
	char	 text[2 * FW_WHYLEN];

	if (strcmp(why, t->said) == 0)
		return;
	snprintf(t->said, sizeof(t->said), "%s", why);
	if (why[0] == '\0')
		return;
	snprintf(text, sizeof(text), "set gateway { firewall }: %s", why);
	t->env.log(t->env.arg, level, text);
}

static void
acc_close(void *v)
{
	struct fw_accept	*t = v;
	int			 f;

	nl_close(&t->nl);
	for (f = 0; f < 2; f++)
		if (t->names[f] != -1)
			close(t->names[f]);
	fw_rules_free(&t->want);
	free(t);
}

static void *
acc_open(const struct fw_env *env)
{
	struct fw_accept	*t;
	int			 f;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->env = *env;
	t->dirty = 1;
	t->req = FW_ACCEPT_REQ;
	fw_rules_init(&t->want);
	if (nl_open(&t->nl, NETLINK_NETFILTER, 0) == -1)
		t->nl.fd = -1;
	for (f = 0; f < 2; f++) {
		t->names[f] = open(f ? "/proc/net/ip6_tables_names" :
		    "/proc/net/ip_tables_names", O_RDONLY | O_CLOEXEC);
		t->have[f] = env->leftover;
	}
	return (t);
}

/* --- nf_tables --- */

static int
got_chain(void *arg, const struct nlmsg *m)
{
	acc_chain_got(arg, m->body);
	return (0);
}

static int
got_rule(void *arg, const struct nlmsg *m)
{
	acc_rule_got(arg, m->body);
	return (0);
}

static int
dump(struct fw_accept *t, uint16_t type, nl_cb *cb, struct acc_state *s)
{
	struct nlbuf	 b = { 0 };
	struct nfgenmsg	 g;
	int		 rv;

	memset(&g, 0, sizeof(g));
	g.nfgen_family = NFPROTO_UNSPEC;
	nl_msg(&b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), NLM_F_DUMP,
	    &g, sizeof(g));
	nl_end(&b);
	rv = nl_dump(&t->nl, &b, cb, s);
	nl_clear(&b);
	return (rv);
}

static int
state_read(struct fw_accept *t, struct acc_state *s)
{
	memset(s, 0, sizeof(*s));
	if (t->nl.fd == -1)
		return (0);
	if (dump(t, NFT_MSG_GETCHAIN, got_chain, s) == -1 ||
	    dump(t, NFT_MSG_GETRULE, got_rule, s) == -1 || s->bad) {
		acc_state_free(s);
		return (-1);
	}
	return (0);
}

/* 0, 1: look again, -1: refused. */
static int
nft_make(struct fw_accept *t, const struct acc_state *s,
    const struct acc_plan *p)
{
	struct nlbuf	 b = { 0 };
	char		 why[FW_WHYLEN];
	uint32_t	 seq;
	int		 rv, again, e;

	nftm_begin(&b);
	again = acc_batch(&b, s, p, &t->want, t->tun);
	nftm_end(&b);
	rv = nl_batch(&t->nl, &b, &seq);
	e = errno;
	nl_clear(&b);
	if (rv == 0)
		return (again);
	snprintf(why, sizeof(why), "the kernel refused the accepts in another "
	    "table: %s; type what `s2sctl verify' says", strerror(e));
	say(t, LOG_ERR, why);
	return (-1);
}

static int
anything(const struct acc_state *s, const struct acc_plan *p)
{
	size_t	 i;
	int	 h, f;

	for (h = 0; h < ACC_NHOOKS; h++)
		for (f = 0; f < 2; f++)
			if (p->at[h][f] >= 0)
				return (1);
	for (i = 0; i < s->n; i++)
		if (acc_ours(&s->c[i]) || s->c[i].jump != 0)
			return (1);
	return (0);
}

/* --- iptables, by s2sd-exec --- */

static int
busy(const struct fw_accept *t)
{
	size_t	 i;

	for (i = 0; i < OPS; i++)
		if (t->op[i].req != 0)
			return (1);
	return (0);
}

static void
ask(struct fw_accept *t, uint8_t what, uint32_t variant, int f)
{
	struct op	*op;
	uint8_t		 body[8];
	struct wr	 w = wr_of(body, sizeof(body));

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req == 0)
			break;
	if (op == t->op + OPS)
		return;
	memset(op, 0, sizeof(*op));
	op->what = what;
	op->o.variant = (uint8_t)variant;
	op->o.af = f ? 6 : 4;
	op->o.block = IPT_FILTER;
	op->o.tun = (uint8_t)t->tun;
	ipt_op_put(&w, &op->o);
	if (++t->req == 0x7ffffff0)
		t->req = FW_ACCEPT_REQ + 1;
	if (t->env.run(t->env.arg, t->req, what, body, w.n) == 0)
		op->req = t->req;
	else
		t->again = 1;
}

/* Has iptables-legacy a filter table in this namespace? */
static int
legacy(const struct fw_accept *t, int f)
{
	char	 b[256];
	ssize_t	 n;

	if (t->names[f] == -1 ||
	    (n = pread(t->names[f], b, sizeof(b) - 1, 0)) <= 0)
		return (0);
	b[n] = '\0';
	return (strstr(b, "filter\n") != NULL);
}

static void
remember(struct fw_accept *t)
{
	t->env.mark(t->env.arg, t->have[0] | t->have[1]);
}

/* Which variants, and what they are asked. */
static void
iptables(struct fw_accept *t, const struct acc_plan *p)
{
	uint32_t	 todo[2], v, load = 0;
	int		 f;

	for (f = 0; f < 2; f++) {
		todo[f] = 0;
		if (t->want.r[FW_FORWARD][f].n + t->want.r[FW_INPUT][f].n > 0)
			todo[f] = (legacy(t, f) ? (uint32_t)IPT_LEGACY : 0) |
			    (p->ipt[f] ? (uint32_t)IPT_NFT : 0);
		load |= todo[f] & ~t->foreign[f] & (~t->have[f] | t->stale[f]);
	}
	if (load != 0 && ipt_records(&t->env, &t->want) == -1) {
		t->again = 1;
		return;
	}
	for (f = 0; f < 2; f++)
		for (v = IPT_LEGACY; v <= IPT_NFT; v <<= 1) {
			if (!(todo[f] & v)) {
				t->foreign[f] &= ~v;
				if (t->have[f] & v)
					ask(t, IPT_CLEAR, v, f);
			} else if (t->foreign[f] & v ||
			    (t->have[f] & v && !(t->stale[f] & v)))
				ask(t, IPT_CHECK, v, f);
			else {
				/* before it is done, for an end in between */
				t->have[f] |= v;
				t->stale[f] |= v;
				ask(t, IPT_LOAD, v, f);
			}
		}
	remember(t);
}

static void
answered(struct fw_accept *t, const struct op *op, uint32_t err,
    const char *text)
{
	uint32_t	 v = op->o.variant;
	char		 why[FW_WHYLEN];
	int		 f = op->o.af == 6;

	if (err == IPT_EFRONT) {
		t->foreign[f] |= v;
		t->have[f] &= ~v;
		snprintf(why, sizeof(why), "the filter is that of %s, nothing "
		    "is added; type what `s2sctl verify' says", text);
		say(t, LOG_WARNING, why);
	} else if (op->what == IPT_CLEAR) {
		if (err == IPT_OK || err == IPT_EPROGRAM)
			t->have[f] &= ~v;
	} else if (op->what == IPT_CHECK) {
		if (err == IPT_EMISSING) {
			t->stale[f] |= v;
			t->again = 1;
			if (!(t->foreign[f] & v))
				t->env.log(t->env.arg, LOG_WARNING,
				    "set gateway { firewall }: our iptables "
				    "chain was gone or no longer first: put "
				    "back");
		}
		t->foreign[f] &= ~v;
	} else if (err == IPT_OK) {
		t->stale[f] &= ~v;
		t->foreign[f] &= ~v;
	} else if (err == IPT_EPROGRAM)
		t->have[f] &= ~v;
	else {
		snprintf(why, sizeof(why), "ip%stables-%s: %.180s", f ? "6" :
		    "", v == IPT_LEGACY ? "legacy" : "nft", text);
		say(t, LOG_ERR, why);
	}
	remember(t);
}

static int
acc_done(void *v, uint32_t req, uint32_t err, const char *text)
{
	struct fw_accept	*t = v;
	struct op		*op, o;
	int			 again;

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req == req && req != 0)
			break;
	if (op == t->op + OPS)
		return (0);
	o = *op;
	op->req = 0;
	answered(t, &o, err, text);
	again = t->again && !busy(t);
	if (again)
		t->again = 0;
	return (again);
}

static void
acc_lost(void *v)
{
	struct fw_accept	*t = v;

	memset(t->op, 0, sizeof(t->op));
	t->stale[0] = t->have[0];
	t->stale[1] = t->have[1];
	t->again = 0;
}

/* --- all of it --- */

static int
same(const struct fw_rules *a, const struct fw_rules *b, enum fw_verdict v)
{
	int	 f;

	for (f = 0; f < 2; f++)
		if (a->r[v][f].n != b->r[v][f].n || (a->r[v][f].n > 0 &&
		    memcmp(a->r[v][f].p, b->r[v][f].p, a->r[v][f].n *
		    sizeof(*a->r[v][f].p)) != 0))
			return (0);
	return (1);
}

static int
acc_set(void *v, const struct fw_rules *rs, int tun)
{
	struct fw_accept	*t = v;
	struct fw_rules		 copy;
	int			 f;

	if (same(&t->want, rs, FW_FORWARD) && same(&t->want, rs, FW_INPUT) &&
	    t->tun == tun)
		return (0);
	if (fw_rules_copy(&copy, rs) == -1)
		return (-1);
	fw_rules_free(&t->want);
	t->want = copy;
	t->tun = tun;
	t->dirty = 1;
	t->on = 0;
	for (f = 0; f < 2; f++) {
		t->stale[f] = t->have[f];
		t->on |= copy.r[FW_FORWARD][f].n + copy.r[FW_INPUT][f].n > 0;
	}
	return (0);
}

/* A run of iptables-legacy in another mount namespace is no event. */
static int
acc_busy(void *v)
{
	struct fw_accept	*t = v;

	if (t->on && (t->have[0] | t->have[1] | t->foreign[0] |
	    t->foreign[1]) & IPT_LEGACY)
		return (2);
	return (t->on || !t->clean || (t->have[0] | t->have[1]) != 0);
}

static int
acc_look(void *v)
{
	struct fw_accept	*t = v;
	struct acc_state	 s;
	struct acc_plan		 p;
	char			 why[FW_WHYLEN + 64];
	int			 rv = 0;

	if (!acc_busy(t))
		return (0);
	if (busy(t)) {
		t->again = 1;
		return (0);
	}
	if (state_read(t, &s) == -1) {
		say(t, LOG_ERR, "the ruleset of nf_tables cannot be read: "
		    "nothing is added");
		return (0);
	}
	acc_decide(&s, &t->want, &p);
	if (t->nl.fd != -1 && (!acc_holds(&s, &p) || (t->dirty &&
	    anything(&s, &p)))) {
		if (!t->dirty && t->clean == 0)
			t->env.log(t->env.arg, LOG_WARNING, "set gateway { "
			    "firewall }: our accepts were gone or no longer "
			    "first, or the filter is another: put right");
		rv = nft_make(t, &s, &p);
	}
	if (rv == 0)
		t->dirty = 0;
	t->clean = rv == 0 && !t->on;
	if (p.why[0] != '\0') {
		snprintf(why, sizeof(why), "%s, nothing is added there; type "
		    "what `s2sctl verify' says", p.why);
		say(t, LOG_WARNING, why);
	} else if (rv == 0 && (t->foreign[0] | t->foreign[1]) == 0)
		t->said[0] = '\0';
	iptables(t, &p);
	acc_state_free(&s);
	return (rv == 1);
}

/* What is iptables' goes with s2sd-exec, which is still there. */
static void
acc_clear(void *v)
{
	struct fw_accept	*t = v;
	struct fw_rules		 none;
	struct acc_state	 s;
	struct acc_plan		 p;

	fw_rules_init(&none);
	if (state_read(t, &s) == -1)
		return;
	acc_decide(&s, &none, &p);
	if (t->nl.fd != -1 && anything(&s, &p))
		(void)nft_make(t, &s, &p);
	acc_state_free(&s);
}

const struct fw_accept_be fw_accept_linux = {
	.open = acc_open, .set = acc_set, .look = acc_look, .done = acc_done,
	.lost = acc_lost, .busy = acc_busy, .clear = acc_clear,
	.close = acc_close
};

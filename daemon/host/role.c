/* SPDX-License-Identifier: ISC */

/* role.c: s2sd-host: when the rules are computed, applied, and looked after. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "host.h"
#include "reason.h"
#include "../../backends/fw/accept.h"

enum {
	SOON = 50,		/* ms: what comes together is done together, */
	EACH = 4,		/* and one ms more for so many tunnels */
	FRESH = 10000,		/* after everything was looked at: for so long a
				   tunnel up or down changes routes and MSS only */
	RETRY = 10000,		/* after a failure, */
	RETRY_BLOCK = 1000,	/* and where it leaves a way open */
	PURGE = 1000,		/* between two dumps of the connections */
	POLL = 5000,		/* for what no event tells */
	LOOK = 20,		/* after an event that tells little */
	STRAY = 10000,		/* between two looks for packets of no tunnel */
	TELL = 60000,		/* a tunnel is told of them this often */
	ADDRS = 256
};

struct host {
	const struct role_io	*io;
	struct host_os		 os;
	struct host_fw		 none;		/* `set firewall none' */
	const struct host_fw	*fw;		/* the chosen one, NULL: not yet */
	const struct host_fw	*block;		/* who makes the block */
	const struct conf	*conf;		/* role_main's, from added() on */
	struct host_plan	 plan;		/* what was last computed */
	struct host_up		*up;		/* sorted by tunnel */
	size_t			 nup;
	struct addr		 mine[ADDRS];
	size_t			 nmine;
	uint64_t		 apply_at, purge_at, poll_at, acc_at, stray_at;
	uint64_t		 now;		/* while looking for strays */
	int			 blind;		/* errno: they cannot be read */
	uint64_t		 purged;	/* when the last dump was */
	uint64_t		 full_at;	/* when all of it was looked at */
	int			 full;		/* it must be, next time */
	int			 same;		/* the plan's policies are the last one's */
	int			 only_block, hold, busy, ready;
	int			 told_wide;
	char			 last[FW_WHYLEN];	/* failure last logged */
};

/* --- life --- */

static void *
host_new(const struct role_io *io)
{
	static const struct fw_env	 env = { .owner_fd = -1 };
	static const struct host_env	 henv = { NULL, NULL, NULL };
	struct host			*h;
	char				 why[FW_WHYLEN];

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (NULL);
	h->io = io;
	fw_rules_init(&h->plan.fw);
	h->none.be = &fw_null;
	h->none.ctx = fw_null.open(&env, why, sizeof(why));
	h->os.be = &host_null;
	h->os.ctx = host_null.open(&henv, why, sizeof(why));
	h->apply_at = h->purge_at = h->poll_at = h->acc_at = h->stray_at =
	    DUE_NEVER;
	if (h->none.ctx == NULL || h->os.ctx == NULL) {
		free(h->none.ctx);
		free(h->os.ctx);
		free(h);
		return (NULL);
	}
	return (h);
}

static void
fw_end(struct host_fw *f)
{
	if (f->ctx != NULL)
		f->be->close(f->ctx);
	f->ctx = NULL;
}

static void
host_free(void *self)
{
	struct host	*h = self;

	fw_end(&h->none);
	fw_end(&h->os.nft);
	fw_end(&h->os.iptables);
	if (h->os.acc != NULL)
		h->os.acc->close(h->os.accctx);
	h->os.be->close(h->os.ctx);
	rules_plan_free(&h->plan);
	free(h->up);
	free(h);
}

void
host_use(void *self, const struct host_os *os)
{
	struct host	*h = self;

	h->os.be->close(h->os.ctx);
	h->os = *os;
}

void
host_block_only(void *self)
{
	((struct host *)self)->only_block = 1;
}

/* --- the choice of a firewall --- */

/* nftables whenever it answers: its table also cures iptables' rules. */
static const struct host_fw *
choose(const struct host *h, uint8_t want, const char **why)
{
	const struct host_os	*o = &h->os;

	*why = "";
	switch (want) {
	case FW_NONE:
		*why = "set firewall none";
		return (&h->none);
	case FW_NFT:
		*why = o->nft.ctx != NULL ? "set firewall nft" : o->nft.why;
		return (o->nft.ctx != NULL ? &o->nft : NULL);
	case FW_IPTABLES:
		*why = o->iptables.ctx != NULL ? "set firewall iptables" :
		    o->iptables.why;
		return (o->iptables.ctx != NULL ? &o->iptables : NULL);
	case FW_AUTO:
		if (o->nft.be == NULL && o->iptables.be == NULL) {
			*why = "no firewall was opened";
			return (&h->none);
		}
		*why = o->nft.ctx != NULL ? "nf_tables answers" : o->nft.why;
		if (o->nft.ctx != NULL)
			return (&o->nft);
		if (o->iptables.ctx == NULL)
			*why = o->iptables.why;
		return (o->iptables.ctx != NULL ? &o->iptables : NULL);
	default:
		*why = "pf is not a firewall of this system";
		return (NULL);
	}
}

static int
host_check(void *self, const struct conf_set *next, char *why, size_t len)
{
	const char	*reason;
	size_t		 i;

	for (i = 0; i < next->n && next->g.backend == BE_PFKEY &&
	    !next->g.decouple; i++)
		if (next->t[i]->nmap > 0) {
			snprintf(why, len, "tunnel \"%s\": from A (B) goes not "
			    "with kernel ESP by PF_KEY; write set backend "
			    "userland", next->t[i]->name);
			return (-1);
		}
	if (next->g.decouple || choose(self, next->g.firewall, &reason) != NULL)
		return (0);
	snprintf(why, len, "set firewall: %s; leave the line out, or write "
	    "set firewall nft or none", reason);
	return (-1);
}

const char *
host_fw_name(void *self)
{
	const struct host	*h = self;

	return (h->fw != NULL ? h->fw->be->name : "none");
}

/* After a choice: the rules of the other one must not stay. */
static void
pick(struct host *h, const struct global *g)
{
	const struct host_fw	*f;
	const char		*why;

	h->block = h->os.nft.ctx != NULL ? &h->os.nft :
	    h->os.iptables.ctx != NULL ? &h->os.iptables : &h->none;
	if ((f = choose(h, g->firewall, &why)) == NULL)
		f = &h->none;		/* check() has said so already */
	if (f == h->fw)
		return;
	if (f == &h->os.iptables && !h->os.exec) {
		h->os.exec = 1;
		(void)role_send(h->io, PROC_PARENT, M_H_EXEC, 0, 0, 0, NULL);
	}
	if (h->fw != NULL)
		(void)h->fw->be->clear(h->fw->ctx, 0);
	else if (f != &h->os.iptables && h->os.iptables.ctx != NULL)
		(void)h->os.iptables.be->clear(h->os.iptables.ctx, 1);
	h->fw = f;
	role_log(h->io, LOG_INFO, 0, 0, "firewall: %s (%s)", f->be->name, why);
}

/* --- applying --- */

static void
failed(struct host *h, uint64_t now, const char *what, const char *why)
{
	char	 text[FW_WHYLEN];
	int	 open = strcmp(what, "block") == 0;

	h->apply_at = now + (open ? RETRY_BLOCK : RETRY);
	h->full = 1;
	snprintf(text, sizeof(text), "%s", why);
	if (strcmp(text, h->last) == 0)
		return;			/* said already */
	memcpy(h->last, text, sizeof(h->last));
	role_log(h->io, LOG_ERR, 0, 0, "%s: %s; %s, next try in %d s", what,
	    why, open ? "what belongs into a tunnel may leave in the clear "
	    "meanwhile" : "tunnels stay blocked", (open ? RETRY_BLOCK :
	    RETRY) / 1000);
}

static int
same_pols(const struct host_want *a, const struct host_want *b)
{
	size_t	 i;

	if (a->npol != b->npol || a->gateway != b->gateway ||
	    a->ipv6 != b->ipv6 || a->kernel != b->kernel || a->mtu != b->mtu)
		return (0);
	for (i = 0; i < a->npol; i++)
		if (host_pol_cmp(&a->pol[i], &b->pol[i]) != 0)
			return (0);
	return (1);
}

/* Which addresses are ours.  Those of before, if the system does not say. */
static void
addrs_read(struct host *h)
{
	struct addr	 a[ADDRS];
	size_t		 n = h->os.be->addrs(h->os.ctx, a, ADDRS);

	h->blind = n == HOST_ADDRS_BAD ? errno : 0;
	if (h->blind != 0)
		return;
	memcpy(h->mine, a, n * sizeof(*a));
	h->nmine = n;
}

static int
compute(struct host *h)
{
	struct host_facts	 f;
	struct host_plan	 p;

	memset(&f, 0, sizeof(f));
	addrs_read(h);
	f.mine = h->mine;
	f.nmine = h->nmine;
	f.up = h->up;
	f.nup = h->nup;
	if (rules_plan(h->conf, &f, &p) == -1)
		return (-1);
	h->same = same_pols(&h->plan.want, &p.want);
	p.want.own = h->plan.want.own;
	rules_plan_free(&h->plan);
	h->plan = p;
	if (p.wide > 0 && !h->told_wide)
		role_log(h->io, LOG_INFO, 0, 0, "%zu of our networks %s inside "
		    "a remote one: traffic to there stays outside the tunnel",
		    p.wide, p.wide == 1 ? "lies" : "lie");
	h->told_wide = p.wide > 0;
	return (0);
}

/* Routes, policies, sysctls; then connections with an old NAT. */
static void
apply_host(struct host *h, uint64_t now, int routes_only)
{
	char	 why[FW_WHYLEN] = "";

	h->plan.want.hold = (uint8_t)h->hold;
	h->plan.want.routes_only = (uint8_t)routes_only;
	if (h->os.be->apply(h->os.ctx, &h->plan.want, why, sizeof(why)) == -1)
		failed(h, now, "host", why);
	else if (!h->hold)
		h->last[0] = '\0';
	/* while the exemption stands nobody gets another NAT */
	if (!routes_only)
		h->purge_at = now;
}

/* What must not leave in the clear: the firewall's half, and the policies. */
static void
block_all(struct host *h, uint64_t now)
{
	const struct host_fw	*b = h->block;
	char			 why[FW_WHYLEN] = "";
	int			 rv;

	if ((rv = b->be->block(b->ctx, &h->plan.fw, why, sizeof(why))) == -1)
		failed(h, now, "block", why);
	h->busy = rv == 1;
	h->plan.want.own = rv == 0 && b == &h->os.nft && !h->only_block;
	if (h->os.be->block(h->os.ctx, &h->plan.want, why, sizeof(why)) == -1)
		failed(h, now, "block", why);
}

static void
look(struct host *h, uint64_t now)
{
	h->acc_at = DUE_NEVER;
	if (h->os.acc->look(h->os.accctx) == 1)
		h->acc_at = now + LOOK;
	else if (h->os.acc->busy(h->os.accctx) == 2)
		h->acc_at = now + POLL;
}

/* The accepts in the tables of others, `set gateway { firewall }'. */
static void
accepts(struct host *h, uint64_t now)
{
	if (h->os.acc == NULL)
		return;
	if (h->os.acc->set(h->os.accctx, &h->plan.fw,
	    !h->plan.want.kernel) == -1)
		failed(h, now, "accepts", "out of memory");
	look(h, now);
}

/*
 * In this order: what blocks, what exempts, what lets packets in.  A
 * firewall that fails leaves the routes into the TUN out.  A tunnel that
 * comes up changes an MTU at most: a thousand that come up together must not
 * have all policies of a thousand read again each time.
 */
static void
apply(struct host *h, uint64_t now)
{
	const struct host_fw	*f = h->fw;
	char			 why[FW_WHYLEN] = "";
	int			 full, rv;

	h->apply_at = DUE_NEVER;
	if (h->conf == NULL)
		return;
	if (h->busy) {			/* done() comes back here */
		h->ready = 0;
		return;
	}
	if (compute(h) == -1) {
		failed(h, now, "rules", "out of memory");
		return;
	}
	if ((full = h->full || !h->same || now - h->full_at >= FRESH)) {
		h->full = 0;
		h->full_at = now;
		block_all(h, now);
	}
	if (h->only_block)
		return;
	if ((rv = f->be->apply(f->ctx, &h->plan.fw, why, sizeof(why))) == -1)
		failed(h, now, "NAT exemption", why);
	if (rv != 1)			/* else done() says */
		h->hold = rv == -1;
	h->busy |= rv == 1;
	h->ready = 1;
	if (f == &h->os.iptables)
		h->poll_at = now + POLL;
	apply_host(h, now, !full);
	if (full)
		accepts(h, now);
	if (h->blind != 0)
		failed(h, now, "addresses of this host", strerror(h->blind));
}

static void
soon(struct host *h, uint64_t now)
{
	uint64_t	 at = now + SOON;

	if (h->conf != NULL)
		at += h->conf->now->n / EACH;
	if (h->apply_at == DUE_NEVER || h->apply_at > at)
		h->apply_at = at;
}

/* Something else than a tunnel up or down. */
static void
soon_all(struct host *h, uint64_t now)
{
	h->full = 1;
	soon(h, now);
}

static void
purge(struct host *h, uint64_t now)
{
	int	 n;

	h->purge_at = DUE_NEVER;
	h->purged = now;
	if (h->only_block || h->conf == NULL)
		return;
	n = h->os.be->purge(h->os.ctx, &h->plan.fw);
	if (n > 0)
		role_log(h->io, LOG_INFO, 0, 0, "%d connection%s with a NAT "
		    "made before the exemption forgotten", n,
		    n == 1 ? "" : "s");
	else if (n == -1)
		role_log(h->io, LOG_WARNING, 0, 0, "connections with an old "
		    "NAT cannot be found: %s", strerror(errno));
}

/* --- packets that a NAT has taken from their tunnel --- */

/* Tunnels that are up and have this remote network: what they say is the
 * same as s2sd-esp says in userland. */
static void
stray(void *arg, const struct net *to)
{
	struct host		*h = arg;
	const struct tunnel	*t;
	struct sel		 s;
	char			 dst[SEL_STRLEN], src[SEL_STRLEN];
	size_t			 i, k;

	sel_from_net(to, 0, 0, UINT16_MAX, &s);
	for (i = 0; i < h->nup; i++) {
		if ((t = conf_find(h->conf, h->up[i].tunnel)) == NULL ||
		    (h->up[i].told != 0 && h->now - h->up[i].told < TELL))
			continue;
		for (k = 0; k < t->npair; k++)
			if (t->pair[k].remote.af == s.af &&
			    memcmp(t->pair[k].remote.lo, s.lo, 16) == 0 &&
			    memcmp(t->pair[k].remote.hi, s.hi, 16) == 0)
				break;
		if (k == t->npair)
			continue;
		h->up[i].told = h->now;
		role_log(h->io, LOG_WARNING, t->id, R_NAT_REWRITE,
		    "%s: blocked packets to %s whose source is not in the "
		    "tunnel's local network %s: a NAT rule rewrote them, or a "
		    "network that is not in `from' sends there", t->name,
		    net_str(to, dst, sizeof(dst)),
		    sel_str(&t->pair[k].local, src, sizeof(src)));
	}
}

static void
strays(struct host *h, uint64_t now)
{
	h->stray_at = h->nup > 0 ? now + STRAY : DUE_NEVER;
	h->now = now;
	if (h->nup > 0 && h->conf != NULL && h->os.be->stray != NULL)
		(void)h->os.be->stray(h->os.ctx, stray, h);
}

/* --- hooks --- */

static int
host_added(void *self, const struct conf *c, uint64_t now)
{
	struct host	*h = self;

	h->conf = c;
	h->full = 1;
	pick(h, &c->now->g);
	apply(h, now);			/* tries again by itself */
	return (0);
}

static int
host_removed(void *self, const struct conf *c, uint64_t now)
{
	struct host	*h = self;
	size_t		 i, k = 0;

	h->conf = c;
	for (i = 0; i < h->nup; i++)
		if (conf_set_find(c->now, h->up[i].tunnel) != NULL)
			h->up[k++] = h->up[i];
	h->nup = k;
	/* The old set is still visible here; it is gone right behind. */
	soon_all(h, now);
	return (0);
}

static uint64_t
host_tick(void *self, uint64_t now)
{
	struct host	*h = self;
	uint64_t	 due, at;

	if (h->apply_at <= now)
		apply(h, now);
	if (h->purge_at != DUE_NEVER && (h->purged == 0 ||
	    now >= h->purged + PURGE))
		purge(h, now);
	if (h->poll_at <= now) {
		h->poll_at = now + (h->busy ? LOOK : POLL);
		if (h->fw != NULL && !h->busy)
			h->busy = h->fw->be->poll(h->fw->ctx) == 1;
	}
	if (h->acc_at <= now)
		look(h, now);
	if (h->stray_at <= now)
		strays(h, now);
	due = h->apply_at < h->poll_at ? h->apply_at : h->poll_at;
	due = h->stray_at < due ? h->stray_at : due;
	at = h->purge_at == DUE_NEVER ? DUE_NEVER : h->purged + PURGE;
	if (h->acc_at < at)
		at = h->acc_at;
	return (at < due ? at : due);
}

static void
host_died(void *self, enum proc who, uint64_t now)
{
	struct host	*h = self;

	if (who != PROC_EXEC)
		return;
	if (h->os.acc != NULL) {
		h->os.acc->lost(h->os.accctx);
		h->acc_at = now;
	}
	if (h->os.iptables.ctx != NULL) {
		h->os.iptables.be->lost(h->os.iptables.ctx);
		h->busy = 0;
	}
	/* on a BSD without pf it has the routes alone */
	if (h->os.iptables.ctx != NULL || h->os.exec)
		soon_all(h, now);
}

/* --- frames --- */

static size_t
up_at(const struct host *h, uint32_t id)
{
	size_t	 lo = 0, hi = h->nup, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (h->up[mid].tunnel < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

static int
host_up(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct host		*h = self;
	const struct m_h_updown	*b = body;
	struct host_up		*u;
	size_t			 i = up_at(h, m->h.tunnel);
	uint16_t		 old = 0;

	if (h->conf == NULL || conf_find(h->conf, m->h.tunnel) == NULL)
		return (0);		/* a reload was faster */
	if (i < h->nup && h->up[i].tunnel == m->h.tunnel) {
		old = addr_cmp(&h->up[i].peer, &b->remote, 0) == 0 ?
		    h->up[i].mtu : 0;
		h->up[i].mtu = b->mtu;
		h->up[i].peer = b->remote;
	} else {
		u = reallocarray(h->up, h->nup + 1, sizeof(*u));
		if (u == NULL)
			return (0);	/* the guessed MTU stays */
		h->up = u;
		memmove(u + i + 1, u + i, (h->nup - i) * sizeof(*u));
		h->nup++;
		u[i].tunnel = m->h.tunnel;
		u[i].mtu = b->mtu;
		u[i].peer = b->remote;
		u[i].told = 0;
		if (h->stray_at == DUE_NEVER && h->os.be->stray != NULL)
			h->stray_at = now + STRAY;
	}
	if (old != b->mtu || old == 0)
		soon(h, now);
	return (0);
}

static int
host_down(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct host	*h = self;
	size_t		 i = up_at(h, m->h.tunnel);

	(void)body;
	if (i == h->nup || h->up[i].tunnel != m->h.tunnel)
		return (0);
	memmove(h->up + i, h->up + i + 1, (h->nup - i - 1) * sizeof(*h->up));
	h->nup--;
	soon(h, now);
	return (0);
}

static int
host_exec_done(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct host		*h = self;
	const struct m_x_done	*b = body;
	char			 why[FW_WHYLEN] = "";
	int			 rv;

	if (m->h.req == HOST_REQ) {
		if (b->err != 0)
			failed(h, now, "routes and sysctls", b->text);
		return (0);
	}
	if (m->h.req >= FW_ACCEPT_REQ) {
		if (h->os.acc != NULL && h->os.acc->done(h->os.accctx,
		    m->h.req, b->err, b->text) == 1)
			h->acc_at = now;
		return (0);
	}
	if (h->os.iptables.ctx == NULL)
		return (0);
	rv = h->os.iptables.be->done(h->os.iptables.ctx, m->h.req, b->err,
	    b->text, why, sizeof(why));
	if (rv == 0)
		return (0);
	h->busy = 0;
	if (rv == -1) {
		h->hold = 1;
		failed(h, now, "NAT exemption", why);
		apply_host(h, now, 0);
		return (0);
	}
	if (rv == 2) {
		role_log(h->io, LOG_WARNING, 0, 0, "firewall: our iptables "
		    "chain was gone, changed or no longer first: put back");
		soon_all(h, now);
	}
	if (rv == 1 && h->hold) {
		h->hold = 0;
		apply_host(h, now, 0);
	}
	if (!h->ready)
		soon_all(h, now);
	h->purge_at = now;
	return (0);
}

/* --- events of the system --- */

/* Somebody changes rules: one look at many changes. */
static void
at_work(struct host *h, uint64_t now)
{
	if (h->fw == &h->os.iptables && h->poll_at > now + LOOK)
		h->poll_at = now + LOOK;
	if (h->os.acc != NULL && h->os.acc->busy(h->os.accctx) != 0 &&
	    !h->only_block && h->conf != NULL && h->acc_at > now + LOOK)
		h->acc_at = now + LOOK;
}

void
host_filter_changed(void *self, uint64_t now)
{
	struct host	*h = self;
	char		 why[FW_WHYLEN] = "";

	if (h->os.iptables.ctx != NULL &&
	    h->os.iptables.be->changed(h->os.iptables.ctx, why,
	    sizeof(why)) == 2)
		at_work(h, now);
	if (h->os.nft.ctx == NULL ||
	    h->os.nft.be->changed(h->os.nft.ctx, why, sizeof(why)) != 1)
		return;
	role_log(h->io, LOG_WARNING, 0, 0, "firewall: %s: put back", why);
	soon_all(h, now);
}

void
host_addrs_changed(void *self, uint64_t now)
{
	struct host	*h = self;

	if (h->os.be->changed(h->os.ctx) == 1)
		soon_all(h, now);
}

void
host_leave(void *self)
{
	struct host	*h = self;

	if (h->only_block)
		return;
	if (h->fw != NULL)
		(void)h->fw->be->clear(h->fw->ctx, 0);
	if (h->os.acc != NULL)
		h->os.acc->clear(h->os.accctx);
	(void)h->os.be->clear(h->os.ctx, 0);
}

static const struct role_rule rules[] = {
	{ M_H_UP,	PB(PROC_SAD),	host_up },
	{ M_H_DOWN,	PB(PROC_SAD),	host_down },
	{ M_X_DONE,	PB(PROC_EXEC),	host_exec_done },
};

const struct role role_host = {
	.id = PROC_HOST, .rules = rules, .nrules = nitems(rules),
	.new = host_new, .free = host_free, .tick = host_tick,
	.died = host_died, .check = host_check, .added = host_added,
	.removed = host_removed
};

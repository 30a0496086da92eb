/* SPDX-License-Identifier: ISC */

/*
 * frames.c: what may come from which process, and what is done with it.  The
 * one place that looks at the major version of IKE.
 */

#include <errno.h>
#include <stdio.h>
#include <syslog.h>

#include "engine.h"

enum { ORPHAN_MS = 10000, VERSION_MS = 1000 };

/* ---- datagrams ---- */

/* A version that does not exist: say ours, once a second for a source. */
static void
bad_version(struct ike *ike, const struct m_net_dgram *d,
    const struct ike_hdr *h)
{
	struct pld_out	 o;
	struct ike_hdr	 r;
	uint64_t	*at;
	uint8_t		 b[64];

	ike->count[CNT_BAD_VERSION]++;
	at = &ike->version_at[ike_hash(ike->seed, d->remote.a,
	    sizeof(d->remote.a)) % VERSION_SLOTS];
	if (h->major <= 2 || h->flags & HDR_R ||
	    (*at != 0 && ike->now - *at < VERSION_MS) ||
	    d->rest.n < HDR_LEN + 8)
		return;
	*at = ike->now;
	memset(&r, 0, sizeof(r));
	r.spi_i = h->spi_i;
	r.spi_r = h->spi_r;
	r.exch = h->exch;
	r.flags = HDR_R;
	r.mid = h->mid;
	pld_start(&o, b, sizeof(b), &r);
	pld_notify_put(&o, PROTO_NONE, 0, N_INVALID_MAJOR, rd_of(NULL, 0));
	if (pld_done(&o) == 0)
		ike_send(ike, &d->local, &d->remote, d->flags & NETF_4500,
		    rd_of(o.w.p, o.w.n));
}

static int
h_recv(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike		*ike = self;
	struct m_net_dgram	*d = body;
	const struct ike_proto	*proto;
	struct ike_hdr		 h;
	struct rd		 r = d->rest;
	const char		*why;

	(void)m;
	ike->now = now;
	ike->count[CNT_RECV]++;
	if (pld_hdr(&r, &h, &why) || d->rest.n > MSG_MAX) {
		ike->count[CNT_BAD_HEADER]++;
		return (0);
	}
	if ((proto = ike_proto(h.major)) != NULL)
		proto->recv(ike, d, &h);
	else {
		bad_version(ike, d, &h);
		if (h.major == 1)
			ike_other_version(ike, &d->remote, 1);
	}
	ike_reap(ike);
	return (0);
}

static int
h_net_error(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike		*ike = self;
	struct m_net_error	*e = body;
	struct node		*n = NULL;
	struct tun		*t;
	char			 a[ADDR_STRLEN];
	int			 local = e->err == EADDRNOTAVAIL ||
	    e->err == EINVAL;

	(void)m;
	ike->now = now;
	while ((t = ike_tun_next_addr(ike, &e->remote, &n)) != NULL) {
		if (t->dial == NULL || t->t->local.af == 0)
			local = 0;
		if (t->dial == NULL || ike_child_count(t) > 0)
			continue;
		t->dial->reason = local ? R_LOCAL_ADDRESS : R_UNREACHABLE;
		(void)snprintf(t->dial->detail, sizeof(t->dial->detail), "%s",
		    local ? addr_str(&t->t->local, 0, a, sizeof(a)) :
		    strerror((int)e->err));
		ike_reason(ike, t, t->dial->reason, t->dial->detail);
	}
	return (0);
}

/* ---- answers ---- */

static int
h_answer(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;
	struct sa	*sa;

	ike->now = now;
	if ((sa = ike_sa_req(ike, m->h.req)) != NULL)
		sa->proto->answer(ike, sa, m->h.type, body);
	ike_reap(ike);
	return (0);
}

/* A pair that nobody waits for any more must not stay installed. */
static int
h_done(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike		*ike = self;
	struct m_s_done		*b = body;
	struct m_s_delete	 d;

	if (ike_sa_req(ike, m->h.req) == NULL && b->err == SERR_OK &&
	    ike_child_find(ike, b->child) == NULL) {
		d.child = b->child;
		d.spi_in = b->spi_in;
		(void)role_send(ike->io, PROC_SAD, M_S_DELETE, ike_gen(ike), 0,
		    m->h.tunnel, &d);
		return (0);
	}
	return (h_answer(self, m, body, now));
}

/* ---- s2sd-sad ---- */

static int
h_counters(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike		*ike = self;
	struct m_s_counters	*b = body;
	struct sa_count		 c;
	struct child		*ch;
	struct sa		*sa;

	(void)m;
	ike->now = now;
	while (b->rest.n > 0) {
		if (sa_count_get(&b->rest, &c))
			return (-1);
		if ((ch = ike_child_find(ike, c.child)) == NULL ||
		    c.in_age > now)
			continue;
		sa = ch->sa;
		if (now - c.in_age > sa->last_in)
			sa->last_in = now - c.in_age;
	}
	return (0);
}

static int
h_acquire(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t = ike_tun_find(ike, m->h.tunnel);

	(void)body;
	ike->now = now;
	if (t == NULL || t->down || t->t->npeer == 0 ||
	    t->t->flags & TUN_DISABLED || t->dial != NULL)
		return (0);
	if (!(t->t->flags & (TUN_ACTIVE | TUN_ONDEMAND)) &&
	    ike_tun_sa(t) == NULL)
		return (0);		/* passive: the peer begins */
	t->asked = 1;
	if (ike_tun_sa(t) == NULL)
		ike_tun_want(ike, t);
	else if (t->t_child.pos == 0 && ike_tun_uncovered(t, NULL) > 0)
		ike_timer_set(ike, &t->t_child, now);
	return (0);
}

static int
h_expire(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike		*ike = self;
	struct m_s_expire	*b = body;
	struct child		*c = ike_child_find(ike, b->child);
	struct tun		*t;

	(void)m;
	ike->now = now;
	if (c == NULL || c->state != C_UP)
		return (0);
	t = c->tun;
	if (!b->hard) {
		c->want_rekey = 1;
		c->sa->proto->next(ike, c->sa);
		return (0);
	}
	c->state = C_OLD;
	c->want_del = 1;
	c->sa->proto->next(ike, c->sa);
	ike_tun_lost(ike, t, R_NONE, NULL);
	ike_reap(ike);
	return (0);
}

/* An authentic packet came from elsewhere (DESIGN.md section 5). */
static int
h_moved(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike		*ike = self;
	struct m_s_move		*b = body;
	struct child		*c = ike_child_find(ike, b->child), *o;
	struct m_s_move		 mv;
	struct sa		*sa;
	char			 a[ADDR_STRLEN];

	(void)m;
	ike->now = now;
	if (c == NULL || (sa = c->sa)->tun->t == NULL || sa->state != S_UP ||
	    (!sa->nat_there &&
	    !(sa->tun->t->flags & (TUN_PEERANY | TUN_PEERNAME))))
		return (0);
	sa->remote = b->remote;
	if (b->local.af != 0)
		sa->local = b->local;
	role_log(ike->io, LOG_NOTICE, sa->tun->id, 0,
	    "%s: the peer is now at %s", sa->tun->t->name,
	    addr_str(&sa->remote, 1, a, sizeof(a)));
	mv.local = sa->local;
	mv.remote = sa->remote;
	for (o = sa->children; o != NULL; o = o->next) {
		mv.child = o->num;
		if (o->state == C_UP || o->state == C_OLD)
			(void)role_send(ike->io, PROC_SAD, M_S_MOVE,
			    ike_gen(ike), 0, sa->tun->id, &mv);
	}
	ike_report(ike, sa->tun);
	return (0);
}

/* s2sd-esp was started anew: its SAs are gone, ours to make again. */
static int
h_lost(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t;
	struct sa	*sa;
	struct child	*c, *next;

	(void)m;
	(void)body;
	ike->now = now;
	for (t = ike->tuns; t != NULL; t = t->next)
		for (sa = t->sas; sa != NULL; sa = sa->next) {
			for (c = sa->children; c != NULL; c = next) {
				next = c->next;
				if (c->state == C_UP || c->ready) {
					/* same selectors, new keys; the peer
					 * is told about the old ones */
					c->want_rekey = 1;
					c->lost = 1;
				}
			}
			if (sa->doomed)	/* cannot renew them itself */
				ike_sa_doom(ike, sa, now + 1);
			sa->proto->next(ike, sa);
		}
	ike_reap(ike);
	return (0);
}

static int
h_caps(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;

	(void)m;
	ike->now = now;
	ike->caps = *(struct m_s_caps *)body;
	ike->have_caps = 1;
	ike_begin(ike);
	return (0);
}

/* SAs of our former life: replace them first. */
static int
h_orphan(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t = ike_tun_find(ike, m->h.tunnel);
	uint32_t	 spread;

	(void)body;
	ike->now = now;
	if (t == NULL || t->down || t->t->npeer == 0 ||
	    t->t->flags & TUN_DISABLED || t->orphan || t->sas != NULL)
		return (0);
	t->orphan = 1;
	t->asked = 1;
	spread = ike->ntun > 16 ? ORPHAN_MS : 0;
	ike_timer_set(ike, &t->t_dial, now + ike_random_below(ike,
	    spread + 1));
	return (0);
}

/* ---- s2sd-ctl ---- */

static int
done(struct ike *ike, const struct ipc_msg *m, const char *err)
{
	struct m_c_done	 d;

	memset(&d, 0, sizeof(d));
	d.err = err != NULL;
	(void)snprintf(d.text, sizeof(d.text), "%s", err != NULL ? err : "");
	(void)role_send(ike->io, PROC_CTL, M_C_DONE, ike_gen(ike), m->h.req,
	    m->h.tunnel, &d);
	return (0);
}

static int
h_order(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t = ike_tun_find(ike, m->h.tunnel);
	const char	*why = "it is not up";
	int		 bad;

	ike->now = now;
	if (t == NULL)
		return (done(ike, m, "no such tunnel"));
	if (m->h.type == M_C_UP)
		bad = ike_tun_up(ike, t, &why);
	else if (m->h.type == M_C_DOWN)
		bad = ike_tun_down(ike, t);
	else
		bad = ike_tun_rekey(ike, t,
		    ((struct m_c_rekey *)body)->what);
	ike_reap(ike);
	return (done(ike, m, bad ? why : NULL));
}

/* The tunnel has another secret: what is up is replaced, make before break. */
static int
h_gone(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct ike	*ike = self;
	struct tun	*t;
	struct sa	*sa, *next;

	(void)body;
	ike->now = now;
	if ((t = ike_tun_find(ike, m->h.tunnel)) == NULL)
		return (0);
	for (sa = t->sas; sa != NULL; sa = next) {
		next = sa->next;
		sa->handle = 0;
		if (sa->state == S_UP && !sa->replaced)
			ike_sa_doom(ike, sa, now + 1);
	}
	ike_reap(ike);
	return (0);
}

const struct role_rule ike_rules[IKE_NRULES] = {
	{ M_NET_RECV,	PB(PROC_NET),	h_recv },
	{ M_NET_ERROR,	PB(PROC_NET),	h_net_error },
	{ M_K_STARTED,	PB(PROC_KEYS),	h_answer },
	{ M_K_STARTED_R, PB(PROC_KEYS),	h_answer },
	{ M_K_KEYED_R,	PB(PROC_KEYS),	h_answer },
	{ M_K_AUTH_R,	PB(PROC_KEYS),	h_answer },
	{ M_K_CSTARTED,	PB(PROC_KEYS),	h_answer },
	{ M_K_CHILD_R,	PB(PROC_KEYS),	h_answer },
	{ M_K_RSTARTED,	PB(PROC_KEYS),	h_answer },
	{ M_K_REKEYED,	PB(PROC_KEYS),	h_answer },
	{ M_K1_KEYED_R,	PB(PROC_KEYS),	h_answer },
	{ M_K1_STARTED_R, PB(PROC_KEYS), h_answer },
	{ M_K1_AUTH_R,	PB(PROC_KEYS),	h_answer },
	{ M_K_GONE,	PB(PROC_KEYS),	h_gone },
	{ M_S_DONE,	PB(PROC_SAD),	h_done },
	{ M_S_COUNTERS,	PB(PROC_SAD),	h_counters },
	{ M_S_ACQUIRE,	PB(PROC_SAD),	h_acquire },
	{ M_S_EXPIRE,	PB(PROC_SAD),	h_expire },
	{ M_S_MOVED,	PB(PROC_SAD),	h_moved },
	{ M_S_LOST,	PB(PROC_SAD),	h_lost },
	{ M_S_CAPS,	PB(PROC_SAD),	h_caps },
	{ M_S_ORPHAN,	PB(PROC_SAD),	h_orphan },
	{ M_C_UP,	PB(PROC_CTL),	h_order },
	{ M_C_DOWN,	PB(PROC_CTL),	h_order },
	{ M_C_REKEY,	PB(PROC_CTL),	h_order },
};

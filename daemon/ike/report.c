/* SPDX-License-Identifier: ISC */

/*
 * report.c: what others are told: states and children to s2sd-ctl, reasons
 * and log lines for people, SPIs again to an s2sd-net that was started anew.
 */

#include <stdio.h>
#include <syslog.h>

#include "engine.h"

enum { TELL_EVERY = 10, TELL_BURST = 32, TELL_QUEUE = 64,
    NOISE_BURST = 50, NOISE_MS = 5000 };

uint32_t
ike_gen(const struct ike *ike)
{
	return (ike->conf != NULL && ike->conf->now != NULL ?
	    ike->conf->now->gen : 0);
}

void
ike_printable(char *to, size_t max, struct rd r)
{
	size_t	 i;

	for (i = 0; i < r.n && i + 1 < max; i++)
		to[i] = r.p[i] >= ' ' && r.p[i] < 127 && r.p[i] != '\\' ?
		    (char)r.p[i] : '.';
	to[i] = '\0';
}

void
ike_noise(struct ike *ike, const struct addr *from, const char *what)
{
	char	 a[ADDR_STRLEN];

	if (ike->now - ike->log_at >= NOISE_MS) {
		ike->log_at = ike->now;
		ike->log_n = 0;
	}
	if (ike->log_n++ >= NOISE_BURST)
		return;
	role_log(ike->io, LOG_DEBUG, 0, 0, "from %s: %s",
	    addr_str(from, 1, a, sizeof(a)), what);
}

static enum tstate
state_of(const struct tun *t)
{
	const struct sa	*sa = ike_tun_sa(t);

	if (t->down || t->t->flags & TUN_DISABLED)
		return (TS_OFF);
	if (sa != NULL && ike_child_count(t) > 0)
		return (sa->own.kind == O_IKE || sa->own.kind == O_REKEY ?
		    TS_REKEYING : TS_UP);
	if (t->dial != NULL || sa != NULL ||
	    t->t->flags & TUN_ACTIVE || t->asked)
		return (t->reason == R_NONE ? TS_CONNECTING : TS_DOWN);
	return (TS_WAITING);
}

/*
 * Who wants UDP in any case hashes a wrong source, and so does a peer like
 * us: then only a translated port shows that a NAT box is really there.
 */
static int
nat_seen_there(const struct sa *sa)
{
	return (sa->nat_there && !(sa->forced &&
	    (sa->remote.port == PORT_IKE || sa->remote.port == PORT_NATT)));
}

static void
state_sa(struct m_c_state *m, const struct sa *sa)
{
	m->local = sa->local;
	m->peer = sa->remote;
	m->initiator = sa->init;
	m->nat_here = sa->nat_here;
	m->nat_there = (uint8_t)nat_seen_there(sa);
	m->spi_i = sa->spi_i;
	m->spi_r = sa->spi_r;
	m->rtt_ms = sa->rtt;
	m->retransmits = sa->repeats;
	if (sa->state == S_UP && sa->own.sent &&
	    sa->own.repeats >= RETX_SILENT)
		m->silent = sa->own.at;
	if (sa->a.encr != NULL) {
		m->encr = sa->a.encr->num;
		m->prf = sa->a.prf->num;
		m->integ = sa->a.integ != NULL ? sa->a.integ->num : 0;
		m->dh = sa->a.dh->num;
	}
	if (sa->state == S_UP) {
		m->established = sa->born;
		m->rekey_at = sa->rekey_at;
	}
	memcpy(m->vendor, sa->vendor, sizeof(m->vendor));
}

/* What changed by itself does not make news. */
static uint64_t
digest(struct ike *ike, const struct m_c_state *m)
{
	struct m_c_state	 s = *m;
	struct wr		 w;
	uint8_t			 b[1200];

	s.rtt_ms = s.retransmits = 0;
	w = wr_of(b, sizeof(b));
	if (msg_put(msg_desc(M_C_STATE), &w, &s))
		return (0);
	return (ike_hash(ike->seed, b, w.n) | 1);
}

void
ike_report(struct ike *ike, struct tun *t)
{
	struct m_c_state	 m;
	const struct sa		*sa;
	enum tstate		 st;
	uint64_t		 h;

	if (t == NULL || t->t == NULL || t->gone)
		return;
	st = state_of(t);
	if ((uint8_t)st != t->state || t->since == 0) {
		if (!(st == TS_UP && t->state == TS_REKEYING) &&
		    !(st == TS_REKEYING && t->state == TS_UP))
			t->since = ike->now;
		t->state = (uint8_t)st;
	}
	memset(&m, 0, sizeof(m));
	m.state = t->state;
	m.reason = (uint16_t)t->reason;
	m.of_child = t->of_child;
	m.after = t->after;
	m.since = t->since;
	m.next = t->no_next;
	m.tries = t->tries;
	if (t->dial == NULL && t->t_dial.pos != 0)
		m.retry_at = t->t_dial.due;
	else if (ike_child_count(t) == 0 && t->t_child.pos != 0)
		m.retry_at = t->t_child.due;
	m.local = t->t->local;
	if (t->t->npeer > 0)
		m.peer = t->t->peer[t->peer_i];
	if ((sa = ike_tun_sa(t)) == NULL)
		sa = t->dial;
	if (sa != NULL)
		state_sa(&m, sa);
	(void)snprintf(m.detail, sizeof(m.detail), "%s", t->detail);
	if ((h = digest(ike, &m)) == t->shown)
		return;
	t->shown = h;
	(void)role_send(ike->io, PROC_CTL, M_C_STATE, ike_gen(ike), 0, t->id,
	    &m);
}

void
ike_report_child(struct ike *ike, struct child *c, int up)
{
	struct m_c_child	 m;
	struct wr		 w;
	uint8_t			 b[5000];

	if ((c->a.encr == NULL && c->a.integ == NULL) || c->tun->gone)
		return;
	w = wr_of(b, sizeof(b));
	selpairs_put(&w, c->pair, c->npair);
	memset(&m, 0, sizeof(m));
	m.child = c->num;
	m.up = (uint8_t)up;
	m.esn = c->a.esn;
	m.udp = c->udp;
	m.encr = c->a.encr != NULL ? c->a.encr->num : 0;
	m.integ = c->a.integ != NULL ? c->a.integ->num : 0;
	m.dh = c->a.dh != NULL ? c->a.dh->num : 0;
	m.mtu = c->mtu;
	m.spi_in = c->spi_in;
	m.spi_out = c->spi_out;
	m.cpu = c->cpu;
	m.established = c->born;
	m.rekey_at = c->rekey_at;
	m.expires_at = c->dies_at;
	m.pairs = rd_of(b, w.n);
	if (!up)
		c->shown = 0;
	(void)role_send(ike->io, PROC_CTL, M_C_CHILD, ike_gen(ike), 0,
	    c->tun->id, &m);
}

/* R_NONE: all is well. */
void
ike_reason(struct ike *ike, struct tun *t, int reason, const char *detail)
{
	char	 text[TEXT_MAX], peer[ADDR_STRLEN], kept[sizeof(t->detail)];
	int	 news;

	memcpy(kept, t->detail, sizeof(kept));
	if (t->t == NULL || t->gone)
		return;
	/* what the peer wants is known once it has offered something */
	if (reason == t->reason && (detail == NULL || detail[0] == '\0') &&
	    (reason == R_NO_PROPOSAL || reason == R_SELECTORS))
		detail = kept;
	news = reason != t->reason || (detail != NULL &&
	    strcmp(detail, t->detail) != 0);
	if (reason != R_NONE && t->reason == R_NONE && t->was_up)
		t->after = (uint16_t)reason;
	t->reason = reason;
	t->of_child = ike_tun_sa(t) != NULL;
	(void)snprintf(t->detail, sizeof(t->detail), "%s",
	    detail != NULL ? detail : "");
	if (reason != R_NONE && news)
		role_log(ike->io, reason == R_BY_HAND ? LOG_INFO : LOG_WARNING,
		    t->id, reason, "%s: down: %s", t->t->name,
		    reason_text(reason, t->t->npeer > 0 ?
		    addr_str(&t->t->peer[t->peer_i], 0, peer, sizeof(peer)) :
		    "the peer", t->detail, text, sizeof(text)));
	ike_report(ike, t);
}

/* SPIs for a new s2sd-net, a burst at a time; 0: done. */
static int
tell_net(struct ike *ike)
{
	struct m_net_spi	 m;
	int			 n = 0;

	for (; ike->tell_net < ike->nslot && n < TELL_BURST; ike->tell_net++) {
		if (ike->slot[ike->tell_net] == NULL)
			continue;
		m.spi = ike->slot[ike->tell_net]->mine;
		m.add = 1;
		(void)role_send(ike->io, PROC_NET, M_NET_SPI, ike_gen(ike), 0,
		    0, &m);
		n++;
	}
	return (ike->tell_net < ike->nslot);
}

/* States and children for a new s2sd-ctl. */
static int
tell_ctl(struct ike *ike)
{
	struct tun	*t;
	struct sa	*sa;
	struct child	*c;
	int		 n = 0;

	for (; (t = ike->tell_tun) != NULL && n < TELL_BURST;
	    ike->tell_tun = t->next, n++) {
		t->shown = 0;
		ike_report(ike, t);
		for (sa = t->sas; sa != NULL; sa = sa->next)
			for (c = sa->children; c != NULL; c = c->next)
				if (c->shown)
					ike_report_child(ike, c, 1);
	}
	return (ike->tell_tun != NULL);
}

static void
keep(struct ike *ike, struct child *c)
{
	struct rd	 enc;
	struct m_sa	 m;
	uint8_t		 room[5400];

	if (c->state != C_UP && c->state != C_OLD && !c->ready)
		return;
	enc = ike_child_msa(ike, c, 0, room, sizeof(room));
	if (msg_get(msg_desc_sa(), enc, &m) == 0)
		(void)role_send(ike->io, PROC_SAD, M_S_KEEP, ike_gen(ike), 0,
		    c->tun->id, &m);
}

/* The pairs that a new s2sd-sad finds in the backend and that are ours. */
static int
tell_sad(struct ike *ike)
{
	struct tun	*t;
	struct sa	*sa;
	struct child	*c;
	int		 n = 0;

	if (!ike->telling_sad)
		return (0);
	for (; (t = ike->tell_sad) != NULL && n < TELL_BURST;
	    ike->tell_sad = t->next, n++)
		for (sa = t->sas; sa != NULL; sa = sa->next)
			for (c = sa->children; c != NULL; c = c->next)
				keep(ike, c);
	if (ike->tell_sad != NULL)
		return (1);
	ike->telling_sad = 0;
	(void)role_send(ike->io, PROC_SAD, M_S_KEEP_END, ike_gen(ike), 0, 0,
	    NULL);
	return (0);
}

void
ike_tell(struct ike *ike, void *arg, uint64_t now)
{
	static const struct {
		enum proc	 to;
		int		(*fn)(struct ike *);
	} tell[] = { { PROC_NET, tell_net }, { PROC_CTL, tell_ctl },
	    { PROC_SAD, tell_sad } };
	size_t	 i;
	int	 more = 0;

	(void)arg;
	for (i = 0; i < nitems(tell); i++)
		if (ike->io->waiting == NULL ||
		    ike->io->waiting(ike->io->arg, tell[i].to) < TELL_QUEUE)
			more |= tell[i].fn(ike);
		else
			more = 1;
	if (more)
		ike_timer_set(ike, &ike->t_tell, now + TELL_EVERY);
}

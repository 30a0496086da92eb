/* SPDX-License-Identifier: ISC */

/*
 * exch.c: exchanges: message IDs and the window of one (RFC 7296 section
 * 2.3), repetition both ways (2.1), opening and sealing, what is done next.
 */

#include <syslog.h>

#include "v2.h"

enum { AGAIN_MS = 50 };

int
ike2_keys(struct sa *sa, const struct keyoct *ai, const struct keyoct *ar,
    const struct keyoct *ei, const struct keyoct *er)
{
	const struct alg	*e = sa->a.encr, *i = sa->a.integ;
	size_t			 el = (size_t)e->keylen + e->saltlen;
	size_t			 al = i != NULL ? i->keylen : 0;
	int			 we = sa->init;

	if (ei->len != el || er->len != el || ai->len != al || ar->len != al)
		return (-1);
	crypt_free(sa->seal);
	crypt_free(sa->open);
	sa->seal = crypt_new(e, i, we ? ei->d : er->d,
	    i == NULL ? NULL : we ? ai->d : ar->d, 1);
	sa->open = crypt_new(e, i, we ? er->d : ei->d,
	    i == NULL ? NULL : we ? ar->d : ai->d, 0);
	return (sa->seal != NULL && sa->open != NULL ? 0 : -1);
}

/* ---- out ---- */

static void
begin(struct ike *ike, struct sa *sa, struct pld_out *o, uint8_t exch,
    int resp, uint32_t mid)
{
	struct ike_hdr	 h;
	struct wr	 w;
	uint8_t		 iv[16];

	memset(&h, 0, sizeof(h));
	h.spi_i = sa->spi_i;
	h.spi_r = sa->spi_r;
	h.exch = exch;
	h.flags = (uint8_t)((sa->init ? HDR_I : 0) | (resp ? HDR_R : 0));
	h.mid = mid;
	pld_start(o, ike->out, MSG_MAX, &h);
	/* GCM and ChaCha: never twice; CBC: not to be foreseen (2.1 of
	 * RFC 3602) */
	memset(iv, 0, sizeof(iv));
	if (sa->a.encr->flags & ALG_AEAD) {
		w = wr_of(iv, sizeof(iv));
		wr_u64(&w, ++sa->iv);
	} else
		ike->io->random(ike->io->arg, iv, sizeof(iv));
	pld_sk_begin(o, &sa->a, iv);
}

void
ike2_begin(struct ike *ike, struct sa *sa, struct pld_out *o, uint8_t exch)
{
	begin(ike, sa, o, exch, 0, sa->mid_out);
}

void
ike2_begin_reply(struct ike *ike, struct sa *sa, struct pld_out *o)
{
	begin(ike, sa, o, sa->peer.exch, 1, sa->mid_in);
}

void
ike2_request(struct ike *ike, struct sa *sa, enum own kind, struct pld_out *o)
{
	sa->own.kind = kind;
	if (pld_sk_end(o, &sa->a, sa->seal)) {
		role_log(ike->io, LOG_ERR, sa->tun->id, 0,
		    "cannot build a message");
		/* as if it had never been answered */
		sa->own.mid = sa->mid_out;
		sa->own.sent = 1;
		sa->own.repeats = RETX_MAX;
		ike_timer_set(ike, &sa->t_own, ike->now + AGAIN_MS);
		return;
	}
	sa->own.mid = sa->mid_out++;
	ike_own_send(ike, sa, rd_of(o->w.p, o->w.n));
}

void
ike2_reply(struct ike *ike, struct sa *sa, struct pld_out *o)
{
	struct rd	 msg;

	sa->mid_in++;
	ike_buf_free(&sa->reply);
	if (pld_sk_end(o, &sa->a, sa->seal))
		return;
	msg = rd_of(o->w.p, o->w.n);
	if (ike_buf_set(&sa->reply, msg))
		ike->count[CNT_NO_MEMORY]++;	/* no second answer, then */
	ike_send(ike, &sa->peer.local, &sa->peer.remote,
	    sa->peer.flags & NETF_4500, msg);
}

void
ike2_reply_notify(struct ike *ike, struct sa *sa, uint16_t type,
    struct rd data)
{
	struct pld_out	 o;

	ike2_begin_reply(ike, sa, &o);
	pld_notify_put(&o, PROTO_NONE, 0, type, data);
	ike2_reply(ike, sa, &o);
}

/* ---- in ---- */

/* Whose is it?  The SPI that is ours finds the SA, the other must agree. */
static struct sa *
find(struct ike *ike, const struct ike_hdr *h)
{
	struct node	*n;
	struct sa	*sa;
	int		 from_init = !!(h->flags & HDR_I);

	n = ike_map_get(&ike->by_spi, from_init ? h->spi_r : h->spi_i);
	if (n == NULL) {
		if (ike_map_get(&ike->by_spi,
		    from_init ? h->spi_i : h->spi_r) != NULL)
			ike->count[CNT_REFLECTED]++;
		else
			ike->count[CNT_BAD_SPI]++;
		return (NULL);
	}
	sa = n->obj;
	if (sa->init == from_init || h->spi_i != sa->spi_i ||
	    h->spi_r != sa->spi_r || sa->seal == NULL ||
	    sa->proto->major != h->major) {
		ike->count[CNT_BAD_SPI]++;
		return (NULL);
	}
	return (sa);
}

/* The last request again: the same answer, byte for byte (N012). */
static void
repeat(struct ike *ike, struct sa *sa, const struct msg2 *m,
    const uint8_t *digest)
{
	if (sa->reply.n == 0 ||
	    memcmp(digest, sa->digest, sizeof(sa->digest)) != 0) {
		ike->count[CNT_BAD_MID]++;
		return;
	}
	ike->count[CNT_REPLAYED]++;
	ike_send(ike, &m->d->local, &m->d->remote, m->d->flags & NETF_4500,
	    BUF_RD(&sa->reply));
}

/* One message waits while the SA does; more are dropped, they come again. */
static void
hold(struct ike *ike, struct sa *sa, const struct msg2 *m)
{
	if (sa->held.n != 0) {
		ike->count[CNT_HELD_FULL]++;
		return;
	}
	ike->count[CNT_HELD]++;
	if (ike_buf_set(&sa->held, m->d->rest) == 0)
		sa->held_from = *m->d;
}

void
ike2_held(struct ike *ike, struct sa *sa)
{
	struct m_net_dgram	 d = sa->held_from;
	struct buf		 b = sa->held;
	struct ike_hdr		 h;
	struct rd		 r;
	const char		*why;

	if (b.n == 0 || sa->wait != W_NONE || sa->state == S_DEAD)
		return;
	sa->held.p = NULL;
	sa->held.n = 0;
	d.rest = r = BUF_RD(&b);
	if (pld_hdr(&r, &h, &why) == 0)
		ike2_recv(ike, &d, &h);
	ike_buf_free(&b);
}

static int
is_peer_wait(enum wait w)
{
	return ((w >= W_START_R && w <= W_AUTH_R_S) ||
	    (w >= W_CHILD_R && w <= W_CHILD_R_S) || w == W_REKEY_R);
}

/* Message ID and repetition: 1 if the message is to be looked at. */
static int
in_order(struct ike *ike, struct sa *sa, const struct msg2 *m,
    uint8_t *digest)
{
	int	 resp = !!(m->h.flags & HDR_R);

	if (resp) {
		if (!sa->own.sent || m->h.mid != sa->own.mid) {
			ike->count[CNT_BAD_MID]++;
			return (0);
		}
		return (1);
	}
	if (sha1(&m->d->rest, 1, digest))
		return (0);
	if (m->h.mid == sa->mid_in && sa->state != S_LINGER) {
		/* being worked on: nothing yet to repeat */
		return (!(is_peer_wait(sa->wait) && memcmp(digest,
		    sa->digest, sizeof(sa->digest)) == 0));
	}
	if (m->h.mid + 1 == sa->mid_in)
		repeat(ike, sa, m, digest);
	else
		ike->count[CNT_BAD_MID]++;
	return (0);
}

/* Open SK in our copy of the message: 0 and the view inside, or -1. */
static int
open_sk(struct ike *ike, struct sa *sa, const struct msg2 *m, struct rd *inner,
    uint8_t *first)
{
	struct plds		*outer = &ike->outer;
	const struct pld	*sk;
	const char		*why;
	size_t			 n = m->d->rest.n;

	if (n > MSG_MAX)
		return (-1);
	memcpy(ike->in, m->d->rest.p, n);
	if (pld_walk(rd_of(ike->in + HDR_LEN, n - HDR_LEN), m->h.np, outer,
	    &why) || outer->twice || outer->critical ||
	    (sk = pld_find(outer, PLD_SK)) == NULL) {
		ike->count[CNT_BAD_PAYLOAD]++;
		ike_noise(ike, &m->d->remote, "no Encrypted payload");
		return (-1);
	}
	*first = outer->inner;
	if (pld_sk_open(ike->in, n, sk, &sa->a, sa->open, inner)) {
		ike->count[CNT_BAD_ICV]++;
		return (-1);
	}
	return (0);
}

void
ike2_recv(struct ike *ike, const struct m_net_dgram *d,
    const struct ike_hdr *h)
{
	struct msg2	 m;
	struct sa	*sa;
	struct rd	 inner;
	uint8_t		 digest[20], first;

	m.h = *h;
	m.d = d;
	if (h->exch == X_INIT) {
		ike2_init_recv(ike, &m);
		return;
	}
	if ((sa = find(ike, h)) == NULL || !in_order(ike, sa, &m, digest))
		return;
	if (sa->wait != W_NONE) {
		hold(ike, sa, &m);
		return;
	}
	if (open_sk(ike, sa, &m, &inner, &first))
		return;
	if (!(h->flags & HDR_R))
		memcpy(sa->digest, digest, sizeof(digest));
	ike2_inner(ike, sa, &m, inner, first);
}

/* Something is wrong inside SK: say so to who is authenticated. */
static void
bad_inner(struct ike *ike, struct sa *sa, const struct msg2 *m, uint16_t type,
    struct rd data)
{
	ike->count[CNT_BAD_PAYLOAD]++;
	if (m->h.flags & HDR_R || (sa->state != S_UP &&
	    sa->state != S_CLOSING))
		return;
	role_log(ike->io, LOG_NOTICE, sa->tun->id, R_SYNTAX,
	    "the peer sent a malformed message (exchange %u), refused",
	    m->h.exch);
	ike2_reply_notify(ike, sa, type, data);
}

void
ike2_inner(struct ike *ike, struct sa *sa, struct msg2 *m, struct rd inner,
    uint8_t first)
{
	struct peer_req	*q = &sa->peer;
	const char	*why;

	if (!(m->h.flags & HDR_R)) {
		q->exch = m->h.exch;
		q->local = m->d->local;
		q->remote = m->d->remote;
		q->flags = m->d->flags;
	}
	if (pld_walk(inner, first, &m->p, &why) || m->p.twice != 0 ||
	    m->p.have & PLDBIT(PLD_SK)) {
		bad_inner(ike, sa, m, N_INVALID_SYNTAX, rd_of(NULL, 0));
		return;
	}
	if (m->p.critical != 0) {
		bad_inner(ike, sa, m, N_UNSUPPORTED_CRITICAL,
		    rd_of(&m->p.critical, 1));
		return;
	}
	ike_sa_lives(ike, sa);
	ike_follow(ike, sa, m->d);
	if (ike2_step(ike, sa, m, 1) == -1)
		bad_inner(ike, sa, m, N_INVALID_SYNTAX, rd_of(NULL, 0));
	ike2_next(ike, sa);
}

/* ---- what next ---- */

static struct child *
wanted(struct sa *sa, int del)
{
	struct child	*c;

	for (c = sa->children; c != NULL; c = c->next)
		if (del ? c->want_del : c->want_rekey && c->state == C_UP)
			return (c);
	return (NULL);
}

void
ike2_next(struct ike *ike, struct sa *sa)
{
	struct child	*c;

	if (sa->state != S_UP || sa->wait != W_NONE ||
	    sa->own.kind != O_NONE || sa->stuck)
		return;
	if (sa->want & WANT_DELETE) {
		ike2_delete_ike(ike, sa);
		return;
	}
	if ((c = wanted(sa, 1)) != NULL) {
		ike2_delete_child(ike, sa, c);
		return;
	}
	if (sa->handle != 0 && !sa->replaced && sa->tun->t != NULL &&
	    (sa->want & (WANT_IKE | WANT_NEW) || wanted(sa, 0) != NULL ||
	    ike_cpu_wanted(sa) != NULL) && sa->t_next.pos == 0) {
		if (ike->open_keys >= OPEN_MAX) {
			ike_sa_again(ike, sa, AGAIN_MS);
			return;
		}
		if (sa->want & WANT_IKE)
			ike2_rekey_start(ike, sa);
		else if (sa->want & WANT_NEW || wanted(sa, 0) != NULL)
			ike2_child_start(ike, sa, wanted(sa, 0));
		else {
			c = ike_cpu_wanted(sa);
			ike2_child_beside(ike, sa, c, ike_cpu_take(c));
		}
		if (sa->own.kind != O_NONE)
			return;
	}
	if (sa->want & WANT_LIVE)
		ike2_live(ike, sa);
}

/* Nobody answered (2.4): what was begun is void, the peer is dead or the
 * window is stuck. */
void
ike2_timeout(struct ike *ike, struct sa *sa)
{
	struct tun	*t = sa->tun;
	enum own	 kind = sa->own.kind;

	if (sa->state == S_AUTH_I && sa->ncand > 0) {
		ike2_init_candidate(ike, sa);
		return;
	}
	if (sa->state == S_INIT_I || sa->state == S_AUTH_I) {
		ike_tun_failed(ike, sa, sa->reason != R_NONE ? sa->reason :
		    R_NO_ANSWER, sa->detail);
		return;
	}
	if (kind == O_NEW || kind == O_REKEY || kind == O_IKE) {
		/* packets may still pass: keep them until a fresh IKE SA is
		 * there, or found to be impossible (N050) */
		role_log(ike->io, LOG_WARNING, t->id, R_DIED,
		    "the peer does not answer our renewal, trying a new IKE "
		    "SA");
		if (sa->own.child != NULL)
			ike_child_free(ike, sa->own.child);
		ike_own_clear(ike, sa);
		sa->stuck = 1;
		ike_tun_dial(ike, t, ike->now);
		ike_report(ike, t);
		return;
	}
	ike_sa_free(ike, sa);
	ike_tun_lost(ike, t, kind == O_DELETE ? R_NONE : R_DIED, NULL);
}

/* s2sd-keys or s2sd-sad was started anew, or does not answer. */
void
ike2_lost(struct ike *ike, struct sa *sa)
{
	enum wait	 w = sa->wait;

	ike_sa_wait(ike, sa, W_NONE);
	switch (sa->state) {
	case S_INIT_I:
	case S_AUTH_I:
		ike_tun_failed(ike, sa, R_KERNEL,
		    "an own process did not answer");
		return;
	case S_INIT_R:
		ike_sa_free(ike, sa);
		return;
	default:
		break;
	}
	if (is_peer_wait(w)) {		/* the peer will ask again */
		if (sa->peer.child != NULL)
			ike_child_free(ike, sa->peer.child);
		if (sa->peer.other != NULL)
			ike_sa_free(ike, sa->peer.other);
		memset(sa->digest, 0, sizeof(sa->digest));
	} else if (w == W_RSTART || w == W_REKEY_I)
		ike2_rekey_fail(ike, sa);
	else if (w == W_CHILD_I || w == W_CHILD_I_K || w == W_CHILD_I_S)
		ike2_child_give_up(ike, sa, R_KERNEL,
		    "an own process did not answer");
	else
		ike2_child_fail(ike, sa, R_KERNEL,
		    "an own process did not answer");
	ike2_held(ike, sa);
	ike2_next(ike, sa);
}

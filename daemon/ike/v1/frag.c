/* SPDX-License-Identifier: ISC */

/*
 * frag.c: IKE messages in parts, as the vendors do it with IKEv1: the
 * payload 132 stands alone behind a clear header and holds a part of a whole
 * message.  Nothing of it is authenticated before the whole is, so there is
 * one set for each IKE SA, of bounded size and age (R8).
 */

#include <stdlib.h>

#include "v1.h"

enum { NP_FRAG = 132, WHOLE_MAX = MSG_MAX };

static void
send_one(struct ike *ike, struct sa *sa, const struct addr *local,
    const struct addr *remote, uint8_t flags, struct rd msg)
{
	struct pld1_out	 o;
	struct ike_hdr	 h;
	struct rd	 hdr = msg, part;
	const char	*why;
	uint8_t		 b[HDR_LEN + GEN_LEN + FRAG1_HEAD + FRAG1_SEND];
	uint8_t		 num = 0;

	if (msg.n == 0)
		return;			/* there was no memory to keep it */
	if (!sa->v1->frag || msg.n <= sizeof(b) || msg.n > WHOLE_MAX ||
	    pld_hdr(&hdr, &h, &why)) {
		ike_send(ike, local, remote, flags, msg);
		return;
	}
	h.flags = 0;
	sa->v1->frag_id++;
	while (msg.n > 0 && num < FRAG1_PARTS) {
		if (rd_sub(&msg, msg.n < FRAG1_SEND ? msg.n : FRAG1_SEND,
		    &part))
			return;
		pld1_start(&o, b, sizeof(b), &h);
		pld1_begin(&o, PLD1_FRAG, 0);
		wr_u16(&o.w, sa->v1->frag_id);
		wr_u8(&o.w, ++num);
		wr_u8(&o.w, msg.n == 0);
		wr_put(&o.w, part.p, part.n);
		pld1_end(&o);
		if (pld1_done(&o) == 0)
			ike_send(ike, local, remote, flags,
			    rd_of(o.w.p, o.w.n));
	}
}

void
ike1_send(struct ike *ike, struct sa *sa, struct rd msg)
{
	send_one(ike, sa, &sa->local, &sa->remote, sa->float_ ? NETF_4500 : 0,
	    msg);
}

/* To where that one came from. */
void
ike1_send_to(struct ike *ike, struct sa *sa, const struct m_net_dgram *d,
    struct rd msg)
{
	send_one(ike, sa, &d->local, &d->remote, d->flags & NETF_4500, msg);
}

void
ike1_frags_free(struct ike1 *v)
{
	size_t	 i;

	if (v->frags == NULL)
		return;
	for (i = 0; i < FRAG1_PARTS; i++)
		ike_buf_free(&v->frags->part[i]);
	free(v->frags);
	v->frags = NULL;
}

/* The set that it belongs to: another id, or an old set, begins anew. */
static struct frags1 *
set_of(struct ike *ike, struct ike1 *v, const struct pld1_frag *f)
{
	if (v->frags != NULL && (v->frags->id != f->id ||
	    ike->now - v->frags->since > FRAG1_MS))
		ike1_frags_free(v);
	if (v->frags == NULL &&
	    (v->frags = calloc(1, sizeof(*v->frags))) != NULL) {
		v->frags->id = f->id;
		v->frags->since = ike->now;
	}
	return (v->frags);
}

static int
whole(const struct frags1 *s, struct buf *msg)
{
	struct wr	 w;
	uint8_t		*p;
	size_t		 i;

	if ((p = malloc(s->octets)) == NULL)
		return (-1);
	w = wr_of(p, s->octets);
	for (i = 0; i < s->last; i++)
		wr_put(&w, s->part[i].p, s->part[i].n);
	msg->p = p;
	msg->n = w.n;
	return (wr_end(&w));
}

/* Into its place: 0, or -1 if it cannot be a part of this set. */
static int
place(const struct sa *sa, struct frags1 *s, const struct pld1_frag *f)
{
	size_t	 max = sa->v1->st == ST1_UP ? WHOLE_MAX : FRAG1_EARLY;

	if (f->num > FRAG1_PARTS || s->octets + f->data.n > max ||
	    (s->last != 0 && (f->num > s->last ||
	    (f->last && f->num != s->last))))
		return (-1);
	if (s->part[f->num - 1].p != NULL)
		return (0);		/* the first one counts */
	if (f->last) {
		if (f->num < s->have)
			return (-1);	/* parts behind the last one */
		s->last = f->num;
	}
	if (ike_buf_set(&s->part[f->num - 1], f->data))
		return (-1);
	s->octets += f->data.n;
	s->have++;
	return (0);
}

/* Parts whose number is above that of the last one make the set void. */
static int
beyond(const struct frags1 *s)
{
	size_t	 i;

	for (i = s->last; i < FRAG1_PARTS; i++)
		if (s->part[i].p != NULL)
			return (1);
	return (0);
}

int
ike1_frag_in(struct ike *ike, struct sa *sa, const struct m_net_dgram *d,
    struct buf *msg)
{
	struct pld1_frag f;
	struct plds1	 p;
	struct frags1	*s;
	struct ike_hdr	 h;
	struct rd	 r = d->rest;
	const char	*why;

	if (pld_hdr(&r, &h, &why) || h.np != NP_FRAG)
		return (0);
	if (pld1_walk(r, h.np, 0, &p, &why) || p.n != 1 ||
	    pld1_frag(p.p[0].b, &f, &why) ||
	    (s = set_of(ike, sa->v1, &f)) == NULL) {
		ike->count[CNT_BAD_FRAG]++;
		return (1);
	}
	if (place(sa, s, &f)) {
		ike->count[CNT_BAD_FRAG]++;
		if (s->have == 0)
			ike1_frags_free(sa->v1);
		return (1);
	}
	if (s->last == 0 || s->have < s->last)
		return (1);
	/* complete; what is not good of it is found by who reads it */
	if (beyond(s) || whole(s, msg))
		ike->count[CNT_BAD_FRAG]++;
	ike1_frags_free(sa->v1);
	return (1);
}

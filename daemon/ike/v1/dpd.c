/* SPDX-License-Identifier: ISC */

/*
 * dpd.c: dead peer detection, RFC 3706, both ways; and what is sent once
 * more.  A repeated R-U-THERE is a new message with the next number: some
 * peers answer each number once.
 */

#include <syslog.h>

#include "v1.h"

enum { FAR = 65536, HINT_AFTER = 3 };

static void
r_u_there(struct ike *ike, struct sa *sa)
{
	struct wr	 w;
	uint8_t		 seq[4], spi[COOKIES1];

	w = wr_of(seq, sizeof(seq));
	wr_u32(&w, ++sa->v1->dpd_out);
	ike1_cookies(sa, spi);
	ike1_send_notify(ike, sa, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)),
	    N1_R_U_THERE, rd_of(seq, sizeof(seq)), NULL);
}

void
ike1_live(struct ike *ike, struct sa *sa)
{
	sa->want &= (uint8_t)~WANT_LIVE;
	if (!sa->v1->dpd || sa->own.kind != O_NONE)
		return;			/* nothing to ask with */
	if (sa->v1->dpd_out == 0)
		sa->v1->dpd_out = ike_random_below(ike, 0x7fffffff);
	sa->v1->dpd_first = sa->v1->dpd_out + 1;
	sa->own.kind = O_LIVE;
	/* the message itself is made by ike1_repeat */
	ike_own_send(ike, sa, rd_of(NULL, 0));
}

void
ike1_repeat(struct ike *ike, struct sa *sa)
{
	if (sa->own.kind == O_LIVE) {
		r_u_there(ike, sa);
		return;
	}
	if (sa->v1->st == ST1_MM3 && sa->ncand > 0 &&
	    sa->own.repeats >= RETX_DOUBT) {
		ike1_candidate(ike, sa);
		return;
	}
	/* messages 1 to 4 were fine and nobody understands 5 */
	if (sa->v1->st == ST1_MM5 && sa->own.repeats == HINT_AFTER &&
	    sa->reason == R_NONE)
		ike1_remember(ike, sa, R_AUTH_PSK, "");
	ike1_send(ike, sa, BUF_RD(&sa->own.msg));
}

/* Numbers rise (section 6.2); each is answered once (N064). */
void
ike1_r_u_there(struct ike *ike, struct sa *sa, struct msg1 *m,
    const struct pld1_notify *n)
{
	struct ike1	*v = sa->v1;
	struct rd	 r = n->data;
	uint32_t	 seq;
	uint8_t		 spi[COOKIES1];

	if (rd_u32(&r, &seq) || rd_end(&r) || (v->dpd_in != 0 &&
	    (seq - v->dpd_in == 0 || seq - v->dpd_in > FAR))) {
		ike->count[CNT_BAD_MID]++;
		return;
	}
	v->dpd_in = seq;
	ike1_fresh(ike, sa, m->d);
	memcpy(v->ack_digest, m->digest, sizeof(v->ack_digest));
	ike1_cookies(sa, spi);
	ike1_send_notify(ike, sa, PROTO1_ISAKMP, rd_of(spi, sizeof(spi)),
	    N1_R_U_THERE_ACK, n->data, &v->ack);
}

void
ike1_r_u_there_ack(struct ike *ike, struct sa *sa, struct msg1 *m,
    const struct pld1_notify *n)
{
	struct ike1	*v = sa->v1;
	struct rd	 r = n->data;
	uint32_t	 seq;

	if (sa->own.kind != O_LIVE || rd_u32(&r, &seq) || rd_end(&r) ||
	    seq - v->dpd_first > v->dpd_out - v->dpd_first) {
		ike->count[CNT_BAD_MID]++;
		return;
	}
	ike1_fresh(ike, sa, m->d);
	if (sa->own.repeats == 0)
		sa->rtt = (uint32_t)(ike->now - sa->own.at);
	ike_own_clear(ike, sa);
	ike_report(ike, sa->tun);
}

/* SPDX-License-Identifier: ISC */

/*
 * out.c: from an inner packet to ESP in UDP, in the order of RFC 4303
 * section 3.3: look-up, encapsulation and padding, sequence number,
 * encryption, ICV.
 *
 *	SPI (4) | sequence, low half (4) | IV | inner packet, padding,
 *	Pad Length (1), Next Header (1) | ICV
 */

#include <stdlib.h>
#include <syslog.h>

#include "local.h"
#include "reason.h"

enum {
	TELL_MS = 60000,	/* a rewritten source is logged this often */
	ACQUIRE_MS = 1000
};

static void
drop(struct esp *e, struct esp_pkt *p, enum esp_count why)
{
	p->verdict = ESP_DROP;
	e->count[why]++;
}

/* For a tunnel, or for somebody's other destination? */
static void
unmatched(struct esp *e, struct esp_pkt *p, const struct esp_flow *f,
    uint64_t now)
{
	char		 src[ADDR_STRLEN], dst[ADDR_STRLEN], want[SEL_STRLEN];
	struct esp_tun	*t;

	if ((t = esp_policy_remote(&e->pol, f)) == NULL) {
		drop(e, p, EC_OUT_POLICY);
		return;
	}
	drop(e, p, EC_OUT_REWRITE);
	if (t->told_at != 0 && now - t->told_at < TELL_MS)
		return;
	t->told_at = now != 0 ? now : 1;
	role_log(e->io, LOG_WARNING, t->id, R_NAT_REWRITE,
	    "%s: dropped a packet to %s whose source %s is not in the "
	    "tunnel's local network %s: a NAT rule rewrote it, or the route "
	    "has no inside source address", t->t->name,
	    addr_str(&f->dst, 0, dst, sizeof(dst)),
	    addr_str(&f->src, 0, src, sizeof(src)),
	    sel_str(&t->t->pair[0].local, want, sizeof(want)));
}

/* Does any pair of the tunnel send? */
static int
sending(const struct esp_tun *t)
{
	const struct esp_sa	*sa;

	for (sa = t->sas; sa != NULL; sa = sa->next_tun)
		if (sa->active && !sa->hard_said)
			return (1);
	return (0);
}

static void
hold(struct esp *e, struct esp_tun *t, const struct esp_pkt *p)
{
	if (!(t->t->flags & TUN_ONDEMAND) || t->held != NULL ||
	    sending(t) || (t->held = malloc(p->len)) == NULL)
		return;
	memcpy(t->held, p->buf + p->off, p->len);
	t->nheld = p->len;
	e->nheld++;
	e->count[EC_HELD]++;
}

static void
down(struct esp *e, struct esp_tun *t, struct esp_pkt *p,
    const struct esp_flow *f, uint64_t now)
{
	struct m_s_acquire	 m;

	drop(e, p, EC_OUT_DOWN);
	if (t->t->flags & TUN_DISABLED)
		return;
	hold(e, t, p);
	if (t->acquired_at != 0 && now - t->acquired_at < ACQUIRE_MS)
		return;
	t->acquired_at = now != 0 ? now : 1;
	memset(&m, 0, sizeof(m));
	m.src = f->src;
	m.dst = f->dst;
	m.ipproto = f->ipproto;
	e->count[EC_ACQUIRE]++;
	(void)role_send(e->io, PROC_SAD, M_E_ACQUIRE, 0, 0, t->id, &m);
}

/* Our own IKE or ESP to the peer, routed into its own tunnel. */
static int
looped(const struct esp_sa *sa, const struct esp_flow *f)
{
	if (addr_cmp(&f->dst, &sa->remote, 0) != 0 ||
	    addr_cmp(&f->src, &sa->local, 0) != 0)
		return (0);
	return (f->ipproto == 50 || (f->ipproto == 17 && f->has_ports &&
	    (f->dst.port == 500 || f->dst.port == 4500 ||
	    f->dst.port == sa->remote.port)));
}

static void
iv_fill(struct esp *e, const struct esp_sa *sa, uint8_t *iv)
{
	struct wr	 w;

	if (sa->encr->flags & ALG_AEAD) {
		/* the counter itself: RFC 4106 section 3.1 */
		w = wr_of(iv, sa->ivlen);
		wr_u64(&w, sa->seq);
		return;
	}
	if (e->niv < sa->ivlen) {
		e->io->random(e->io->arg, e->iv, sizeof(e->iv));
		e->niv = sizeof(e->iv);
	}
	e->niv -= sa->ivlen;
	memcpy(iv, e->iv + e->niv, sa->ivlen);
	memset(e->iv + e->niv, 0, sa->ivlen);
}

static int
seal(struct esp *e, struct esp_sa *sa, struct esp_pkt *p, uint8_t next)
{
	uint8_t		 aad[12], esn[4], *body = p->buf + p->off, *head;
	struct rd	 a, tail;
	struct wr	 w;
	size_t		 n = p->len, i;
	uint8_t		 pad;

	/* RFC 4303 section 2.4: to the block, 1, 2, 3, ... */
	pad = (uint8_t)((sa->blocklen - (n + 2) % sa->blocklen) %
	    sa->blocklen);
	for (i = 1; i <= pad; i++)
		body[n++] = (uint8_t)i;
	body[n++] = pad;
	body[n++] = next;

	sa->seq++;
	head = body - sa->ivlen - 8;
	w = wr_of(head, 8);
	wr_u32(&w, sa->spi_out);
	wr_u32(&w, (uint32_t)sa->seq);
	iv_fill(e, sa, head + 8);

	w = wr_of(esn, sizeof(esn));
	wr_u32(&w, (uint32_t)(sa->seq >> 32));
	tail = rd_of(esn, 0);
	a = rd_of(head, 8);
	if (sa->esn && sa->encr->flags & ALG_AEAD) {
		memcpy(aad, head, 4);		/* RFC 4106 section 5 */
		memcpy(aad + 4, esn, 4);
		memcpy(aad + 8, head + 4, 4);
		a = rd_of(aad, 12);
	} else if (sa->esn)
		tail.n = 4;			/* RFC 4303 section 2.2.1 */
	if (crypt_seal(sa->out, a, head + 8, body, n, tail, body + n) == -1)
		return (-1);
	p->off = (size_t)(head - p->buf);
	p->len = 8 + (size_t)sa->ivlen + n + sa->icvlen;
	return (0);
}

static void
send_one(struct esp *e, struct esp_sa *sa, struct esp_pkt *p,
    const struct esp_flow *f, uint64_t now)
{
	if (looped(sa, f)) {
		drop(e, p, EC_OUT_LOOP);
		return;
	}
	if (sa->mtu != 0 && f->len > sa->mtu && f->df) {
		drop(e, p, EC_OUT_TOOBIG);
		(void)esp_icmp_toobig(e, p, f, sa->mtu, now);
		return;
	}
	if (sa->seq >= sa->seq_max) {
		esp_sa_expire(e, sa, 1);
		drop(e, p, EC_OUT_SEQ);
		return;
	}
	if (esp_sa_account(e, sa, f->len) == -1) {
		drop(e, p, EC_OUT_LIMIT);
		return;
	}
	p->len = f->len;		/* what lies behind it is not ours */
	if (seal(e, sa, p, f->v == 4 ? 4 : 41) == -1) {
		drop(e, p, EC_OUT_CRYPT);
		return;
	}
	/* RFC 6040 section 4.1, normal mode; DSCP with it */
	p->tos = f->tos;
	p->local = sa->local;
	p->remote = sa->remote;
	p->verdict = ESP_WIRE;
	sa->c.out_packets++;
	sa->c.out_bytes += f->len;
	sa->out_last = now != 0 ? now : 1;
	e->count[EC_OUT]++;
}

static void
out_one(struct esp *e, struct esp_pkt *p, uint64_t now)
{
	struct esp_flow	 f;
	struct esp_tun	*t;
	struct esp_sa	*sa;

	if (p->off < ESP_HEADROOM || p->len > ESP_INNER_MAX ||
	    p->size < p->off + p->len + ESP_TAILROOM ||
	    esp_inner(rd_of(p->buf + p->off, p->len), &f) == -1) {
		drop(e, p, EC_OUT_BAD);
		return;
	}
	if ((t = esp_policy_find(&e->pol, &f)) == NULL)
		unmatched(e, p, &f, now);
	else if ((sa = esp_sa_for(t, &f)) == NULL)
		down(e, t, p, &f, now);
	else
		send_one(e, sa, p, &f, now);
}

void
esp_out(void *self, struct esp_pkt *p, size_t n, uint64_t now)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		out_one(self, &p[i], now);
}

size_t
esp_held(void *self, struct esp_pkt *p, size_t n, uint64_t now)
{
	struct esp	*e = self;
	struct esp_tun	*t;
	size_t		 i, k = 0;

	if (e->nready == 0)
		return (0);
	for (i = 0; i < e->ntun && k < n; i++) {
		t = e->tun[i];
		if (t->held == NULL || !sending(t))
			continue;
		p[k].off = ESP_HEADROOM;
		p[k].len = t->nheld;
		if (p[k].size >= ESP_HEADROOM + t->nheld + ESP_TAILROOM)
			memcpy(p[k].buf + ESP_HEADROOM, t->held, t->nheld);
		else
			p[k].len = 0;		/* counted as bad */
		free(t->held);
		t->held = NULL;
		e->nheld--;
		out_one(e, &p[k++], now);
	}
	if (k < n)
		e->nready = 0;
	return (k);
}

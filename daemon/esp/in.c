/* SPDX-License-Identifier: ISC */

/*
 * in.c: from a datagram of port 4500 to an inner packet, in the order of
 * RFC 4303 section 3.4: SPI, length, replay pre-check, ICV and decryption,
 * replay update, padding, next header, inner check (RFC 4301 section 5.2).
 */

#include "local.h"

enum { MOVED_MS = 1000, NH_IP4 = 4, NH_IP6 = 41, NH_DUMMY = 59 };

static void
drop(struct esp *e, struct esp_pkt *p, enum esp_count why)
{
	p->verdict = ESP_DROP;
	e->count[why]++;
}

/*
 * RFC 3948 section 2: one octet ff is a keepalive; four zero octets mark
 * IKE.  Returns 1 if that is what it was.
 */
static int
not_esp(struct esp *e, struct esp_pkt *p)
{
	const uint8_t	*d = p->buf + p->off;

	if (p->len == 1 && d[0] == 0xff) {
		drop(e, p, EC_IN_KEEPALIVE);
		return (1);
	}
	if (p->len < 4 || memcmp(d, "\0\0\0\0", 4) != 0)
		return (0);
	p->off += 4;
	p->len -= 4;
	p->verdict = ESP_IKE;
	e->count[EC_IN_IKE]++;
	return (1);
}

/* ICV and decryption; on success p holds the plaintext with its trailer. */
static int
open_sealed(struct esp_sa *sa, struct esp_pkt *p, uint64_t seq)
{
	uint8_t		 aad[12], esn[4], *head = p->buf + p->off, *body;
	struct rd	 a, tail;
	struct wr	 w;
	size_t		 n;

	body = head + 8 + sa->ivlen;
	n = p->len - 8 - sa->ivlen - sa->icvlen;
	w = wr_of(esn, sizeof(esn));
	wr_u32(&w, (uint32_t)(seq >> 32));
	tail = rd_of(esn, 0);
	a = rd_of(head, 8);
	if (sa->esn && sa->encr->flags & ALG_AEAD) {
		memcpy(aad, head, 4);
		memcpy(aad + 4, esn, 4);
		memcpy(aad + 8, head + 4, 4);
		a = rd_of(aad, 12);
	} else if (sa->esn)
		tail.n = 4;
	if (crypt_open(sa->in, a, head + 8, body, n, tail, body + n) == -1)
		return (-1);
	p->off += 8 + (size_t)sa->ivlen;
	p->len = n;
	return (0);
}

/* RFC 4303 section 2.4: 1, 2, 3, ...; takes the trailer off. */
static int
unpad(struct esp_pkt *p, uint8_t *next)
{
	const uint8_t	*d = p->buf + p->off;
	size_t		 n = p->len - 2, i;
	uint8_t		 pad = d[n];

	*next = d[n + 1];
	if (pad > n)
		return (-1);
	for (i = 0; i < pad; i++)
		if (d[n - pad + i] != i + 1)
			return (-1);
	p->len = n - pad;
	return (0);
}

/* To our own IKE or ESP, or on to the other gateway: would come back. */
static int
looped(const struct esp_sa *sa, const struct esp_flow *f)
{
	if (addr_cmp(&f->dst, &sa->remote, 0) == 0)
		return (1);
	if (addr_cmp(&f->dst, &sa->local, 0) != 0)
		return (0);
	return (f->ipproto == 50 || (f->ipproto == 17 &&
	    (!f->has_ports || f->dst.port == 500 || f->dst.port == 4500)));
}

static int
selected(const struct esp_sa *sa, const struct esp_flow *f)
{
	size_t	 i;

	for (i = 0; i < sa->npair; i++)
		if (esp_flow_in(&sa->pair[i], f, 0))
			return (1);
	return (0);
}

/* RFC 6040 section 4.2, figure 4: 0, or -1 if it must be dropped. */
static int
ecn(struct esp_pkt *p, const struct esp_flow *f)
{
	uint8_t	 outer = p->tos & 3, inner = f->tos & 3;

	if (inner == 0)
		return (outer == 3 ? -1 : 0);
	if (outer == 3 && inner != 3)
		esp_set_ecn(p->buf + p->off, 3);
	else if (outer == 1 && inner == 2)
		esp_set_ecn(p->buf + p->off, 1);
	return (0);
}

/* An authentic packet, newer than all before, came from somewhere else. */
static void
moved(struct esp *e, struct esp_sa *sa, const struct esp_pkt *p, uint64_t now)
{
	struct m_s_move	 m;

	if (addr_cmp(&p->remote, &sa->remote, 1) == 0 ||
	    (sa->moved_at != 0 && now - sa->moved_at < MOVED_MS))
		return;
	sa->moved_at = now != 0 ? now : 1;
	memset(&m, 0, sizeof(m));
	m.child = sa->child;
	m.local = sa->local;
	m.remote = p->remote;
	(void)role_send(e->io, PROC_SAD, M_E_MOVED, 0, 0, sa->tun->id, &m);
}

/* What lies inside, from behind the ICV on. */
static void
deliver(struct esp *e, struct esp_sa *sa, struct esp_pkt *p)
{
	struct esp_flow	 f;
	uint8_t		 next;

	if (unpad(p, &next) == -1) {
		drop(e, p, EC_IN_PAD);
		return;
	}
	if (next == NH_DUMMY) {			/* RFC 4303 section 2.6 */
		drop(e, p, EC_IN_DUMMY);
		return;
	}
	if (next != NH_IP4 && next != NH_IP6) {
		drop(e, p, EC_IN_NEXT);
		return;
	}
	if (esp_inner(rd_of(p->buf + p->off, p->len), &f) == -1) {
		drop(e, p, EC_IN_INNER);
		return;
	}
	if (f.v != (next == NH_IP4 ? 4 : 6)) {
		drop(e, p, EC_IN_NEXT);
		return;
	}
	if (looped(sa, &f)) {
		drop(e, p, EC_IN_LOOP);
		return;
	}
	if (!selected(sa, &f)) {
		sa->c.bad_policy++;
		drop(e, p, EC_IN_POLICY);
		return;
	}
	if (ecn(p, &f) == -1) {
		drop(e, p, EC_IN_ECN);
		return;
	}
	if (esp_sa_account(e, sa, f.len) == -1) {
		drop(e, p, EC_IN_LIMIT);
		return;
	}
	p->len = f.len;		/* traffic flow padding, section 2.7 */
	p->verdict = ESP_TUN;
	sa->c.in_packets++;
	sa->c.in_bytes += f.len;
	e->count[EC_IN]++;
}

static int
too_short(const struct esp_sa *sa, const struct esp_pkt *p)
{
	size_t	 over = 8 + (size_t)sa->ivlen + sa->icvlen;

	/* the AEADs take any length; RFC 4303 section 2.4 wants 4 */
	return (p->len < over + 2 || (p->len - over) % sa->blocklen != 0);
}

static void
in_one(struct esp *e, struct esp_pkt *p, uint64_t now)
{
	struct esp_sa	*sa;
	struct rd	 r;
	uint64_t	 seq;
	uint32_t	 spi, low;
	int		 newer;

	if (not_esp(e, p))
		return;
	r = rd_of(p->buf + p->off, p->len);
	if (rd_u32(&r, &spi) || rd_u32(&r, &low)) {
		drop(e, p, EC_IN_SHORT);
		return;
	}
	if ((sa = esp_sa_spi(e, spi)) == NULL) {
		drop(e, p, EC_IN_SPI);
		return;
	}
	if (too_short(sa, p)) {
		drop(e, p, EC_IN_SHORT);
		return;
	}
	if (esp_replay_guess(&sa->rp, low, &seq) == -1 ||
	    esp_replay_check(&sa->rp, seq) == -1) {
		sa->c.bad_replay++;
		drop(e, p, EC_IN_REPLAY);
		return;
	}
	if (open_sealed(sa, p, seq) == -1) {
		sa->c.bad_auth++;
		drop(e, p, EC_IN_AUTH);
		return;
	}
	newer = seq > sa->rp.top;
	esp_replay_mark(&sa->rp, seq);
	sa->in_last = now != 0 ? now : 1;
	/* the peer sends on it, so it has it: RFC 7296 section 2.8 */
	if (sa->waits)
		esp_sa_activate(e, sa);
	if (newer)
		moved(e, sa, p, now);
	deliver(e, sa, p);
}

void
esp_in(void *self, struct esp_pkt *p, size_t n, uint64_t now)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		in_one(self, &p[i], now);
}

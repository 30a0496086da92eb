/* SPDX-License-Identifier: ISC */

/*
 * icmp.c: the answer to a packet that is too long for its tunnel, RFC 1191
 * section 4 and RFC 4443 section 3.2.  It comes from the packet's own
 * destination: an address of ours would be a martian on the way in.
 */

#include "local.h"

enum {
	ICMP_RATE = 200,	/* answers a second */
	ICMP_BURST = 100,
	ICMP4_MAX = 576,	/* RFC 1812 section 4.3.2.3 */
	ICMP6_MAX = 1280	/* RFC 4443 section 2.4 (c) */
};

static int
rate_ok(struct esp *e, uint64_t now)
{
	uint64_t	 more;

	more = (now - e->icmp_at) * ICMP_RATE / 1000;
	if (more > 0) {
		more += e->icmp_left;
		e->icmp_left = more > ICMP_BURST ? ICMP_BURST : (uint32_t)more;
		e->icmp_at = now;
	}
	if (e->icmp_left == 0)
		return (0);
	e->icmp_left--;
	return (1);
}

/* RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e): to whom we do not. */
static int
answerable(const struct esp_flow *f)
{
	const uint8_t	*s = f->src.a;

	if (f->icmp_error || f->frag == FRAG_LATER)
		return (0);
	if (f->v == 4)
		return (s[0] != 0 && s[0] != 127 && s[0] < 224 &&
		    f->dst.a[0] < 224);
	return (s[0] != 0xff && f->dst.a[0] != 0xff &&
	    memcmp(s, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16) != 0);
}

static size_t
toobig4(uint8_t *at, size_t cited, const struct esp_flow *f, unsigned int mtu)
{
	struct wr	 w;
	uint16_t	 sum;
	size_t		 len = 28 + cited;

	w = wr_of(at, 28);
	wr_u8(&w, 0x45);
	wr_u8(&w, 0xc0);		/* network control, as routers do */
	wr_u16(&w, (uint16_t)len);
	wr_u32(&w, 0);			/* id, fragment */
	wr_u8(&w, 64);
	wr_u8(&w, 1);
	wr_u16(&w, 0);
	wr_put(&w, f->dst.a, 4);
	wr_put(&w, f->src.a, 4);
	wr_u8(&w, 3);			/* destination unreachable */
	wr_u8(&w, 4);			/* fragmentation needed */
	wr_u16(&w, 0);
	wr_u16(&w, 0);
	wr_u16(&w, (uint16_t)mtu);
	sum = esp_cksum(at, 20, 0);
	at[10] = (uint8_t)(sum >> 8);
	at[11] = (uint8_t)sum;
	sum = esp_cksum(at + 20, len - 20, 0);
	at[22] = (uint8_t)(sum >> 8);
	at[23] = (uint8_t)sum;
	return (len);
}

static size_t
toobig6(uint8_t *at, size_t cited, const struct esp_flow *f, unsigned int mtu)
{
	struct wr	 w;
	uint32_t	 pseudo;
	uint16_t	 sum;
	size_t		 len = 48 + cited;

	w = wr_of(at, 48);
	wr_u32(&w, 0x60000000);
	wr_u16(&w, (uint16_t)(len - 40));
	wr_u8(&w, 58);
	wr_u8(&w, 64);
	wr_put(&w, f->dst.a, 16);
	wr_put(&w, f->src.a, 16);
	wr_u8(&w, 2);			/* packet too big */
	wr_u8(&w, 0);
	wr_u16(&w, 0);
	wr_u32(&w, mtu);
	/* RFC 8200 section 8.1: addresses, length, next header */
	pseudo = (uint32_t)(uint16_t)~esp_cksum(at + 8, 32, 0) +
	    (uint32_t)(len - 40) + 58;
	sum = esp_cksum(at + 40, len - 40, pseudo);
	at[42] = (uint8_t)(sum >> 8);
	at[43] = (uint8_t)sum;
	return (len);
}

int
esp_icmp_toobig(struct esp *e, struct esp_pkt *p, const struct esp_flow *f,
    unsigned int mtu, uint64_t now)
{
	size_t	 head, cited, max;

	if (!answerable(f))
		return (0);
	if (!rate_ok(e, now)) {
		e->count[EC_ICMP_RATE]++;
		return (0);
	}
	head = f->v == 4 ? 28 : 48;
	max = (f->v == 4 ? (size_t)ICMP4_MAX : (size_t)ICMP6_MAX) - head;
	cited = f->len < max ? f->len : max;
	p->off -= head;
	/* below 1,280 RFC 8200 section 5 wants the number all the same */
	p->len = f->v == 4 ? toobig4(p->buf + p->off, cited, f, mtu) :
	    toobig6(p->buf + p->off, cited, f, mtu);
	p->verdict = ESP_TUN;
	e->count[EC_ICMP]++;
	return (1);
}

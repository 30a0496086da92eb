/* SPDX-License-Identifier: ISC */

/*
 * sk.c: the Encrypted payload, RFC 7296 section 3.14 and RFC 5282.
 *
 *	header ... | generic header | IV | payloads, padding, pad length | ICV
 *	<------- associated data --->     <------- encrypted ---------->
 *
 * The MAC of encrypt-then-MAC covers everything from the first octet of the
 * message to the last encrypted one; crypt.h does that with the same
 * associated data.
 */

#include "payload.h"

static size_t
icvlen(const struct algs *a)
{
	return (a->encr->flags & ALG_AEAD ? a->encr->icvlen :
	    a->integ->icvlen);
}

void
pld_sk_begin(struct pld_out *o, const struct algs *a, const uint8_t *iv)
{
	pld_begin(o, PLD_SK);
	o->sk = o->np;
	wr_put(&o->w, iv, a->encr->ivlen);
}

int
pld_sk_end(struct pld_out *o, const struct algs *a, struct crypt *c)
{
	struct rd	 aad;
	struct wr	 w;
	uint8_t		*text, *icv;
	size_t		 start, n, pad;

	start = o->sk + GEN_LEN + a->encr->ivlen;
	if (wr_end(&o->w))
		return (-1);
	n = o->w.n - start + 1;			/* and the pad length octet */
	pad = (a->encr->blocklen - n % a->encr->blocklen) % a->encr->blocklen;
	wr_zero(&o->w, pad);
	wr_u8(&o->w, (uint8_t)pad);
	n += pad;
	icv = wr_room(&o->w, icvlen(a));
	if (icv == NULL || o->w.n - o->sk > 0xffff)
		return (-1);
	w = wr_of(o->w.p + o->sk + 2, 2);
	wr_u16(&w, (uint16_t)(o->w.n - o->sk));
	if (pld_done(o))
		return (-1);
	text = o->w.p + start;
	aad = rd_of(o->w.p, o->sk + GEN_LEN);
	return (crypt_seal(c, aad, text - a->encr->ivlen, text, n,
	    rd_of(NULL, 0), icv));
}

int
pld_sk_open(uint8_t *msg, size_t len, const struct pld *sk,
    const struct algs *a, struct crypt *c, struct rd *inner)
{
	struct rd	 r = sk->b, text, icv;
	const uint8_t	*iv;
	size_t		 off, n, pad;

	if (rd_take(&r, a->encr->ivlen, &iv) || r.n < icvlen(a) ||
	    rd_sub(&r, r.n - icvlen(a), &text) ||
	    rd_sub(&r, icvlen(a), &icv))
		return (-1);
	/* at least the pad length, whole blocks (N022) */
	if (text.n == 0 ||
	    (!(a->encr->flags & ALG_AEAD) && text.n % a->encr->blocklen != 0))
		return (-1);
	off = (size_t)(text.p - msg);
	n = (size_t)(iv - msg);
	if (off + text.n + icv.n != len)
		return (-1);
	if (crypt_open(c, rd_of(msg, n), iv, msg + off, text.n,
	    rd_of(NULL, 0), icv.p))
		return (-1);
	pad = msg[off + text.n - 1];
	if (pad + 1 > text.n)			/* N023 */
		return (-2);
	*inner = rd_of(msg + off, text.n - pad - 1);
	return (0);
}

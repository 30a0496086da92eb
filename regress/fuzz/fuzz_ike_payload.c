/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ike_payload.c: the chain and every body parser.  First octet: 0 the
 * header and a chain, else the type whose parser gets the rest.
 */

#include <stdlib.h>

#include "payload/payload.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
body(uint8_t type, struct rd b)
{
	static struct pld_sa	 sa;
	struct pld_notify	 n;
	struct pld_delete	 d;
	struct pld_choice	 c;
	struct prop		 p;
	struct ident		 id;
	struct sel		 s[PLD_TS_MAX];
	struct rd		 x;
	const char		*why = NULL;
	char			 text[64];
	size_t			 k;
	uint16_t		 g;
	uint8_t			 m;
	int			 r = 0;

	switch (type) {
	case PLD_SA:
		if ((r = pld_sa(b, &sa, &why)) != 0)
			break;
		memset(&p, 0, sizeof(p));
		p.nencr = p.nprf = p.ndh = p.nesn = 1;
		p.encr[0] = alg_name(ALG_ENCR, "aes-256-gcm")->num;
		p.prf[0] = alg_name(ALG_PRF, "hmac-sha2-256")->num;
		p.dh[0] = alg_name(ALG_DH, "curve25519")->num;
		for (m = SA_IKE; m <= SA_CHILD_DH; m++) {
			/* whatever is chosen is ours */
			if ((pld_choose(&sa, m, &p, 1, 31, 0, &c) == 0 ||
			    pld_accept(&sa, m, &p, 1, 0, &c) == 0) &&
			    c.a.encr->num != p.encr[0])
				abort();
		}
		break;
	case PLD_KE:
		r = pld_ke(b, &g, &x, &why);
		break;
	case PLD_IDI:
	case PLD_IDR:
		if ((r = pld_id(b, &id, &why)) == 0)
			(void)ident_str(&id, text, sizeof(text));
		break;
	case PLD_AUTH:
		r = pld_auth(b, &m, &x, &why);
		break;
	case PLD_NONCE:
		r = pld_nonce(b, &why);
		break;
	case PLD_NOTIFY:
		r = pld_notify(b, &n, &why);
		break;
	case PLD_DELETE:
		r = pld_delete(b, &d, &why);
		break;
	case PLD_TSI:
	case PLD_TSR:
		r = pld_ts(b, s, PLD_TS_MAX, &k, &why);
		break;
	}
	if (r != 0 && why == NULL)
		abort();		/* a refusal says why */
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct plds	 ps;
	struct ike_hdr	 h;
	struct rd	 r = rd_of(p, n);
	const char	*why;
	uint8_t		 type;
	size_t		 i;

	if (rd_u8(&r, &type))
		return (0);
	if (type != 0) {
		body(type, r);
		return (0);
	}
	if (pld_hdr(&r, &h, &why) || pld_walk(r, h.np, &ps, &why))
		return (0);
	for (i = 0; i < ps.n; i++)
		body(ps.p[i].type, ps.p[i].b);
	return (0);
}

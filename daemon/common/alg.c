/* SPDX-License-Identifier: ISC */

/*
 * alg.c: the algorithm table and the proposals made of its rows.
 *
 * To add an algorithm, add a row here, its test vectors to
 * regress/unit/test_crypt.c, and nothing else.
 */

#include "alg.h"
#include "near.h"

#define B	(ALG_IKE | ALG_ESP)	/* both */
#define BD	(B | ALG_DEFAULT)

/*
 * IANA "IKEv2 Parameters"; AES-CBC RFC 3602, AES-GCM RFC 4106 and 5282,
 * ChaCha20-Poly1305 RFC 7634, 3DES RFC 2451, HMAC-SHA2 RFC 4868, HMAC-MD5
 * RFC 2403, MODP RFC 3526 and 2409, ECP RFC 5903, Curve25519 RFC 8031.  HMAC-MD5
 * is here as a PRF (and hash of IKEv1's phase 1) alone.
 */
static const struct alg rows[] = {
/* num type	id bits	name			libcrypto
	key salt iv block icv out	dh	flags	IKEv1 */
 { 1, ALG_ENCR,	20, 256, "aes-256-gcm",		"AES-256-GCM",
	32, 4, 8, 4, 16, 0,		0,	BD | ALG_AEAD,	0, 20 },
 { 2, ALG_ENCR,	20, 128, "aes-128-gcm",		"AES-128-GCM",
	16, 4, 8, 4, 16, 0,		0,	BD | ALG_AEAD,	0, 20 },
 { 3, ALG_ENCR,	28, 0,	"chacha20-poly1305",	"ChaCha20-Poly1305",
	32, 4, 8, 4, 16, 0,		0,	BD | ALG_AEAD,	0, 0 },
 { 4, ALG_ENCR,	12, 256, "aes-256",		"AES-256-CBC",
	32, 0, 16, 16, 0, 0,		0,	BD,	7, 12 },
 { 5, ALG_ENCR,	12, 192, "aes-192",		"AES-192-CBC",
	24, 0, 16, 16, 0, 0,		0,	B,	7, 12 },
 { 6, ALG_ENCR,	12, 128, "aes-128",		"AES-128-CBC",
	16, 0, 16, 16, 0, 0,		0,	B,	7, 12 },
 { 7, ALG_ENCR,	3, 0,	"3des",			"DES-EDE3-CBC",
	24, 0, 8, 8, 0, 0,		0,	B | ALG_WEAK,	5, 3 },

 { 20, ALG_PRF,	5, 0,	"hmac-sha2-256",	"SHA256",
	32, 0, 0, 0, 0, 32,		0,	ALG_IKE | ALG_DEFAULT,	4, 0 },
 { 21, ALG_PRF,	6, 0,	"hmac-sha2-384",	"SHA384",
	48, 0, 0, 0, 0, 48,		0,	ALG_IKE | ALG_DEFAULT,	5, 0 },
 { 22, ALG_PRF,	7, 0,	"hmac-sha2-512",	"SHA512",
	64, 0, 0, 0, 0, 64,		0,	ALG_IKE | ALG_DEFAULT,	6, 0 },
 { 23, ALG_PRF,	2, 0,	"hmac-sha1",		"SHA1",
	20, 0, 0, 0, 0, 20,		0,	ALG_IKE,	2, 0 },
 { 24, ALG_PRF,	1, 0,	"hmac-md5",		"MD5",
	16, 0, 0, 0, 0, 16,		0,	ALG_IKE | ALG_WEAK,	1, 0 },

 { 30, ALG_INTEG, 12, 0, "hmac-sha2-256",	"SHA256",
	32, 0, 0, 0, 16, 32,		0,	BD,	0, 5 },
 { 31, ALG_INTEG, 13, 0, "hmac-sha2-384",	"SHA384",
	48, 0, 0, 0, 24, 48,		0,	B,	0, 6 },
 { 32, ALG_INTEG, 14, 0, "hmac-sha2-512",	"SHA512",
	64, 0, 0, 0, 32, 64,		0,	B,	0, 7 },
 { 33, ALG_INTEG, 2, 0,	"hmac-sha1",		"SHA1",
	20, 0, 0, 0, 12, 20,		0,	B,	0, 2 },

 { 40, ALG_DH,	31, 0,	"curve25519",		"X25519",
	32, 0, 0, 0, 0, 32,		DH_X25519, BD,	31, 0 },
 { 41, ALG_DH,	19, 0,	"ecp256",		"P-256",
	64, 0, 0, 0, 0, 32,		DH_EC,	BD,	19, 0 },
 { 42, ALG_DH,	20, 0,	"ecp384",		"P-384",
	96, 0, 0, 0, 0, 48,		DH_EC,	BD,	20, 0 },
 { 43, ALG_DH,	21, 0,	"ecp521",		"P-521",
	132, 0, 0, 0, 0, 66,		DH_EC,	B,	21, 0 },
 { 44, ALG_DH,	16, 0,	"modp4096",		"modp_4096",
	512, 0, 0, 0, 0, 512,		DH_MODP, BD,	16, 0 },
 { 45, ALG_DH,	15, 0,	"modp3072",		"modp_3072",
	384, 0, 0, 0, 0, 384,		DH_MODP, BD,	15, 0 },
 { 46, ALG_DH,	14, 0,	"modp2048",		"modp_2048",
	256, 0, 0, 0, 0, 256,		DH_MODP, BD,	14, 0 },
 { 47, ALG_DH,	17, 0,	"modp6144",		"modp_6144",
	768, 0, 0, 0, 0, 768,		DH_MODP, B,	17, 0 },
 { 48, ALG_DH,	18, 0,	"modp8192",		"modp_8192",
	1024, 0, 0, 0, 0, 1024,		DH_MODP, B,	18, 0 },
 { 49, ALG_DH,	5, 0,	"modp1536",		"modp_1536",
	192, 0, 0, 0, 0, 192,		DH_MODP, B | ALG_WEAK,	5, 0 },
 { 50, ALG_DH,	2, 0,	"modp1024",		"modp_1024",
	128, 0, 0, 0, 0, 128,		DH_MODP, B | ALG_WEAK,	2, 0 },
};

const struct alg *
alg_rows(size_t *n)
{
	*n = nitems(rows);
	return (rows);
}

const struct alg *
alg_num(uint16_t num)
{
	size_t	 i;

	for (i = 0; i < nitems(rows); i++)
		if (rows[i].num == num)
			return (&rows[i]);
	return (NULL);
}

const struct alg *
alg_wire(uint8_t type, uint16_t id, uint16_t bits)
{
	size_t	 i;

	for (i = 0; i < nitems(rows); i++)
		if (rows[i].type == type && rows[i].id == id &&
		    rows[i].bits == bits)
			return (&rows[i]);
	return (NULL);
}

const struct alg *
alg_v1(uint8_t type, int phase, uint16_t value, uint16_t bits)
{
	size_t	 i;

	for (i = 0; value != 0 && i < nitems(rows); i++)
		if (rows[i].type == type && rows[i].bits == bits &&
		    (phase == 1 || type == ALG_DH ? rows[i].p1 : rows[i].p2) ==
		    value)
			return (&rows[i]);
	return (NULL);
}

const struct alg *
alg_name(uint8_t type, const char *name)
{
	size_t	 i;

	for (i = 0; i < nitems(rows); i++)
		if (rows[i].type == type && strcmp(rows[i].name, name) == 0)
			return (&rows[i]);
	return (NULL);
}

const struct alg *
alg_nearest(uint8_t type, const char *name)
{
	const struct alg	*best = NULL;
	size_t			 d, i, least = SIZE_MAX;

	for (i = 0; i < nitems(rows); i++) {
		if (rows[i].type != type || rows[i].flags & ALG_WEAK)
			continue;
		if ((d = near_distance(name, rows[i].name)) < least) {
			least = d;
			best = &rows[i];
		}
	}
	return (best);
}

const struct alg *
alg_prf_of(const struct alg *integ)
{
	size_t	 i;

	for (i = 0; integ != NULL && i < nitems(rows); i++)
		if (rows[i].type == ALG_PRF &&
		    strcmp(rows[i].ossl, integ->ossl) == 0)
			return (&rows[i]);
	return (NULL);
}

static void
list_put(struct wr *w, const uint16_t *l, uint8_t n)
{
	uint8_t	 i;

	wr_u8(w, n);
	for (i = 0; i < n; i++)
		wr_u16(w, l[i]);
}

/* Every number is a row of that type (or, where allowed, 0). */
static int
list_get(struct rd *r, uint8_t type, int zero, uint16_t *l, uint8_t *n)
{
	const struct alg	*a;
	uint8_t			 i;

	if (rd_u8(r, n) || *n > PROP_ALGMAX)
		return (-1);
	for (i = 0; i < *n; i++) {
		if (rd_u16(r, &l[i]))
			return (-1);
		if (l[i] == 0 && zero)
			continue;
		if ((a = alg_num(l[i])) == NULL || a->type != type)
			return (-1);
	}
	return (0);
}

void
prop_put(struct wr *w, const struct prop *p)
{
	uint8_t	 i;

	list_put(w, p->encr, p->nencr);
	list_put(w, p->prf, p->nprf);
	list_put(w, p->integ, p->ninteg);
	list_put(w, p->dh, p->ndh);
	wr_u8(w, p->nesn);
	for (i = 0; i < p->nesn; i++)
		wr_u8(w, p->esn[i]);
}

int
prop_get(struct rd *r, struct prop *p)
{
	uint8_t	 i;

	memset(p, 0, sizeof(*p));
	if (list_get(r, ALG_ENCR, 0, p->encr, &p->nencr) ||
	    list_get(r, ALG_PRF, 0, p->prf, &p->nprf) ||
	    list_get(r, ALG_INTEG, 0, p->integ, &p->ninteg) ||
	    list_get(r, ALG_DH, 1, p->dh, &p->ndh) ||
	    rd_u8(r, &p->nesn) || p->nesn > nitems(p->esn) ||
	    (p->nencr == 0 && p->ninteg == 0))
		return (-1);
	for (i = 0; i < p->nesn; i++)
		if (rd_u8(r, &p->esn[i]) || p->esn[i] > 1)
			return (-1);
	return (0);
}

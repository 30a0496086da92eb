/* SPDX-License-Identifier: ISC */

/*
 * xfrm_alg.c: rows of the algorithm table as Linux' XFRM calls them.  Keys
 * are laid out as in IKEv2's KEYMAT, the salt last.
 */

#include "xfrm_int.h"

static const struct {
	uint8_t		 type;		/* enum alg_type */
	uint16_t	 id;		/* IKEv2 transform */
	uint8_t		 kind;
	const char	*name;
} names[] = {
	{ ALG_ENCR,	20, XFRM_AEAD,	"rfc4106(gcm(aes))" },
	{ ALG_ENCR,	28, XFRM_AEAD,	"rfc7539esp(chacha20,poly1305)" },
	{ ALG_ENCR,	12, XFRM_CRYPT,	"cbc(aes)" },
	{ ALG_ENCR,	11, XFRM_CRYPT,	"ecb(cipher_null)" },
	{ ALG_ENCR,	3, XFRM_CRYPT,	"cbc(des3_ede)" },
	{ ALG_INTEG,	2, XFRM_AUTH,	"hmac(sha1)" },
	{ ALG_INTEG,	12, XFRM_AUTH,	"hmac(sha256)" },
	{ ALG_INTEG,	13, XFRM_AUTH,	"hmac(sha384)" },
	{ ALG_INTEG,	14, XFRM_AUTH,	"hmac(sha512)" },
	{ ALG_INTEG,	1, XFRM_AUTH,	"hmac(md5)" },
};

const char *
xfrm_alg(const struct alg *a, enum xfrm_algkind *kind)
{
	size_t	 i;

	for (i = 0; a != NULL && i < nitems(names); i++)
		if (names[i].type == a->type && names[i].id == a->id) {
			*kind = (enum xfrm_algkind)names[i].kind;
			return (names[i].name);
		}
	*kind = XFRM_NONE_;
	return (NULL);
}

int
xfrm_can(const struct alg *encr, const struct alg *integ)
{
	enum xfrm_algkind	 k;

	if (encr != NULL && xfrm_alg(encr, &k) == NULL)
		return (0);
	if (encr != NULL && k == XFRM_AEAD)
		return (integ == NULL);
	return (xfrm_alg(integ, &k) != NULL);
}

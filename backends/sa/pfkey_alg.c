/* SPDX-License-Identifier: ISC */

/*
 * pfkey_alg.c: which number each kernel has for an algorithm, and what it can
 * do at all: a table, because no kernel's own list is complete (OpenBSD's
 * leaves out the AEAD ciphers).
 */

#include "config.h"

#include "pfkey_alg.h"

enum {
	NONE = 0xff,			/* this kernel does not have it */
	SHA1_96 = 2			/* transform ID */
};

/*
 * Transform IDs of RFC 7296 and RFC 8247; columns in the order of enum
 * pk_system.  Number 22 is ChaCha20-Poly1305 on OpenBSD and Camellia
 * elsewhere.  af_key has no AEAD, and cuts HMAC-SHA2-256 to 96 bits, which
 * no peer but another af_key understands.
 */
static const struct { uint8_t type; uint16_t id; uint8_t num[4]; } map[] = {
	/*			  OpenBSD FreeBSD NetBSD Linux */
	{ ALG_ENCR, 12,		{ 12,	12,	12,	12 } },	/* AES-CBC */
	{ ALG_ENCR, 13,		{ 13,	13,	13,	13 } },	/* AES-CTR */
	{ ALG_ENCR, 20,		{ 20,	20,	20,	NONE } },	/* GCM-16 */
	{ ALG_ENCR, 28,		{ 22,	15,	NONE,	NONE } },	/* ChaCha */
	{ ALG_INTEG, 2,		{ 3,	3,	3,	3 } },	/* SHA1-96 */
	{ ALG_INTEG, 12,	{ 5,	5,	5,	NONE } },	/* SHA2-256 */
	{ ALG_INTEG, 13,	{ 6,	6,	6,	6 } },	/* SHA2-384 */
	{ ALG_INTEG, 14,	{ 7,	7,	7,	7 } },	/* SHA2-512 */
};

static int
number(enum pk_system sys, const struct alg *a, uint8_t *num)
{
	size_t	 i;

	for (i = 0; i < nitems(map); i++)
		if (map[i].type == a->type && map[i].id == a->id) {
			*num = map[i].num[sys];
			return (*num == NONE ? -1 : 0);
		}
	return (-1);
}

/*
 * AH has no cipher.  af_key makes its header a multiple of 64 bits with IPv4,
 * too, where RFC 4302 section 2.6 has 32: only with HMAC-SHA1-96 is that the
 * same.
 */
static int
number_ah(enum pk_system sys, const struct alg *integ, uint8_t *e, uint8_t *a)
{
	*e = 0;
	if (integ == NULL || number(sys, integ, a) == -1)
		return (-1);
	return (sys == PK_SYS_LINUX && integ->id != SHA1_96 ? -1 : 0);
}

int
pk_alg(enum pk_system sys, const struct alg *encr, const struct alg *integ,
    uint8_t *e, uint8_t *a)
{
	*a = 0;				/* an AEAD has none there */
	if (encr == NULL)
		return (number_ah(sys, integ, e, a));
	if (number(sys, encr, e) == -1)
		return (-1);
	if (encr->flags & ALG_AEAD)
		return (integ == NULL ? 0 : -1);
	return (integ == NULL ? -1 : number(sys, integ, a));
}

const struct sa_caps pk_caps[4] = {
	[PK_SYS_OPENBSD] = PK_CAPS_OPENBSD,
	[PK_SYS_FREEBSD] = PK_CAPS_FREEBSD,
	[PK_SYS_NETBSD] = PK_CAPS_NETBSD,
	[PK_SYS_LINUX] = PK_CAPS_LINUX,
};

static const struct { uint8_t kind; const char *name; } devices[4] = {
	[PK_SYS_OPENBSD] = { IF_SEC, "sec1" },
	[PK_SYS_LINUX] = { IF_XFRM, "xfrm1" },	/* by XFRM, not by PF_KEY */
};

uint8_t
pk_ifkind(enum pk_system sys)
{
	return (devices[sys].kind);
}

const char *
pk_ifname(enum pk_system sys)
{
	return (devices[sys].name);
}

/* What configure found in the headers. */
enum pk_system
pk_here(void)
{
	return (PFKEY_SYSTEM);
}

/* SPDX-License-Identifier: ISC */

/*
 * im_alg.c: one word of an ike= or esp= line.  All three have their own
 * spellings for the same algorithms; what a word is decides, not where it
 * stands.
 */

#include <ctype.h>

#include "alg.h"
#include "im_int.h"

enum { WORD = 48 };

struct row {
	const char	*word;		/* lower case, without _ */
	uint8_t		 kind;
	const char	*name;
};

static const struct row rows[] = {
	{ "3des", ALT_ENC, "3des" }, { "3descbc", ALT_ENC, "3des" },
	{ "chacha20poly1305", ALT_ENC, "chacha20-poly1305" },
	{ "chacha20", ALT_ENC, "chacha20-poly1305" },
	{ "chacha20poly1305compat", ALT_ENC, NULL },
	{ "md5", ALT_AUTH, "hmac-md5" }, { "hmacmd5", ALT_AUTH, "hmac-md5" },
	{ "md596", ALT_AUTH, "hmac-md5" },
	{ "sha", ALT_AUTH, "hmac-sha1" }, { "sha1", ALT_AUTH, "hmac-sha1" },
	{ "hmacsha1", ALT_AUTH, "hmac-sha1" },
	{ "sha196", ALT_AUTH, "hmac-sha1" },
	{ "sha2", ALT_AUTH, "hmac-sha2-256" },
	{ "sha256", ALT_AUTH, "hmac-sha2-256" },
	{ "sha2256", ALT_AUTH, "hmac-sha2-256" },
	{ "hmacsha2256", ALT_AUTH, "hmac-sha2-256" },
	{ "hmacsha256", ALT_AUTH, "hmac-sha2-256" },
	{ "sha2256128", ALT_AUTH, "hmac-sha2-256" },
	{ "sha256128", ALT_AUTH, "hmac-sha2-256" },
	{ "sha384", ALT_AUTH, "hmac-sha2-384" },
	{ "sha2384", ALT_AUTH, "hmac-sha2-384" },
	{ "hmacsha2384", ALT_AUTH, "hmac-sha2-384" },
	{ "sha512", ALT_AUTH, "hmac-sha2-512" },
	{ "sha2512", ALT_AUTH, "hmac-sha2-512" },
	{ "hmacsha2512", ALT_AUTH, "hmac-sha2-512" },
	{ "sha25696", ALT_AUTH, NULL }, { "aesxcbc", ALT_AUTH, NULL },
	{ "aescmac", ALT_AUTH, NULL }, { "aescmac96", ALT_AUTH, NULL },
	{ "sha1160", ALT_AUTH, NULL }, { "md5128", ALT_AUTH, NULL },
	{ "sha3256", ALT_AUTH, NULL }, { "sha3384", ALT_AUTH, NULL },
	{ "sha3512", ALT_AUTH, NULL },
	{ "prfmd5", ALT_PRF, "hmac-md5" }, { "prfsha1", ALT_PRF, "hmac-sha1" },
	{ "prfsha256", ALT_PRF, "hmac-sha2-256" },
	{ "prfsha2256", ALT_PRF, "hmac-sha2-256" },
	{ "prfsha384", ALT_PRF, "hmac-sha2-384" },
	{ "prfsha512", ALT_PRF, "hmac-sha2-512" },
	{ "prfaesxcbc", ALT_PRF, NULL }, { "prfaescmac", ALT_PRF, NULL },
	{ "modp1024", ALT_GROUP, "modp1024" }, { "dh2", ALT_GROUP, "modp1024" },
	{ "modp1536", ALT_GROUP, "modp1536" }, { "dh5", ALT_GROUP, "modp1536" },
	{ "modp2048", ALT_GROUP, "modp2048" }, { "dh14", ALT_GROUP, "modp2048" },
	{ "modp3072", ALT_GROUP, "modp3072" }, { "dh15", ALT_GROUP, "modp3072" },
	{ "modp4096", ALT_GROUP, "modp4096" }, { "dh16", ALT_GROUP, "modp4096" },
	{ "modp6144", ALT_GROUP, "modp6144" }, { "dh17", ALT_GROUP, "modp6144" },
	{ "modp8192", ALT_GROUP, "modp8192" }, { "dh18", ALT_GROUP, "modp8192" },
	{ "ecp256", ALT_GROUP, "ecp256" }, { "dh19", ALT_GROUP, "ecp256" },
	{ "ecp384", ALT_GROUP, "ecp384" }, { "dh20", ALT_GROUP, "ecp384" },
	{ "ecp521", ALT_GROUP, "ecp521" }, { "dh21", ALT_GROUP, "ecp521" },
	{ "curve25519", ALT_GROUP, "curve25519" },
	{ "x25519", ALT_GROUP, "curve25519" },
	{ "dh31", ALT_GROUP, "curve25519" },
	{ "modpnone", ALT_GROUP, "none" },
	{ "modp2048s256", ALT_GROUP, NULL }, { "dh24", ALT_GROUP, NULL },
	{ "modp2048s224", ALT_GROUP, NULL }, { "ecp192", ALT_GROUP, NULL },
	{ "ecp224", ALT_GROUP, NULL }, { "ecp224bp", ALT_GROUP, NULL },
	{ "ecp256bp", ALT_GROUP, NULL }, { "ecp384bp", ALT_GROUP, NULL },
	{ "ecp512bp", ALT_GROUP, NULL }, { "curve448", ALT_GROUP, NULL },
	{ "x448", ALT_GROUP, NULL }
};

static const struct { const char *word; uint8_t kind; const char *why; }
    broken[] = {
	{ "des", ALT_ENC, "a key of 56 bits is found in a day" },
	{ "null", ALT_ENC, "it does not encrypt" },
	{ "nullauthaesgmac", ALT_ENC, "it does not encrypt" },
	{ "aesgmac", ALT_ENC, "it does not encrypt" },
	{ "aes128gmac", ALT_ENC, "it does not encrypt" },
	{ "aes256gmac", ALT_ENC, "it does not encrypt" },
	{ "blowfish", ALT_ENC, "its 64 bit blocks leak after 32 GiB" },
	{ "blowfish128", ALT_ENC, "its 64 bit blocks leak after 32 GiB" },
	{ "blowfish256", ALT_ENC, "its 64 bit blocks leak after 32 GiB" },
	{ "cast128", ALT_ENC, "its 64 bit blocks leak after 32 GiB" },
	{ "idea", ALT_ENC, "nobody maintains it" },
	{ "ripemd", ALT_AUTH, "nobody maintains it" },
	{ "modp768", ALT_GROUP, "one PC breaks it in hours" },
	{ "dh1", ALT_GROUP, "one PC breaks it in hours" },
	{ "modp1024s160", ALT_GROUP, "its small subgroup is unsafe" },
	{ "dh22", ALT_GROUP, "its small subgroup is unsafe" },
	{ "dh23", ALT_GROUP, "its small subgroup is unsafe" }
};

/* Ciphers that are there, elsewhere: their names begin so. */
static const char *const unbuilt[] = { "camellia", "serpent", "twofish",
    "aesctr", "aesccm", "aes128ctr", "aes192ctr", "aes256ctr", "aes128ccm",
    "aes192ccm", "aes256ccm" };

static int
number(const char **p)
{
	int	 n = 0;

	while (isdigit((unsigned char)**p) && n < 1000)
		n = n * 10 + *(*p)++ - '0';
	return (n);
}

static const char *
cbc(int bits)
{
	return (bits == 256 ? "aes-256" : bits == 192 ? "aes-192" :
	    bits == 128 ? "aes-128" : NULL);
}

/*
 * aes, aes256, aes256gcm16, aesgcm256, aesgcmc, aesgcm16 (and a key length
 * behind): strongSwan writes the key before the mode, the others behind.
 */
static int
aes(const char *u, int more, enum im_flavour fl, struct im_word *w, int *used)
{
	const char	*p = u + 3;
	int		 bits, icv = 16, n;

	w->kind = ALT_ENC;
	bits = number(&p);
	if (strncmp(p, "cbc", 3) == 0) {
		p += 3;
		if (bits == 0)
			bits = number(&p);
	} else if (strncmp(p, "gcm", 3) == 0) {
		p += 3;
		w->aead = 1;
		if (*p == 'a' || *p == 'b' || *p == 'c')
			icv = *p == 'a' ? 8 : *p == 'b' ? 12 : 16, p++;
		else if (isdigit((unsigned char)*p)) {
			n = number(&p);
			if (n == 8 || n == 12 || n == 16)
				icv = n;
			else if (bits != 0 && (n == 64 || n == 96 || n == 128))
				icv = n / 8;
			else
				bits = n;
		}
		if (bits == 0)
			bits = number(&p);
	}
	if (*p != '\0')
		return (-1);
	if (bits == 0 && more != 0) {
		*used = 1;
		/* openswan counts the four octets of salt */
		bits = w->aead && (more == 160 || more == 224 || more == 288) ?
		    more - 32 : more;
	}
	w->class = C_GOOD;
	if (bits == 0 && (fl == IM_LIBRESWAN || w->aead)) {
		w->name = w->aead ? "aes-256-gcm" : "aes-256";
		w->also = w->aead ? "aes-128-gcm" : "aes-128";
	} else if (bits == 0)
		w->name = "aes-128";
	else if (!w->aead)
		w->name = cbc(bits);
	else
		w->name = bits == 256 ? "aes-256-gcm" : bits == 128 ?
		    "aes-128-gcm" : NULL;
	if (w->name == NULL || icv != 16)
		w->class = C_UNBUILT;
	return (bits == 0 || bits == 128 || bits == 192 || bits == 256 ?
	    0 : -1);
}

static void
rate(struct im_word *w, int ike)
{
	const char	*n = w->name;

	if (strcmp(n, "hmac-md5") == 0) {
		w->class = ike ? C_WEAK : C_BROKEN;
		w->why = "MD5 is broken";
	} else if (strcmp(n, "3des") == 0 || strcmp(n, "modp1024") == 0 ||
	    strcmp(n, "modp1536") == 0)
		w->class = C_WEAK;
	else
		w->class = strcmp(n, "hmac-sha1") == 0 ? C_AGEING : C_GOOD;
	w->aead |= strcmp(n, "chacha20-poly1305") == 0;
}

static int
known(const char *u, struct im_word *w, int ike)
{
	size_t	 i;

	for (i = 0; i < nitems(broken); i++)
		if (strcmp(broken[i].word, u) == 0) {
			w->kind = broken[i].kind;
			w->class = C_BROKEN;
			w->why = broken[i].why;
			return (1);
		}
	for (i = 0; i < nitems(rows); i++)
		if (strcmp(rows[i].word, u) == 0) {
			w->kind = rows[i].kind;
			w->name = rows[i].name;
			if (w->name == NULL)
				w->class = C_UNBUILT;
			else
				rate(w, ike);
			return (1);
		}
	for (i = 0; i < nitems(unbuilt); i++)
		if (strncmp(unbuilt[i], u, strlen(unbuilt[i])) == 0) {
			w->kind = ALT_ENC;
			w->class = C_UNBUILT;
			return (1);
		}
	return (0);
}

void
im_alg(const char *word, const char *next, enum im_flavour fl, int ike,
    struct im_word *w, int *used)
{
	static const char *const tags[] = { "ke=", "integ=", "dh=", "encr=" };
	char		 u[WORD];
	const char	*p;
	size_t		 i, n = 0;
	int		 more = 0, prf;

	memset(w, 0, sizeof(*w));
	*used = 0;
	for (i = 0; i < nitems(tags); i++)
		if (strncmp(word, tags[i], strlen(tags[i])) == 0)
			word += strlen(tags[i]);
	prf = strncmp(word, "prf=", 4) == 0;
	word += prf ? 4 : 0;
	for (p = word; *p != '\0' && n < sizeof(u) - 1; p++)
		if (*p != '_')
			u[n++] = (char)tolower((unsigned char)*p);
	u[n] = '\0';
	if (next != NULL && *next != '\0' &&
	    next[strspn(next, "0123456789")] == '\0' && strlen(next) <= 3)
		more = number(&next);
	w->class = C_UNKNOWN;
	if (strcmp(u, "none") == 0 || strcmp(u, "poly1305") == 0 ||
	    strncmp(u, "addke", 5) == 0 || (strncmp(u, "ke", 2) == 0 &&
	    isdigit((unsigned char)u[2])) || strncmp(u, "mlkem", 5) == 0)
		w->class = C_SKIP;
	else if (!known(u, w, ike) && strncmp(u, "aes", 3) == 0 &&
	    aes(u, more, fl, w, used) == -1)
		w->class = C_UNKNOWN;
	if (prf)
		w->kind = ALT_PRF;
}

/* SPDX-License-Identifier: ISC */

/*
 * bench_crypt.c: nanoseconds a packet (seal, open; 64 and 1,400 octets) of
 * each cipher, and Diffie-Hellman operations a second of each group.
 *
 *	make bench_crypt && ./bench_crypt [milliseconds for each figure]
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypt.h"
#include "crypt_dh.h"

static double	limit = 0.2;		/* seconds for each figure */

/* CPU time: others may use the machine meanwhile. */
static double
now(void)
{
	struct timespec	 t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* Nanoseconds of one seal, or of one open. */
static double
packet(const struct alg *a, const struct alg *integ, size_t n, int seal)
{
	static uint8_t	 p[2048], q[2048];
	struct crypt	*s, *o;
	struct rd	 aad, none = rd_of(NULL, 0);
	uint8_t		 ek[ALG_KEYMAX] = { 1 }, ik[ALG_KEYMAX] = { 2 },
			 iv[16] = { 3 }, icv[32], hdr[8] = { 4 };
	double		 start, end;
	unsigned long	 i, runs = 0;

	n -= n % a->blocklen;
	aad = rd_of(hdr, sizeof(hdr));
	s = crypt_new(a, integ, ek, ik, 1);
	o = crypt_new(a, integ, ek, ik, 0);
	if (s == NULL || o == NULL ||
	    crypt_seal(s, aad, iv, p, n, none, icv))
		errx(1, "%s", a->name);
	memcpy(q, p, n);
	start = now();
	do {
		for (i = 0; i < 256; i++) {
			iv[0]++;
			if (seal) {
				if (crypt_seal(s, aad, iv, p, n, none, icv))
					errx(1, "seal");
				continue;
			}
			iv[0]--;
			memcpy(p, q, n);
			if (crypt_open(o, aad, iv, p, n, none, icv))
				errx(1, "open");
		}
		runs += i;
		end = now();
	} while (end - start < limit);
	crypt_free(s);
	crypt_free(o);
	return ((end - start) / (double)runs * 1e9);
}

/* Operations a second: a fresh public value, or a shared secret. */
static double
dh(const struct alg *a, int shared)
{
	uint8_t		 priv[DH_PRIVMAX], ke[ALG_DHMAX], z[ALG_DHMAX];
	double		 start, end;
	unsigned long	 runs = 0;

	memset(priv, 0x5a, sizeof(priv));
	if (crypt_dh_public(a, priv, ke))
		errx(1, "%s", a->name);
	start = now();
	do {
		priv[1]++;
		if (shared ? crypt_dh_shared(a, priv, rd_of(ke, a->keylen), z) :
		    crypt_dh_public(a, priv, z))
			errx(1, "%s", a->name);
		runs++;
		end = now();
	} while (end - start < limit);
	return ((double)runs / (end - start));
}

static void
ciphers(const struct alg *rows, size_t n)
{
	const struct alg	*e, *i, *integ;

	printf("%-34s %10s %10s %10s %10s   ns a packet\n", "cipher", "seal 64",
	    "open 64", "seal 1400", "open 1400");
	for (e = rows; e < rows + n; e++) {
		if (e->type != ALG_ENCR)
			continue;
		for (i = rows; i < rows + n; i++) {
			integ = e->flags & ALG_AEAD ? NULL : i;
			if (integ != NULL && integ->type != ALG_INTEG)
				continue;
			printf("%-18s %-15s %10.0f %10.0f %10.0f %10.0f\n",
			    e->name, integ != NULL ? integ->name : "",
			    packet(e, integ, 64, 1), packet(e, integ, 64, 0),
			    packet(e, integ, 1400, 1),
			    packet(e, integ, 1400, 0));
			if (integ == NULL)
				break;
		}
	}
}

int
main(int argc, char **argv)
{
	const struct alg	*rows;
	double			 start;
	size_t			 i, n;
	int			 works;

	if (argc > 1)
		limit = strtod(argv[1], NULL) / 1000;
	start = now();
	works = crypt_warmup();
	printf("self-test: %d rows, %.1f ms\n\n", works,
	    (now() - start) * 1000);
	rows = alg_rows(&n);
	ciphers(rows, n);
	printf("\n%-14s %12s %12s   operations a second\n", "group",
	    "key pair", "secret");
	for (i = 0; i < n; i++)
		if (rows[i].type == ALG_DH)
			printf("%-14s %12.0f %12.0f\n", rows[i].name,
			    dh(&rows[i], 0), dh(&rows[i], 1));
	return (0);
}

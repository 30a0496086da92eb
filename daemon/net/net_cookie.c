/* SPDX-License-Identifier: ISC */

/*
 * net_cookie.c: cookies, RFC 7296 section 2.6.
 *
 *	cookie = minute (low octet) | HMAC-SHA-256(secret,
 *		     minute | IPi | port | SPIi)
 *
 * Ni of the RFC's example is left out: finding it would mean to walk the
 * payloads of a stranger.  SPIi and the port stand for it.  A secret serves
 * two minutes; a cookie is good in its minute and in the next one, so the
 * last secret is kept beside the present one.
 */

#include "crypt.h"
#include "net_int.h"

enum {
	MINUTE = 60000, NP_NOTIFY = 41, N_COOKIE = 16390,
	EXCH_SA_INIT = 34, FLAG_RESPONSE = 0x20, IKE_VERSION = 0x20
};

void
cookie_tick(struct cookie_jar *j, const struct role_io *io, uint64_t now)
{
	uint64_t	 gen = now / MINUTE / 2 + 1;	/* 0: none yet */
	size_t		 i = gen & 1;

	if (j->gen[i] == gen)
		return;
	io->random(io->arg, j->secret[i], sizeof(j->secret[i]));
	j->gen[i] = gen;
	if (j->gen[!i] + 1 != gen) {		/* we slept: nothing is older */
		io->random(io->arg, j->secret[!i], sizeof(j->secret[!i]));
		j->gen[!i] = gen - 1;
	}
}

/* The MAC for a given minute; -1 if its secret is gone. */
static int
cookie_mac(const struct cookie_jar *j, const struct addr *a,
    const uint8_t *spi_i, uint64_t minute, uint8_t *out)
{
	uint64_t	 gen = minute / 2 + 1;
	uint8_t		 b[64];
	struct wr	 w = wr_of(b, sizeof(b));
	struct rd	 in;

	if (j->gen[gen & 1] != gen)
		return (-1);
	wr_u64(&w, minute);
	wr_u8(&w, a->af);
	wr_put(&w, a->a, sizeof(a->a));
	wr_u16(&w, a->port);
	wr_put(&w, spi_i, 8);
	if (wr_end(&w))
		return (-1);
	in = rd_of(b, w.n);
	return (hmac256(rd_of(j->secret[gen & 1], COOKIE_SECRET), &in, 1, out));
}

int
cookie_make(const struct cookie_jar *j, const struct addr *a,
    const uint8_t *spi_i, uint64_t now, uint8_t *out)
{
	out[0] = (uint8_t)(now / MINUTE);
	return (cookie_mac(j, a, spi_i, now / MINUTE, out + 1));
}

int
cookie_check(const struct cookie_jar *j, const struct addr *a, struct rd m,
    uint64_t now)
{
	const uint8_t	*spi_i, *cookie;
	uint8_t		 want[COOKIE_LEN - 1], np, skip, proto, spisize;
	uint64_t	 minute = now / MINUTE;
	uint16_t	 len, type;

	if (rd_take(&m, 8, &spi_i) || rd_skip(&m, 8) || rd_u8(&m, &np) ||
	    rd_skip(&m, 11) || np != NP_NOTIFY)
		return (0);
	if (rd_u8(&m, &np) || rd_u8(&m, &skip) || rd_u16(&m, &len) ||
	    rd_u8(&m, &proto) || rd_u8(&m, &spisize) || rd_u16(&m, &type) ||
	    type != N_COOKIE)
		return (0);
	if (spisize != 0 || len != 8 + COOKIE_LEN ||
	    rd_take(&m, COOKIE_LEN, &cookie))
		return (-1);
	if (cookie[0] != (uint8_t)minute) {
		if (minute == 0 || cookie[0] != (uint8_t)(minute - 1))
			return (-1);
		minute--;
	}
	if (cookie_mac(j, a, spi_i, minute, want) == -1)
		return (-1);
	return (ct_equal(rd_of(cookie + 1, sizeof(want)),
	    rd_of(want, sizeof(want))) ? 1 : -1);
}

/*
 * HDR(SPIi, 0), N(COOKIE): message id 0, RFC 7296 section 2.6.  The answer
 * is the same length whatever came, and is never sent a second time.
 */
int
cookie_reply(const struct cookie_jar *j, const struct addr *a, struct rd m,
    uint64_t now, uint8_t *out)
{
	struct wr	 w = wr_of(out, COOKIE_REPLY);
	const uint8_t	*spi_i;
	uint8_t		*cookie;

	if (rd_take(&m, 8, &spi_i))
		return (-1);
	wr_put(&w, spi_i, 8);
	wr_zero(&w, 8);
	wr_u8(&w, NP_NOTIFY);
	wr_u8(&w, IKE_VERSION);
	wr_u8(&w, EXCH_SA_INIT);
	wr_u8(&w, FLAG_RESPONSE);
	wr_u32(&w, 0);
	wr_u32(&w, COOKIE_REPLY);
	wr_u16(&w, 0);			/* last payload, not critical */
	wr_u16(&w, 8 + COOKIE_LEN);
	wr_u16(&w, 0);			/* no protocol, no SPI */
	wr_u16(&w, N_COOKIE);
	if ((cookie = wr_room(&w, COOKIE_LEN)) == NULL || wr_end(&w))
		return (-1);
	return (cookie_make(j, a, spi_i, now, cookie));
}

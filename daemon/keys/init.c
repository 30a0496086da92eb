/* SPDX-License-Identifier: ISC */

/* init.c: find nonce and KE data in an IKE_SA_INIT message; see init.h. */

#include "init.h"

enum {
	PLD_NONE = 0, PLD_KE = 34, PLD_NONCE = 40,
	EXCH_SA_INIT = 34, IKE_MAJOR = 2,
	FLAG_INITIATOR = 0x08, FLAG_RESPONSE = 0x20
};

/* The header, RFC 7296 section 3.1; *next is the type of the first payload. */
static int WUR
header(struct rd *r, size_t whole, int response, struct keys_init *v,
    uint8_t *next)
{
	uint32_t	 id, len;
	uint8_t		 version, exch, flags, want;

	if (rd_sub(r, 8, &v->spi_i) || rd_sub(r, 8, &v->spi_r) ||
	    rd_u8(r, next) || rd_u8(r, &version) || rd_u8(r, &exch) ||
	    rd_u8(r, &flags) || rd_u32(r, &id) || rd_u32(r, &len))
		return (-1);
	want = response ? FLAG_RESPONSE : FLAG_INITIATOR;
	if (version >> 4 != IKE_MAJOR || exch != EXCH_SA_INIT ||
	    (flags & (FLAG_INITIATOR | FLAG_RESPONSE)) != want || id != 0 ||
	    len != whole)
		return (-1);
	return (0);
}

/* KE data behind group and reserved, RFC 7296 section 3.4; only one. */
static int WUR
ke_body(struct rd b, struct keys_init *v)
{
	if (v->ke.p != NULL || rd_u16(&b, &v->group) || rd_skip(&b, 2) ||
	    b.n == 0)
		return (-1);
	v->ke = b;
	return (0);
}

static int WUR
nonce_body(struct rd b, struct keys_init *v)
{
	if (v->nonce.p != NULL || b.n < 16 || b.n > 256)
		return (-1);
	v->nonce = b;
	return (0);
}

int
keys_init_parse(struct rd m, int response, struct keys_init *v)
{
	struct rd	 b;
	uint16_t	 len;
	uint8_t		 type, next, crit;
	int		 i;

	memset(v, 0, sizeof(*v));
	if (header(&m, m.n, response, v, &next))
		return (-1);
	for (i = 0; i < INIT_PAYLOADS && next != PLD_NONE; i++) {
		type = next;
		if (rd_u8(&m, &next) || rd_u8(&m, &crit) ||
		    rd_u16(&m, &len) || len < 4 ||
		    rd_sub(&m, (size_t)len - 4, &b))
			return (-1);
		if (type == PLD_KE && ke_body(b, v))
			return (-1);
		if (type == PLD_NONCE && nonce_body(b, v))
			return (-1);
	}
	if (next != PLD_NONE || v->ke.p == NULL || v->nonce.p == NULL)
		return (-1);
	return (rd_end(&m));
}

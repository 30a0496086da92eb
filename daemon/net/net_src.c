/* SPDX-License-Identifier: ISC */

/*
 * net_src.c: a table of sources in fixed memory.  A source that does not
 * fit takes the place of the one in its set that was silent for longest.
 * IPv4 counts by address, IPv6 by /64: who has one has all of it.
 */

#include "net_int.h"

int
bucket_take(struct bucket *b, uint32_t rate, uint32_t burst, uint64_t now)
{
	uint64_t	 have = b->milli, full = (uint64_t)burst * 1000;

	if (b->at == 0 || now - b->at >= full / rate + 1)
		have = full;
	else
		have += (now - b->at) * rate;
	if (have > full)
		have = full;
	b->at = now > 0 ? now : 1;
	if (have < 1000) {
		b->milli = (uint32_t)have;
		return (0);
	}
	b->milli = (uint32_t)(have - 1000);
	return (1);
}

static uint64_t
rotl(uint64_t x, int n)
{
	return (x << n | x >> (64 - n));
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1]; v[1] = rotl(v[1], 13) ^ v[0]; v[0] = rotl(v[0], 32);
	v[2] += v[3]; v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3]; v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1]; v[1] = rotl(v[1], 17) ^ v[2]; v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 of two words, so that nobody can choose a set to crowd. */
static uint64_t
src_hash(const uint8_t secret[16], const uint64_t key[2])
{
	uint64_t	 k[2], v[4];
	int		 i;

	memcpy(k, secret, sizeof(k));
	v[0] = k[0] ^ 0x736f6d6570736575;
	v[1] = k[1] ^ 0x646f72616e646f6d;
	v[2] = k[0] ^ 0x6c7967656e657261;
	v[3] = k[1] ^ 0x7465646279746573;
	for (i = 0; i < 2; i++) {
		v[3] ^= key[i];
		sip_round(v);
		v[0] ^= key[i];
	}
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]);
}

struct src *
src_get(struct src_tab *t, const struct addr *a, uint64_t now)
{
	struct src	*set, *oldest;
	uint64_t	 key[2];
	size_t		 i;

	memset(key, 0, sizeof(key));
	memcpy(key, a->a, a->af == 6 ? 8 : 4);
	key[1] = a->af;
	set = t->s[src_hash(t->secret, key) % SRC_SETS];
	oldest = &set[0];
	for (i = 0; i < SRC_WAYS; i++) {
		if (set[i].af == a->af &&
		    memcmp(set[i].key, key, sizeof(key)) == 0) {
			set[i].used = now;
			return (&set[i]);
		}
		if (oldest->af != 0 && (set[i].af == 0 ||
		    set[i].used < oldest->used))
			oldest = &set[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->key, key, sizeof(key));
	oldest->af = a->af;
	oldest->used = now;
	return (oldest);
}

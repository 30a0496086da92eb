/* SPDX-License-Identifier: ISC */

/*
 * fuzz_sad_ipc.c: frames into s2sd-sad: sequences of (kind, length, body)
 * from every neighbour, also requests whose keys are right and whose `sa'
 * is not.  Whatever was installed must be of a configured tunnel.
 */

#include <stdlib.h>

#include "../../daemon/sad/local.h"
#include "../unit/espkit.h"

static struct kit	 k;
static struct tunnel	 t[2];

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct { uint32_t type; enum proc from; } kind[] = {
	{ M_S_PAIR, PROC_KEYS }, { M_S_DELETE, PROC_IKE },
	{ M_S_MOVE, PROC_IKE }, { M_S_QUERY, PROC_CTL },
	{ M_S_KEEP, PROC_IKE }, { M_S_KEEP_END, PROC_IKE },
	{ M_E_DONE, PROC_ESP }, { M_E_COUNTERS, PROC_ESP },
	{ M_E_ACQUIRE, PROC_ESP }, { M_E_EXPIRE, PROC_ESP },
	{ M_E_MOVED, PROC_ESP }, { M_E_LISTED, PROC_ESP },
	{ M_E_LIST_END, PROC_ESP }, { M_S_PAIR, PROC_IKE },
};

static void
init(void)
{
	if (crypt_warmup() == -1)
		abort();
	kit_tunnel(&t[0], 1, "a", "192.0.2.1", "192.0.2.2", "10.1.3.0/24",
	    "10.1.4.0/24");
	kit_tunnel(&t[1], 2, "b", "192.0.2.1", "192.0.2.3", "fd01::/64",
	    "fd02::/64");
	t[1].flags |= TUN_PEERANY;
}

/* Right keys around octets that s2sd-ike made. */
static void
pair(uint32_t tunnel, const uint8_t *d, size_t n)
{
	struct m_s_pair	 m;

	memset(&m, 0, sizeof(m));
	m.encr = 1;
	kit_key(&m.ein, 36, 1);
	kit_key(&m.eout, 36, 2);
	m.sa = rd_of(d, n);
	if (kit_send(&k, PROC_KEYS, M_S_PAIR, 1, tunnel, &m) == -1)
		abort();		/* s2sd-keys must not be blamed */
}

static void
check(void)
{
	struct sad		*s = k.self;
	struct sad_entry	*e;
	size_t			 i, j;

	for (i = 0; i < SAD_BUCKETS; i++)
		for (e = s->by_child[i]; e != NULL; e = e->next_child) {
			if (e->tunnel != 1 && e->tunnel != 2)
				abort();
			for (j = 0; j < e->npair; j++)
				if (!sel_in(&e->pair[j].remote,
				    &t[e->tunnel - 1].pair[0].remote))
					abort();
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t n)
{
	struct rd	 r = rd_of(d, n), body;
	uint8_t		 what, tunnel;
	uint16_t	 len;

	if (t[0].id == 0)
		init();
	kit_new(&k, &role_sad);
	kit_conf(&k, t, nitems(t));
	role_sad.go(k.self, k.now);
	while (rd_u8(&r, &what) == 0 && rd_u8(&r, &tunnel) == 0 &&
	    rd_u16(&r, &len) == 0) {
		if (len > r.n)
			len = (uint16_t)r.n;
		if (rd_sub(&r, len, &body) == -1)
			abort();
		/* an answer to the latest request is the interesting one */
		if (what & 0x80)
			pair(tunnel & 3, body.p, body.n < 5000 ? body.n : 0);
		else
			(void)kit_raw(&k, kind[what % nitems(kind)].from,
			    kind[what % nitems(kind)].type,
			    what & 0x40 ? tunnel >> 2 :
			    ((struct sad *)k.self)->next_id, tunnel & 3,
			    body.p, body.n);
		k.now += 777;
		(void)role_sad.tick(k.self, k.now);
		if (what == 0x3f)
			role_sad.died(k.self, (enum proc)(tunnel % PROC_MAX),
			    k.now);
		kit_forget(&k);
		check();
	}
	kit_free(&k);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * fuzz_esp_in.c: datagrams into s2sd-esp.  The first octet says how the rest
 * is used: as it is; behind the SPI and a new number of a real SA; or as the
 * plaintext that the peer's SA seals, so that what lies behind the ICV is
 * reached.  What is delivered must be a whole packet of the selectors.
 */

#include <stdlib.h>

#include "../unit/espkit.h"

static const char *const combo[][2] = {
	{ "aes-256-gcm", NULL }, { "chacha20-poly1305", NULL },
	{ "aes-128", "hmac-sha1" }, { "aes-256", "hmac-sha2-256" }
};

static struct kit	 a, b;
static struct tunnel	 ta, tb;
static uint64_t		 seq;

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
both_up(uint32_t child, int esn)
{
	struct m_e_pair	 m;
	uint8_t		 buf[5000];

	kit_e_pair(&m, &ta, child, combo[child % 4][0], combo[child % 4][1],
	    0, buf, sizeof(buf));
	m.esn = (uint8_t)esn;
	if (kit_send(&a, PROC_SAD, M_E_PAIR, 1, 7, &m) == -1)
		abort();
	kit_e_pair(&m, &tb, child, combo[child % 4][0], combo[child % 4][1],
	    1, buf, sizeof(buf));
	m.esn = (uint8_t)esn;
	if (kit_send(&b, PROC_SAD, M_E_PAIR, 1, 9, &m) == -1 ||
	    esp_sa_child(b.self, child) == NULL)
		abort();
}

static void
init(void)
{
	uint32_t	 child;

	if (crypt_warmup() == -1)
		abort();
	kit_new(&a, &role_esp);
	kit_new(&b, &role_esp);
	kit_tunnel(&ta, 7, "a", "192.168.1.3", "192.168.1.4", "10.1.3.0/24",
	    "10.1.4.0/24");
	kit_tunnel(&tb, 9, "b", "192.168.1.4", "192.168.1.3", "10.1.4.0/24",
	    "10.1.3.0/24");
	kit_pair_add(&ta, "fd01::/64", "fd02::/64");
	kit_pair_add(&tb, "fd02::/64", "fd01::/64");
	kit_conf(&a, &ta, 1);
	kit_conf(&b, &tb, 1);
	for (child = 8; child < 16; child++)
		both_up(child, child >= 12);
	kit_forget(&a);
	kit_forget(&b);
}

/* What came out must be what the SA is for. */
static void
judge(const struct kit_pkt *k)
{
	const struct esp_sa	*sa = esp_sa_child(b.self, 8);
	struct esp_flow		 f;
	size_t			 i;

	switch (k->p.verdict) {
	case ESP_DROP:
	case ESP_IKE:
		return;
	case ESP_TUN:
		break;
	default:
		abort();
	}
	if (esp_inner(rd_of(k->room + k->p.off, k->p.len), &f) == -1 ||
	    f.len != k->p.len)
		abort();
	for (i = 0; i < sa->npair; i++)
		if (esp_flow_in(&sa->pair[i], &f, 0))
			return;
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t n)
{
	static struct kit_pkt	 k;
	struct esp_sa		*sa;
	struct wr		 w;
	uint8_t			 how, plain[2048];

	if (a.role == NULL)
		init();
	if (n < 1 || n > 2000)
		return (0);
	how = d[0];
	d++;
	n--;
	sa = esp_sa_child(a.self, 8 + (how >> 2) % 8);
	switch (how & 3) {
	case 0:
		kit_dgram(&k, d, n, &sa->remote, &sa->local);
		break;
	case 1:
		w = wr_of(plain, sizeof(plain));
		wr_u32(&w, sa->spi_out);
		wr_u32(&w, (uint32_t)++seq);
		wr_put(&w, d, n);
		kit_dgram(&k, plain, w.n, &sa->remote, &sa->local);
		break;
	case 2:					/* whole, trailer included */
		memcpy(plain, d, n);
		while (n % sa->blocklen != 0)
			plain[n++] = 0;
		kit_seal(&k, sa, ++seq, plain, n);
		break;
	default:				/* a right trailer behind it */
		memcpy(plain, d, n);
		n = kit_trailer(plain, n, sa->blocklen,
		    how & 0x80 ? 41 : 4);
		kit_seal(&k, sa, ++seq, plain, n);
		break;
	}
	k.p.tos = how >> 5;
	esp_in(b.self, &k.p, 1, 1000);
	judge(&k);
	kit_forget(&b);
	return (0);
}

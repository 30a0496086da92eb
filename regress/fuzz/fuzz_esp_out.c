/* SPDX-License-Identifier: ISC */

/*
 * fuzz_esp_out.c: inner packets into s2sd-esp.  What leaves must be opened
 * by the other gateway to the same octets, and an ICMP answer must be a
 * packet with a right checksum.
 */

#include <stdlib.h>

#include "../unit/espkit.h"

static struct kit	 a, b;
static struct tunnel	 ta, tb;

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
init(void)
{
	struct m_e_pair	 m;
	uint8_t		 buf[5000];

	if (crypt_warmup() == -1)
		abort();
	kit_new(&a, &role_esp);
	kit_new(&b, &role_esp);
	kit_tunnel(&ta, 7, "a", "192.168.1.3", "192.168.1.4", "10.1.0.0/16",
	    "10.1.0.0/16");
	kit_tunnel(&tb, 9, "b", "192.168.1.4", "192.168.1.3", "10.1.0.0/16",
	    "10.1.0.0/16");
	kit_pair_add(&ta, "fd00::/8", "fd00::/8");
	kit_pair_add(&tb, "fd00::/8", "fd00::/8");
	kit_conf(&a, &ta, 1);
	kit_conf(&b, &tb, 1);
	kit_e_pair(&m, &ta, 1, "aes-256-gcm", NULL, 0, buf, sizeof(buf));
	m.esn = 1;
	m.mtu = 400;
	if (kit_send(&a, PROC_SAD, M_E_PAIR, 1, 7, &m) == -1)
		abort();
	kit_e_pair(&m, &tb, 1, "aes-256-gcm", NULL, 1, buf, sizeof(buf));
	m.esn = 1;
	if (kit_send(&b, PROC_SAD, M_E_PAIR, 1, 9, &m) == -1)
		abort();
	kit_forget(&a);
	kit_forget(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t n)
{
	static struct kit_pkt	 k, in;
	static uint8_t		 was[3072];
	static uint64_t		 now = 1000;
	struct addr		 none;
	struct esp_flow		 f;

	if (a.role == NULL)
		init();
	if (n > 3000)
		return (0);
	memset(&none, 0, sizeof(none));
	kit_dgram(&k, d, n, &none, &none);
	/* most mutations break the checksum: mend it for odd lengths */
	if (n >= 20 && n % 2 == 1 && d[0] >> 4 == 4 && (d[0] & 15) >= 5 &&
	    (size_t)(d[0] & 15) * 4 <= n)
		kit_fixsum(k.room + k.p.off);
	memcpy(was, k.room + k.p.off, n);
	esp_out(a.self, &k.p, 1, now++);
	kit_forget(&a);
	if (k.p.verdict == ESP_TUN) {
		if (esp_inner(rd_of(k.room + k.p.off, k.p.len), &f) == -1 ||
		    f.len != k.p.len || !f.icmp_error)
			abort();
		return (0);
	}
	if (k.p.verdict != ESP_WIRE)
		return (0);
	if (esp_inner(rd_of(was, n), &f) == -1)
		abort();
	kit_dgram(&in, k.room + k.p.off, k.p.len, &k.p.remote, &k.p.local);
	in.p.tos = k.p.tos;
	esp_in(b.self, &in.p, 1, now);
	kit_forget(&b);
	if (in.p.verdict != ESP_TUN || in.p.len != f.len ||
	    memcmp(in.room + in.p.off, was, f.len) != 0)
		abort();
	return (0);
}

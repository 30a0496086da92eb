/* SPDX-License-Identifier: ISC */

/*
 * bench_esp.c: the data plane alone, one thread, no system calls: packets a
 * second out and in, for each cipher, packet size and number of tunnels.
 *
 *	bench_esp [seconds for each figure]
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/espkit.h"

enum { BATCH = 64, FLOWS = 256 };

static const struct { const char *encr, *integ; } ciphers[] = {
	{ "aes-256-gcm", NULL }, { "aes-128-gcm", NULL },
	{ "chacha20-poly1305", NULL }, { "aes-256", "hmac-sha2-256" },
	{ "aes-256", "hmac-sha1" },
};
static const size_t	 sizes[] = { 64, 1400 };
static const size_t	 tunnels[] = { 1, 1000, 10000 };

struct plane {
	struct kit	 a, b;
	struct tunnel	*ta, *tb;
	size_t		 n;
};

/* CPU time, so that what else runs here does not count. */
static double
now(void)
{
	struct timespec	 ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

static void
install(struct kit *k, const struct tunnel *t, uint32_t child, size_t cipher,
    int dir)
{
	struct m_e_pair	 m;
	uint8_t		 buf[5000];

	kit_e_pair(&m, t, child, ciphers[cipher].encr, ciphers[cipher].integ,
	    dir, buf, sizeof(buf));
	m.esn = 1;
	if (kit_send(k, PROC_SAD, M_E_PAIR, 1, t->id, &m) == -1 ||
	    esp_sa_child(k->self, child) == NULL)
		errx(1, "install");
	kit_forget(k);
}

static void
up(struct plane *p, size_t n, size_t cipher)
{
	char	 rnet[32];
	size_t	 i;

	p->n = n;
	if ((p->ta = calloc(n, sizeof(*p->ta))) == NULL ||
	    (p->tb = calloc(n, sizeof(*p->tb))) == NULL)
		err(1, NULL);
	kit_new(&p->a, &role_esp);
	kit_new(&p->b, &role_esp);
	for (i = 0; i < n; i++) {
		(void)snprintf(rnet, sizeof(rnet), "10.%zu.%zu.0/24",
		    50 + i / 250, i % 250);
		kit_tunnel(&p->ta[i], (uint32_t)i + 1, "a", "192.0.2.1",
		    "192.0.2.2", "172.16.0.0/12", rnet);
		kit_tunnel(&p->tb[i], (uint32_t)i + 1, "b", "192.0.2.2",
		    "192.0.2.1", rnet, "172.16.0.0/12");
	}
	kit_conf(&p->a, p->ta, n);
	kit_conf(&p->b, p->tb, n);
	for (i = 0; i < n; i++) {
		install(&p->a, &p->ta[i], (uint32_t)i + 1, cipher, 0);
		install(&p->b, &p->tb[i], (uint32_t)i + 1, cipher, 1);
	}
}

static void
down(struct plane *p)
{
	kit_free(&p->a);
	kit_free(&p->b);
	free(p->ta);
	free(p->tb);
}

/* Out and in, timed apart; the packets go over a spread of tunnels. */
static void
run(struct plane *p, size_t size, double seconds, double *out, double *in)
{
	static struct kit_pkt	 made[FLOWS], k[BATCH];
	struct esp_pkt		 v[BATCH];
	char			 dst[32];
	double			 t0, t1, t2, tout = 0, tin = 0;
	size_t			 i, at = 0, count = 0, t;

	for (i = 0; i < FLOWS; i++) {
		t = i * 37 % p->n;
		(void)snprintf(dst, sizeof(dst), "10.%zu.%zu.9", 50 + t / 250,
		    t % 250);
		kit_ip(&made[i], "172.16.3.2", dst, 17, 1, 2, size);
	}
	while (tout + tin < seconds) {
		for (i = 0; i < BATCH; i++) {
			memcpy(k[i].room + ESP_HEADROOM, made[at].room +
			    ESP_HEADROOM, size);
			v[i] = made[at].p;
			v[i].buf = k[i].room;
			at = (at + 1) % FLOWS;
		}
		t0 = now();
		esp_out(p->a.self, v, BATCH, 1000);
		t1 = now();
		for (i = 0; i < BATCH; i++)
			if (v[i].verdict != ESP_WIRE)
				errx(1, "not sent: %d", v[i].verdict);
		t2 = now();
		esp_in(p->b.self, v, BATCH, 1000);
		tin += now() - t2;
		tout += t1 - t0;
		for (i = 0; i < BATCH; i++)
			if (v[i].verdict != ESP_TUN || v[i].len != size)
				errx(1, "not delivered");
		count += BATCH;
	}
	*out = (double)count / tout;
	*in = (double)count / tin;
}

static void
figure(size_t cipher, size_t n, double seconds)
{
	struct plane	 p;
	double		 out, in;
	size_t		 i;

	up(&p, n, cipher);
	for (i = 0; i < nitems(sizes); i++) {
		run(&p, sizes[i], seconds, &out, &in);
		printf("%-18s %-14s %6zu tunnels %5zu octets: out %7.0f "
		    "kpps (%4.0f ns), in %7.0f kpps (%4.0f ns), out %5.2f "
		    "Gbit/s\n", ciphers[cipher].encr,
		    ciphers[cipher].integ != NULL ? ciphers[cipher].integ : "",
		    n, sizes[i], out / 1e3, 1e9 / out, in / 1e3, 1e9 / in,
		    out * (double)sizes[i] * 8 / 1e9);
	}
	down(&p);
}

int
main(int argc, char **argv)
{
	double	 seconds = argc > 1 ? atof(argv[1]) : 0.5;
	size_t	 i;

	if (crypt_warmup() == -1)
		errx(1, "libcrypto");
	for (i = 0; i < nitems(ciphers); i++)
		figure(i, 1, seconds);
	for (i = 1; i < nitems(tunnels); i++)
		figure(0, tunnels[i], seconds);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * fuzz_pfkey.c: what a kernel may say to the PF_KEY backend.  First octet: the
 * dialect; then messages, each behind a 16 bit length, also as an answer to
 * the request that is open.  Whatever comes, what was asked is answered once.
 */

#include <stdlib.h>
#include <unistd.h>

#include "../../backends/sa/pfkey_int.h"
#include "../unit/espkit.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int	 open_requests;

static void
ev_done(void *arg, uint32_t id, int err, uint32_t spi)
{
	(void)arg;
	(void)id;
	(void)spi;
	if (err < 0 || err > SERR_NOAH || open_requests-- == 0)
		abort();
}

static void
ev_counters(void *arg, uint32_t id, const struct sa_count *c, size_t n)
{
	(void)arg;
	(void)id;
	if (n != 1 || c->tunnel != 7)
		abort();
}

static void
ev_listed(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in, uint32_t spi_out)
{
	(void)arg;
	(void)id;
	(void)tunnel;
	(void)child;
	(void)spi_in;
	(void)spi_out;
}

static void
ev_acquire(void *arg, uint32_t tunnel, const struct addr *src,
    const struct addr *dst, uint8_t ipproto)
{
	(void)arg;
	(void)ipproto;
	if (tunnel == 0 || src->af != dst->af)
		abort();
}

static void
ev_expire(void *arg, uint32_t tunnel, uint32_t child, int hard)
{
	(void)arg;
	(void)tunnel;
	(void)child;
	(void)hard;
}

static void
ev_moved(void *arg, uint32_t tunnel, uint32_t child, const struct addr *l,
    const struct addr *r)
{
	(void)arg;
	(void)tunnel;
	(void)child;
	if (l->af == 0 || r->af == 0 || r->port == 0)
		abort();
}

static void
ev_lost(void *arg)
{
	(void)arg;
}

static ssize_t
swallow(void *arg, const void *d, size_t n)
{
	(void)arg;
	(void)d;
	return ((ssize_t)n);
}

static void
install(struct pk *b, const struct tunnel *t, uint32_t child, uint32_t old)
{
	struct m_e_pair	 m;
	struct sa_pair	 r;
	uint8_t		 buf[5000];

	kit_e_pair(&m, t, child, "aes-256", "hmac-sha1", 0, buf, sizeof(buf));
	memset(&r, 0, sizeof(r));
	r.tunnel = t->id;
	r.child = child;
	r.replaces = old;
	r.inactive = old != 0;
	r.spi_in = m.spi_in;
	r.spi_out = m.spi_out;
	r.encr = alg_num(m.encr);
	r.integ = alg_num(m.integ);
	r.udp = 1;
	r.local = m.local;
	r.remote = m.remote;
	r.ein = &m.ein;
	r.ain = &m.ain;
	r.eout = &m.eout;
	r.aout = &m.aout;
	r.pair = t->pair;
	r.npair = t->npair;
	open_requests++;
	pk_install(b, 1, &r);
}

/* An answer to what is open, if the octets are long enough to be one. */
static void
answer(const struct pk *b, uint8_t *d, size_t n)
{
	if (n < 16)
		return;
	memcpy(d + 8, &b->wseq, 4);
	memcpy(d + 12, &b->pid, 4);
}

static void
requests(struct pk *b, const struct tunnel *t)
{
	open_requests++;
	pk_policy_replace(b, 2, t, 1);
	install(b, t, 1, 0);
	install(b, t, 2, 1);
	open_requests += 3;
	pk_query(b, 3, 0);
	pk_delete(b, 4, t->id, 1, 0xa0000001);
	pk_list(b, 5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t n)
{
	static const struct sa_events	 ev = { NULL, NULL, ev_done,
	    ev_counters, ev_listed, ev_acquire, ev_expire, ev_moved, ev_lost, NULL };
	static const struct role_io	 io;
	struct pk_start			 s;
	struct tunnel			 t;
	struct rd			 r = rd_of(d, n), one;
	struct pk			*b;
	uint8_t				 which, *copy;
	uint64_t			 now = 0;

	if (rd_u8(&r, &which))
		return (0);
	kit_tunnel(&t, 7, "a", "192.0.2.1", "192.0.2.2", "10.1.3.0/24",
	    "10.1.4.0/24");
	memset(&s, 0, sizeof(s));
	s.d = pk_dialects[which & 3];
	s.fd = dup(0);
	s.pid = 777;
	s.life = 0x1f3a;
	s.send = swallow;
	s.snap = which & 4 ? r : rd_of(NULL, 0);
	open_requests = 0;
	if ((b = pk_new(&s, &io, &ev)) == NULL)
		abort();
	requests(b, &t);
	while (rd_sub16(&r, &one) == 0) {
		if ((copy = malloc(one.n + 1)) == NULL)
			abort();
		if (one.n > 0)
			memcpy(copy, one.p, one.n);
		if (!(which & 8))
			answer(b, copy, one.n);
		pk_message(b, rd_of(copy, one.n));
		free(copy);
		pk_run(b);
		(void)pk_tick(b, now += 400);
	}
	for (; b->jobs != NULL; now += 1000)
		(void)pk_tick(b, now);
	if (open_requests != 0)
		abort();
	pk_stop(b);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * fuzz_xfrm.c: what Linux' XFRM answers and reports, into a living backend:
 * the first octet says whether what follows are answers or events.
 */

#include <errno.h>
#include <stdlib.h>

#include "../../backends/sa/xfrm_int.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct feed {
	struct rd	 r;
	int		 ev;
};

static int
f_send(void *arg, const void *d, size_t n)
{
	(void)arg;
	(void)d;
	(void)n;
	return (0);
}

/* A length of 16 bits, then a datagram; 0: events were lost. */
static ssize_t
f_recv(void *arg, int ev, void *buf, size_t n)
{
	struct feed	*f = arg;
	struct rd	 one;

	if (ev != f->ev || rd_sub16(&f->r, &one) || one.n > n)
		return (0);
	if (one.n == 0) {
		errno = ENOBUFS;
		return (-1);
	}
	memcpy(buf, one.p, one.n);
	return ((ssize_t)one.n);
}

static uint64_t
f_time(void *arg)
{
	(void)arg;
	return (1000);
}

static void
f_random(void *arg, void *buf, size_t n)
{
	(void)arg;
	memset(buf, 1, n);
}

static void
f_done(void *arg, uint32_t id, int err, uint32_t spi)
{
	(void)arg;
	(void)err;
	(void)spi;
	if (id == 0)
		abort();
}

static void
f_counters(void *arg, uint32_t id, const struct sa_count *c, size_t n)
{
	(void)arg;
	if (id == 0 || n != 1 || c->tunnel == 0)
		abort();
}

static void
f_listed(void *arg, uint32_t id, uint32_t tunnel, uint32_t child, uint32_t in,
    uint32_t out)
{
	(void)arg;
	(void)out;
	if (id == 0 || tunnel != 7 || child == 0 || in == 0)
		abort();
}

static void
f_acquire(void *arg, uint32_t tunnel, const struct addr *s,
    const struct addr *d, uint8_t proto)
{
	(void)arg;
	(void)proto;
	if (tunnel != 7 || addr_len(s->af) == 0 || addr_len(d->af) == 0)
		abort();
}

static void
f_expire(void *arg, uint32_t tunnel, uint32_t child, int hard)
{
	(void)arg;
	(void)hard;
	if (tunnel != 7 || child == 0)
		abort();
}

static void
f_moved(void *arg, uint32_t tunnel, uint32_t child, const struct addr *l,
    const struct addr *r)
{
	(void)arg;
	if (tunnel != 7 || child == 0 || addr_len(l->af) == 0 ||
	    addr_len(r->af) == 0)
		abort();
}

static void
tunnel(struct tunnel *t)
{
	memset(t, 0, sizeof(*t));
	t->id = 7;
	t->flags = TUN_ONDEMAND;
	if (addr_parse("192.0.2.1", &t->local) == -1 ||
	    addr_parse("192.0.2.2", &t->peer[0]) == -1)
		abort();
	t->npeer = t->npair = 1;
	t->pair[0].local.af = t->pair[0].remote.af = 4;
	memset(t->pair[0].local.hi, 255, 4);
	memset(t->pair[0].remote.hi, 255, 4);
	t->pair[0].local.port_hi = t->pair[0].remote.port_hi = UINT16_MAX;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct feed		 f = { rd_of(p, n), 0 };
	struct xfrm_sys		 sys = { .arg = &f, .send = f_send,
	    .recv = f_recv, .mono = f_time, .real = f_time, .evfd = -1 };
	const struct role_io	 io = { .random = f_random };
	const struct sa_events	 ev = { NULL, &sys, f_done, f_counters,
	    f_listed, f_acquire, f_expire, f_moved, NULL, NULL };
	struct keyoct		 e, a;
	struct tunnel		 t;
	uint8_t			 what;
	void			*be;

	if (xfrm_get_keys(f.r, &e, &a) == 0 && (e.len > sizeof(e.d) ||
	    a.len > sizeof(a.d)))
		abort();
	(void)xfrm_nic_family(f.r);
	(void)xfrm_nic_oif(f.r);
	(void)xfrm_nic_esp(f.r);
	if (rd_u8(&f.r, &what))
		return (0);
	if ((be = sa_xfrm.start(&io, &ev)) == NULL)
		abort();
	tunnel(&t);
	sa_xfrm.policy_replace(be, 1, &t, 1);
	/* the tag of the tunnel is 0 in the notes of the seeds */
	if (xfrm_tun(be, 7) != NULL)
		xfrm_tun(be, 7)->tag = 0;
	sa_xfrm.list(be, 2);
	sa_xfrm.sa_query(be, 3, 0);
	f.ev = what & 1;
	sa_xfrm.readable(be);
	sa_xfrm.leave(be);
	sa_xfrm.stop(be);
	return (0);
}

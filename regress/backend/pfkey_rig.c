/* SPDX-License-Identifier: ISC */

/* pfkey_rig.c: see pfkey_rig.h. */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfkey_rig.h"

static const enum mock_os os[] = {
	[PK_SYS_OPENBSD] = MOCK_OPENBSD, [PK_SYS_FREEBSD] = MOCK_FREEBSD,
	[PK_SYS_NETBSD] = MOCK_NETBSD, [PK_SYS_LINUX] = MOCK_LINUX
};

struct rig *
rig_new(const struct pk_dialect *d)
{
	struct rig	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		abort();
	r->d = d;
	return (r);
}

static void
instance(struct rig *r, const struct sa_events *ev, uint16_t life, int fd)
{
	struct pk_start	 s;

	memset(&s, 0, sizeof(s));
	s.d = r->d;
	s.fd = fd;
	s.pid = RIG_PID;
	s.life = life;
	s.send = mock_write;
	s.arg = &r->k;
	s.snap = rd_of(r->snap, mock_snap(&r->k, r->snap, sizeof(r->snap)));
	if ((r->be = pk_new(&s, &r->io, ev)) == NULL)
		abort();
	rig_pump(r);
}

void
rig_start(struct rig *r, const struct sa_events *ev, uint16_t life)
{
	int	 fd = mock_new(&r->k, os[r->d->sys], RIG_PID);

	if (fd == -1)
		abort();
	instance(r, ev, life, fd);
}

/* A socket of its own: what was said to the one before is lost. */
void
rig_again(struct rig *r, const struct sa_events *ev, uint16_t life)
{
	struct mock	 fresh;
	int		 fd;

	pk_stop(r->be);
	(void)close(r->k.fd);
	if ((fd = mock_new(&fresh, r->k.os, RIG_PID)) == -1)
		abort();
	r->k.fd = fresh.fd;
	r->k.registered = 0;
	instance(r, ev, life, fd);
}

void
rig_pump(struct rig *r)
{
	struct pk	*b = r->be;
	int		 i;

	for (i = 0; i < 10000; i++) {
		pk_readable(b);
		(void)pk_tick(b, r->now);
		if (b->jobs == NULL)
			return;
		if (b->waiting)
			r->now += 100;
	}
	abort();
}

void
rig_end(struct rig *r)
{
	pk_stop(r->be);
	mock_free(&r->k);
}

static void
ends(const struct tunnel *t, struct addr *l, struct addr *p)
{
	memset(l, 0, sizeof(*l));
	l->af = t->pair[0].local.af;
	memcpy(l->a, t->pair[0].local.lo, 16);
	*p = *l;
	memcpy(p->a, t->pair[0].remote.lo, 16);
}

uint32_t
rig_out(const struct rig *r, const struct tunnel *t)
{
	struct addr	 l, p;

	ends(t, &l, &p);
	return (mock_out(&r->k, &l, &p));
}

int
rig_in(const struct rig *r, const struct tunnel *t, uint32_t spi)
{
	struct addr	 l, p;

	ends(t, &l, &p);
	return (mock_in(&r->k, spi, &p, &l));
}

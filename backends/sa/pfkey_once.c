/* SPDX-License-Identifier: ISC */

/*
 * pfkey_once.c: PF_KEY without a daemon: `s2sd -b' and `s2sd -u', which wait
 * for the kernel instead of being told.
 */

#include <poll.h>

#include "pfkey_int.h"

/* The first request that fails is what is wrong. */
static void
done(void *arg, uint32_t id, int err, uint32_t spi)
{
	(void)id;
	(void)spi;
	if (*(int *)arg == SERR_OK)
		*(int *)arg = err;
}

static void
found(void *arg, uint32_t id, uint32_t tunnel, uint32_t child, uint32_t in,
    uint32_t out)
{
	(void)arg;
	(void)id;
	(void)tunnel;
	(void)child;
	(void)in;
	(void)out;
}

static struct pk *
begin(const struct pk_start *s, struct sa_events *ev, int *err)
{
	static const struct role_io	 io;

	*err = SERR_OK;
	memset(ev, 0, sizeof(*ev));
	ev->arg = err;
	ev->done = done;
	ev->listed = found;
	return (pk_new(s, &io, ev));
}

/* Until everything is answered; closes the socket. */
static int
finish(struct pk *b, const int *err)
{
	struct pollfd	 p;
	int		 i, left;

	for (i = 0; b->jobs != NULL && i < PK_SWEEP_MAX; i++) {
		p.fd = b->fd;
		p.events = POLLIN;
		if (poll(&p, 1, 100) == 0)
			b->now += 100;
		pk_readable(b);
		(void)pk_tick(b, b->now);
	}
	left = b->jobs != NULL;
	pk_stop(b);
	return (!left && *err == SERR_OK ? 0 : -1);
}

/*
 * An instance of a life that nobody had: all that carries our mark is of a
 * dead one, and the first list takes it away.
 */
int
pk_sweep(const struct pk_start *s)
{
	struct sa_events	 ev;
	struct pk		*b;
	int			 err;

	if ((b = begin(s, &ev, &err)) == NULL)
		return (-1);
	b->life = 0;
	pk_list(b, 1);
	return (finish(b, &err));
}

/*
 * What the block of s2sd-sad is before a tunnel is up, and after its end.
 * Nothing waits for a peer: also what is brought up on demand is discarded.
 */
int
pk_hold(const struct pk_start *s, struct tunnel *const *t, size_t n)
{
	struct sa_events	 ev;
	struct pk		*b;
	struct pk_tun		*tun;
	size_t			 i;
	int			 err;

	if ((b = begin(s, &ev, &err)) == NULL)
		return (-1);
	for (i = 0; i < n; i++) {
		if (t[i]->flags & TUN_LEAK)
			continue;
		pk_policy_replace(b, (uint32_t)i + 1, t[i], 1);
		if ((tun = pk_tun(b, t[i]->id)) != NULL)
			tun->ondemand = 0;
	}
	return (finish(b, &err));
}

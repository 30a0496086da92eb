/* SPDX-License-Identifier: ISC */

/*
 * null.c: a backend that only remembers: for tests, and for `set decouple',
 * where a daemon negotiates and installs nothing.
 */

#include <stdlib.h>

#include "sa.h"

struct null_sa {
	struct null_sa	*next;
	uint32_t	 tunnel, child, spi_in, spi_out;
	uint8_t		 reserved;	/* an SPI without a pair */
};

struct null {
	const struct sa_events *ev;
	struct null_sa	*sas;
};

static void *
null_start(const struct role_io *io, const struct sa_events *ev)
{
	struct null	*b;

	(void)io;
	if ((b = calloc(1, sizeof(*b))) != NULL)
		b->ev = ev;
	return (b);
}

static void
null_clear(struct null *b)
{
	struct null_sa	*s;

	while ((s = b->sas) != NULL) {
		b->sas = s->next;
		free(s);
	}
}

static void
null_stop(void *arg)
{
	null_clear(arg);
	free(arg);
}

static struct null_sa **
by_spi(struct null *b, uint32_t spi)
{
	struct null_sa	**s;

	for (s = &b->sas; *s != NULL && (*s)->spi_in != spi; )
		s = &(*s)->next;
	return (s);
}

static struct null_sa **
by_child(struct null *b, uint32_t tunnel, uint32_t child)
{
	struct null_sa	**s;

	for (s = &b->sas; *s != NULL && ((*s)->child != child ||
	    (*s)->tunnel != tunnel); )
		s = &(*s)->next;
	return (s);
}

static void
done(struct null *b, uint32_t id, int err, uint32_t spi)
{
	b->ev->done(b->ev->arg, id, err, spi);
}

static struct null_sa *
null_new(struct null *b, uint32_t spi)
{
	struct null_sa	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->spi_in = spi;
	s->next = b->sas;
	b->sas = s;
	return (s);
}

static void
null_spi_alloc(void *arg, uint32_t id, uint32_t wish)
{
	struct null	*b = arg;
	struct null_sa	*s;

	if (wish < 256 || *by_spi(b, wish) != NULL) {
		done(b, id, SERR_SPI, 0);
		return;
	}
	if ((s = null_new(b, wish)) != NULL)
		s->reserved = 1;
	done(b, id, s == NULL ? SERR_BACKEND : SERR_OK, wish);
}

static void
null_install(void *arg, uint32_t id, const struct sa_pair *p)
{
	struct null	*b = arg;
	struct null_sa	*s = *by_spi(b, p->spi_in);

	if (p->spi_in < 256 || p->spi_out < 256 ||
	    (s != NULL && !s->reserved)) {
		done(b, id, SERR_SPI, 0);
		return;
	}
	if ((p->encr == NULL && p->udp) || p->child == 0 || *by_child(b, p->tunnel, p->child) != NULL) {
		done(b, id, SERR_CONTENT, 0);
		return;
	}
	if (s == NULL && (s = null_new(b, p->spi_in)) == NULL) {
		done(b, id, SERR_BACKEND, 0);
		return;
	}
	s->reserved = 0;
	s->tunnel = p->tunnel;
	s->child = p->child;
	s->spi_out = p->spi_out;
	done(b, id, SERR_OK, p->spi_in);
}

static void
null_move(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    const struct addr *local, const struct addr *remote)
{
	int	 err = SERR_OK;

	if (*by_child(arg, tunnel, child) == NULL)
		err = SERR_SPI;
	else if (local->af == 0 || local->af != remote->af)
		err = SERR_ADDRESS;
	done(arg, id, err, 0);
}

static void
null_delete(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in)
{
	struct null_sa	**p = by_child(arg, tunnel, child), *s;

	if ((s = *p) != NULL && s->spi_in == spi_in) {
		*p = s->next;
		free(s);
	}
	done(arg, id, SERR_OK, 0);
}

static void
null_query(void *arg, uint32_t id, uint32_t tunnel)
{
	struct null	*b = arg;
	struct null_sa	*s;
	struct sa_count	 c;

	for (s = b->sas; s != NULL; s = s->next) {
		if (s->reserved || (tunnel != 0 && s->tunnel != tunnel))
			continue;
		memset(&c, 0, sizeof(c));
		c.tunnel = s->tunnel;
		c.child = s->child;
		c.in_age = c.out_age = UINT64_MAX;
		b->ev->counters(b->ev->arg, id, &c, 1);
	}
	done(b, id, SERR_OK, 0);
}

static void
null_policy_replace(void *arg, uint32_t id, const struct tunnel *t, int block)
{
	(void)t;
	(void)block;
	done(arg, id, SERR_OK, 0);
}

static void
null_policy_delete(void *arg, uint32_t id, uint32_t tunnel)
{
	(void)tunnel;
	done(arg, id, SERR_OK, 0);
}

static void
null_flush(void *arg, uint32_t id)
{
	null_clear(arg);
	done(arg, id, SERR_OK, 0);
}

static void
null_list(void *arg, uint32_t id)
{
	struct null	*b = arg;
	struct null_sa	*s;

	for (s = b->sas; s != NULL; s = s->next)
		if (!s->reserved)
			b->ev->listed(b->ev->arg, id, s->tunnel, s->child,
			    s->spi_in, s->spi_out);
	done(b, id, SERR_OK, 0);
}

const struct sa_backend sa_null = {
	.choice = BE_AUTO,
	.name = "null",
	.caps = { .esn = 1, .udp = 1, .ipv6 = 1, .aead = 1, .chacha = 1,
	    .ah = 1, .move = 1, .replay_max = 4096 },
	.start = null_start,
	.stop = null_stop,
	.spi_alloc = null_spi_alloc,
	.sa_install = null_install,
	.sa_add = null_install,
	.sa_move = null_move,
	.sa_delete = null_delete,
	.sa_query = null_query,
	.policy_replace = null_policy_replace,
	.policy_delete = null_policy_delete,
	.flush_own = null_flush,
	.list = null_list,
};

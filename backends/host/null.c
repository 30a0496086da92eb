/* SPDX-License-Identifier: ISC */

/* null.c: a host that needs nothing: `set decouple' and the tests. */

#include <stdlib.h>

#include "host_be.h"

static void *
null_open(const struct host_env *env, char *why, size_t len)
{
	(void)env; (void)why; (void)len;
	return (calloc(1, sizeof(uint32_t)));
}

static int
null_apply(void *v, const struct host_want *w, char *why, size_t len)
{
	(void)v; (void)w; (void)why; (void)len;
	return (0);
}

static int
null_clear(void *v, int block)
{
	(void)v; (void)block;
	return (0);
}

static int
null_zero(void *v)
{
	(void)v;
	return (0);
}

static size_t
null_addrs(void *v, struct addr *a, size_t max)
{
	(void)v; (void)a; (void)max;
	return (0);
}

static int
null_purge(void *v, const struct fw_rules *rs)
{
	(void)v; (void)rs;
	return (0);
}

static int
null_fd(void *v)
{
	(void)v;
	return (-1);
}

static void
null_mark(void *v, uint32_t variants)
{
	*(uint32_t *)v = variants;
}

static uint32_t
null_marked(void *v)
{
	return (*(uint32_t *)v);
}

const struct host_backend host_null = {
	.name = "none", .open = null_open, .block = null_apply,
	.apply = null_apply, .clear = null_clear, .outdrop = null_zero,
	.addrs = null_addrs, .purge = null_purge, .fd = null_fd,
	.changed = null_zero, .mark = null_mark, .marked = null_marked,
	.close = free
};

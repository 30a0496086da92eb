/* SPDX-License-Identifier: ISC */

/* null.c: the firewall of `set firewall none', `set decouple' and the tests. */

#include <stdlib.h>

#include "fw.h"

static void *
null_open(const struct fw_env *env, char *why, size_t len)
{
	(void)env; (void)why; (void)len;
	return (calloc(1, 1));
}

static int
null_apply(void *b, const struct fw_rules *rs, char *why, size_t len)
{
	(void)b; (void)rs; (void)why; (void)len;
	return (0);
}

static int
null_done(void *b, uint32_t req, uint32_t err, const char *text, char *why,
    size_t len)
{
	(void)b; (void)req; (void)err; (void)text; (void)why; (void)len;
	return (0);
}

static void
null_lost(void *b)
{
	(void)b;
}

static int
null_clear(void *b, int block)
{
	(void)b; (void)block;
	return (0);
}

static int
null_fd(void *b)
{
	(void)b;
	return (-1);
}

static int
null_changed(void *b, char *why, size_t len)
{
	(void)b; (void)why; (void)len;
	return (0);
}

static int
null_poll(void *b)
{
	(void)b;
	return (0);
}

const struct fw_backend fw_null = {
	.name = "none", .open = null_open, .apply = null_apply,
	.block = null_apply, .done = null_done, .lost = null_lost,
	.clear = null_clear, .fd = null_fd, .changed = null_changed,
	.poll = null_poll, .close = free
};

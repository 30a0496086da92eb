/* SPDX-License-Identifier: ISC */

/* test_backends.c: the contract for null and for userland with s2sd-esp. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../unit/espkit.h"
#include "contract.h"

/* --- null: nobody on the other side --- */

static void *
null_up(struct contract *c, const struct tunnel *t, size_t n,
    const struct sa_events *ev)
{
	(void)t;
	(void)n;
	return (c->arg = c->be->start(NULL, ev));
}

static void
null_pump(struct contract *c)
{
	(void)c;
}

static void
null_down(struct contract *c)
{
	c->be->stop(c->arg);
}

static void
test_null(void **state)
{
	struct contract	 c = { .be = &sa_null, .start = null_up,
	    .pump = null_pump, .stop = null_down };

	(void)state;
	contract_run(&c);
}

/* --- userland: a whole s2sd-esp --- */

struct world {
	struct kit	 esp;
	struct role_io	 io;		/* of the backend */
	void		*be;
	struct ipc_hdr	 h[64];
	uint8_t		*d[64];
	size_t		 n;
	struct tunnel	 t[2];
};

static int
to_esp(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct world	*w = arg;

	assert_int_equal(to, PROC_ESP);
	assert_true(w->n < nitems(w->h));
	w->h[w->n] = *h;
	w->h[w->n].len = (uint32_t)len;
	assert_non_null(w->d[w->n] = malloc(len + 1));
	if (len > 0)
		memcpy(w->d[w->n], body, len);
	w->n++;
	return (0);
}

/* What s2sd-esp says goes to the backend, decoded. */
static void
to_backend(struct world *w)
{
	union { uint64_t align; uint8_t room[MSG_STRUCT_MAX]; } body;
	const struct msg_desc	*d;
	struct ipc_msg		 m;
	size_t			 i;

	for (i = 0; i < w->esp.nf; i++) {
		memset(&m, 0, sizeof(m));
		m.h = w->esp.f[i].h;
		m.from = PROC_ESP;
		m.d = w->esp.f[i].d;
		assert_non_null(d = msg_desc(m.h.type));
		assert_int_equal(msg_get(d, rd_of(m.d, m.h.len), body.room),
		    0);
		assert_int_equal(sa_userland.frame(w->be, &m, body.room), 0);
	}
	kit_forget(&w->esp);
}

static void
ul_pump(struct contract *c)
{
	struct world	*w = c->arg;
	size_t		 i, n;

	while (w->n > 0 || w->esp.nf > 0) {
		n = w->n;
		for (i = 0; i < n; i++) {
			assert_int_equal(kit_raw(&w->esp, PROC_SAD,
			    w->h[i].type, w->h[i].req, w->h[i].tunnel,
			    w->d[i], w->h[i].len), 0);
			free(w->d[i]);
		}
		memmove(w->h, w->h + n, (w->n - n) * sizeof(w->h[0]));
		memmove(w->d, w->d + n, (w->n - n) * sizeof(w->d[0]));
		w->n -= n;
		to_backend(w);
	}
}

static void *
ul_up(struct contract *c, const struct tunnel *t, size_t n,
    const struct sa_events *ev)
{
	struct world	*w;

	assert_non_null(w = calloc(1, sizeof(*w)));
	c->arg = w;
	memcpy(w->t, t, n * sizeof(*t));
	w->io.arg = w;
	w->io.send = to_esp;
	kit_new(&w->esp, &role_esp);
	kit_conf(&w->esp, w->t, n);
	return (w->be = c->be->start(&w->io, ev));
}

static void
ul_kill(struct contract *c)
{
	struct world	*w = c->arg;

	while (w->n > 0)
		free(w->d[--w->n]);
	kit_free(&w->esp);
	kit_new(&w->esp, &role_esp);
	kit_conf(&w->esp, w->t, nitems(w->t));
	c->be->died(w->be, PROC_ESP);
}

static void
ul_down(struct contract *c)
{
	struct world	*w = c->arg;

	c->be->stop(w->be);
	kit_free(&w->esp);
	free(w);
}

static void
test_userland(void **state)
{
	struct contract	 c = { .be = &sa_userland, .start = ul_up,
	    .pump = ul_pump, .kill = ul_kill, .stop = ul_down };

	(void)state;
	contract_run(&c);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_userland),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

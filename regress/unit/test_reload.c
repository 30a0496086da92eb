/* SPDX-License-Identifier: ISC */

/* test_reload.c: the two rounds of a configuration, daemon/parent/reload.c. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reload_rig.h"

#define ALL	(PB(PROC_CTL) | PB(PROC_KEYS) | PB(PROC_SAD) | \
		    PB(PROC_HOST) | PB(PROC_IKE) | PB(PROC_NET))

static const char *const	ab[] = { "alpha", "beta", NULL };
static const char *const	bc[] = { "beta", "gamma", NULL };

static int
open_rig(void **state)
{
	*state = calloc(1, sizeof(struct rig));
	rig_open(*state, "run");
	return (*state == NULL);
}

static int
close_rig(void **state)
{
	rig_close(*state);
	free(*state);
	return (0);
}

/* alpha and beta in force in all, log empty. */
static void
in_force(struct rig *g)
{
	rig_up(g, ALL);
	reload_start(g->r, g->now);
	rig_parse(g, 1000, ab);
	rig_agree(g);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 0);
	assert_int_equal(g->ready, ALL);
	assert_int_equal(reload_gen(g->r), 1);
	g->n = 0;
	g->ndone = 0;
	g->ready = 0;
}

static void
test_order(void **state)
{
	static const enum proc	 order[] = {
		PROC_CTL, PROC_HOST, PROC_SAD, PROC_KEYS, PROC_NET, PROC_IKE
	};
	struct rig		*g = *state;
	size_t			 i;

	rig_up(g, ALL);
	assert_int_equal(g->n, 0);
	reload_start(g->r, g->now);
	assert_string_equal(g->mode, "run");
	assert_int_equal(g->n, 0);
	rig_parse(g, 1000, ab);
	for (i = 0; i < nitems(order); i++) {
		assert_int_equal(rig_count(g, order[i], M_CONF_BEGIN), 1);
		assert_int_equal(rig_count(g, order[i], M_CONF_TUNNEL), 2);
		assert_int_equal(rig_count(g, order[i], M_CONF_END), 1);
		assert_int_equal(rig_count(g, order[i], M_CONF_NEW), 0);
	}
	/* one is missing: nobody begins */
	for (i = 1; i < nitems(order); i++)
		assert_int_equal(rig_say(g, order[i], M_CONF_READY, 1, ""), 0);
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_NEW), 0);
	assert_int_equal(rig_say(g, order[0], M_CONF_READY, 1, ""), 0);
	/* one after the other, in this order, then in reverse */
	for (i = 0; i < nitems(order); i++) {
		assert_int_equal(g->log[g->n - 1].to, order[i]);
		assert_int_equal(g->log[g->n - 1].type, M_CONF_NEW);
		assert_int_equal(rig_say(g, order[i], M_CONF_DONE, 1, ""), 0);
	}
	for (i = nitems(order); i-- > 0; ) {
		assert_int_equal(g->log[g->n - 1].to, order[i]);
		assert_int_equal(g->log[g->n - 1].type, M_CONF_GONE);
		assert_int_equal(g->ndone, 0);
		assert_int_equal(rig_say(g, order[i], M_CONF_DONE, 1, ""), 0);
	}
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 0);
	assert_int_equal(g->ready, ALL);
	assert_int_equal(reload_busy(g->r), 0);
}

static void
test_ids(void **state)
{
	struct rig	*g = *state;
	uint32_t	 alpha, beta, gamma;

	in_force(g);
	alpha = reload_id(g->r, "alpha");
	beta = reload_id(g->r, "beta");
	assert_int_not_equal(alpha, 0);
	assert_int_not_equal(beta, 0);
	assert_int_not_equal(alpha, beta);

	/* beta has the same octets, gamma is new */
	reload_start(g->r, g->now);
	rig_parse(g, 1001, bc);
	rig_agree(g);
	assert_int_equal(g->err, 0);
	assert_int_equal(reload_id(g->r, "beta"), beta);
	assert_int_equal(reload_id(g->r, "alpha"), 0);
	gamma = reload_id(g->r, "gamma");
	assert_true(gamma > beta && gamma > alpha);

	/* alpha comes back: another life, another id; beta was changed */
	g->n = 0;
	reload_start(g->r, g->now);
	rig_parse(g, 1000, ab);
	rig_agree(g);
	assert_true(reload_id(g->r, "alpha") > gamma);
	assert_int_equal(reload_id(g->r, "beta"), beta);
	g->n = 0;
	reload_start(g->r, g->now);
	g->natt = 1;
	rig_parse(g, 1000, ab);
	rig_agree(g);
	assert_true(reload_id(g->r, "beta") > gamma);
}

/* A number of a tunnel changes: the same tunnel with another record. */
static void
test_soft(void **state)
{
	struct rig	*g = *state;
	uint32_t	 alpha, beta;
	int		 p;

	in_force(g);
	alpha = reload_id(g->r, "alpha");
	beta = reload_id(g->r, "beta");
	/* one of them does not want it: the old stands */
	reload_start(g->r, g->now);
	rig_parse(g, 5000, ab);
	assert_int_equal(rig_say(g, PROC_SAD, M_CONF_REFUSED, 2, "no"), 0);
	assert_int_equal(g->err, 1);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_NEW), 0);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_ABORT), 1);
	assert_int_equal(reload_gen(g->r), 1);
	assert_int_equal(reload_id(g->r, "alpha"), alpha);
	/* s2sd-ike dies half way: it gets the new record under the old id */
	g->n = 0;
	reload_start(g->r, g->now);
	rig_parse(g, 5000, ab);
	g->n = 0;
	for (p = 0; p < PROC_MAX; p++)
		if (ALL & PB(p))
			assert_int_equal(rig_say(g, (enum proc)p,
			    M_CONF_READY, 3, ""), 0);
	reload_down(g->r, PROC_IKE, g->now);
	rig_agree(g);
	g->n = 0;
	reload_up(g->r, PROC_IKE, g->now);
	rig_agree(g);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_TUNNEL), 2);
	assert_int_equal(g->log[rig_where(g, PROC_IKE, M_CONF_TUNNEL)].tunnel,
	    alpha);
	assert_int_equal(reload_gen(g->r), 3);
	assert_int_equal(reload_id(g->r, "alpha"), alpha);
	assert_int_equal(reload_id(g->r, "beta"), beta);
}

static void
test_bad_file(void **state)
{
	struct rig	*g = *state;
	uint32_t	 alpha;

	in_force(g);
	alpha = reload_id(g->r, "alpha");
	reload_start(g->r, g->now);
	assert_int_equal(rig_global(g), 0);
	assert_int_equal(rig_tunnel(g, "other", 1000), 0);
	assert_int_equal(rig_say(g, PROC_CONF, M_CF_ERROR, 2,
	    "s2sd.conf:3: no"), 0);
	assert_int_equal(rig_say(g, PROC_CONF, M_CF_ERROR, 2,
	    "s2sd.conf:4: no"), 0);
	reload_conf_exit(g->r, 0, g->now);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 1);
	assert_int_equal(g->errors, 2);
	assert_string_equal(g->text, "s2sd.conf:3: no\ns2sd.conf:4: no");
	/* s2sd-keys may have got some secrets: it forgets them */
	assert_int_equal(rig_count(g, PROC_KEYS, M_CONF_ABORT), 1);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_BEGIN), 0);
	assert_int_equal(reload_gen(g->r), 1);
	assert_int_equal(reload_id(g->r, "alpha"), alpha);
	assert_int_equal(reload_id(g->r, "other"), 0);
	/* what s2sd-keys says of it later is no crime */
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 2, ""), 0);

	/* ended without END, although with 0 */
	reload_start(g->r, g->now);
	assert_int_equal(rig_global(g), 0);
	reload_conf_exit(g->r, 1, g->now);
	assert_int_equal(g->ndone, 2);
	assert_int_equal(g->err, 1);
	assert_int_not_equal(g->text[0], '\0');

	/* cannot even be started */
	g->norun = 1;
	reload_start(g->r, g->now);
	assert_int_equal(g->ndone, 3);
	assert_int_equal(g->err, 1);
}

static void
test_refused(void **state)
{
	struct rig	*g = *state;
	uint32_t	 alpha;

	in_force(g);
	alpha = reload_id(g->r, "alpha");
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	assert_int_equal(rig_say(g, PROC_HOST, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_SAD, M_CONF_REFUSED, 2,
	    "no such backend"), 0);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 1);
	assert_string_equal(g->text, "s2sd-sad: no such backend");
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_ABORT), 1);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_ABORT), 1);
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_NEW), 0);
	assert_int_equal(reload_id(g->r, "alpha"), alpha);
	/* the others' READY crosses our ABORT */
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_KEYS, M_CONF_READY, 2, ""), 0);
	/* and the next one works */
	g->n = 0;
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	rig_agree(g);
	assert_int_equal(g->err, 0);
	assert_int_equal(reload_gen(g->r), 3);
}

static void
test_death_prepare(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	reload_down(g->r, PROC_SAD, g->now);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 1);
	assert_int_equal(reload_gen(g->r), 1);
	/* it comes back and gets what is in force, alone */
	g->n = 0;
	rig_up(g, PB(PROC_SAD));
	rig_agree(g);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_TUNNEL), 2);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_NEW), 1);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_GONE), 1);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_BEGIN), 0);
	assert_int_equal(g->log[0].gen, 1);
	assert_int_equal(g->ready, PB(PROC_SAD));
}

static void
test_death_commit(void **state)
{
	struct rig	*g = *state;
	uint32_t	 beta;

	in_force(g);
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	/* all READY, then s2sd-host dies with the NEW in its hands */
	assert_int_equal(rig_say(g, PROC_CTL, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_HOST, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_SAD, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_KEYS, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_NET, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_CTL, M_CONF_DONE, 2, ""), 0);
	assert_int_equal(g->log[g->n - 1].to, PROC_HOST);
	reload_down(g->r, PROC_HOST, g->now);
	assert_int_equal(g->log[g->n - 1].to, PROC_SAD);
	assert_int_equal(g->log[g->n - 1].type, M_CONF_NEW);
	/* comes back while the others go on: has to wait, then gets the new */
	g->n = 0;
	rig_up(g, PB(PROC_HOST));
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_BEGIN), 0);
	assert_int_equal(rig_say(g, PROC_SAD, M_CONF_DONE, 2, ""), 0);
	rig_agree(g);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 0);
	beta = reload_id(g->r, "beta");
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_END), 1);
	assert_int_equal(g->log[rig_where(g, PROC_HOST, M_CONF_TUNNEL)].tunnel,
	    beta);
	assert_true(reload_is_ready(g->r, PROC_HOST));
}

static void
test_death_keys(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	reload_down(g->r, PROC_KEYS, g->now);
	rig_up(g, PB(PROC_KEYS));
	assert_string_equal(g->mode, "secrets");
	assert_int_equal(g->gen, 1);
	assert_int_equal(g->n, 0);	/* not before its secrets are there */
	reload_conf_exit(g->r, 1, g->now);
	assert_int_equal(g->n, 0);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 1, ""), 0);
	rig_agree(g);
	assert_int_equal(g->ready, PB(PROC_KEYS));

	/* the file is broken meanwhile: s2sd-keys gets what there is */
	g->n = 0;
	g->ready = 0;
	reload_down(g->r, PROC_KEYS, g->now);
	rig_up(g, PB(PROC_KEYS));
	assert_int_equal(rig_say(g, PROC_CONF, M_CF_ERROR, 1, "x:1: no"), 0);
	reload_conf_exit(g->r, 0, g->now);
	assert_int_equal(g->errors, 2);
	assert_int_equal(g->lacks, 1);
	assert_int_equal(g->n, 0);	/* it may not have read them yet */
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 1, ""), 0);
	rig_agree(g);
	assert_int_equal(g->ready, PB(PROC_KEYS));
	assert_int_equal(g->lacks, 1);
	/* a reload that fails says so too; one that succeeds cures it */
	reload_start(g->r, g->now);
	assert_int_equal(rig_say(g, PROC_CONF, M_CF_ERROR, 2, "x:1: no"), 0);
	reload_conf_exit(g->r, 0, g->now);
	assert_int_equal(g->err, 1);
	assert_non_null(strstr(g->text, "x:1: no\ns2sd-keys was"));
	assert_int_equal(g->lacks, 1);
	g->n = 0;
	reload_start(g->r, g->now);
	assert_int_equal(rig_say(g, PROC_CONF, M_CF_WARN, 3, "x:2: hm"), 0);
	rig_parse(g, 1000, ab);
	rig_agree(g);
	assert_int_equal(g->err, 0);
	assert_int_equal(g->lacks, 0);
	assert_int_equal(g->warnings, 1);
	assert_string_equal(g->text, "2 tunnels\nx:2: hm");
	/* s2sd-conf ended before it had said anything: s2sd-keys tries again */
	g->failed = 0;
	reload_down(g->r, PROC_KEYS, g->now);
	rig_up(g, PB(PROC_KEYS));
	reload_conf_exit(g->r, 0, g->now);
	assert_int_equal(g->failed, 0);
	g->now = reload_tick(g->r, g->now);
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->failed, PB(PROC_KEYS));
	g->ndone = 0;

	/* a reload without s2sd-keys is refused at once */
	reload_down(g->r, PROC_KEYS, g->now);
	reload_start(g->r, g->now);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 1);
	/* and ends when it dies while it collects */
	rig_up(g, PB(PROC_KEYS));
	reload_conf_exit(g->r, 1, g->now);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 3, ""), 0);
	g->n = 0;
	rig_agree(g);
	rig_say(g, PROC_KEYS, M_CONF_READY, 3, "");
	rig_say(g, PROC_KEYS, M_CONF_DONE, 3, "");
	rig_say(g, PROC_KEYS, M_CONF_DONE, 3, "");
	reload_start(g->r, g->now);
	assert_string_equal(g->mode, "run");
	reload_down(g->r, PROC_KEYS, g->now);
	assert_int_equal(g->ndone, 2);
	assert_int_equal(g->err, 1);
	assert_int_equal(g->stops, 1);
}

static void
test_slow(void **state)
{
	struct rig	*g = *state;
	uint64_t	 t;

	in_force(g);
	assert_true(reload_tick(g->r, g->now) == UINT64_MAX);
	/* s2sd-conf hangs */
	reload_start(g->r, g->now);
	t = reload_tick(g->r, g->now);
	assert_int_equal(t, g->now + 30000);
	g->now = t;
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->stops, 1);
	assert_int_equal(g->err, 1);
	/* s2sd-sad does not answer PREPARE: it ends, the old stands */
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	rig_say(g, PROC_CTL, M_CONF_READY, 3, "");
	g->now = reload_tick(g->r, g->now);
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->failed, ALL & ~PB(PROC_CTL));
	assert_int_equal(g->ndone, 2);
	assert_int_equal(g->err, 1);
	assert_int_equal(reload_gen(g->r), 1);
	/* s2sd-host does not answer NEW: it ends, the others go on */
	g->failed = 0;
	g->n = 0;
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	rig_say(g, PROC_CTL, M_CONF_READY, 4, "");
	rig_say(g, PROC_HOST, M_CONF_READY, 4, "");
	rig_say(g, PROC_SAD, M_CONF_READY, 4, "");
	rig_say(g, PROC_KEYS, M_CONF_READY, 4, "");
	rig_say(g, PROC_NET, M_CONF_READY, 4, "");
	rig_say(g, PROC_IKE, M_CONF_READY, 4, "");
	rig_say(g, PROC_CTL, M_CONF_DONE, 4, "");
	g->now = reload_tick(g->r, g->now);
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->failed, PB(PROC_HOST));
	g->n = 0;
	reload_down(g->r, PROC_HOST, g->now);
	rig_agree(g);
	assert_int_equal(g->err, 0);
	assert_int_equal(reload_gen(g->r), 4);
	/* alone, and silent */
	g->failed = 0;
	rig_up(g, PB(PROC_HOST));
	g->now = reload_tick(g->r, g->now);
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->failed, PB(PROC_HOST));
}

/* At the very first a process may be kept waiting by its kernel. */
static void
test_first(void **state)
{
	struct rig	*g = *state;
	uint64_t	 t, from;

	rig_up(g, ALL);
	reload_start(g->r, g->now);
	rig_parse(g, 1000, ab);
	rig_say(g, PROC_CTL, M_CONF_READY, 1, "");
	rig_say(g, PROC_HOST, M_CONF_READY, 1, "");
	rig_say(g, PROC_SAD, M_CONF_READY, 1, "");
	rig_say(g, PROC_KEYS, M_CONF_READY, 1, "");
	rig_say(g, PROC_NET, M_CONF_READY, 1, "");
	rig_say(g, PROC_IKE, M_CONF_READY, 1, "");
	rig_say(g, PROC_CTL, M_CONF_DONE, 1, "");
	rig_say(g, PROC_HOST, M_CONF_DONE, 1, "");
	assert_int_equal(g->log[g->n - 1].to, PROC_SAD);
	from = g->now;
	while ((t = reload_tick(g->r, g->now)) < from + 100000)
		g->now = t;
	assert_int_equal(g->failed, 0);
	g->now = from + 100000;
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->failed, 0);
	/* but not for ever */
	g->now = t;
	(void)reload_tick(g->r, g->now);
	assert_int_equal(g->failed, PB(PROC_SAD));
	/* nor its next life, alone */
	g->failed = 0;
	g->n = 0;
	reload_down(g->r, PROC_SAD, g->now);
	rig_agree(g);
	rig_up(g, PB(PROC_SAD));
	rig_say(g, PROC_SAD, M_CONF_READY, 1, "");
	assert_int_equal(g->log[g->n - 1].type, M_CONF_NEW);
	from = g->now;
	while ((t = reload_tick(g->r, g->now)) < from + 100000)
		g->now = t;
	assert_int_equal(g->failed, 0);
}

static void
test_full(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	g->room = 0;
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	assert_int_equal(g->n, 0);
	g->room = 1;
	reload_room(g->r, PROC_SAD);
	assert_int_equal(g->n, 1);
	assert_int_equal(g->log[0].type, M_CONF_BEGIN);
	/* who has not got everything cannot have looked at it */
	assert_int_equal(rig_say(g, PROC_SAD, M_CONF_READY, 2, ""), -1);
	g->room = 2;
	reload_room(g->r, PROC_SAD);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_TUNNEL), 2);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_END), 0);
	g->room = 1000;
	reload_room(g->r, PROC_SAD);
	assert_int_equal(rig_count(g, PROC_SAD, M_CONF_END), 1);
	assert_int_equal(rig_say(g, PROC_SAD, M_CONF_READY, 2, ""), 0);
}

static void
test_lies(void **state)
{
	struct rig	*g = *state;
	uint8_t		 junk[200];

	memset(junk, 'x', sizeof(junk));
	in_force(g);
	/* of s2sd-ike and the like */
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 1, ""), -1);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_DONE, 1, ""), -1);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), -1);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 2, ""), -1);
	reload_start(g->r, g->now);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), -1);
	/* of s2sd-conf */
	assert_int_equal(rig_tunnel(g, "early", 1000), -1);
	assert_int_equal(rig_end(g, 0), -1);
	assert_int_equal(rig_global(g), 0);
	assert_int_equal(rig_global(g), -1);
	assert_int_equal(rig_record(g, rd_of(junk, sizeof(junk))), -1);
	assert_int_equal(rig_record(g, rd_of(junk, 0)), -1);
	assert_int_equal(rig_tunnel(g, "one", 1000), 0);
	assert_int_equal(rig_end(g, 2), -1);
	assert_int_equal(rig_end(g, 1), 0);
	assert_int_equal(rig_tunnel(g, "late", 1000), -1);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 2, ""), 0);
	reload_conf_exit(g->r, 1, g->now);
	/* PREPARE: DONE is no answer, nor is the old generation's */
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_DONE, 2, ""), -1);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 3, ""), -1);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), -1);
}

static void
test_same_name(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	reload_start(g->r, g->now);
	assert_int_equal(rig_global(g), 0);
	assert_int_equal(rig_tunnel(g, "twin", 1000), 0);
	assert_int_equal(rig_tunnel(g, "twin", 1001), 0);
	assert_int_equal(rig_end(g, 2), 0);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 2, ""), 0);
	reload_conf_exit(g->r, 1, g->now);
	assert_int_equal(g->err, 1);
	assert_int_equal(reload_gen(g->r), 1);
}

static void
test_again(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	reload_start(g->r, g->now);
	reload_start(g->r, g->now);
	reload_start(g->r, g->now);
	rig_parse(g, 2000, bc);
	rig_agree(g);
	assert_int_equal(g->ndone, 1);
	/* one more, however often it was asked for */
	assert_int_equal(g->runs, 3);
	g->n = 0;
	rig_parse(g, 1000, ab);
	rig_agree(g);
	assert_int_equal(g->ndone, 2);
	assert_int_equal(reload_busy(g->r), 0);
	assert_int_equal(reload_gen(g->r), 3);
}

static void
test_drain(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	assert_int_equal(reload_drain(g->r, PB(PROC_IKE), g->now), 0);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_BEGIN), 1);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_TUNNEL), 0);
	rig_agree(g);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(g->err, 0);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_GONE), 1);
	/* nobody else was touched: the block stays */
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_BEGIN), 0);
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_GONE), 0);
}

/* The end comes while one is given the old set: it gets no other. */
static void
test_drain_sync(void **state)
{
	struct rig	*g = *state;

	in_force(g);
	reload_down(g->r, PROC_HOST, g->now);
	rig_up(g, PB(PROC_HOST));
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_END), 1);
	assert_int_equal(reload_drain(g->r, PB(PROC_IKE), g->now), 0);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_READY, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_HOST, M_CONF_READY, 1, ""), 0);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_DONE, 2, ""), 0);
	assert_int_equal(rig_say(g, PROC_IKE, M_CONF_DONE, 2, ""), 0);
	assert_int_equal(g->ndone, 1);
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_BEGIN), 1);
	assert_int_equal(rig_count(g, PROC_HOST, M_CONF_NEW), 0);
}

/* s2sd -b: no secrets, nobody but s2sd-host. */
static void
test_block(void **state)
{
	struct rig	*g = *state;
	struct rig	 b;

	(void)g;
	rig_open(&b, "test");
	rig_up(&b, PB(PROC_HOST));
	reload_start(b.r, b.now);
	assert_string_equal(b.mode, "test");
	assert_int_equal(rig_global(&b), 0);
	assert_int_equal(rig_tunnel(&b, "one", 1000), 0);
	assert_int_equal(rig_end(&b, 1), 0);
	reload_conf_exit(b.r, 1, b.now);
	rig_agree(&b);
	assert_int_equal(b.ndone, 1);
	assert_int_equal(b.err, 0);
	assert_int_equal(rig_count(&b, PROC_HOST, M_CONF_NEW), 1);
	rig_close(&b);

	/* s2sd -nv: nothing comes but the exit status */
	rig_open(&b, "print");
	reload_start(b.r, b.now);
	assert_string_equal(b.mode, "print");
	reload_conf_exit(b.r, 1, b.now);
	assert_int_equal(b.ndone, 1);
	assert_int_equal(b.err, 0);
	reload_start(b.r, b.now);
	assert_int_equal(rig_say(&b, PROC_CONF, M_CF_ERROR, 2, "x:1: no"), 0);
	reload_conf_exit(b.r, 0, b.now);
	assert_int_equal(b.ndone, 2);
	assert_int_equal(b.err, 1);
	rig_close(&b);

	/* s2sd -u: nothing was in force, nothing shall be */
	rig_open(&b, "test");
	rig_up(&b, PB(PROC_HOST));
	assert_int_equal(reload_drain(b.r, ~0u, b.now), 0);
	rig_agree(&b);
	assert_int_equal(b.ndone, 1);
	assert_int_equal(b.err, 0);
	assert_int_equal(b.runs, 0);
	rig_close(&b);
}

static void
test_many(void **state)
{
	struct rig	*g = *state;
	char		 name[32];
	uint32_t	 i, id, n = 1000;

	rig_up(g, PB(PROC_KEYS) | PB(PROC_IKE));
	reload_start(g->r, g->now);
	assert_int_equal(rig_global(g), 0);
	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "t%u", i * 7919 % n);
		assert_int_equal(rig_tunnel(g, name, 3600), 0);
	}
	assert_int_equal(rig_end(g, n), 0);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 1, ""), 0);
	reload_conf_exit(g->r, 1, g->now);
	rig_agree(g);
	assert_int_equal(g->err, 0);
	assert_int_equal(rig_count(g, PROC_IKE, M_CONF_TUNNEL), n);
	/* again, in another order: every id is as it was */
	id = reload_id(g->r, "t500");
	g->n = 0;
	reload_start(g->r, g->now);
	assert_int_equal(rig_global(g), 0);
	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "t%u", i);
		assert_int_equal(rig_tunnel(g, name, 3600), 0);
	}
	assert_int_equal(rig_end(g, n), 0);
	assert_int_equal(rig_say(g, PROC_KEYS, M_K_SECRETS, 2, ""), 0);
	reload_conf_exit(g->r, 1, g->now);
	rig_agree(g);
	assert_int_equal(reload_id(g->r, "t500"), id);
	for (i = 0; i < g->n; i++)
		assert_true(g->log[i].tunnel <= n);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, open_rig, close_rig)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_order), T(test_ids), T(test_soft), T(test_bad_file),
		T(test_refused), T(test_death_prepare), T(test_death_commit),
		T(test_death_keys), T(test_slow), T(test_first), T(test_full),
		T(test_lies),
		T(test_same_name), T(test_again), T(test_drain),
		T(test_drain_sync),
		T(test_block), T(test_many)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

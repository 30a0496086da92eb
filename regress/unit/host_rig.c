/* SPDX-License-Identifier: ISC */

/* host_rig.c: what test_host.c and test_map.c begin with; see host_rig.h. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host_rig.h"

int
has(const struct fw_rules *rs, enum fw_verdict v, const char *l, const char *r)
{
	struct addr	 a, b;

	assert_int_equal(addr_parse(l, &a), 0);
	assert_int_equal(addr_parse(r, &b), 0);
	return (fw_has(&rs->r[v][a.af == 6], a.a, b.a));
}

void
begin(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(conf_init(&s->c), 0);
	s->g.gateway = GW_NATEXEMPT | GW_MSS;
	assert_int_equal(addr_parse("192.168.1.3", &s->mine[0]), 0);
	assert_int_equal(addr_parse("10.1.3.1", &s->mine[1]), 0);
	s->f.mine = s->mine;
	s->f.nmine = 2;
	s->t.id = 1;
	memcpy(s->t.name, "t", 2);
	assert_int_equal(addr_parse("192.168.1.4", &s->t.peer[0]), 0);
	s->t.npeer = 1;
	s->t.npair = 1;
	s->t.pair[0].local = sel("10.1.3.0/24");
	s->t.pair[0].remote = sel("10.1.4.0/24");
	s->t.nchild = 1;
	s->t.child[0].nencr = 1;
	s->t.child[0].encr[0] = alg_name(ALG_ENCR, "aes-256-gcm")->num;
}

void
plan(struct setup *s)
{
	assert_int_equal(conf_begin(&s->c, s->c.now->gen + 1, &s->g), 0);
	assert_int_equal(conf_add(&s->c, &s->t), 0);
	conf_commit_new(&s->c);
	rules_plan_free(&s->p);
	assert_int_equal(rules_plan(&s->c, &s->f, &s->p), 0);
}

void
end(struct setup *s)
{
	rules_plan_free(&s->p);
	conf_clear(&s->c);
}

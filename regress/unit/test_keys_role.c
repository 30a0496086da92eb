/* SPDX-License-Identifier: ISC */

/*
 * test_keys_role.c: s2sd-keys as a role: limits, lives, configuration and
 * reload, who may send what, and what its memory holds.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "keys_hs.h"

static const char	secret[] = "correct horse battery staple";

static struct rig	a, b;

static int
setup(void **state)
{
	(void)state;
	hs_two(&a, &b, secret, secret);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	rig_free(&a);
	rig_free(&b);
	return (0);
}

static uint64_t
handles(struct rig *r)
{
	struct role_counter	 c[1];

	assert_int_equal(role_keys.counters(r->self, c, 1), 1);
	assert_string_equal(c[0].name, "handles");
	return (c[0].value);
}

/* --- limits --- */

static void
test_limit_tunnel(void **state)
{
	struct hs	 h;
	int		 i;

	(void)state;
	hs_new(&h, &a, &b);
	for (i = 0; i < 64; i++)
		assert_int_equal(hs_start(&h), KERR_OK);
	assert_int_equal(hs_start(&h), KERR_LIMIT);
	assert_int_equal(h.kei.n, 0);
	/* after a minute they are gone, not a millisecond before */
	assert_int_equal(rig_tick(&a, 1000 + 59999), 61000);
	assert_int_equal(hs_start(&h), KERR_LIMIT);
	assert_true(rig_tick(&a, 61000) == DUE_NEVER);
	assert_int_equal(hs_start(&h), KERR_OK);
	assert_int_equal(rig_tick(&a, a.now), 121000);
}

/* A peer that proves itself again and again fills its own tunnel only. */
static void
test_limit_proved(void **state)
{
	struct hs	 h;
	int		 i, err = KERR_OK;

	(void)state;
	for (i = 0; err == KERR_OK; i++) {
		hs_new(&h, &a, &b);
		assert_int_equal(hs_start(&h), i < 64 ? KERR_OK : KERR_LIMIT);
		if (i == 64)
			break;
		assert_int_equal(hs_start_r(&h), KERR_OK);
		hs_messages(&h);
		assert_int_equal(hs_keyed(&h), KERR_OK);
		assert_int_equal(hs_auth_r(&h), KERR_OK);
		assert_int_equal(hs_auth_i(&h), KERR_OK);
	}
	assert_int_equal(b.pairs, 64);
	/* proved ones have no end of life */
	assert_int_equal(handles(&b), 64);
	assert_true(rig_tick(&b, b.now + 100 * 3600000ull) == DUE_NEVER);
	assert_int_equal(handles(&b), 64);
	memset(h.kei.d, 9, 32);
	h.kei.n = h.ni.n = 32;
	assert_int_equal(hs_start_r(&h), KERR_OK);	/* a stranger may try */
}

static void
test_limit_all(void **state)
{
	struct hs	 h;
	int		 i;

	(void)state;
	hs_new(&h, &a, &b);
	memset(h.kei.d, 9, 32);
	h.kei.n = h.ni.n = 32;
	for (i = 0; i < 4096; i++)
		assert_int_equal(hs_start_r(&h), KERR_OK);
	assert_int_equal(hs_start_r(&h), KERR_LIMIT);
	(void)rig_tick(&b, b.now + 60000);
	assert_int_equal(hs_start_r(&h), KERR_OK);
}

/* A handle that ended at its limit of time is of no more use. */
static void
test_expired(void **state)
{
	struct hs	 h;

	(void)state;
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	(void)rig_tick(&b, b.now + 60000);
	assert_int_equal(hs_auth_r(&h), KERR_NOHANDLE);
	hs_new(&h, &a, &b);
	hs_whole(&h);
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	assert_int_equal(hs_auth_r(&h), KERR_OK);
	(void)rig_tick(&a, a.now + 60000);
	assert_int_equal(hs_auth_i(&h), KERR_NOHANDLE);
}

/* s2sd-sad takes nothing: no answer says that all is well. */
static void
test_sad_behind(void **state)
{
	struct m_k_auth	 q;
	struct hs	 h;

	(void)state;
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	b.full = 1;
	memset(&q, 0, sizeof(q));
	q.handle = h.hr;
	q.init_i = oct_rd(&h.init_i);
	q.init_r = oct_rd(&h.init_r);
	q.id = oct_rd(&h.idi);
	q.method = 2;
	q.auth = oct_rd(&h.authi);
	q.encr = A_GCM;
	assert_int_equal(rig_send(&b, PROC_IKE, M_K_AUTH, 9, &q), 0);
	b.full = 0;
	assert_int_equal(b.nout, 0);
	assert_int_equal(hs_auth_r(&h), KERR_NOHANDLE);
}

/* --- the others --- */

static void
test_ike_died(void **state)
{
	struct m_died	 d = { PROC_SAD, 2 };
	struct hs	 h, g;

	(void)state;
	hs_new(&h, &a, &b);
	hs_whole(&h);
	hs_new(&g, &a, &b);
	hs_to_keyed(&g);
	assert_int_equal(rig_send(&b, PROC_PARENT, M_DIED, 0, &d), 0);
	assert_int_equal(hs_auth_r(&h), KERR_STATE);	/* still there */
	d.proc = PROC_IKE;
	assert_int_equal(rig_send(&b, PROC_PARENT, M_DIED, 0, &d), 0);
	assert_int_equal(hs_auth_r(&h), KERR_NOHANDLE);
	assert_int_equal(hs_auth_r(&g), KERR_NOHANDLE);
	hs_new(&h, &a, &b);
	hs_whole(&h);
}

/* Every message, from everybody who may not send it; short and long ones. */
static void
test_senders(void **state)
{
	static uint8_t		 body[IPC_BODY_MAX];
	const struct msg_desc	*d;
	struct m_cf_secret	 s;
	size_t			 i, n, min, max;
	enum proc		 p;

	(void)state;
	d = msg_descs(&n);
	for (i = 0; i < n; i++) {
		msg_bounds(&d[i], &min, &max);
		for (p = 0; p < PROC_MAX; p++) {
			if (d[i].to & PB(PROC_KEYS) && d[i].from & PB(p))
				continue;
			assert_int_equal(rig_raw(&a, p, d[i].type, 7, body,
			    min), -1);
			assert_int_equal(a.nout, 0);
		}
		if (!(d[i].to & PB(PROC_KEYS)) || !(d[i].from & PB(PROC_IKE)))
			continue;
		if (min > 0)
			assert_int_equal(rig_raw(&a, PROC_IKE, d[i].type, 7,
			    body, min - 1), -1);
		assert_int_equal(rig_raw(&a, PROC_IKE, d[i].type, 7, body,
		    min + 1), -1);
		assert_int_equal(a.nout, 0);
	}
	/* no name, no secret, a secret twice */
	memset(&s, 0, sizeof(s));
	s.psk = rd_of("x", 1);
	assert_int_equal(rig_send(&a, PROC_CONF, M_CF_SECRET, 0, &s), -1);
	memcpy(s.name, "to-b", 4);
	s.psk = rd_of("x", 0);
	assert_int_equal(rig_send(&a, PROC_CONF, M_CF_SECRET, 0, &s), -1);
	assert_int_equal(rig_secret(&a, 2, "to-b", "x"), 0);
	assert_int_equal(rig_secret(&a, 2, "to-b", "y"), 0);
	assert_int_equal(rig_conf(&a, 2, NULL, NULL, 0), -1);
}

/* --- configuration --- */

static void
test_conf(void **state)
{
	struct tunnel	 t[2];
	const char	*s[2] = { "the first secret", NULL };
	struct hs	 h;

	(void)state;
	rig_tunnel(&t[0], 7, "to-b", "a.example", "b.example");
	rig_tunnel(&t[1], 8, "to-c", "a.example", "c.example");
	/* a tunnel without a secret; a disabled one needs none */
	assert_int_equal(rig_conf(&a, 2, t, s, 2), -1);
	/* likewise, of a file that is bad: no start for that tunnel alone */
	assert_int_equal(rig_secret(&a, 2, "to-b", secret), 0);
	assert_int_equal(rig_part(&a, 2), 0);
	assert_int_equal(rig_commit(&a, 2, t, 2), 0);
	hs_new(&h, &a, &b);
	hs_whole(&h);
	h.ti = 8;
	assert_int_equal(hs_start(&h), KERR_OK);
	assert_int_equal(hs_keyed(&h), KERR_NOSECRET);
	s[0] = secret;
	s[1] = NULL;
	assert_int_equal(rig_conf(&a, 3, t, s, 2), -1);	/* not for long */
	s[0] = "the first secret";
	hs_new(&h, &a, &b);
	hs_whole(&h);			/* the old stands */
	t[1].flags = TUN_DISABLED;
	s[0] = secret;
	assert_int_equal(rig_conf(&a, 3, t, s, 2), 0);
	hs_new(&h, &a, &b);
	hs_whole(&h);
	h.ti = 8;			/* disabled */
	assert_int_equal(hs_start(&h), KERR_NOTUNNEL);
	/* the configuration without its secrets, or with those of another */
	assert_int_equal(rig_commit(&a, 4, t, 1), -1);
	assert_int_equal(rig_secret(&a, 5, "to-b", secret), 0);
	assert_int_equal(rig_commit(&a, 5, t, 1), -1);
}

/* A new secret counts from the next AUTH on; what is up stays up. */
static void
test_reload_secret(void **state)
{
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;
	struct tunnel		 ta, tb;
	const char		*s = "the next secret";
	struct hs		 h, g;

	(void)state;
	rig_tunnel(&ta, 7, "to-b", "a.example", "b.example");
	rig_tunnel(&tb, 9, "to-a", "b.example", "a.example");
	hs_new(&h, &a, &b);
	hs_whole(&h);
	hs_new(&g, &a, &b);
	hs_to_keyed(&g);		/* AUTH by the old one under way */
	assert_int_equal(rig_conf(&b, 2, &tb, &s, 1), 0);
	assert_int_equal(hs_auth_r(&g), KERR_AUTH);
	hs_new(&g, &a, &b);
	hs_to_keyed(&g);
	assert_int_equal(hs_auth_r(&g), KERR_AUTH);
	assert_int_equal(rig_conf(&a, 2, &ta, &s, 1), 0);
	hs_new(&g, &a, &b);
	hs_whole(&g);
	cs.handle = h.hi;
	cs.dh = 0;
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CSTART, 7, &cs), 0);
	assert_true(rig_answer(&a, M_K_CSTARTED, &cd));
	/* what the old secret proved has ended */
	assert_int_equal(cd.err, KERR_NOHANDLE);
}

/* A tunnel that is gone takes its handles along; others stay. */
static void
test_reload_gone(void **state)
{
	struct m_k_cstart	 cs;
	struct m_k_cstarted	 cd;
	struct tunnel		 t[2];
	const char		*s[2] = { secret, "for the other one" };
	struct hs		 h;

	(void)state;
	rig_tunnel(&t[0], 7, "to-b", "a.example", "b.example");
	rig_tunnel(&t[1], 8, "to-c", "a.example", "c.example");
	assert_int_equal(rig_conf(&a, 2, t, s, 2), 0);
	hs_new(&h, &a, &b);
	hs_whole(&h);
	cs.handle = h.hi;
	cs.dh = 0;
	assert_int_equal(rig_conf(&a, 3, t, s, 1), 0);
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CSTART, 7, &cs), 0);
	assert_true(rig_answer(&a, M_K_CSTARTED, &cd));
	assert_int_equal(cd.err, KERR_OK);
	assert_int_equal(rig_conf(&a, 4, t + 1, s + 1, 1), 0);
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CSTART, 7, &cs), 0);
	assert_true(rig_answer(&a, M_K_CSTARTED, &cd));
	assert_int_equal(cd.err, KERR_NOHANDLE);
	assert_int_equal(hs_start(&h), KERR_NOTUNNEL);
}

/* Two equal identities: whatever the parent says, no AUTH is made. */
static void
test_equal_ids(void **state)
{
	struct global	 g;
	struct tunnel	 t;
	struct hs	 h;

	(void)state;
	memset(&g, 0, sizeof(g));
	rig_tunnel(&t, 7, "to-b", "a.example", "a.example");
	/* past tunnel_get, which refuses it already */
	assert_int_equal(conf_begin(&a.c, 2, &g), 0);
	assert_int_equal(conf_add(&a.c, &t), 0);
	conf_commit_new(&a.c);
	conf_commit_gone(&a.c);
	hs_new(&h, &a, &a);
	h.tr = 7;
	assert_int_equal(hs_start(&h), KERR_ID);
	memset(h.kei.d, 9, 32);
	h.kei.n = h.ni.n = 32;
	assert_int_equal(hs_start_r(&h), KERR_OK);
	hs_messages(&h);
	oct_set(&h.idi, rd_of("\2\0\0\0a.example", 13));
	h.authi.n = 32;
	assert_int_equal(hs_auth_r(&h), KERR_ID);
}

/* A handle belongs to its tunnel, even if another has all the same. */
static void
test_other_tunnel(void **state)
{
	struct tunnel	 t[2];
	const char	*s[2] = { secret, secret };
	struct hs	 h, good;

	(void)state;
	rig_tunnel(&t[0], 7, "to-b", "a.example", "b.example");
	rig_tunnel(&t[1], 8, "to-b-too", "a.example", "b.example");
	assert_int_equal(rig_conf(&a, 2, t, s, 2), 0);
	hs_new(&h, &a, &b);
	hs_to_keyed(&h);
	assert_int_equal(hs_auth_r(&h), KERR_OK);
	good = h;
	h.ti = 8;
	assert_int_equal(hs_keyed(&h), KERR_NOTUNNEL);
	h = good;
	h.ti = 8;
	assert_int_equal(hs_auth_i(&h), KERR_NOTUNNEL);
	assert_int_equal(a.pairs, 0);
}

/* Closing an IKE SA leaves none of its exchanges behind. */
static void
test_close_all(void **state)
{
	struct m_k_handle	 q;
	struct m_k_cstart	 cs;
	struct hs		 h;
	int			 i;

	(void)state;
	hs_new(&h, &a, &b);
	hs_whole(&h);
	cs.handle = h.hi;
	cs.dh = A_X25519;
	for (i = 0; i < 5; i++)
		assert_int_equal(rig_send(&a, PROC_IKE, i % 2 ? M_K_RSTART :
		    M_K_CSTART, 7, &cs), 0);
	assert_int_equal(handles(&a), 6);
	q.handle = h.hi;
	assert_int_equal(rig_send(&a, PROC_IKE, M_K_CLOSE, 0, &q), 0);
	assert_int_equal(handles(&a), 0);
}

/* --- memory --- */

/*
 * How often a secret lies in our own memory.  The pattern is given with
 * each octet inverted, so that the search does not find itself.
 */
static size_t
scan(const uint8_t *inverse, size_t n)
{
	char		 line[512], perm[8];
	unsigned long	 from, to;
	uint8_t		*buf;
	FILE		*maps, *mem;
	size_t		 found = 0, got, i, j;

	buf = malloc(1 << 20);
	maps = fopen("/proc/self/maps", "r");
	mem = fopen("/proc/self/mem", "rb");
	if (buf == NULL || maps == NULL || mem == NULL)
		return (SIZE_MAX);
	setvbuf(mem, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, perm) != 3 ||
		    perm[0] != 'r' || perm[1] != 'w' ||
		    to - from > 1ul << 30 ||	/* the sanitizer's shadow */
		    strstr(line, "[v") != NULL)
			continue;
		for (; from < to; from += (1 << 20) - n) {
			got = to - from < 1 << 20 ? to - from : 1 << 20;
			if (fseek(mem, (long)from, SEEK_SET) != 0 ||
			    (got = fread(buf, 1, got, mem)) < n)
				break;
			if ((uintptr_t)buf >= from &&
			    (uintptr_t)buf < from + got)
				continue;	/* our own window */
			for (i = 0; i + n <= got; i++) {
				for (j = 0; j < n; j++)
					if ((buf[i + j] ^ inverse[j]) != 0xff)
						break;
				found += j == n;
			}
			if (got < 1 << 20)
				break;
		}
	}
	explicit_bzero(buf, 1 << 20);
	free(buf);
	fclose(maps);
	fclose(mem);
	return (found);
}

/*
 * Each octet inverted.  The tests look for the second half alone: malloc
 * writes over the first octets of what was freed.
 */
static void
invert(const uint8_t *from, uint8_t *to, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		to[i] = (uint8_t)~from[i];
}

static void
test_memory(void **state)
{
	struct rig	*x, *y;
	struct hs	*h;
	char		 psk[33];
	uint8_t		 inv[32], ein[32];
	uint32_t	 s = 12345;
	size_t		 i;

	(void)state;
	for (i = 0; i < 32; i++)
		psk[i] = (char)('a' + rig_rand(&s) % 26);
	psk[32] = '\0';
	invert((uint8_t *)psk, inv, 32);
	assert_int_equal(scan(inv + 16, 16), 1);	/* psk itself: it can see */
	x = calloc(1, sizeof(*x));
	y = calloc(1, sizeof(*y));
	h = calloc(1, sizeof(*h));
	assert_true(x != NULL && y != NULL && h != NULL);
	hs_two(x, y, psk, psk);
	x->seed = 20261125;	/* keys that no other test has left about */
	y->seed = 20261126;
	explicit_bzero(psk, sizeof(psk));
	assert_int_equal(scan(inv + 16, 16), 2);	/* one each */
	hs_new(h, x, y);
	hs_whole(h);
	assert_int_equal(scan(inv + 16, 16), 2);
	/* the child's key has gone to s2sd-sad and lies nowhere */
	invert(h->pi.ein.d, ein, 32);
	assert_true(scan(ein + 16, 16) > 0);
	memset(h->i->out, 0, sizeof(h->i->out));
	memset(h->r->out, 0, sizeof(h->r->out));
	explicit_bzero(h, sizeof(*h));
	assert_int_equal(scan(ein + 16, 16), 0);
	rig_free(x);
	rig_free(y);
	assert_int_equal(scan(inv + 16, 16), 0);
	free(x);
	free(y);
	free(h);
}

/* A stage that nobody takes does not keep its secrets. */
static void
test_stage(void **state)
{
	char		 psk[33];
	uint8_t		 inv[32];
	uint32_t	 s = 54321;
	size_t		 i;

	(void)state;
	for (i = 0; i < 32; i++)
		psk[i] = (char)('a' + rig_rand(&s) % 26);
	psk[32] = '\0';
	invert((uint8_t *)psk, inv, 32);
	assert_int_equal(rig_secret(&a, 2, "to-b", psk), 0);
	explicit_bzero(psk, sizeof(psk));
	assert_int_equal(scan(inv + 16, 16), 1);
	(void)rig_tick(&a, a.now + 119999);
	assert_int_equal(scan(inv + 16, 16), 1);
	(void)rig_tick(&a, a.now + 1);
	assert_int_equal(scan(inv + 16, 16), 0);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest	 t[] = {
		T(test_limit_tunnel), T(test_limit_proved), T(test_limit_all),
		T(test_expired), T(test_sad_behind), T(test_ike_died),
		T(test_senders), T(test_conf), T(test_reload_secret),
		T(test_reload_gone), T(test_equal_ids),
		T(test_other_tunnel), T(test_close_all), T(test_memory),
		T(test_stage),
	};

	return (cmocka_run_group_tests(t, NULL, NULL));
}

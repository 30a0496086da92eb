/* SPDX-License-Identifier: ISC */

/*
 * test_pfkey_rules.c: what goes wrong with PF_KEY and must not with us, one
 * test for each row of a list that was made from the kernels' sources.  The
 * messages that the mock kernel got are looked at octet by octet.
 */

#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/espkit.h"
#include "bypass.h"
#include "mock_int.h"
#include "pfkey_rig.h"

enum { OBSD = PK_SYS_OPENBSD, FBSD = PK_SYS_FREEBSD, NBSD = PK_SYS_NETBSD,
    LNX = PK_SYS_LINUX, ALL = 4 };

/* --- one backend, and what it reported --- */

struct sight {
	int		 done, err;
	size_t		 nhard, nsoft, nlost, nacquire, nmoved;
	struct addr	 moved;
};

static struct rig	*g;
static struct sight	 seen;
static struct tunnel	 tun;
static uint32_t		 next;

static void
ev_done(void *arg, uint32_t id, int err, uint32_t spi)
{
	(void)arg;
	(void)id;
	(void)spi;
	seen.done++;
	seen.err = err;
}

static void
ev_counters(void *arg, uint32_t id, const struct sa_count *c, size_t n)
{
	(void)arg;
	(void)id;
	(void)c;
	(void)n;
}

static void
ev_listed(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in, uint32_t spi_out)
{
	(void)arg;
	(void)id;
	(void)tunnel;
	(void)child;
	(void)spi_in;
	(void)spi_out;
}

static void
ev_acquire(void *arg, uint32_t tunnel, const struct addr *src,
    const struct addr *dst, uint8_t ipproto)
{
	(void)arg;
	(void)src;
	(void)dst;
	(void)ipproto;
	seen.nacquire += tunnel == 7;
}

static void
ev_expire(void *arg, uint32_t tunnel, uint32_t child, int hard)
{
	(void)arg;
	(void)tunnel;
	(void)child;
	seen.nhard += hard != 0;
	seen.nsoft += !hard;
}

static void
ev_moved(void *arg, uint32_t tunnel, uint32_t child, const struct addr *l,
    const struct addr *r)
{
	(void)arg;
	(void)tunnel;
	(void)child;
	(void)l;
	seen.nmoved++;
	seen.moved = *r;
}

static void
ev_lost(void *arg)
{
	(void)arg;
	seen.nlost++;
}

static const struct sa_events	 ev = { NULL, NULL, ev_done, ev_counters,
    ev_listed, ev_acquire, ev_expire, ev_moved, ev_lost, NULL };

static void
open_(int sys)
{
	memset(&seen, 0, sizeof(seen));
	next = 0;
	kit_tunnel(&tun, 7, "berlin", "192.0.2.1", "192.0.2.2",
	    "10.1.3.0/24", "10.1.4.0/24");
	g = rig_new(pk_dialects[sys]);
	rig_start(g, &ev, 0x1f3a);
}

static void
close_(void)
{
	rig_end(g);
	free(g);
	g = NULL;
}

static const struct sa_backend *
be(void)
{
	return (pk_backend(g->d));
}

static void
block(void)
{
	be()->policy_replace(g->be, ++next, &tun, 1);
	rig_pump(g);
}

/* Cipher NULL: the best that the dialect has.  Keys are octets 0x11... */
static int
put(uint32_t child, const char *encr, const char *integ, uint32_t replay,
    int udp)
{
	struct m_e_pair	 m;
	struct sa_pair	 r;
	uint8_t		 buf[5000];

	if (encr == NULL && g->d == &pk_linux) {
		encr = "aes-256";
		integ = "hmac-sha1";
	} else if (encr == NULL)
		encr = "aes-256-gcm";
	kit_e_pair(&m, &tun, child, encr, integ, 0, buf, sizeof(buf));
	memset(&r, 0, sizeof(r));
	r.tunnel = tun.id;
	r.child = child;
	r.spi_in = m.spi_in;
	r.spi_out = m.spi_out;
	r.replay = replay;
	r.encr = alg_num(m.encr);
	r.integ = m.integ == 0 ? NULL : alg_num(m.integ);
	r.udp = (uint8_t)udp;
	r.life = 3600;
	r.local = m.local;
	r.remote = m.remote;
	r.ein = &m.ein;
	r.ain = &m.ain;
	r.eout = &m.eout;
	r.aout = &m.aout;
	r.pair = tun.pair;
	r.npair = tun.npair;
	seen.done = 0;
	be()->sa_install(g->be, ++next, &r);
	rig_pump(g);
	assert_int_equal(seen.done, 1);
	return (seen.err);
}

static void
take(uint32_t child)
{
	be()->sa_delete(g->be, ++next, tun.id, child, 0xa0000000 + child);
	rig_pump(g);
}

/* The last message of that type, taken apart; 0 if there was none. */
static int
msg(uint8_t type, struct mock_msg *out)
{
	size_t	 i;

	for (i = g->k.nhist; i-- > 0 && g->k.nhist - i <= MOCK_HIST; )
		if (g->k.hist[i % MOCK_HIST].d[1] == type) {
			assert_int_equal(mock_parse(&g->k,
			    g->k.hist[i % MOCK_HIST].d,
			    g->k.hist[i % MOCK_HIST].n, out), 0);
			return (1);
		}
	return (0);
}

static size_t
count(uint8_t type)
{
	size_t	 i, n = 0;

	assert_true(g->k.nhist <= MOCK_HIST);
	for (i = 0; i < g->k.nhist; i++)
		n += g->k.hist[i].d[1] == type;
	return (n);
}

/* An address of an ADDRESS extension, as text. */
static const char *
where(struct rd e)
{
	static char	 buf[ADDR_STRLEN];
	struct addr	 a;

	assert_non_null(e.p);
	assert_true(mock_sockaddr(&g->k, e.p + 8, e.n - 8, &a) != 0);
	a.port = 0;
	return (addr_str(&a, 0, buf, sizeof(buf)));
}

static uint8_t
policy_type(void)
{
	return (g->d == &pk_openbsd ? 12 : 13);
}

static void
each(void (*fn)(int))
{
	int	 i;

	for (i = 0; i < ALL; i++) {
		open_(i);
		fn(i);
		close_();
	}
}

/* --- 1, 2: numbers that clash --- */

static struct { uint8_t d[MOCK_MSG]; size_t n; } kept[ALL];

static void
numbers(int sys)
{
	struct mock_msg	 m;

	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_true(msg(policy_type(), &m));
	memcpy(kept[sys].d, m.all.p, m.all.n);
	kept[sys].n = m.all.n;
	/* flow type and masks here are KMPRIVATE, policy, SA2 there */
	assert_int_equal(m.ext[20].p != NULL, sys == OBSD);
	assert_int_equal(m.ext[21].p != NULL, sys == OBSD);
	assert_true(msg(3, &m));
	assert_int_equal(m.satype, sys == OBSD ? 2 : 3);
	assert_true(msg(7, &m));		/* the second: for AH */
	assert_int_equal(m.satype, sys == OBSD ? 1 : 2);
}

static void
test_01_02_numbers(void **state)
{
	int	 i, k;

	(void)state;
	each(numbers);
	/* what is right for one is wrong for another, and refused */
	for (i = 0; i < ALL; i++) {
		open_(i);
		for (k = 0; k < ALL; k++)
			assert_int_equal(mock_write(&g->k, kept[k].d,
			    kept[k].n) > 0, k == i || (i != OBSD && i != LNX &&
			    k != OBSD && k != LNX));
		close_();
	}
}

/* --- 3 --- */

static void
request(int sys)
{
	struct mock_msg	 m;

	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	if (sys == OBSD)
		return;
	assert_true(msg(13, &m));
	assert_int_equal(m.ext[18].n, sys == LNX ? 64 : 56);
	/* octets, not words */
	assert_int_equal(mk16(m.ext[18].p + 16), sys == LNX ? 48 : 40);
}

static void
test_03_request_size(void **state)
{
	(void)state;
	each(request);
}

/* --- 4 --- */

static void
test_04_pid(void **state)
{
	(void)state;
	open_(OBSD);
	g->k.pid = 778;			/* somebody else writes for us */
	assert_int_not_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_string_equal(g->k.why, "not the real pid");
	assert_int_equal(g->k.nsa, 0);
	close_();
	open_(FBSD);
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	g->k.sa[0].larval = 1;		/* reserved by an earlier life */
	g->k.sa[0].pid = 1;
	{
		struct mock_msg	 m;
		uint8_t		 again[MOCK_MSG];

		assert_true(msg(2, &m));
		memcpy(again, m.all.p, m.all.n);
		assert_int_equal(mock_write(&g->k, again, m.all.n),
		    m.all.n);
		assert_int_equal(g->k.sa[0].larval, 1);	/* refused */
	}
	close_();
}

/* --- 5 --- */

static void
test_05_flow_gateways(void **state)
{
	struct mock_msg	 m;
	size_t		 i;
	int		 n = 0;

	(void)state;
	open_(OBSD);
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	for (i = 0; i < g->k.npol; i++) {
		assert_int_equal(mock_parse(&g->k, g->k.pol[i].msg,
		    g->k.pol[i].n, &m), 0);
		assert_string_equal(where(m.ext[6]), "192.0.2.2");
		assert_string_equal(where(m.ext[5]), "192.0.2.1");
		n += m.ext[20].p[5];
	}
	assert_int_equal(n, 1 + 2);	/* in and out */
	take(1);
	assert_true(msg(13, &m));
	assert_null(m.ext[5].p);
	assert_null(m.ext[6].p);
	assert_null(m.ext[10].p);
	assert_int_equal(g->k.npol, 0);
	close_();
}

/* --- 6 --- */

static void
never_flush(int sys)
{
	(void)sys;
	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	take(1);
	assert_int_equal(put(2, NULL, NULL, 64, 1), SERR_OK);
	be()->flush_own(g->be, ++next);
	rig_pump(g);
	assert_int_equal(g->k.nsa + g->k.npol, 0);
	assert_int_equal(count(9), 0);
	if (g->d != &pk_openbsd)
		assert_int_equal(count(19), 0);
}

/* Without its mark a message is another daemon's. */
static void
unmark(uint8_t *d, size_t n)
{
	struct mock_msg	 m;
	size_t		 i;

	assert_int_equal(mock_parse(&g->k, d, n, &m), 0);
	for (i = 3; g->d != &pk_openbsd && i <= 4; i++)
		if (m.ext[i].p != NULL)
			memset(d + (m.ext[i].p - d) + 24, 0, 8);
	for (i = 0; g->d == &pk_openbsd && i + 5 < n; i++)
		if (memcmp(d + i, "s2sd:", 5) == 0 ||
		    memcmp(d + i, "peer:", 5) == 0)
			memcpy(d + i, "iked-", 5);
}

static void
not_ours(int sys)
{
	size_t	 n, k, i;

	(void)sys;
	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	n = g->k.nsa;
	k = g->k.npol;
	for (i = 0; i < n; i++)
		unmark(g->k.sa[i].msg, g->k.sa[i].n);
	for (i = 0; i < k; i++)
		unmark(g->k.pol[i].msg, g->k.pol[i].n);
	for (i = 1; i <= 2; i++) {
		rig_again(g, &ev, i == 1 ? 0x1f3a : 0x2222);
		be()->list(g->be, ++next);
		rig_pump(g);
		be()->flush_own(g->be, ++next);
		rig_pump(g);
		assert_int_equal(g->k.nsa, n);
		assert_int_equal(g->k.npol, k);
	}
}

/* What carries it goes: at once with our own, at the next list of another. */
static void
ours(int sys)
{
	(void)sys;
	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	rig_again(g, &ev, 0x2222);
	be()->list(g->be, ++next);
	rig_pump(g);
	assert_int_equal(g->k.nsa + g->k.npol, 0);
}

/* A socket for who comes without a daemon. */
static void
lone(struct pk_start *s)
{
	struct mock	 fresh;

	(void)close(g->k.fd);
	memset(s, 0, sizeof(*s));
	s->d = g->d;
	s->pid = RIG_PID;
	s->life = 0x1111;
	s->send = mock_write;
	s->arg = &g->k;
	s->snap = rd_of(g->snap, mock_snap(&g->k, g->snap, sizeof(g->snap)));
	s->fd = mock_new(&fresh, g->k.os, RIG_PID);
	g->k.fd = fresh.fd;
	g->k.registered = 0;
}

/* The end in good order: no SA, and the block where it is ours; then swept. */
static void
leaves(int sys)
{
	struct pk_start	 s;
	size_t		 i;

	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	be()->leave(g->be);
	assert_int_equal(g->k.nsa, 0);
	assert_int_equal(g->k.npol, sys == LNX ? 0 : 2);
	assert_int_equal(rig_out(g, &tun), sys == LNX ? 1 : 0);
	for (i = 0; i < g->k.npol; i++)
		assert_int_equal(g->k.pol[i].action, 0);
	pk_stop(g->be);
	lone(&s);
	assert_int_equal(pk_sweep(&s), 0);
	assert_int_equal(g->k.npol, 0);
	(void)close(g->k.fd);
	rig_start(g, &ev, 0x1f3a);
}

/*
 * `s2sd -b': the block of s2sd-sad without one, over what a killed daemon left.
 * The next life goes on with it, or `-u' takes it away.
 */
static void
holds(int sys)
{
	struct tunnel	*both[2];
	struct tunnel	 leaky;
	struct pk_start	 s;
	size_t		 n;

	kit_tunnel(&leaky, 8, "rom", "192.0.2.1", "192.0.2.3", "10.1.3.0/24",
	    "10.1.5.0/24");
	leaky.flags |= TUN_LEAK;
	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	n = g->k.npol;
	pk_stop(g->be);				/* kill -9 */
	tun.flags |= TUN_ONDEMAND;
	both[0] = &tun;
	both[1] = &leaky;
	lone(&s);
	assert_int_equal(pk_hold(&s, both, 2), 0);
	(void)close(g->k.fd);
	assert_int_equal(g->k.npol, n);
	assert_int_equal(n, sys == LNX ? 3 : 2);
	assert_int_equal(rig_out(g, &tun), 0);
	assert_int_equal(rig_out(g, &leaky), 1);
	for (n = 0; n < g->k.npol; n++)		/* both ways */
		assert_int_equal(g->k.pol[n].action, 0);
	tun.flags &= ~(uint32_t)TUN_ONDEMAND;
	lone(&s);
	s.life = 0x2222;
	assert_non_null(g->be = pk_new(&s, &g->io, &ev));
	rig_pump(g);
	block();
	assert_int_equal(rig_out(g, &tun), 0);
	be()->list(g->be, ++next);
	rig_pump(g);
	assert_int_equal(rig_out(g, &tun), 0);
	assert_int_equal(put(2, NULL, NULL, 64, 1), SERR_OK);
	assert_int_equal(rig_out(g, &tun), 0xb0000002);
}

static void
test_06_never_flush(void **state)
{
	(void)state;
	each(never_flush);
	each(not_ours);
	each(ours);
	each(leaves);
	each(holds);
}

/* --- 7, 24 --- */

static void
test_07_24_extensions(void **state)
{
	struct mock_msg	 m;
	size_t		 i;
	uint8_t		 raw[MOCK_MSG];
	uint16_t	 v[2] = { 9, 36 }, words;

	(void)state;
	open_(OBSD);
	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	be()->sa_query(g->be, ++next, 0);
	take(1);
	for (i = 0; i < g->k.nhist; i++) {
		assert_int_equal(mock_parse(&g->k, g->k.hist[i].d,
		    g->k.hist[i].n, &m), 0);
		assert_null(m.ext[32].p);
		assert_null(m.ext[36].p);
		assert_null(m.ext[39].p);
		assert_null(m.ext[37].p);	/* the socket's own domain */
	}
	/* and so it goes with one of them: refused, and there */
	assert_true(msg(3, &m));
	memset(raw, 0, sizeof(raw));
	memcpy(raw, m.all.p, m.all.n);
	memcpy(raw + m.all.n, v, 4);
	words = (uint16_t)((m.all.n + 72) / 8);
	memcpy(raw + 4, &words, 2);
	assert_int_equal(mock_write(&g->k, raw, m.all.n + 72), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(g->k.nsa, 1);
	close_();
}

/* --- 8 --- */

static void
test_08_identities(void **state)
{
	struct mock_msg	 m;

	(void)state;
	open_(OBSD);
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_true(msg(2, &m));	/* in: the source is the peer */
	assert_memory_equal(m.ext[10].p + 16, "peer:", 5);
	assert_memory_equal(m.ext[11].p + 16, "s2sd:", 5);
	assert_true(msg(3, &m));
	assert_memory_equal(m.ext[10].p + 16, "s2sd:", 5);
	assert_memory_equal(m.ext[11].p + 16, "peer:", 5);
	assert_true(msg(1, &m));
	assert_null(m.ext[10].p);
	/* they bind flow and SA, both ways */
	assert_int_equal(rig_out(g, &tun), 0xb0000001);
	assert_true(rig_in(g, &tun, 0xa0000001));
	close_();
}

/* --- 9 --- */

static void
errors(int sys)
{
	uint64_t	 before;
	int		 i;

	(void)sys;
	for (i = 1; i < 5; i++) {
		before = g->now;
		g->k.fail_in = i;
		g->k.fail_with = EINVAL;	/* OpenBSD: write(2) alone */
		assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_ALG);
		assert_true(g->now - before < PK_ANSWER_MS);
		assert_int_equal(g->k.nsa, 0);
	}
}

/* The answer is lost: the pair is there, and asked for with GET. */
static void
lost(int sys)
{
	struct mock_msg	 m;

	(void)sys;
	g->k.mute_in = 3;		/* GETSPI, UPDATE, ADD */
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_true(msg(5, &m));
	assert_int_equal(mkspi(m.ext[1]), 0xb0000001);
	/* 23: never added a second time with the same key */
	assert_int_equal(count(3), 1);
	assert_int_equal(g->k.nsa, 2);
}

static void
test_09_errors_of_write(void **state)
{
	(void)state;
	each(errors);
}

static void
test_23_lost_answer(void **state)
{
	(void)state;
	each(lost);
}

/* --- 10, 11, 12, 28 --- */

static void
ciphers(int sys)
{
	struct mock_msg	 m;
	size_t		 n = g->k.nhist;
	int		 linux_ = sys == LNX;

	/* 11: cut at 96 bits there, which nobody else understands */
	assert_int_equal(put(1, "aes-256", "hmac-sha2-256", 64, 1),
	    linux_ ? SERR_ALG : SERR_OK);
	assert_int_equal(put(2, "aes-256-gcm", NULL, 64, 1),
	    linux_ ? SERR_ALG : SERR_OK);
	if (linux_) {
		assert_int_equal(g->k.nhist, n);	/* not even asked */
		return;
	}
	/* 12: the salt is part of the key, and counted */
	assert_true(msg(3, &m));
	assert_int_equal(mk16(m.ext[9].p + 4), 288);
	assert_null(m.ext[8].p);
	assert_int_equal(m.ext[1].p[10], 0);
	assert_int_equal(m.ext[1].p[11], 20);
	assert_int_equal(put(3, "chacha20-poly1305", NULL, 64, 1),
	    sys == NBSD ? SERR_ALG : SERR_OK);
	if (sys == NBSD)
		return;
	assert_true(msg(3, &m));
	assert_int_equal(m.ext[1].p[11], sys == OBSD ? 22 : 15);
}

static void
test_10_11_12_ciphers(void **state)
{
	const struct alg	 null = { .type = ALG_ENCR, .id = 11 };
	struct mock_msg		 m;
	uint8_t			 e, a, raw[MOCK_MSG];
	int			 i;

	(void)state;
	each(ciphers);
	/* 10: no cipher without encryption is in any table */
	for (i = 0; i < ALL; i++)
		assert_int_equal(pk_alg((enum pk_system)i, &null,
		    alg_name(ALG_INTEG, "hmac-sha1"), &e, &a), -1);
	open_(OBSD);
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_true(msg(3, &m));
	memcpy(raw, m.all.p, m.all.n);
	memset(raw + (m.ext[9].p - m.all.p) + 4, 0, 2);	/* 0 bits */
	assert_int_equal(mock_write(&g->k, raw, m.all.n), -1);
	assert_int_equal(errno, EINVAL);
	close_();
}

static void
test_28_static_table(void **state)
{
	const struct alg	*gcm = alg_name(ALG_ENCR, "aes-256-gcm");
	static const int	 unsupported[] = { ENOSYS, EOPNOTSUPP, EINVAL };
	size_t			 i;

	(void)state;
	/* whatever REGISTER says */
	assert_true(pk_can_openbsd(gcm, NULL));
	assert_false(pk_can_linux(gcm, NULL));
	assert_false(pk_caps[LNX].esn);
	assert_false(pk_caps[NBSD].esn);
	assert_true(pk_caps[OBSD].esn && pk_caps[FBSD].esn);
	open_(FBSD);
	for (i = 0; i < nitems(unsupported); i++) {
		g->k.fail_in = 3;
		g->k.fail_with = unsupported[i];
		assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_ALG);
	}
	close_();
}

/* --- 13 --- */

static void
replay(int sys)
{
	static const uint8_t	 w64[] = { 64, 8, 8, 64 },
				 w4096[] = { 64, 255, 255, 255 };
	struct mock_msg		 m;

	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_true(msg(2, &m));
	assert_int_equal(m.ext[1].p[8], w64[sys]);
	assert_true(msg(3, &m));	/* out, too: ESN needs it */
	assert_int_equal(m.ext[1].p[8], w64[sys]);
	assert_int_equal(put(2, NULL, NULL, 4096, 1), SERR_OK);
	assert_true(msg(2, &m));
	assert_int_equal(m.ext[1].p[8], w4096[sys]);
	if (sys == FBSD)
		assert_int_equal(mk32(m.ext[26].p + 4), 4096);
	else
		assert_null(m.ext[26].p);
}

static void
test_13_replay(void **state)
{
	(void)state;
	each(replay);
}

/* --- 14 --- */

static void
reserves(int sys)
{
	struct mock_msg	 m;
	uint32_t	 reqid;

	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	if (sys == OBSD)
		return;
	assert_true(msg(2, &m));
	reqid = mk32(m.ext[19].p + 12);
	assert_in_range(reqid, 1, 0x3fff);
	assert_true(msg(1, &m));
	assert_int_equal(mk32(m.ext[19].p + 12), reqid);
	assert_int_equal(m.ext[19].p[4], 2);	/* tunnel mode */
}

static void
test_14_getspi_reqid(void **state)
{
	(void)state;
	each(reserves);
}

/* --- 15, 26: whichever SA the kernel prefers --- */

static void
binding(int sys)
{
	struct mock_msg	 m;
	int		 old;

	for (old = 0; old < 2; old++) {
		g->k.oldest = old;
		assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
		assert_int_equal(put(2, NULL, NULL, 64, 1), SERR_OK);
		assert_int_equal(rig_out(g, &tun), 0xb0000002);
		assert_true(rig_in(g, &tun, 0xa0000001));
		assert_true(rig_in(g, &tun, 0xa0000002));
		take(1);
		assert_int_equal(rig_out(g, &tun), 0xb0000002);
		take(2);
	}
	if (sys == OBSD)
		return;
	assert_true(msg(13, &m));
	assert_int_equal(m.ext[18].p[21], 3);	/* unique */
}

static void
test_15_26_binding(void **state)
{
	(void)state;
	each(binding);
}

/* --- 16 --- */

static void
natt(int sys)
{
	struct mock_msg	 m;
	struct addr	 l = kit_addr("192.0.2.1", 4500),
			 r = kit_addr("192.0.2.2", 31024);

	assert_int_equal(put(1, NULL, NULL, 64, 0), SERR_OK);
	assert_true(msg(3, &m));
	assert_int_equal(m.ext[20].p == NULL && m.ext[31].p == NULL, 1);
	take(1);
	assert_int_equal(put(2, NULL, NULL, 64, 1), SERR_OK);
	assert_true(msg(3, &m));
	if (sys == OBSD) {
		assert_int_equal(m.ext[31].p[4] << 8 | m.ext[31].p[5], 4500);
		assert_true(mk32(m.ext[1].p + 12) & 0x200);
	} else {
		assert_int_equal(m.ext[20].p[4], 2);
		assert_int_equal(m.ext[21].p[4] << 8 | m.ext[21].p[5], 4500);
	}
	be()->sa_move(g->be, ++next, 7, 2, &l, &r);
	rig_pump(g);
	assert_int_equal(seen.err, sys == NBSD ? SERR_BACKEND : SERR_OK);
	if (sys == NBSD)
		return;
	assert_true(msg(2, &m));	/* the last: the inbound SA */
	if (sys == OBSD)
		assert_int_equal(m.ext[31].p[4] << 8 | m.ext[31].p[5], 31024);
	else
		assert_int_equal(m.ext[21].p[4] << 8 | m.ext[21].p[5], 31024);
	/* FreeBSD: no key in it, else it is refused */
	assert_int_equal(m.ext[9].p == NULL, sys != LNX);
}

static void
natt6(int sys)
{
	kit_tunnel(&tun, 7, "berlin", "2001:db8::1", "2001:db8::2",
	    "10.1.3.0/24", "10.1.4.0/24");
	/* af_key: one family inside and outside */
	assert_int_equal(put(3, NULL, NULL, 64, 0), sys == LNX ?
	    SERR_SELECTOR : SERR_OK);
	kit_tunnel(&tun, 7, "berlin", "2001:db8::1", "2001:db8::2",
	    "fd01::/64", "fd02::/64");
	assert_int_equal(put(1, NULL, NULL, 64, 1), sys == OBSD ||
	    sys == LNX ? SERR_OK : SERR_ADDRESS);
	assert_int_equal(put(2, NULL, NULL, 64, 0), SERR_OK);
}

static void
test_16_natt(void **state)
{
	(void)state;
	each(natt);
	each(natt6);
}

/* --- 17, 22 --- */

static void
limits(int sys)
{
	struct mock_msg	 m;
	uint64_t	 bytes, life;
	int		 i;

	(void)sys;
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	for (i = 2; i <= 3; i++) {
		assert_true(msg((uint8_t)i, &m));
		assert_non_null(m.ext[3].p);
		assert_non_null(m.ext[4].p);
		memcpy(&bytes, m.ext[3].p + 8, 8);
		memcpy(&life, m.ext[3].p + 16, 8);
		assert_int_equal(mk32(m.ext[3].p + 4), 0);	/* packets */
		assert_int_equal(bytes, 0);	/* no limit, everywhere */
		assert_int_equal(life, 3600);
	}
}

static void
test_17_22_lifetimes(void **state)
{
	(void)state;
	each(limits);
}

/* --- 18, 27 --- */

static void
forward(int sys)
{
	size_t	 i, n[4] = { 0 };

	block();
	for (i = 0; i < g->k.npol; i++)
		n[g->k.pol[i].dir]++;
	assert_int_equal(n[1], 1);
	assert_int_equal(n[2], 1);
	assert_int_equal(n[3], sys == LNX);
	assert_int_equal(rig_out(g, &tun), 0);		/* blocked */
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	assert_true(rig_in(g, &tun, 0xa0000001));
	if (sys != LNX)
		return;
	for (i = 0; g->k.pol[i].dir != 3; )
		i++;
	g->k.pol[i].dir = 9;		/* it is not there */
	assert_false(rig_in(g, &tun, 0xa0000001));
}

static void
test_18_27_forward(void **state)
{
	(void)state;
	each(forward);
}

/* --- 19 --- */

static void
test_19_bypass(void **state)
{
	int	 fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	/* works on a kernel without af_key; only root may */
	if (fd == -1 || bypass_policy(fd, AF_INET) == 0 ||
	    errno == EPERM || errno == EACCES) {
		(void)close(fd);
		return;
	}
	assert_int_equal(errno, ENOPROTOOPT);	/* no XFRM at all */
	(void)close(fd);
}

/* --- 20 --- */

static int
has_key(const uint8_t *d, size_t n, const struct keyoct *k)
{
	size_t	 i;

	for (i = 0; i + 8 <= n; i++)
		if (memcmp(d + i, k->d, 8) == 0)
			return (1);
	return (0);
}

static void
wiped(int sys)
{
	struct m_e_pair	 m;
	struct pk	*b = g->be;
	uint8_t		 buf[5000];
	int		 i;

	(void)sys;
	kit_e_pair(&m, &tun, 1, sys == LNX ? "aes-256" : "aes-256-gcm",
	    sys == LNX ? "hmac-sha1" : NULL, 0, buf, sizeof(buf));
	for (i = 0; i < 2; i++) {	/* refused, and then not */
		g->k.fail_in = i == 0 ? 3 : 0;
		g->k.fail_with = ENOMEM;
		(void)put(1, NULL, NULL, 64, 1);
		assert_false(has_key(b->buf, sizeof(b->buf), &m.ein));
		assert_false(has_key(b->in, sizeof(b->in), &m.ein));
		assert_false(has_key(b->buf, sizeof(b->buf), &m.eout));
		assert_false(has_key(b->in, sizeof(b->in), &m.eout));
	}
}

static void
test_20_wiped(void **state)
{
	(void)state;
	each(wiped);
}

/* --- 21 --- */

static void
others(int sys)
{
	uint8_t	 esp = mock_esp(&g->k);

	block();
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	mock_other(&g->k, 4, esp, 0x4711);	/* not ours */
	mock_other(&g->k, 9, esp == 2 ? 1 : 2, 0);	/* their AHs */
	rig_pump(g);
	assert_int_equal(seen.nhard + seen.nlost, 0);
	if (g->k.nsa == 0) {		/* the mock knows no AH */
		be()->flush_own(g->be, ++next);
		rig_pump(g);
		block();
		assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	}
	mock_other(&g->k, 4, esp, 0xb0000001);
	rig_pump(g);
	assert_int_equal(seen.nhard, 1);
	take(1);
	/* policies are put back */
	if (sys != OBSD) {
		mock_other(&g->k, 19, 0, 0);
		rig_pump(g);
		assert_int_equal(g->k.npol, sys == LNX ? 3 : 2);
	}
	assert_int_equal(put(2, NULL, NULL, 64, 1), SERR_OK);
	mock_other(&g->k, 9, 0, 0);
	rig_pump(g);
	assert_int_equal(seen.nlost, 1);
	assert_int_equal(rig_out(g, &tun), 0);	/* and blocked again */
	assert_int_equal(put(3, NULL, NULL, 64, 1), SERR_OK);
}

static void
test_21_others(void **state)
{
	(void)state;
	each(others);
}

/* --- 25 --- */

static void
test_25_one_socket(void **state)
{
	struct pk	*b;

	(void)state;
	open_(LNX);
	b = g->be;
	assert_int_equal(be()->fd(g->be), b->fd);	/* and none beside it */
	close_();
}

/* --- what kernels report --- */

static void
events(int sys)
{
	struct addr	 a = kit_addr("10.1.3.9", 0), b = kit_addr("10.1.4.9",
			    0), to = kit_addr("192.0.2.9", 1025);

	tun.flags |= TUN_ONDEMAND;
	block();
	assert_int_equal(rig_out(g, &tun), 0);
	mock_acquire(&g->k, &a, &b);
	rig_pump(g);
	assert_int_equal(seen.nacquire, 1);
	assert_int_equal(put(1, NULL, NULL, 64, 1), SERR_OK);
	mock_expire(&g->k, 0xb0000001, 0);
	rig_pump(g);
	assert_int_equal(seen.nsoft, 1);
	if (sys != LNX)
		return;
	mock_mapping(&g->k, 0xa0000001, &to);
	rig_pump(g);
	assert_int_equal(seen.nmoved, 1);
	assert_int_equal(addr_cmp(&seen.moved, &to, 1), 0);
}

static void
test_events(void **state)
{
	(void)state;
	each(events);
}

/*
 * A tunnel with a device: no policy at all, up or down; on OpenBSD its SAs
 * belong to it, and nobody else's do.
 */
static void
device(int sys)
{
	struct mock_msg	 m;

	if (!be()->caps.interface)
		return;
	assert_int_equal(sys, OBSD);
	tun.ifkind = pk_ifkind(PK_SYS_OPENBSD);
	tun.ifunit = 3;
	block();
	assert_int_equal(g->k.npol, 0);
	assert_int_equal(mock_sec_out(&g->k, 3), 0);
	assert_int_equal(put(1, NULL, NULL, 64, 0), SERR_OK);
	assert_int_equal(g->k.npol, 0);
	assert_int_equal(mock_sec_out(&g->k, 3), 0xb0000001);
	assert_int_equal(mock_sec_in(&g->k, 0xa0000001), 3);
	assert_int_equal(mock_sec_in(&g->k, 0xb0000001), 0);
	assert_int_equal(mock_sec_out(&g->k, 4), 0);
	assert_true(msg(3, &m));
	assert_int_equal(m.ext[40].n, 16);
	/* renewed: the new one out, both in until the old one goes */
	assert_int_equal(put(2, NULL, NULL, 64, 0), SERR_OK);
	assert_int_equal(mock_sec_out(&g->k, 3), 0xb0000002);
	assert_int_equal(mock_sec_in(&g->k, 0xa0000001), 3);
	assert_int_equal(mock_sec_in(&g->k, 0xa0000002), 3);
	take(1);
	assert_int_equal(mock_sec_out(&g->k, 3), 0xb0000002);
	take(2);
	assert_int_equal(mock_sec_out(&g->k, 3), 0);
	assert_int_equal(g->k.npol, 0);
	/* without one: flows, and no device */
	tun.ifkind = IF_NONE;
	tun.ifunit = 0;
	block();
	assert_int_equal(put(3, NULL, NULL, 64, 0), SERR_OK);
	assert_true(g->k.npol > 0);
	assert_true(msg(3, &m));
	assert_null(m.ext[40].p);
	assert_int_equal(mock_sec_in(&g->k, 0xa0000003), 0);
}

static void
test_device(void **state)
{
	(void)state;
	each(device);
	assert_int_equal(pk_ifkind(PK_SYS_LINUX), IF_XFRM);
	assert_int_equal(pk_ifkind(PK_SYS_FREEBSD), IF_NONE);
	assert_int_equal(pk_ifkind(PK_SYS_NETBSD), IF_NONE);
	assert_null(pk_ifname(PK_SYS_NETBSD));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_01_02_numbers),
		cmocka_unit_test(test_03_request_size),
		cmocka_unit_test(test_04_pid),
		cmocka_unit_test(test_05_flow_gateways),
		cmocka_unit_test(test_06_never_flush),
		cmocka_unit_test(test_07_24_extensions),
		cmocka_unit_test(test_08_identities),
		cmocka_unit_test(test_09_errors_of_write),
		cmocka_unit_test(test_10_11_12_ciphers),
		cmocka_unit_test(test_13_replay),
		cmocka_unit_test(test_14_getspi_reqid),
		cmocka_unit_test(test_15_26_binding),
		cmocka_unit_test(test_16_natt),
		cmocka_unit_test(test_17_22_lifetimes),
		cmocka_unit_test(test_18_27_forward),
		cmocka_unit_test(test_19_bypass),
		cmocka_unit_test(test_20_wiped),
		cmocka_unit_test(test_21_others),
		cmocka_unit_test(test_23_lost_answer),
		cmocka_unit_test(test_25_one_socket),
		cmocka_unit_test(test_28_static_table),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_device),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

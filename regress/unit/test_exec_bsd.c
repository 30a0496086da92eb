/* SPDX-License-Identifier: ISC */

/*
 * test_exec_bsd.c: s2sd-exec of the BSDs on a system of its own: what is
 * added and removed, in which order, and what is put back.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../backends/host/bsd_saved.h"
#include "../../daemon/host/exec_bsd.h"
#include "espkit.h"

static char	 did[1024];	/* "+10.1.4.0/24 -..." */
static int	 ctls[BSD_NCTL], refuse;
static uint8_t	 file[4096];		/* remembered */
static size_t	 nfile;
static int	 nostore;
static uint32_t	 unit_;		/* of the next route */

static int
route(void *arg, int add, const struct bsd_route *r)
{
	char	 buf[SEL_STRLEN];
	size_t	 n = strlen(did);

	(void)arg;
	if (add && refuse) {
		errno = refuse;
		return (-1);
	}
	if (add)			/* remembered before it is made */
		assert_non_null(memmem(file, nfile, net_str(&r->dst, buf,
		    sizeof(buf)), strlen(net_str(&r->dst, buf, sizeof(buf)))));
	(void)snprintf(did + n, sizeof(did) - n, "%c%s%s ", add ? '+' : '-',
	    net_str(&r->dst, buf, sizeof(buf)),
	    r->kind == BSD_REJECT ? "!" : "");
	return (0);
}

/* A device of somebody else has the number 9. */
static int
device(void *arg, int add, const struct bsd_device *d)
{
	char	 buf[IF_STRLEN];
	size_t	 n = strlen(did);

	(void)arg;
	(void)if_str(IF_SEC, d->unit, buf, sizeof(buf));
	if (add && d->unit == 9) {
		errno = EEXIST;
		return (-1);
	}
	if (add)
		assert_non_null(memmem(file, nfile, buf, strlen(buf)));
	(void)snprintf(did + n, sizeof(did) - n, "%c%s ", add ? '+' : '-',
	    buf);
	return (0);
}

static int
ctl(void *arg, enum bsd_ctl which, int value)
{
	int	 old = ctls[which];

	(void)arg;
	if (value != -1 && value != old) {
		assert_true(nfile > 0);
		ctls[which] = value;
	}
	return (old);
}

static int
load(void *arg, uint8_t *d, size_t max, size_t *n)
{
	(void)arg;
	assert_true(max > sizeof(file));
	memcpy(d, file, nfile);
	*n = nfile;
	return (0);
}

static int
store(void *arg, const uint8_t *d, size_t n)
{
	(void)arg;
	if (nostore)
		return (-1);
	assert_true(n <= sizeof(file));
	memcpy(file, d, n);
	nfile = n;
	return (0);
}

static const struct bsd_os	 os = { NULL, route, device, ctl, load,
    store };

static int
say(struct kit *k, uint8_t what, const uint8_t *d, size_t n)
{
	struct m_x_run	 m;

	memset(&m, 0, sizeof(m));
	m.what = what;
	m.rest = rd_of(d, n);
	return (kit_send(k, PROC_HOST, M_X_RUN, 5, 0, &m));
}

static int
say_route(struct kit *k, const char *dst, uint8_t kind)
{
	struct bsd_route	 r;
	uint8_t			 buf[64];
	struct wr		 w = wr_of(buf, sizeof(buf));

	memset(&r, 0, sizeof(r));
	assert_int_equal(net_parse(dst, &r.dst), 0);
	r.kind = kind;
	r.unit = unit_;
	unit_ = 0;
	bsd_route_put(&w, &r);
	return (say(k, BSD_ROUTE, buf, w.n));
}

static int
say_via(struct kit *k, const char *dst, uint8_t kind, uint32_t unit)
{
	unit_ = unit;
	return (say_route(k, dst, kind));
}

static int
say_device(struct kit *k, uint32_t unit, const char *addr, uint8_t plen,
    uint16_t mtu)
{
	struct bsd_device	 d;
	uint8_t			 buf[64];
	struct wr		 w = wr_of(buf, sizeof(buf));

	memset(&d, 0, sizeof(d));
	d.unit = unit;
	d.addr.a = kit_addr(addr, 0);
	d.addr.plen = plen;
	d.mtu = mtu;
	bsd_device_put(&w, &d);
	return (say(k, BSD_DEVICE, buf, w.n));
}

static int
say_switch(struct kit *k, uint8_t which, uint8_t value)
{
	const uint8_t	 d[2] = { which, value };

	return (say(k, BSD_SYSCTL, d, 2));
}

static uint32_t
apply(struct kit *k, uint8_t what)
{
	struct ipc_hdr	 h;
	struct m_x_done	 d;

	kit_forget(k);
	did[0] = '\0';
	assert_int_equal(say(k, what, NULL, 0), 0);
	assert_int_equal(kit_take(k, M_X_DONE, &h, &d), 1);
	assert_int_equal(h.req, 5);
	return (d.err);
}

static void
test_states(void **state)
{
	struct kit	*k = calloc(1, sizeof(*k));

	(void)state;
	kit_new(k, &role_exec_bsd);
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(apply(k, BSD_APPLY), 1);	/* nobody who does it */
	exec_bsd_use(k->self, &os);
	ctls[BSD_REDIRECT4] = 1;

	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "fd01::/64", BSD_TUN), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(say_switch(k, BSD_REDIRECT4, 0), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "+10.1.4.0/24 +fd01::/64 ");
	assert_int_equal(ctls[BSD_FORWARD4], 1);
	assert_int_equal(ctls[BSD_REDIRECT4], 0);

	/* another state: new before old, what stays is not touched */
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.5.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "+10.1.5.0/24 -fd01::/64 ");
	assert_int_equal(ctls[BSD_REDIRECT4], 1);	/* as it was */

	/* the same network, refused: in place of the one before */
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_REJECT), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "-10.1.4.0/24 +10.1.4.0/24! -10.1.5.0/24 ");
	assert_int_equal(ctls[BSD_FORWARD4], 0);

	/* somebody else's route is not taken for ours, then or at the end */
	refuse = EEXIST;
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_REJECT), 0);
	assert_int_equal(say_route(k, "10.1.6.0/24", BSD_TUN), 0);
	assert_int_equal(apply(k, BSD_APPLY), 1);
	refuse = 0;
	assert_int_equal(apply(k, BSD_CLEAR), 0);
	assert_string_equal(did, "-10.1.4.0/24! ");
	assert_int_equal(nfile, 0);
	kit_free(k);
	free(k);
}

/* Who sends what no s2sd-host would is ended. */
static void
test_nonsense(void **state)
{
	struct kit		*k = calloc(1, sizeof(*k));
	struct bsd_route	 r;
	uint8_t			 buf[64], *c;
	struct wr		 w = wr_of(buf, sizeof(buf));
	size_t			 i;

	(void)state;
	kit_new(k, &role_exec_bsd);
	exec_bsd_use(k->self, &os);
	assert_int_equal(say(k, 60, NULL, 0), -1);
	assert_int_equal(say(k, 200, NULL, 0), -1);
	assert_int_equal(say_switch(k, BSD_NCTL, 0), -1);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 2), -1);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_NKIND), -1);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), -1);
	memset(&r, 0, sizeof(r));
	assert_int_equal(net_parse("10.1.4.0/24", &r.dst), 0);
	bsd_route_put(&w, &r);
	for (i = 0; i < w.n; i++) {
		assert_non_null(c = malloc(i + 1));
		memcpy(c, buf, i);
		assert_int_equal(bsd_route_get(rd_of(c, i), &r), -1);
		free(c);
	}
	kit_free(k);
	free(k);
}

static struct kit *
life(void)
{
	struct kit	*k = calloc(1, sizeof(*k));

	kit_new(k, &role_exec_bsd);
	exec_bsd_use(k->self, &os);
	did[0] = '\0';
	return (k);
}

static void
killed(struct kit *k)
{
	kit_free(k);
	free(k);
}

static void
wish(struct kit *k)
{
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_TUN), 0);
	assert_int_equal(say_route(k, "10.1.5.0/24", BSD_LEAK), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(say_switch(k, BSD_REDIRECT4, 0), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
}

/* kill -9, and what the next life, `-b' and `-u' make of it. */
static void
test_lives(void **state)
{
	struct kit	*k = life();

	(void)state;
	memset(ctls, 0, sizeof(ctls));
	ctls[BSD_REDIRECT4] = 1;
	wish(k);
	killed(k);
	k = life();
	wish(k);			/* the old TUN is gone: anew */
	assert_string_equal(did, "-10.1.4.0/24 +10.1.4.0/24 -10.1.5.0/24 "
	    "+10.1.5.0/24 ");
	/* SIGTERM: what went into the TUN is refused, but what may leak */
	did[0] = '\0';
	exec_bsd_hold(k->self);
	assert_string_equal(did, "-10.1.4.0/24 +10.1.4.0/24! -10.1.5.0/24 ");
	assert_int_equal(ctls[BSD_FORWARD4], 0);	/* as before both */
	assert_int_equal(ctls[BSD_REDIRECT4], 1);
	killed(k);
	/* -b finds it so, and changes no switch */
	k = life();
	exec_bsd_block_only(k->self);
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_REJECT), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "");
	assert_int_equal(ctls[BSD_FORWARD4], 0);
	killed(k);
	/* the daemon after it */
	k = life();
	wish(k);
	assert_string_equal(did, "-10.1.4.0/24! +10.1.4.0/24 +10.1.5.0/24 ");
	killed(k);
	/* -u after kill -9 of everything; of a switch that the admin has put
	 * back himself, nothing is to be done */
	ctls[BSD_REDIRECT4] = 1;
	k = life();
	assert_int_equal(apply(k, BSD_APPLY), 0);
	exec_bsd_clear(k->self);
	assert_string_equal(did, "-10.1.4.0/24 -10.1.5.0/24 ");
	assert_int_equal(ctls[BSD_FORWARD4], 0);
	assert_int_equal(ctls[BSD_REDIRECT4], 1);
	assert_int_equal(nfile, 0);
	killed(k);
}

/* Where nothing can be remembered no switch changes; the block stands. */
static void
test_no_memory(void **state)
{
	struct kit	*k = life();

	(void)state;
	memset(ctls, 0, sizeof(ctls));
	memcpy(file, "10.1.4.0/24!", nfile = 12);
	nostore = 1;
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_REJECT), 0);
	assert_int_equal(say_switch(k, BSD_FORWARD4, 1), 0);
	assert_int_equal(apply(k, BSD_APPLY), 1);
	assert_string_equal(did, "+10.1.4.0/24! ");
	assert_int_equal(ctls[BSD_FORWARD4], 0);
	nostore = 0;
	nfile = 0;
	killed(k);
}

static void
wish_device(struct kit *k, uint32_t unit, uint16_t mtu)
{
	assert_int_equal(say(k, BSD_BEGIN, NULL, 0), 0);
	assert_int_equal(say_device(k, unit, "169.254.10.1", 30, mtu), 0);
	assert_int_equal(say_via(k, "10.1.4.0/24", BSD_VIA, unit), 0);
}

static void
test_devices(void **state)
{
	struct kit	*k;

	(void)state;
	nfile = 0;
	k = life();
	wish_device(k, 1, 1400);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "+sec1 +10.1.4.0/24 ");
	wish_device(k, 1, 1400);	/* the same again */
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "");
	wish_device(k, 1, 1300);	/* its routes go with it */
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "-sec1 +sec1 -10.1.4.0/24 +10.1.4.0/24 ");
	wish_device(k, 2, 1300);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "+sec2 -10.1.4.0/24 +10.1.4.0/24 -sec1 ");
	killed(k);
	k = life();			/* ours by the file */
	wish_device(k, 2, 1300);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	assert_string_equal(did, "-sec2 +sec2 -10.1.4.0/24 +10.1.4.0/24 ");
	/* somebody else's: left alone, nothing goes there */
	wish_device(k, 9, 1300);
	assert_int_equal(say_via(k, "10.1.5.0/24", BSD_VIALEAK, 9), 0);
	assert_int_equal(apply(k, BSD_APPLY), 1);
	assert_string_equal(did, "-10.1.4.0/24 +10.1.4.0/24! -sec2 ");
	wish_device(k, 3, 1300);
	assert_int_equal(say_via(k, "10.1.5.0/24", BSD_VIALEAK, 3), 0);
	assert_int_equal(apply(k, BSD_APPLY), 0);
	did[0] = '\0';
	exec_bsd_hold(k->self);
	assert_string_equal(did, "-10.1.4.0/24 +10.1.4.0/24! -10.1.5.0/24 "
	    "-sec3 ");
	assert_int_equal(apply(k, BSD_CLEAR), 0);
	assert_int_equal(nfile, 0);
	/* nonsense */
	assert_int_equal(say_device(k, 0, "169.254.10.1", 30, 1400), -1);
	assert_int_equal(say_device(k, 1, "169.254.10.1", 33, 1400), -1);
	assert_int_equal(say_device(k, 1, "169.254.10.1", 0, 1400), -1);
	assert_int_equal(say_device(k, 1, "169.254.10.1", 30, 1279), -1);
	assert_int_equal(say_device(k, 1, "169.254.10.1", 30, 1280), 0);
	assert_int_equal(say_device(k, 1, "169.254.10.1", 30, 1280), -1);
	assert_int_equal(say_route(k, "10.1.4.0/24", BSD_VIA), -1);
	assert_int_equal(say_via(k, "10.1.4.0/24", BSD_TUN, 1), -1);
	killed(k);
}

static void
test_device_cut(void **state)
{
	struct bsd_device	 d = { .unit = 7, .mtu = 1400 };
	uint8_t			 buf[64], *c;
	struct wr		 w = wr_of(buf, sizeof(buf));
	size_t			 i;

	(void)state;
	d.addr.a = kit_addr("fd00::1", 0);
	d.addr.plen = 126;
	bsd_device_put(&w, &d);
	assert_int_equal(bsd_device_get(rd_of(buf, w.n), &d), 0);
	assert_int_equal(d.addr.plen, 126);
	for (i = 0; i < w.n; i++) {
		assert_non_null(c = malloc(i + 1));
		memcpy(c, buf, i);
		assert_int_equal(bsd_device_get(rd_of(c, i), &d), -1);
		free(c);
	}
}

static const char *
other(const char *a, uint8_t plen)
{
	static char	 buf[ADDR_STRLEN];
	struct net	 n;
	struct addr	 o;

	memset(&n, 0, sizeof(n));
	n.a = kit_addr(a, 0);
	n.plen = plen;
	bsd_other_end(&n, &o);
	return (o.af == 0 ? "" : addr_str(&o, 0, buf, sizeof(buf)));
}

/* One route of many: metrics, backups, what is down, what is held. */
static void
test_pick(void **state)
{
	struct host_route	 r[4];
	struct host_want	 w;
	struct bsd_route	 got;
	size_t			 i;

	(void)state;
	memset(&w, 0, sizeof(w));
	memset(r, 0, sizeof(r));
	for (i = 0; i < nitems(r); i++) {
		assert_int_equal(net_parse(i < 3 ? "10.1.4.0/24" :
		    "10.1.5.0/24", &r[i].dst), 0);
		r[i].metric = 100 * (uint32_t)(i + 1);
		r[i].mtu = (uint16_t)(1200 + 100 * i);
		r[i].dev.kind = i < 3 ? IF_SEC : IF_NONE;
		r[i].dev.unit = i < 3 ? (uint32_t)i + 1 : 0;
	}
	w.route = r;
	w.nroute = nitems(r);
	w.kernel = 1;
	assert_int_equal(bsd_route_of(&w, 0, &got), 1);
	assert_int_equal(got.kind, BSD_VIA);
	assert_int_equal(got.unit, 1);
	assert_int_equal(got.mtu, 1280);
	assert_int_equal(bsd_route_of(&w, 1, &got), 0);
	assert_int_equal(bsd_route_of(&w, 2, &got), 0);
	assert_int_equal(bsd_route_of(&w, 3, &got), 0);	/* flows do that */
	r[0].down = 1;
	assert_int_equal(bsd_route_of(&w, 0, &got), 1);
	assert_int_equal(got.unit, 2);
	assert_int_equal(got.mtu, 1300);
	r[1].down = r[2].down = 1;
	assert_int_equal(bsd_route_of(&w, 0, &got), 1);
	assert_int_equal(got.kind, BSD_REJECT);
	assert_int_equal(got.unit, 0);
	r[2].down = 0;
	r[2].leak = 1;
	assert_int_equal(bsd_route_of(&w, 0, &got), 1);
	assert_int_equal(got.kind, BSD_VIALEAK);
	w.hold = 1;
	assert_int_equal(bsd_route_of(&w, 0, &got), 0);
	r[1].down = 0;
	assert_int_equal(bsd_route_of(&w, 0, &got), 1);
	assert_int_equal(got.kind, BSD_REJECT);
	/* the userland's TUN */
	w.hold = w.kernel = 0;
	assert_int_equal(bsd_route_of(&w, 3, &got), 1);
	assert_int_equal(got.kind, BSD_TUN);
	assert_int_equal(got.mtu, 1500);
	r[3].leak = 1;
	assert_int_equal(bsd_route_of(&w, 3, &got), 1);
	assert_int_equal(got.kind, BSD_LEAK);
	assert_string_equal(other("169.254.10.1", 30), "169.254.10.2");
	assert_string_equal(other("169.254.10.2", 30), "169.254.10.1");
	assert_string_equal(other("169.254.10.3", 30), "");
	assert_string_equal(other("169.254.10.0", 31), "169.254.10.1");
	assert_string_equal(other("169.254.10.1", 24), "");
	assert_string_equal(other("169.254.10.1", 32), "");
	assert_string_equal(other("fd00::2", 126), "fd00::1");
}

static void
test_file(void **state)
{
	static const char	 good[] =
	    "sysctl net.inet.ip.forwarding 0\n"
	    "sysctl net.inet6.ip6.redirect 1\n"
	    "route 10.1.4.0/24 reject\nroute fd01::/64 tun\n"
	    "route 0.0.0.0/0 leak\nroute 10.1.5.0/24 vialeak\n"
	    "device sec1 made\ndevice sec2147483647 made\n";
	static const char *const bad[] = {
		"sysctl kern.securelevel 0\n", "sysctl net.inet.ip.forwarding "
		"2\n", "sysctl net.inet.ip.forwarding\n", "route x tun\n",
		"route 10.1.4.0/24 nowhere\n", "route 10.1.4.0/24 tun",
		"device xfrm1 made\n", "device sec1 kept\n",
		"device sec0 made\n", "device sec1\n",
		"\n", "run 10.1.4.0/24 tun\n"
	};
	struct bsd_saved	 s;
	struct wr		 w;
	uint8_t			 buf[512], *c;
	size_t			 i;

	(void)state;
	assert_int_equal(bsd_saved_parse(rd_of(good, sizeof(good) - 1), &s),
	    0);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.nd, 2);
	assert_int_equal(s.d[0].unit, 1);
	assert_int_equal(s.old[BSD_FORWARD4], 0);
	assert_int_equal(s.old[BSD_FORWARD6], -1);
	assert_int_equal(s.old[BSD_REDIRECT6], 1);
	w = wr_of(buf, sizeof(buf));
	assert_int_equal(bsd_saved_write(&w, &s), 0);
	assert_int_equal(w.n, sizeof(good) - 1);
	assert_memory_equal(buf, good, w.n);
	bsd_saved_free(&s);
	for (i = 0; i < nitems(bad); i++)
		assert_int_equal(bsd_saved_parse(rd_of(bad[i],
		    strlen(bad[i])), &s), -1);
	for (i = 0; i < sizeof(good) - 1; i++) {	/* whole lines alone */
		assert_non_null(c = malloc(i + 1));
		memcpy(c, good, i);
		assert_int_equal(bsd_saved_parse(rd_of(c, i), &s),
		    i == 0 || good[i - 1] == '\n' ? 0 : -1);
		bsd_saved_free(&s);
		free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_device_cut),
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_file),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

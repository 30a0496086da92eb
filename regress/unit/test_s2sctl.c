/* SPDX-License-Identifier: ISC */

/*
 * test_s2sctl.c: answers of the daemon become text, exactly that of the
 * golden files, and JSON, which the library reads again.
 *
 *	test_s2sctl		run the tests
 *	test_s2sctl -j name	print the JSON of that scene, for test_schema.sh
 *	test_s2sctl -t name	print its text, to make a golden file
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include <jansson.h>

#include "s2sctl.h"
#include "u.h"

enum { S = 1000, MIN = 60 * S, H = 60 * MIN };
#define DAY	(24 * (uint64_t)H)
#define NOW	(20 * DAY)
#define WALL	1795507200		/* 2026-11-24T08:00:00Z */

static uint8_t	 views[2][4096];

static void
give(struct u_status *s, uint32_t type, const void *body, int want)
{
	uint8_t		 b[IPC_FRAME_MAX];
	struct wr	 w = wr_of(b, sizeof(b));

	assert_int_equal(u_put(&w, type, 1, body), 0);
	assert_int_equal(u_take(s, rd_of(b, w.n)), want);
}

static struct rd
pairs(int which, const char *from, const char *to)
{
	struct selpair	 p;
	struct net	 a, b;
	struct wr	 w = wr_of(views[which], sizeof(views[which]));

	assert_int_equal(net_parse(from, &a), 0);
	assert_int_equal(net_parse(to, &b), 0);
	sel_from_net(&a, 0, 0, 65535, &p.local);
	sel_from_net(&b, 0, 0, 65535, &p.remote);
	selpairs_put(&w, &p, 1);
	return (rd_of(w.p, w.n));
}

static void
head(struct u_status *s)
{
	struct m_c_proc	 p = { PROC_PARENT, 1, 0, 812, 0, NOW - 12 * DAY };
	struct m_u_head	 h;

	memset(s, 0, sizeof(*s));
	memset(&h, 0, sizeof(h));
	s->wall = WALL;
	h.now = NOW;
	h.since = NOW - 12 * DAY;
	h.pid = 812;
	h.gen = 4;
	strcpy(h.software, "s2sd 1.0");
	strcpy(h.backend, "userland");
	give(s, M_U_HEAD, &h, 0);
	give(s, M_U_PROC, &p, 0);
}

static struct m_u_tunnel
named(const char *name, const char *peer, uint64_t since)
{
	static uint32_t	 id;
	struct m_u_tunnel m;

	memset(&m, 0, sizeof(m));
	m.id = ++id;
	strcpy(m.name, name);
	m.flags = TUN_ACTIVE;
	assert_int_equal(addr_parse("192.168.1.3", &m.s.local), 0);
	assert_int_equal(addr_parse(peer, &m.s.peer), 0);
	m.s.local.port = m.s.peer.port = 500;
	m.cpeer = m.s.peer;
	m.s.since = NOW - since;
	strcpy(m.srcid, "192.168.1.3");
	strcpy(m.dstid, peer);
	m.offered = rd_of("aes-256-gcm / curve25519, ecp256; "
	    "aes-256 / hmac-sha2-256 / modp2048", 68);
	m.pairs = pairs(0, "10.1.3.0/24", "10.1.4.0/24");
	return (m);
}

static void
is_up(struct m_u_tunnel *m, uint64_t in, uint64_t out, uint64_t last)
{
	m->s.state = TS_UP;
	m->s.established = NOW - 3 * H;
	m->s.rekey_at = NOW + 5 * H;
	m->s.initiator = 1;
	m->s.spi_i = 0x1122334455667788;
	m->s.spi_r = 0x99aabbccddeeff00;
	m->s.encr = alg_name(ALG_ENCR, "aes-256-gcm")->num;
	m->s.prf = alg_name(ALG_PRF, "hmac-sha2-256")->num;
	m->s.dh = alg_name(ALG_DH, "curve25519")->num;
	m->in_bytes = in;
	m->in_packets = in / 1200;
	m->out_bytes = out;
	m->out_packets = out / 1200;
	m->in_last = in > 0 ? NOW - last : 0;
	m->out_last = out > 0 ? NOW - last : 0;
}

static void
child(struct u_status *s)
{
	struct m_u_child c;

	memset(&c, 0, sizeof(c));
	c.c.child = 7;
	c.c.up = 1;
	c.c.esn = 1;
	c.c.udp = 1;
	c.c.mtu = 1438;
	c.c.encr = alg_name(ALG_ENCR, "aes-256-gcm")->num;
	c.c.spi_in = 0xc1a2b3c4;
	c.c.spi_out = 0x5e6f7081;
	c.c.established = NOW - 18 * MIN;
	c.c.rekey_at = NOW + 41 * MIN;
	c.c.expires_at = NOW + 47 * MIN;
	c.c.pairs = pairs(1, "10.1.3.0/24", "10.1.4.0/24");
	c.in_bytes = 51539607552;
	c.in_packets = 40211930;
	c.out_bytes = 12884901888;
	c.out_packets = 11876201;
	c.in_last = c.out_last = NOW - 1 * S;
	c.bad_replay = 2;
	give(s, M_U_CHILD, &c, 0);
}

static void
done(struct u_status *s)
{
	struct m_u_done	 d;

	memset(&d, 0, sizeof(d));
	give(s, M_U_DONE, &d, 1);
}

static void
add_secgw(struct u_status *s, uint64_t out, uint64_t last)
{
	struct m_u_tunnel m = named("secgw-vpn", "192.168.1.4", 2 * DAY + 3 *
			    H);

	is_up(&m, 51539607552, out, last);
	m.s.rtt_ms = 11;
	strcpy(m.s.vendor, "openswan");
	if (out == 0) {
		m.s.reason = R_ONE_WAY;
		strcpy(m.s.detail, "packets arrive, but none has left");
	}
	give(s, M_U_TUNNEL, &m, 0);
	child(s);
}

static void
add_bonn(struct u_status *s)
{
	struct m_u_tunnel m = named("bonn", "192.0.2.10", 6 * H);

	is_up(&m, (uint64_t)820 << 20, 96 << 20, 4 * S);
	give(s, M_U_TUNNEL, &m, 0);
}

static void
scene_well(struct u_status *s)
{
	struct m_u_tunnel m;

	head(s);
	add_secgw(s, 12884901888, 1 * S);
	add_bonn(s);
	m = named("shop-7", "203.0.113.77", 11 * MIN);
	is_up(&m, 4404019, 1992294, 0);
	m.s.nat_there = 1;
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

static void
scene_wrong(struct u_status *s)
{
	struct m_u_tunnel m;

	head(s);
	add_secgw(s, 0, 31 * S);
	add_bonn(s);
	m = named("essen", "192.0.2.20", 4 * MIN);
	m.s.state = TS_DOWN;
	m.s.reason = R_NO_PROPOSAL;
	m.s.tries = 9;
	m.s.retry_at = NOW + 12 * S;
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

static void
scene_one(struct u_status *s)
{
	head(s);
	add_secgw(s, 12884901888, 1 * S);
	s->t[0].m.s.after = R_RESTARTED;
	done(s);
}

static void
scene_one_down(struct u_status *s)
{
	struct m_u_tunnel m;

	head(s);
	m = named("essen", "192.0.2.20", 4 * MIN + 2 * S);
	m.s.state = TS_DOWN;
	m.s.reason = R_NO_ANSWER;
	m.s.tries = 9;
	m.s.retry_at = NOW + 12 * S;
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

/* Every state, long names and addresses, a process that came back. */
static void
scene_mixed(struct u_status *s)
{
	static const char *const names[] = { "waits", "ondemand", "off",
	    "disabled", "dialling" };
	static const uint8_t	 states[] = { TS_WAITING, TS_WAITING, TS_OFF,
				    TS_OFF, TS_CONNECTING };
	static const uint32_t	 flags[] = { 0, TUN_ONDEMAND, TUN_ACTIVE,
				    TUN_DISABLED, TUN_ACTIVE };
	struct m_c_proc	 keys = { PROC_KEYS, 1, 0, 99, 1, NOW - 3 * S };
	struct m_c_proc	 host = { PROC_HOST, 0, 0, 0, 2, NOW - 1 * S };
	struct m_u_tunnel m;
	size_t		 i;

	head(s);
	give(s, M_U_PROC, &keys, 0);
	give(s, M_U_PROC, &host, 0);
	for (i = 0; i < nitems(names); i++) {
		m = named(names[i], "192.0.2.30", 5 * MIN);
		m.s.state = states[i];
		m.flags = flags[i];
		if (i == 0) {
			memset(&m.s.peer, 0, sizeof(m.s.peer));
			memset(&m.cpeer, 0, sizeof(m.cpeer));
		}
		if (i == 4)
			m.s.tries = 3;
		give(s, M_U_TUNNEL, &m, 0);
	}
	m = named("a-tunnel-with-a-long-name", "2001:db8:1234:5678:9abc::1",
	    1 * DAY);
	is_up(&m, 1000, 0, 0);
	m.s.state = TS_REKEYING;
	m.s.nat_here = m.s.nat_there = 1;
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

static void
scene_lacks(struct u_status *s)
{
	struct m_c_proc	 keys = { PROC_KEYS, 1, 1, 99, 1, NOW - 300 * S };
	struct m_u_tunnel m;

	head(s);
	give(s, M_U_PROC, &keys, 0);
	m = named("secgw-vpn", "192.168.1.4", 2 * DAY);
	is_up(&m, 1000, 1000, 1 * S);
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

static void
scene_empty(struct u_status *s)
{
	head(s);
	done(s);
}

/* --- explain --- */

/* A tunnel for every reason; the odd ones of IKEv1. */
static void
scene_reasons(struct u_status *s)
{
	static const char *const	 details[R_MAX] = {
		[R_NO_PROPOSAL] = "aes-256, 3des / hmac-sha1 / modp1024",
		[R_WRONG_ID] = "gw.essen.example.org",
		[R_SELECTORS] = "10.1.4.0/25 to 10.1.3.0/24",
		[R_ONE_WAY] = "packets leave, but none has come back",
		[R_SILENT] = "12 s",
		[R_OLD_KEYS] = "The shared secrets differ",
		[R_AH_NAT] = "it changes our address",
		[R_ESP_AH] = "it offers AH, this tunnel has ESP",
		[R_REKEY_GROUP] = "ecp256", [R_DELETED] = "notify 24",
	};
	struct m_u_tunnel m;
	char		 name[16];
	int		 i;

	head(s);
	for (i = R_NONE; i < R_MAX; i++) {
		(void)snprintf(name, sizeof(name), "reason-%d", i);
		m = named(name, "192.0.2.20", 4 * MIN);
		m.s.state = i == R_NONE || i == R_ONE_WAY || i == R_SILENT ||
		    i == R_OLD_KEYS ? TS_UP : TS_DOWN;
		m.s.next = i == R_OLD_KEYS ? R_AUTH_PSK : R_NONE;
		m.s.reason = (uint16_t)i;
		m.flags |= i % 2 ? TUN_IKEV1 : 0;
		if (details[i] != NULL)
			strcpy(m.s.detail, details[i]);
		give(s, M_U_TUNNEL, &m, 0);
	}
	done(s);
}

static void
scene_old_peer(struct u_status *s)
{
	struct m_u_tunnel m;

	head(s);
	m = named("essen", "192.0.2.20", 4 * MIN);
	m.s.state = TS_DOWN;
	m.s.reason = R_IKE_VERSION;
	m.s.tries = 9;
	m.s.retry_at = NOW + 12 * S;
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

static void
scene_up1(struct u_status *s)
{
	struct m_u_tunnel m;

	head(s);
	m = named("secgw-vpn", "192.168.1.4", 2 * DAY);
	is_up(&m, 1000, 1000, 1 * S);
	m.flags |= TUN_IKEV1;
	m.s.encr = alg_name(ALG_ENCR, "3des")->num;
	m.s.prf = alg_name(ALG_PRF, "hmac-md5")->num;
	m.s.dh = alg_name(ALG_DH, "modp1024")->num;
	give(s, M_U_TUNNEL, &m, 0);
	done(s);
}

/* The child does not carry what is configured. */
static void
scene_partly(struct u_status *s)
{
	struct selpair	*p;
	struct sel	 l;

	head(s);
	add_secgw(s, 12884901888, 1 * S);
	p = &s->t[0].pair[0];
	l = p->local;
	p->local = p->remote;
	p->remote = l;
	done(s);
}

enum { LIST, ONE, EXPLAIN };

static const struct scene {
	const char	*name;
	void		(*make)(struct u_status *);
	int		 one, verbose, code;
} scenes[] = {
	{ "explain_reasons", scene_reasons, EXPLAIN, 0, 1 },
	{ "explain_old_peer", scene_old_peer, EXPLAIN, 0, 1 },
	{ "explain_well", scene_up1,	EXPLAIN, 0, 0 },
	{ "explain_partly", scene_partly, EXPLAIN, 0, 0 },
	{ "explain_all_well", scene_well, EXPLAIN, 0, 0 },
	{ "one_ikev1",	scene_up1,	ONE, 0, 0 },
	{ "well",	scene_well,	0, 0, 0 },
	{ "wrong",	scene_wrong,	0, 0, 1 },
	{ "one",	scene_one,	1, 0, 0 },
	{ "one_verbose", scene_one,	1, 1, 0 },
	{ "one_down",	scene_one_down,	1, 0, 1 },
	{ "mixed",	scene_mixed,	0, 0, 1 },
	{ "lacks",	scene_lacks,	0, 0, 0 },
	{ "empty",	scene_empty,	0, 0, 0 },
};

/* Seven lines of the log, of which five are kept. */
static const struct u_events *
happened(void)
{
	static struct u_events	 ev;
	struct m_u_line		 l;
	char			 text[64];
	int			 i;

	memset(&ev, 0, sizeof(ev));
	memset(&l, 0, sizeof(l));
	l.now = NOW;
	l.reason = R_IKE_VERSION;
	for (i = 0; i < 7; i++) {
		l.at = NOW - (uint64_t)(7 - i) * MIN;
		(void)snprintf(text, sizeof(text), "essen: line %d, \033[1m, "
		    "which goes over the end of it", i);
		l.text = rd_of(text, strlen(text));
		u_event(&ev, &l);
	}
	return (&ev);
}

static char *
text_of(const struct scene *sc)
{
	struct u_style	 style = { 0, sc->verbose };
	struct u_status	 s;
	char		*p = NULL;
	size_t		 n;
	FILE		*f;

	sc->make(&s);
	if ((f = open_memstream(&p, &n)) == NULL)
		abort();
	if (sc->one == EXPLAIN)
		u_explain(f, &s, s.n == 1 ? happened() : NULL);
	else if (sc->one)
		u_print_one(f, &s, &style);
	else
		u_print(f, &s, &style);
	fclose(f);
	assert_int_equal(u_exit(&s), sc->code);
	u_status_clear(&s);
	return (p);
}

static char *
golden(const char *name)
{
	char	 path[1024], *p;
	size_t	 n;
	FILE	*f;

	(void)snprintf(path, sizeof(path), "%s/regress/unit/status/%s.ok",
	    SRCDIR, name);
	if ((f = fopen(path, "r")) == NULL || (p = calloc(1, 16384)) == NULL)
		return (NULL);
	n = fread(p, 1, 16383, f);
	p[n] = '\0';
	fclose(f);
	return (p);
}

static void
test_text(void **st)
{
	char	*have, *want, *line;
	size_t	 i, n;

	(void)st;
	for (i = 0; i < nitems(scenes); i++) {
		have = text_of(&scenes[i]);
		want = golden(scenes[i].name);
		assert_non_null(want);
		assert_string_equal(have, want);
		for (line = have; *line != '\0'; line += n + (line[n] != 0)) {
			n = strcspn(line, "\n");
			assert_true(n <= 80);
		}
		free(have);
		free(want);
	}
}

/* On a terminal the same, with colours that end where they began. */
static void
test_colour(void **st)
{
	struct u_style	 style = { 1, 0 };
	struct u_status	 s;
	char		*p = NULL, *plain, *to, *from;
	size_t		 n;
	FILE		*f;

	(void)st;
	scene_wrong(&s);
	assert_non_null(f = open_memstream(&p, &n));
	u_print(f, &s, &style);
	fclose(f);
	assert_non_null(strstr(p, "\033[1;31mDOWN\033[0m"));
	for (from = to = p; *from != '\0'; from++)
		if (*from == '\033')
			from += strcspn(from, "m");
		else
			*to++ = *from;
	*to = '\0';
	plain = golden("wrong");
	assert_string_equal(p, plain);
	free(p);
	free(plain);
	u_status_clear(&s);
}

static void
test_json(void **st)
{
	struct u_status	 s;
	const char	*state, *since, *id, *here, *there;
	json_int_t	 bytes, version, tries;
	json_error_t	 e;
	json_t		*j;
	char		*p;
	size_t		 i;

	(void)st;
	for (i = 0; i < nitems(scenes); i++) {
		scenes[i].make(&s);
		assert_non_null(p = u_json(&s));
		assert_non_null(j = json_loads(p, JSON_REJECT_DUPLICATES, &e));
		assert_int_equal(json_unpack(j, "{s:I}", "version", &version),
		    0);
		assert_int_equal(version, 1);
		assert_int_equal(json_array_size(json_object_get(j,
		    "tunnels")), s.n);
		json_decref(j);
		free(p);
		assert_non_null(p = u_json_explain(&s, s.n == 1 ? happened() :
		    NULL));
		assert_non_null(j = json_loads(p, JSON_REJECT_DUPLICATES, &e));
		assert_int_equal(json_unpack(j, "{s:I}", "version", &version),
		    0);
		assert_true(json_is_array(json_object_get(j, "tunnels")));
		json_decref(j);
		free(p);
		u_status_clear(&s);
	}
	scene_old_peer(&s);
	assert_non_null(p = u_json_explain(&s, happened()));
	assert_non_null(j = json_loads(p, 0, &e));
	assert_int_equal(json_unpack(j, "{s:[{s:s, s:I, s:s, s:[s], s:[s]}]}",
	    "tunnels", "state", &state, "ike", &tries, "reason", &id, "here",
	    &here, "there", &since), 0);
	assert_int_equal(tries, 2);
	assert_string_equal(id, "ike-version");
	assert_string_equal(here, "add the word ikev1: tunnel \"essen\" "
	    "ikev1 {");
	assert_int_equal(json_array_size(json_object_get(json_array_get(
	    json_object_get(j, "tunnels"), 0), "events")), 5);
	assert_true(json_is_null(json_object_get(json_array_get(
	    json_object_get(j, "tunnels"), 0), "uncovered")));
	json_decref(j);
	free(p);
	u_status_clear(&s);
	/* up, with a pair that no traffic keys carry */
	scene_partly(&s);
	assert_non_null(p = u_json_explain(&s, NULL));
	assert_non_null(j = json_loads(p, 0, &e));
	assert_int_equal(json_unpack(j, "{s:[{s:n, s:{s:s, s:s}}]}",
	    "tunnels", "reason", "uncovered", "from", &here, "to", &there), 0);
	assert_string_not_equal(here, there);
	json_decref(j);
	free(p);
	u_status_clear(&s);
	scene_wrong(&s);
	assert_non_null(p = u_json(&s));
	assert_non_null(j = json_loads(p, 0, &e));
	assert_int_equal(json_unpack(j, "{s:[{s:s, s:s, s:[{s:{s:I}}]}, {},"
	    "{s:{s:s, s:I}, s:n}]}", "tunnels", "state", &state, "since",
	    &since, "childsas", "in", "bytes", &bytes, "reason", "id", &id,
	    "tries", &tries, "ikesa"), 0);
	assert_string_equal(state, "up");
	assert_string_equal(since, "2026-11-22T05:00:00Z");
	assert_int_equal(bytes, 51539607552);
	assert_string_equal(id, "no-proposal");
	assert_int_equal(tries, 9);
	json_decref(j);
	free(p);
	u_status_clear(&s);
	assert_non_null(p = u_json_down());
	assert_non_null(j = json_loads(p, 0, &e));
	assert_true(json_is_false(json_object_get(json_object_get(j,
	    "daemon"), "running")));
	json_decref(j);
	free(p);
}

static void
test_time(void **st)
{
	static const struct { uint64_t ms; const char *one, *two; } t[] = {
		{ 0, "0 s", "0 s" }, { 999, "0 s", "0 s" },
		{ 1000, "1 s", "1 s" }, { 59999, "59 s", "59 s" },
		{ MIN, "1 min", "1 min" },
		{ MIN + S, "1 min", "1 min 1 s" },
		{ H - 1, "59 min", "59 min 59 s" }, { H, "1 h", "1 h" },
		{ DAY - 1, "23 h", "23 h 59 min" }, { DAY, "1 day", "1 day" },
		{ 2 * DAY + 3 * (uint64_t)H, "2 days", "2 days 3 h" },
		{ 2 * DAY + MIN, "2 days", "2 days" },
		{ UINT64_MAX, "213503982334 days", "213503982334 days 14 h" },
	};
	static const struct { uint64_t n; const char *text; } b[] = {
		{ 0, "0 B" }, { 999, "999 B" }, { 1000, "0.9 KB" },
		{ 1024, "1.0 KB" }, { 10240, "10 KB" },
		{ 4404019, "4.1 MB" }, { 51539607552, "48 GB" },
		{ 1048575, "0.9 MB" }, { UINT64_MAX, "15 EB" },
	};
	char	 w[U_WORD];
	size_t	 i;

	(void)st;
	for (i = 0; i < nitems(t); i++) {
		assert_string_equal(u_span(t[i].ms, 0, w), t[i].one);
		assert_string_equal(u_span(t[i].ms, 1, w), t[i].two);
	}
	for (i = 0; i < nitems(b); i++)
		assert_string_equal(u_bytes(b[i].n, w), b[i].text);
	assert_string_equal(u_ago(0, NOW, w), "never");
	assert_string_equal(u_ago(NOW, NOW, w), "now");
	assert_string_equal(u_ago(NOW + 5, NOW, w), "now");
	assert_string_equal(u_ago(NOW - 1000, NOW, w), "1 s ago");
	assert_string_equal(u_rfc3339(WALL, w), "2026-11-24T08:00:00Z");
	assert_string_equal(u_rfc3339(-1, w), "1969-12-31T23:59:59Z");
}

static void
test_words(void **st)
{
	static const char *const words[] = { "status", "up", "down",
	    "reload", NULL };
	char	 b[TEXT_MAX];

	(void)st;
	assert_string_equal(u_nearest("staus", words), "status");
	assert_string_equal(u_nearest("realod", words), "reload");
	assert_string_equal(u_nearest("dwon", words), "down");
	assert_null(u_nearest("verify", words));
	assert_null(u_nearest("xy", words));
	assert_null(u_nearest("", words));
	assert_null(u_nearest("a word that is far longer than all of them",
	    words));
	assert_string_equal(reason_text(R_UNREACHABLE, "192.0.2.1", NULL, b,
	    sizeof(b)), "The network says 192.0.2.1 is unreachable.");
	assert_string_equal(reason_text(R_UNREACHABLE, NULL, "no route", b,
	    sizeof(b)), "The network says the peer is unreachable "
	    "(no route).");
	assert_string_equal(reason_text(R_UNREACHABLE, "x", NULL, b, 8),
	    "The net");
	assert_string_equal(reason_action(R_BY_HAND, NULL, "bonn", b,
	    sizeof(b)), "s2sctl up bonn");
	assert_string_equal(reason_text(-1, NULL, NULL, b, sizeof(b)), "");
	assert_string_equal(reason_text(R_MAX, NULL, NULL, b, sizeof(b)), "");
}

/* Every reason has words, and ids are never the same. */
static void
test_reasons(void **st)
{
	char	 b[TEXT_MAX];
	int	 i, k;

	(void)st;
	for (i = R_NONE + 1; i < R_MAX; i++) {
		assert_string_not_equal(reason_row(i)->id, "none");
		(void)reason_text(i, "P", "D", b, sizeof(b));
		assert_true(strlen(b) > 10);
		assert_null(strpbrk(b, "[]%"));
		(void)reason_text(i, NULL, NULL, b, sizeof(b));
		assert_null(strpbrk(b, "[]%"));
		assert_non_null(reason_row(i)->action);
		assert_null(strchr(reason_action(i, "P", "T", b, sizeof(b)),
		    '%'));
		for (k = R_NONE; k < i; k++)
			assert_string_not_equal(reason_row(i)->id,
			    reason_row(k)->id);
	}
}

/* What a daemon gone mad may send: every truncation, hostile text. */
static void
test_hostile(void **st)
{
	struct m_u_tunnel m;
	struct u_status	 s;
	struct wr	 w;
	uint8_t		 b[IPC_FRAME_MAX], *cut;
	size_t		 i;

	(void)st;
	head(&s);
	m = named("evil", "192.0.2.1", 5);
	strcpy(m.s.detail, "\033]0;x\007");
	strcpy(m.name, "\033[2J");
	m.offered = rd_of("\033[31m\0x", 7);
	w = wr_of(b, sizeof(b));
	assert_int_equal(u_put(&w, M_U_TUNNEL, 1, &m), 0);
	for (i = 0; i < w.n; i++) {
		cut = malloc(i > 0 ? i : 1);
		assert_non_null(cut);
		memcpy(cut, b, i);
		assert_int_equal(u_take(&s, rd_of(cut, i)), -1);
		free(cut);
	}
	u_status_clear(&s);
	head(&s);
	assert_int_equal(u_take(&s, rd_of(b, w.n)), 0);
	assert_string_equal(s.t[0].m.name, "?[2J");
	assert_string_equal(s.t[0].m.s.detail, "?]0;x?");
	assert_string_equal(s.t[0].offered, "?[31m");
	m.s.state = 99;
	give(&s, M_U_TUNNEL, &m, -1);
	u_status_clear(&s);
	memset(&s, 0, sizeof(s));
	assert_int_equal(u_take(&s, rd_of(b, w.n)), 0);
	u_status_clear(&s);
}

/* Each type at its least: what msg_put writes, u_get reads, nothing less. */
static void
test_frames(void **st)
{
	const struct msg_desc	*d;
	struct ipc_hdr		 h;
	struct wr		 w;
	union {
		uint64_t	 align;
		uint8_t		 room[MSG_STRUCT_MAX];
	} body;
	uint8_t			 b[IPC_FRAME_MAX];
	size_t			 i, k, n;

	(void)st;
	d = u_descs(&n);
	for (i = 0; i < n; i++) {
		assert_true(d[i].size <= sizeof(body));
		memset(&body, 0, sizeof(body));
		w = wr_of(b, sizeof(b));
		assert_int_equal(u_put(&w, d[i].type, 3, body.room), 0);
		assert_int_equal(u_get(rd_of(b, w.n), &h, body.room), 0);
		assert_int_equal(h.type, d[i].type);
		assert_int_equal(h.req, 3);
		for (k = 0; k < w.n; k++)
			assert_int_equal(u_get(rd_of(b, k), &h, body.room),
			    -1);
		assert_int_equal(u_get(rd_of(b, w.n + 1), &h, body.room), -1);
	}
}

/* A daemon without room answers and closes, and does not read. */
static void
test_refusal(void **state)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct rd	 r;
	int		 fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	assert_int_equal(send(fd[0], "ask", 3, 0), 3);
	assert_int_equal(send(fd[1], "busy", 4, 0), 4);
	close(fd[1]);
	assert_int_equal(io_next(fd[0], buf, &r, 1000), 1);
	assert_int_equal(r.n, 4);
	assert_memory_equal(buf, "busy", 4);
	assert_int_equal(io_next(fd[0], buf, &r, 1000), 0);
	close(fd[0]);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text), cmocka_unit_test(test_colour),
		cmocka_unit_test(test_json), cmocka_unit_test(test_time),
		cmocka_unit_test(test_words), cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_frames),
		cmocka_unit_test(test_refusal),
	};
	struct u_status	 s;
	size_t		 i;

	if (argc < 3)
		return (cmocka_run_group_tests(tests, NULL, NULL));
	for (i = 0; i < nitems(scenes); i++) {
		if (strcmp(scenes[i].name, argv[2]) != 0)
			continue;
		scenes[i].make(&s);
		printf("%s", argv[1][1] == 'j' ? u_json(&s) :
		    text_of(&scenes[i]));
		u_status_clear(&s);
		return (0);
	}
	if (strcmp(argv[2], "down") == 0)
		printf("%s", u_json_down());
	return (0);
}

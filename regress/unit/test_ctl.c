/* SPDX-License-Identifier: ISC */

/*
 * test_ctl.c: s2sd-ctl against fake processes and fake clients.  Nxxx are
 * the rows of the bad input matrix.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ctl_int.h"

enum { FRAMES = 64 };

/* What one client received; `room' frames fit until it reads. */
struct peer {
	unsigned int	 got, room;
	int		 closed;
	uint32_t	 types[FRAMES];		/* of the first ones */
	struct m_u_done	 done;
	unsigned int	 ndone, ntunnel, nchild, nline, ncount;
	struct m_u_tunnel tunnel;		/* the last ones */
	struct m_u_head	 head;
	struct m_u_child child;
	struct m_u_line	 line;
	char		 text[4 * TEXT_MAX + 1];
	struct m_u_count count;
};

static struct {
	struct role_io	 io;
	void		*self;
	struct conf	 conf;
	uint64_t	 now;
	struct peer	 p[CTL_CLIENTS];
	/* the last frame to another process */
	unsigned int	 sent;
	enum proc	 to;
	struct ipc_hdr	 h;
	int		 deaf;
	char		 line[4 * TEXT_MAX];
	unsigned int	 lines;
} t;

static int
f_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	(void)arg;
	(void)b;
	(void)n;
	if (t.deaf)
		return (-1);
	t.sent++;
	t.to = to;
	t.h = *h;
	return (0);
}

static void
keep(struct peer *p, const struct ipc_hdr *h, const void *b)
{
	const struct m_u_line	*l = b;

	if (p->got <= FRAMES)
		p->types[p->got - 1] = h->type;
	switch (h->type) {
	case M_U_HEAD:
		p->head = *(const struct m_u_head *)b;
		break;
	case M_U_TUNNEL:
		p->ntunnel++;
		p->tunnel = *(const struct m_u_tunnel *)b;
		break;
	case M_U_CHILD:
		p->nchild++;
		p->child = *(const struct m_u_child *)b;
		break;
	case M_U_LINE:
		p->nline++;
		p->line = *l;
		memcpy(p->text, l->text.p, l->text.n);
		p->text[l->text.n] = '\0';
		break;
	case M_U_COUNT:
		p->ncount++;
		p->count = *(const struct m_u_count *)b;
		break;
	case M_U_DONE:
		p->ndone++;
		p->done = *(const struct m_u_done *)b;
		break;
	}
}

static int
f_out(void *arg, int i, const uint8_t *f, size_t n)
{
	struct peer	*p = &t.p[i];
	struct ipc_hdr	 h;
	union {
		uint64_t	 align;
		uint8_t		 room[MSG_STRUCT_MAX];
	} b;

	(void)arg;
	assert_false(p->closed);
	if (p->room == 0)
		return (0);
	p->room--;
	p->got++;
	assert_true(n <= IPC_FRAME_MAX);
	assert_int_equal(u_get(rd_of(f, n), &h, b.room), 0);
	keep(p, &h, b.room);
	return (1);
}

static void
f_close(void *arg, int i)
{
	(void)arg;
	assert_false(t.p[i].closed);
	t.p[i].closed = 1;
}

static void
f_line(void *arg, int level, const char *text)
{
	(void)arg;
	(void)level;
	t.lines++;
	(void)snprintf(t.line, sizeof(t.line), "%s", text);
}

static const struct ctl_out out = {
	.send = f_out, .close = f_close, .line = f_line
};

/* n tunnels: ids from 1, names t1, t2 ...; 10.1.x.0/24 to 10.2.x.0/24. */
static void
conf_load(uint32_t gen, unsigned int n, const char *group)
{
	struct tunnel	*tn = calloc(1, sizeof(*tn));
	struct global	 g;
	struct net	 a, b;
	unsigned int	 i;

	assert_non_null(tn);
	memset(&g, 0, sizeof(g));
	(void)snprintf(g.group, sizeof(g.group), "%s", group);
	assert_int_equal(conf_begin(&t.conf, gen, &g), 0);
	assert_int_equal(net_parse("10.1.0.0/24", &a), 0);
	assert_int_equal(net_parse("10.2.0.0/24", &b), 0);
	for (i = 1; i <= n; i++) {
		tn->id = i;
		(void)snprintf(tn->name, sizeof(tn->name), "t%u", i);
		tn->flags = TUN_ACTIVE;
		tn->npeer = 1;
		assert_int_equal(addr_parse("192.0.2.4", &tn->peer[0]), 0);
		ident_addr(&tn->peer[0], &tn->dstid);
		ident_addr(&tn->peer[0], &tn->srcid);
		tn->npair = 1;
		sel_from_net(&a, 0, 0, 65535, &tn->pair[0].local);
		sel_from_net(&b, 0, 0, 65535, &tn->pair[0].remote);
		tn->nike = 1;
		tn->ike[0].nencr = tn->ike[0].ndh = 1;
		tn->ike[0].encr[0] = alg_name(ALG_ENCR, "aes-256-gcm")->num;
		tn->ike[0].dh[0] = alg_name(ALG_DH, "modp2048")->num;
		assert_int_equal(conf_add(&t.conf, tn), 0);
	}
	free(tn);
	conf_commit_new(&t.conf);
	role_ctl.added(t.self, &t.conf, t.now);
	role_ctl.removed(t.self, &t.conf, t.now);
	conf_commit_gone(&t.conf);
}

static int
up(void **state)
{
	int	 i;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.now = 1000000000;
	t.io.send = f_send;
	for (i = 0; i < CTL_CLIENTS; i++)
		t.p[i].room = UINT32_MAX;
	if ((t.self = role_ctl.new(&t.io)) == NULL || conf_init(&t.conf))
		return (-1);
	ctl_set_output(t.self, &out);
	return (0);
}

static int
down(void **state)
{
	(void)state;
	role_ctl.free(t.self);
	conf_clear(&t.conf);
	return (0);
}

static int
frame(enum proc from, uint32_t type, uint32_t tunnel, uint32_t req,
    const void *body)
{
	uint8_t		 buf[IPC_BODY_MAX];
	struct wr	 w = wr_of(buf, sizeof(buf));
	struct ipc_msg	 m;

	memset(&m, 0, sizeof(m));
	assert_int_equal(msg_put(msg_desc(type), &w, body), 0);
	m.h.type = type;
	m.h.len = (uint32_t)w.n;
	m.h.tunnel = tunnel;
	m.h.req = req;
	m.from = from;
	m.d = buf;
	m.fd = -1;
	return (role_dispatch(&role_ctl, t.self, &t.conf, &t.io, &m, t.now));
}

static int
client(uint32_t uid)
{
	uint8_t	 no[CTL_NO_MAX];
	size_t	 n;
	int	 i = ctl_client_open(t.self, uid, t.now, no, &n);

	assert_true(i != -1);
	return (i);
}

static void
ask(int i, uint32_t type, const void *body)
{
	uint8_t		 b[CTL_REQUEST_MAX];
	struct wr	 w = wr_of(b, sizeof(b));

	assert_int_equal(u_put(&w, type, 9, body), 0);
	ctl_client_input(t.self, i, b, w.n, t.now);
}

static void
ask_status(int i, const char *name)
{
	struct m_u_name	 m;

	memset(&m, 0, sizeof(m));
	(void)snprintf(m.name, sizeof(m.name), "%s", name);
	ask(i, M_U_STATUS, &m);
}

static void
later(uint64_t ms)
{
	t.now += ms;
	(void)role_ctl.tick(t.self, t.now);
}

static void
state(uint32_t id, uint8_t st, int reason)
{
	struct m_c_state m;

	memset(&m, 0, sizeof(m));
	m.state = st;
	m.reason = (uint16_t)reason;
	m.since = t.now - 120000;
	m.established = st == TS_UP ? t.now - 120000 : 0;
	assert_int_equal(frame(PROC_IKE, M_C_STATE, id, 0, &m), 0);
}

static void
child(uint32_t id, uint32_t ch, uint8_t is_up)
{
	struct m_c_child m;
	struct wr	 w;
	uint8_t		 b[256];

	memset(&m, 0, sizeof(m));
	m.child = ch;
	m.up = is_up;
	w = wr_of(b, sizeof(b));
	selpairs_put(&w, t.conf.now->t[0]->pair, 1);
	m.pairs = rd_of(b, is_up ? w.n : 0);
	assert_int_equal(frame(PROC_IKE, M_C_CHILD, id, 0, &m), 0);
}

static void
counters(uint32_t id, uint32_t ch, uint64_t in, uint64_t outn, uint64_t age)
{
	struct m_s_counters m;
	struct sa_count	 n;
	struct wr	 w;
	uint8_t		 b[256];

	memset(&n, 0, sizeof(n));
	n.tunnel = id;
	n.child = ch;
	n.in_bytes = in * 100;
	n.in_packets = in;
	n.out_bytes = outn * 100;
	n.out_packets = outn;
	n.in_age = in > 0 ? age : UINT64_MAX;
	n.out_age = outn > 0 ? age : UINT64_MAX;
	w = wr_of(b, sizeof(b));
	sa_count_put(&w, &n);
	m.rest = rd_of(b, w.n);
	assert_int_equal(frame(PROC_SAD, M_S_COUNTERS, 0, 0, &m), 0);
}

/* Parts, in order, and what they say. */
static void
test_status(void **st)
{
	struct m_s_caps	 caps;
	struct m_c_proc	 proc = { PROC_PARENT, 1, 0, 812, 0, 5000 };
	struct m_c_file	 file = { "/etc/s2sd.conf" };
	int		 i;

	(void)st;
	conf_load(3, 2, "");
	memset(&caps, 0, sizeof(caps));
	(void)snprintf(caps.name, sizeof(caps.name), "userland");
	assert_int_equal(frame(PROC_SAD, M_S_CAPS, 0, 0, &caps), 0);
	assert_int_equal(frame(PROC_PARENT, M_C_PROC, 0, 0, &proc), 0);
	assert_int_equal(frame(PROC_PARENT, M_C_FILE, 0, 0, &file), 0);
	state(2, TS_DOWN, R_NO_ANSWER);
	i = client(0);
	ask_status(i, "");
	assert_int_equal(t.p[i].got, 5);
	assert_int_equal(t.p[i].types[0], M_U_HEAD);
	assert_int_equal(t.p[i].types[1], M_U_PROC);
	assert_int_equal(t.p[i].types[2], M_U_TUNNEL);
	assert_int_equal(t.p[i].types[3], M_U_TUNNEL);
	assert_int_equal(t.p[i].types[4], M_U_DONE);
	assert_int_equal(t.p[i].done.err, UERR_OK);
	assert_int_equal(t.p[i].head.pid, 812);
	assert_int_equal(t.p[i].head.since, 5000);
	assert_int_equal(t.p[i].head.gen, 3);
	assert_string_equal(t.p[i].head.backend, "userland");
	assert_string_equal(t.p[i].head.file, "/etc/s2sd.conf");
	assert_string_equal(t.p[i].tunnel.name, "t2");
	assert_int_equal(t.p[i].tunnel.s.reason, R_NO_ANSWER);
	assert_string_equal(t.p[i].tunnel.dstid, "192.0.2.4");
	assert_int_equal(t.p[i].tunnel.cpeer.af, 4);
	ask_status(i, "t1");		/* the same client asks on */
	assert_int_equal(t.p[i].ntunnel, 3);
	assert_string_equal(t.p[i].tunnel.name, "t1");
	ask_status(i, "t\033[2J");
	assert_int_equal(t.p[i].done.err, UERR_NOTUNNEL);
	assert_non_null(strstr(t.p[i].done.text, "t\\033[2J"));
}

/* Counters are asked for, waited for, shared, and added up over children. */
static void
test_counters(void **st)
{
	int	 a, b;

	(void)st;
	conf_load(1, 1, "");
	state(1, TS_UP, 0);
	child(1, 77, 1);
	a = client(0);
	b = client(0);
	ask_status(a, "");
	assert_int_equal(t.h.type, M_S_QUERY);
	assert_int_equal(t.to, PROC_SAD);
	assert_int_equal(t.sent, 1);
	ask_status(b, "");
	assert_int_equal(t.sent, 1);	/* one question for both */
	assert_int_equal(t.p[a].got + t.p[b].got, 0);
	counters(1, 77, 10, 20, 4000);
	assert_int_equal(t.p[a].ndone + t.p[b].ndone, 2);
	assert_int_equal(t.p[a].tunnel.in_packets, 10);
	assert_int_equal(t.p[a].tunnel.out_bytes, 2000);
	assert_int_equal(t.p[a].tunnel.in_last, t.now - 4000);
	assert_int_equal(t.p[a].nchild, 1);
	assert_int_equal(t.p[a].child.c.child, 77);
	ask_status(a, "");		/* fresh enough: at once */
	assert_int_equal(t.sent, 1);
	assert_int_equal(t.p[a].ndone, 2);
	later(1000);
	child(1, 78, 1);		/* a rekey: the old one goes */
	child(1, 77, 0);
	ask_status(a, "");
	assert_int_equal(t.sent, 2);
	later(200);			/* nobody answers: what we have */
	assert_int_equal(t.p[a].ndone, 3);
	assert_int_equal(t.p[a].tunnel.in_packets, 10);
	counters(1, 78, 5, 0, 0);
	ask_status(a, "");
	assert_int_equal(t.p[a].tunnel.in_packets, 15);
	assert_int_equal(t.p[a].tunnel.out_packets, 20);
	state(1, TS_DOWN, R_DIED);
	state(1, TS_UP, 0);		/* counted since up */
	child(1, 78, 0);
	child(1, 79, 1);
	counters(1, 79, 1, 1, 0);
	ask_status(a, "");
	assert_int_equal(t.p[a].tunnel.in_packets, 6);
	/* a new s2sd-ike knows no child; what it carried is not forgotten */
	role_ctl.died(t.self, PROC_IKE, t.now);
	ask_status(a, "");
	assert_int_equal(t.p[a].tunnel.nchild, 0);
	assert_int_equal(t.p[a].tunnel.in_packets, 6);
}

static void
test_one_way(void **st)
{
	struct m_log	 l;
	int		 i;

	(void)st;
	conf_load(1, 1, "");
	state(1, TS_UP, 0);
	child(1, 7, 1);
	i = client(0);
	counters(1, 7, 10, 10, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_NONE);
	counters(1, 7, 10, 0, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_ONE_WAY);
	assert_non_null(strstr(t.p[i].tunnel.s.detail,
	    "packets arrive, but none has left for"));
	counters(1, 7, 0, 10, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_ONE_WAY);
	assert_non_null(strstr(t.p[i].tunnel.s.detail, "none has come back"));
	/* s2sd-esp has seen a NAT: that is the cause */
	memset(&l, 0, sizeof(l));
	l.level = 4;
	l.reason = R_NAT_REWRITE;
	memcpy(l.text, "x", 2);
	assert_int_equal(frame(PROC_ESP, M_LOG, 1, 0, &l), 0);
	counters(1, 7, 10, 0, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_NAT_REWRITE);
	/* with nothing in either direction, too, but not once it sends */
	counters(1, 7, 0, 0, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_NAT_REWRITE);
	counters(1, 7, 0, 10, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_ONE_WAY);
	counters(1, 7, 10, 10, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_NONE);
}

/* Up, and something is wrong that ends it if it stays. */
static void
test_worry(void **st)
{
	struct m_c_state	 s;
	int			 i;

	(void)st;
	conf_load(1, 1, "");
	memset(&s, 0, sizeof(s));
	s.state = TS_UP;
	s.since = t.now - 60000;
	s.silent = t.now - 12500;
	assert_int_equal(frame(PROC_IKE, M_C_STATE, 1, 0, &s), 0);
	i = client(0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_SILENT);
	assert_string_equal(t.p[i].tunnel.s.detail, "12 s");
	assert_true(t.p[i].tunnel.s.silent == s.silent);
	s.silent = 0;
	s.next = R_AUTH_PSK;
	assert_int_equal(frame(PROC_IKE, M_C_STATE, 1, 0, &s), 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_OLD_KEYS);
	assert_non_null(strstr(t.p[i].tunnel.s.detail,
	    "the shared secrets differ"));
	/* what is down has its own reason */
	s.state = TS_DOWN;
	s.silent = t.now - 12500;
	assert_int_equal(frame(PROC_IKE, M_C_STATE, 1, 0, &s), 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].tunnel.s.reason, R_NONE);
}

static void
test_commands(void **st)
{
	struct m_u_name	 m = { "t2" };
	struct m_u_rekey r = { "t1", 1 };
	struct m_c_done	 d;
	int		 i;

	(void)st;
	conf_load(1, 2, "");
	memset(&d, 0, sizeof(d));
	i = client(0);
	ask(i, M_U_UP, &m);
	assert_int_equal(t.to, PROC_IKE);
	assert_int_equal(t.h.type, M_C_UP);
	assert_int_equal(t.h.tunnel, 2);
	assert_int_equal(frame(PROC_IKE, M_C_DONE, 0, t.h.req + 1, &d), 0);
	assert_int_equal(t.p[i].ndone, 0);	/* not ours */
	assert_int_equal(frame(PROC_IKE, M_C_DONE, 0, t.h.req, &d), 0);
	assert_int_equal(t.p[i].done.err, UERR_OK);
	ask(i, M_U_REKEY, &r);
	assert_int_equal(t.h.type, M_C_REKEY);
	assert_int_equal(t.h.tunnel, 1);
	role_ctl.died(t.self, PROC_SAD, t.now);
	assert_int_equal(t.p[i].ndone, 1);
	role_ctl.died(t.self, PROC_IKE, t.now);
	assert_int_equal(t.p[i].done.err, UERR_BUSY);
	ask(i, M_U_RELOAD, NULL);
	assert_int_equal(t.to, PROC_PARENT);
	d.err = 1;
	(void)snprintf(d.text, sizeof(d.text), "s2sd.conf:3: what\033");
	assert_int_equal(frame(PROC_PARENT, M_C_DONE, 0, t.h.req, &d), 0);
	assert_int_equal(t.p[i].done.err, UERR_REFUSED);
	assert_string_equal(t.p[i].done.text, "s2sd.conf:3: what\\033");
	ask(i, M_U_STOP, NULL);
	assert_int_equal(t.h.type, M_C_STOP);
	later(30000);
	assert_int_equal(t.p[i].done.err, UERR_TIMEOUT);
	t.deaf = 1;
	ask(i, M_U_RELOAD, NULL);
	assert_int_equal(t.p[i].done.err, UERR_BUSY);
}

/* N089: who may come, how many, how long, with what. */
static void
test_clients(void **st)
{
	struct m_u_name	 m = { "t1" };
	struct m_u_log	 l = { 0, 0 };
	struct m_u_done	 d;
	struct ipc_hdr	 h;
	uint8_t		 no[CTL_NO_MAX], *big;
	size_t		 n;
	int		 i;

	(void)st;
	conf_load(1, 1, "");
	assert_int_equal(ctl_client_open(t.self, 1000, t.now, no, &n), -1);
	assert_int_equal(u_get(rd_of(no, n), &h, &d), 0);
	assert_int_equal(d.err, UERR_PERM);
	conf_load(2, 1, "wheel");
	i = client(1000);
	ask(i, M_U_UP, &m);
	assert_int_equal(t.p[i].done.err, UERR_PERM);
	ask(i, M_U_STOP, NULL);
	assert_int_equal(t.p[i].done.err, UERR_PERM);
	ask(i, M_U_RELOAD, NULL);
	assert_int_equal(t.p[i].done.err, UERR_PERM);
	assert_int_equal(t.sent, 0);
	ask_status(i, "");
	assert_int_equal(t.p[i].done.err, UERR_OK);
	ask(i, M_U_LOG, &l);
	assert_int_equal(t.p[i].done.err, UERR_OK);
	/* the group cannot lock root out */
	for (i = 1; i < CTL_CLIENTS - CTL_ROOT; i++)
		(void)client(1000);
	assert_int_equal(ctl_client_open(t.self, 1000, t.now, no, &n), -1);
	for (i = 0; i < CTL_ROOT; i++)
		(void)client(0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(ctl_client_open(t.self, 0, t.now, no, &n),
		    -1);
	assert_int_equal(u_get(rd_of(no, n), &h, &d), 0);
	assert_int_equal(d.err, UERR_BUSY);
	later(CTL_PATIENCE);		/* who says nothing goes */
	for (i = 0; i < CTL_CLIENTS; i++)
		assert_true(t.p[i].closed);
	memset(t.p, 0, sizeof(t.p));
	i = client(0);
	t.p[i].room = 9;
	big = calloc(1, CTL_REQUEST_MAX + 1);
	assert_non_null(big);
	ctl_client_input(t.self, i, big, CTL_REQUEST_MAX + 1, t.now);
	assert_int_equal(t.p[i].done.err, UERR_SYNTAX);
	assert_true(t.p[i].closed);
	free(big);
	memset(t.p, 0, sizeof(t.p));
	i = client(0);			/* connect, ask, never read */
	ask_status(i, "");
	assert_true(ctl_client_waits(t.self, i));
	later(CTL_PATIENCE);
	assert_true(t.p[i].closed);
	assert_int_equal(t.p[i].got, 0);
	memset(t.p, 0, sizeof(t.p));
	i = client(0);			/* a second request meanwhile */
	ask_status(i, "");
	ask_status(i, "");
	assert_true(t.p[i].closed);
}

/* N089, N090: halves, wrong lengths, versions, types; then anything. */
static void
test_garbage(void **st)
{
	static const uint32_t	 types[] = { 0, 1, M_C_UP, M_U_HEAD, M_U_DONE,
				    M_U_FIRST + 0x40, 0xffffffff };
	uint8_t			 b[CTL_REQUEST_MAX], *cut;
	struct m_u_name		 m = { "t1" };
	struct wr		 w;
	unsigned int		 x = 1, k;
	size_t			 i, n;
	int			 c;

	(void)st;
	conf_load(1, 1, "");
	w = wr_of(b, sizeof(b));
	assert_int_equal(u_put(&w, M_U_STATUS, 1, &m), 0);
	n = w.n;
	for (i = 0; i < n; i++) {
		memset(t.p, 0, sizeof(t.p));
		c = client(0);
		t.p[c].room = 9;
		cut = malloc(i > 0 ? i : 1);
		assert_non_null(cut);
		memcpy(cut, b, i);
		ctl_client_input(t.self, c, cut, i, t.now);
		free(cut);
		assert_int_equal(t.p[c].done.err, UERR_SYNTAX);
		assert_true(t.p[c].closed);
	}
	for (i = 0; i < nitems(types) + 1; i++) {
		memset(t.p, 0, sizeof(t.p));
		c = client(0);
		t.p[c].room = 9;
		w = wr_of(b, 4);
		wr_u32(&w, i < nitems(types) ? types[i] : M_U_STATUS);
		w = wr_of(b + 4, 8);
		wr_u32(&w, (uint32_t)n - IPC_HDR);
		wr_u32(&w, i < nitems(types) ? CTL_VERSION : 2);
		ctl_client_input(t.self, c, b, n, t.now);
		assert_int_equal(t.p[c].ndone, 1);
		assert_int_not_equal(t.p[c].done.err, UERR_OK);
		if (i == nitems(types))
			assert_int_equal(t.p[c].done.err, UERR_VERSION);
		if (!t.p[c].closed)
			ctl_client_gone(t.self, c);
	}
	for (k = 0; k < 20000; k++) {
		memset(t.p, 0, sizeof(t.p));
		c = client(0);
		t.p[c].room = UINT32_MAX;
		w = wr_of(b, sizeof(b));
		assert_int_equal(u_put(&w, M_U_STATUS + k % 8, 1,
		    k % 8 == 6 ? (const void *)&(struct m_u_log){ 1, 0 } :
		    k % 8 == 3 ? (const void *)&(struct m_u_rekey){ "t1", 0 } :
		    (const void *)&m), 0);
		for (i = 0; i < 3; i++) {
			x = x * 1103515245 + 12345;
			b[(x >> 16) % w.n] = (uint8_t)(x >> 8);
		}
		ctl_client_input(t.self, c, b, w.n, t.now);
		later(1);
		if (!t.p[c].closed)
			ctl_client_gone(t.self, c);
	}
}

/* N092: 10,000 tunnels, a reader that takes one frame at a time. */
static void
test_slow(void **st)
{
	unsigned int	 i;
	uint64_t	 due;
	int		 slow, fast;

	(void)st;
	conf_load(1, 10000, "");
	slow = client(0);
	fast = client(0);
	t.p[slow].room = 1;
	ask_status(slow, "");
	assert_int_equal(t.p[slow].got, 1);
	ask_status(fast, "");
	for (i = 0; i < 100 && t.p[fast].ndone == 0; i++) {
		/* its share each time, others in between */
		due = role_ctl.tick(t.self, t.now);
		assert_int_equal(due <= t.now, t.p[fast].ndone == 0);
	}
	assert_in_range(i, 10, 60);
	assert_int_equal(t.p[fast].ntunnel, 10000);
	assert_int_equal(t.p[slow].got, 1);
	for (i = 0; i < 20000 && t.p[slow].ndone == 0; i++) {
		t.p[slow].room = 1;
		later(100);		/* slow, but it reads */
		ctl_client_writable(t.self, slow, t.now);
	}
	assert_int_equal(t.p[slow].ntunnel, 10000);
	assert_false(t.p[slow].closed);
	assert_string_equal(t.p[slow].tunnel.name, "t10000");
}

static void
say(const char *text)
{
	struct m_log	 m;

	memset(&m, 0, sizeof(m));
	m.level = 4;
	(void)snprintf(m.text, sizeof(m.text), "%s", text);
	assert_int_equal(frame(PROC_IKE, M_LOG, 1, 0, &m), 0);
}

static void
test_log(void **st)
{
	struct m_u_log	 m = { 2, 0 };
	char		 b[32];
	int		 i, c, f;

	(void)st;
	conf_load(1, 1, "");
	c = client(0);
	ask(c, M_U_LOG, &m);
	assert_int_equal(t.p[c].nline, 0);
	assert_int_equal(t.p[c].ndone, 1);
	say("one");
	say("two");
	say("t1: \033]0;evil\007 \303\266");
	assert_string_equal(t.line, "t1: \\033]0;evil\\007 \\303\\266");
	assert_int_equal(t.lines, 3);
	ask(c, M_U_LOG, &m);
	assert_int_equal(t.p[c].nline, 2);
	assert_string_equal(t.p[c].text, t.line);
	assert_string_equal(t.p[c].line.tunnel, "t1");
	assert_int_equal(t.p[c].line.proc, PROC_IKE);
	assert_int_equal(t.p[c].line.seq, 3);
	m.follow = 1;
	f = client(0);
	ask(f, M_U_LOG, &m);
	assert_int_equal(t.p[f].nline, 2);
	say("four");
	assert_int_equal(t.p[f].nline, 3);
	assert_string_equal(t.p[f].text, "four");
	later(100 * CTL_PATIENCE);	/* following is not idling */
	assert_false(t.p[f].closed);
	assert_true(t.p[c].closed);
	t.p[f].room = 1;		/* now it falls behind */
	for (i = 0; i < CTL_LINES + 100; i++) {
		(void)snprintf(b, sizeof(b), "line %d", i);
		say(b);
	}
	assert_int_equal(t.p[f].nline, 4);
	assert_string_equal(t.p[f].text, "line 0");
	t.p[f].room = 2;		/* what was on its way, and the gap */
	ctl_client_writable(t.self, f, t.now);
	assert_string_equal(t.p[f].text, "(98 lines are gone)");
	t.p[f].room = UINT32_MAX;
	ctl_client_writable(t.self, f, t.now);
	for (i = 0; i < 100; i++)
		(void)role_ctl.tick(t.self, t.now);
	assert_string_equal(t.p[f].text, b);
	assert_int_equal(t.p[f].nline, 4 + 2 + CTL_LINES);
}

static void
test_stats(void **st)
{
	struct m_c_proc	 proc = { PROC_NET, 1, 0, 5, 0, 5000 };
	struct m_stats	 m;
	struct wr	 w;
	uint8_t		 b[256];
	int		 i;

	(void)st;
	conf_load(1, 1, "");
	assert_int_equal(frame(PROC_PARENT, M_C_PROC, 0, 0, &proc), 0);
	i = client(0);
	ask(i, M_U_STATS, NULL);
	assert_int_equal(t.sent, 8);	/* everybody with a channel */
	w = wr_of(b, sizeof(b));
	wr_sub16(&w, rd_of("short", 5));
	wr_u64(&w, 7);
	wr_sub16(&w, rd_of("long", 4));
	wr_u64(&w, 8);
	m.rest = rd_of(b, w.n);
	assert_int_equal(frame(PROC_NET, M_STATS, 0, t.h.req, &m), 0);
	assert_int_equal(t.p[i].ncount, 2);
	assert_int_equal(t.p[i].ndone, 1);
	assert_string_equal(t.p[i].count.name, "long");
	assert_int_equal(t.p[i].count.value, 8);
	m.rest.n--;
	assert_int_equal(frame(PROC_NET, M_STATS, 0, t.h.req, &m), -1);
	b[2] = '\n';
	m.rest.n++;
	assert_int_equal(frame(PROC_NET, M_STATS, 0, t.h.req, &m), -1);
	ask(i, M_U_STATS, NULL);
	later(400);			/* an old answer does not count */
	assert_int_equal(t.p[i].ndone, 2);
	assert_int_equal(t.p[i].ncount, 2);
}

/* What no honest process writes ends it; a tunnel that is gone does not. */
static void
test_refused(void **st)
{
	struct m_c_state s;
	struct m_c_child c;
	struct m_c_proc	 p = { PROC_MAX, 1, 0, 1, 0, 1 };
	struct m_log	 l;
	struct m_s_counters n = { { (const uint8_t *)"12345678", 8 } };

	(void)st;
	conf_load(1, 1, "");
	memset(&s, 0, sizeof(s));
	memset(&c, 0, sizeof(c));
	memset(&l, 0, sizeof(l));
	assert_int_equal(frame(PROC_IKE, M_C_STATE, 99, 0, &s), 0);
	assert_int_equal(frame(PROC_NET, M_C_STATE, 1, 0, &s), -1);
	s.state = TS_OFF + 1;
	assert_int_equal(frame(PROC_IKE, M_C_STATE, 1, 0, &s), -1);
	s.state = 0;
	s.reason = R_MAX;
	assert_int_equal(frame(PROC_IKE, M_C_STATE, 1, 0, &s), -1);
	c.up = 1;
	c.child = 5;
	assert_int_equal(frame(PROC_IKE, M_C_CHILD, 1, 0, &c), -1);
	assert_int_equal(frame(PROC_PARENT, M_C_PROC, 0, 0, &p), -1);
	l.level = 8;
	assert_int_equal(frame(PROC_IKE, M_LOG, 0, 0, &l), -1);
	assert_int_equal(frame(PROC_SAD, M_S_COUNTERS, 0, 0, &n), -1);
}

/* A reload in the middle of an answer: what is gone is left out. */
static void
test_reload(void **st)
{
	int	 i;

	(void)st;
	conf_load(1, 5, "");
	i = client(0);
	t.p[i].room = 2;
	ask_status(i, "");
	assert_int_equal(t.p[i].ntunnel, 1);
	conf_load(2, 3, "");
	t.p[i].room = 99;
	ctl_client_writable(t.self, i, t.now);
	assert_int_equal(t.p[i].ntunnel, 3);
	assert_int_equal(t.p[i].ndone, 1);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, up, down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_status), T(test_counters), T(test_one_way), T(test_worry),
		T(test_commands), T(test_clients), T(test_garbage),
		T(test_slow), T(test_log), T(test_stats), T(test_refused),
		T(test_reload),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

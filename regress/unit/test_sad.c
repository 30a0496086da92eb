/* SPDX-License-Identifier: ISC */

/* test_sad.c: s2sd-sad: who may install what, expiry, deaths, reconciling. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../backends/sa/sa.h"
#include "../../daemon/sad/sad.h"
#include "espkit.h"

/* s2sd-sad, with s2sd-esp behind it or the null backend. */
struct scene {
	struct kit	 sad, esp;
	struct tunnel	 t[3];
	int		 null;
	uint8_t		 sa[1024], pairs[600];
};

static void
sad_start(struct scene *s)
{
	static const struct sad_choice	 null = { .be = &sa_null };

	kit_new(&s->sad, &role_sad);
	if (s->null)
		sad_backends(s->sad.self, &null, 1);
	kit_conf(&s->sad, s->t, nitems(s->t));
	s->sad.role->go(s->sad.self, s->sad.now);
}

static void
pump(struct scene *s)
{
	int	 i;

	for (i = 0; i < 4; i++) {
		kit_pump(&s->sad, &s->esp);
		kit_pump(&s->esp, &s->sad);
	}
}

static void
scene_new(struct scene *s, int null)
{
	memset(s, 0, sizeof(*s));
	s->null = null;
	kit_tunnel(&s->t[0], 7, "berlin", "192.0.2.1", "192.0.2.2",
	    "10.1.3.0/24", "10.1.4.0/24");
	kit_pair_add(&s->t[0], "10.1.3.0/24", "10.1.14.0/24");
	kit_tunnel(&s->t[1], 8, "paris", "192.0.2.1", "192.0.2.3",
	    "10.1.3.0/24", "10.1.5.0/24");
	kit_tunnel(&s->t[2], 9, "any", "192.0.2.1", "192.0.2.9",
	    "10.1.3.0/24", "10.1.6.0/24");
	s->t[2].flags |= TUN_PEERANY;
	s->t[2].npeer = 0;
	kit_new(&s->esp, &role_esp);
	kit_conf(&s->esp, s->t, nitems(s->t));
	sad_start(s);
	pump(s);
	kit_forget(&s->sad);
}

static void
scene_free(struct scene *s)
{
	kit_free(&s->sad);
	kit_free(&s->esp);
}

/* What s2sd-ike asks for: a pair of that tunnel as it is configured. */
static struct m_sa
ask(struct scene *s, const struct tunnel *t, uint32_t child)
{
	struct m_sa	 sa;
	struct wr	 w;

	memset(&sa, 0, sizeof(sa));
	w = wr_of(s->pairs, sizeof(s->pairs));
	selpairs_put(&w, t->pair, t->npair);
	sa.child = child;
	sa.spi_out = 0xb0000000 + child;
	sa.udp = 1;
	sa.esn = 1;
	sa.local = kit_addr("192.0.2.1", 4500);
	sa.remote = t->peer[0];
	sa.remote.port = 4500;
	sa.life = 3600;
	sa.pairs = rd_of(s->pairs, w.n);
	return (sa);
}

static struct m_s_pair
keyed(struct scene *s, const struct m_sa *sa)
{
	struct m_s_pair	 p;
	struct wr	 w;

	memset(&p, 0, sizeof(p));
	w = wr_of(s->sa, sizeof(s->sa));
	assert_int_equal(msg_put(msg_desc_sa(), &w, sa), 0);
	p.encr = 1;
	kit_key(&p.ein, 36, 1);
	kit_key(&p.eout, 36, 99);
	p.sa = rd_of(s->sa, w.n);
	return (p);
}

static struct m_s_done
submit(struct scene *s, uint32_t tunnel, const struct m_s_pair *p)
{
	struct m_s_done	 d;
	struct ipc_hdr	 h;

	assert_int_equal(kit_send(&s->sad, PROC_KEYS, M_S_PAIR, 99, tunnel, p),
	    0);
	pump(s);
	assert_int_equal(kit_take(&s->sad, M_S_DONE, &h, &d), 1);
	assert_int_equal(kit_count(&s->sad, M_S_DONE), 0);
	assert_int_equal(h.req, 99);
	assert_int_equal(h.tunnel, tunnel);
	return (d);
}

static struct m_s_done
install(struct scene *s, const struct m_sa *sa, uint32_t tunnel)
{
	struct m_s_pair	 p = keyed(s, sa);

	return (submit(s, tunnel, &p));
}

/* One that must work; its inbound SPI. */
static uint32_t
up(struct scene *s, const struct tunnel *t, uint32_t child)
{
	struct m_sa	 sa = ask(s, t, child);
	struct m_s_done	 d = install(s, &sa, t->id);

	assert_int_equal(d.err, SERR_OK);
	assert_int_equal(d.child, child);
	assert_true(d.spi_in >= 256);
	return (d.spi_in);
}

static void
test_install(void **state)
{
	struct m_h_updown	 u;
	struct ipc_hdr		 h;
	struct selpair		 pair[4];
	struct scene		 s;
	struct m_sa		 sa;
	struct m_s_done		 d;
	struct esp_sa		*e;
	uint32_t		 spi, spi2;
	size_t			 n;

	(void)state;
	scene_new(&s, 0);
	spi = up(&s, &s.t[0], 1);
	assert_int_equal(kit_take(&s.sad, M_H_UP, &h, &u), 1);
	assert_int_equal(h.tunnel, 7);
	assert_int_equal(u.child, 1);
	assert_int_equal(u.mtu, 1438);
	assert_int_equal(selpairs_get(&u.pairs, pair, 4, &n), 0);
	assert_int_equal(n, 2);
	assert_non_null(e = esp_sa_child(s.esp.self, 1));
	assert_int_equal(e->spi_in, spi);
	assert_int_equal(e->mtu, 1438);
	assert_int_equal(e->rp.win, 4096);
	assert_int_equal(e->esn, 1);
	/* drawn numbers differ, a wanted one is taken, one in use is not */
	spi2 = up(&s, &s.t[1], 2);
	assert_int_not_equal(spi, spi2);
	sa = ask(&s, &s.t[0], 3);
	sa.spi_in = 0x4711;
	d = install(&s, &sa, 7);
	assert_int_equal(d.err, SERR_OK);
	assert_int_equal(d.spi_in, 0x4711);
	sa.child = 4;
	d = install(&s, &sa, 7);
	assert_int_equal(d.err, SERR_SPI);
	assert_non_null(strstr(s.sad.log, "SPI in use"));	/* sad's own */
	sa.spi_in = 0x4712;
	sa.child = 3;
	d = install(&s, &sa, 7);
	assert_int_equal(d.err, SERR_CONTENT);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 3);
	scene_free(&s);
}

/* A reload with another MTU: the pair stays, esp and host hear of it. */
static void
test_soft(void **state)
{
	struct m_h_updown	 u;
	struct ipc_hdr		 h;
	struct scene		 s;
	struct esp_sa		*e;
	uint32_t		 spi;

	(void)state;
	scene_new(&s, 0);
	spi = up(&s, &s.t[0], 1);
	(void)up(&s, &s.t[1], 2);
	kit_forget(&s.sad);
	s.t[0].mtu = 1400;
	s.t[0].dpd++;
	s.t[1].life++;
	kit_conf(&s.sad, s.t, nitems(s.t));
	kit_conf(&s.esp, s.t, nitems(s.t));
	assert_int_equal(kit_count(&s.sad, M_E_DELETE), 0);
	assert_int_equal(kit_take(&s.sad, M_H_UP, &h, &u), 1);
	assert_int_equal(h.tunnel, 7);
	assert_int_equal(u.mtu, 1338);
	assert_int_equal(kit_count(&s.sad, M_H_UP), 0);
	pump(&s);
	assert_non_null(e = esp_sa_child(s.esp.self, 1));
	assert_int_equal(e->spi_in, spi);
	assert_int_equal(e->mtu, 1338);
	assert_int_equal(esp_sa_child(s.esp.self, 2)->mtu, 1438);
	scene_free(&s);
}

/* N103: what is not configured is not installed, nothing reaches esp.  The
 * null backend accepts all, so there it is s2sd-sad alone that refuses. */
static void
n103(int null)
{
	struct tunnel	 wide;
	struct scene	 s;
	struct m_sa	 sa, ok;
	struct m_s_pair	 p;
	struct wr	 w;

	scene_new(&s, null);
#define REFUSED(change, tunnel, want) do {				\
		sa = ask(&s, &s.t[0], 1);				\
		change;							\
		assert_int_equal(install(&s, &sa, tunnel).err, want);	\
		assert_null(esp_sa_child(s.esp.self, sa.child));	\
	} while (0)
	REFUSED((void)0, 4711, SERR_TUNNEL);
	REFUSED((void)0, 8, SERR_ADDRESS);	/* another tunnel's peer */
	kit_tunnel(&wide, 7, "w", "192.0.2.1", "192.0.2.2", "10.0.0.0/8",
	    "10.1.4.0/24");
	REFUSED(sa = ask(&s, &wide, 1), 7, SERR_SELECTOR);
	kit_tunnel(&wide, 7, "w", "192.0.2.1", "192.0.2.2", "10.1.3.0/24",
	    "0.0.0.0/0");
	REFUSED(sa = ask(&s, &wide, 1), 7, SERR_SELECTOR);
	kit_tunnel(&wide, 7, "w", "192.0.2.1", "192.0.2.2", "10.1.3.0/24",
	    "10.1.5.0/24");				/* of another tunnel */
	REFUSED(sa = ask(&s, &wide, 1), 7, SERR_SELECTOR);
	REFUSED(sa.remote = kit_addr("203.0.113.1", 4500), 7, SERR_ADDRESS);
	REFUSED(sa.local = kit_addr("203.0.113.1", 4500), 7, SERR_ADDRESS);
	REFUSED(sa.remote.port = 0, 7, SERR_ADDRESS);
	REFUSED(sa.local.af = 0, 7, SERR_ADDRESS);
	REFUSED(sa.spi_out = 255, 7, SERR_SPI);
	REFUSED(sa.spi_in = 7, 7, SERR_SPI);
	REFUSED(sa.child = 0, 7, SERR_CONTENT);
	REFUSED(sa.esn = 2, 7, SERR_CONTENT);
	REFUSED(sa.beside = 4, 7, SERR_CONTENT);
	REFUSED(sa.cpu = 1, 7, SERR_CONTENT);
	if (!null)		/* userland is UDP only */
		REFUSED(sa.udp = 0, 7, SERR_BACKEND);
	/* a narrower selector is fine, a free port too (NAT) */
	kit_tunnel(&wide, 7, "w", "192.0.2.1", "192.0.2.2", "10.1.3.64/26",
	    "10.1.4.2/32");
	ok = ask(&s, &wide, 1);
	ok.remote.port = 61234;
	assert_int_equal(install(&s, &ok, 7).err, SERR_OK);
	/* `peer any' takes any address, but not any network */
	sa = ask(&s, &s.t[2], 2);
	sa.remote = kit_addr("203.0.113.77", 1024);
	assert_int_equal(install(&s, &sa, 9).err, SERR_OK);
	/* octets that are no request at all: refused, keys is not ended */
	p = keyed(&s, &ok);
	p.sa.n--;
	assert_int_equal(submit(&s, 7, &p).err, SERR_CONTENT);
	ok.pairs.n = 5;
	ok.child = 9;
	p = keyed(&s, &ok);
	assert_int_equal(submit(&s, 7, &p).err, SERR_CONTENT);
	w = wr_of(s.sa, 0);
	p.sa = rd_of(s.sa, w.n);
	assert_int_equal(submit(&s, 7, &p).err, SERR_CONTENT);
	scene_free(&s);
}

static void
test_n103(void **state)
{
	(void)state;
	n103(0);
	n103(1);
}

/* Ciphers outside the tunnel's proposals; keys of another length. */
static void
test_algs(void **state)
{
	struct scene	 s;
	struct m_s_pair	 p;
	struct m_sa	 sa;

	(void)state;
	scene_new(&s, 1);	/* null: nobody else looks at lengths */
	s.t[0].child[0].nencr = 1;		/* aes-256-gcm alone */
	s.t[0].child[0].nesn = 1;
	s.t[0].child[0].esn[0] = 1;
	s.t[0].nchild = 1;
	kit_conf(&s.sad, s.t, nitems(s.t));
	sa = ask(&s, &s.t[0], 1);
#define ALG(change) do {						\
		p = keyed(&s, &sa);					\
		change;							\
		assert_int_equal(submit(&s, 7, &p).err, SERR_ALG);	\
	} while (0)
	ALG(p.encr = 0);
	ALG(p.encr = 3);
	ALG((p.encr = 2, p.ein.len = p.eout.len = 20));
	ALG(p.integ = 30);
	ALG((p.integ = 30, p.ain.len = p.aout.len = 32));
	ALG(p.ein.len--);
	ALG(p.eout.len = 32);
	ALG((p.encr = 4, p.ein.len = p.eout.len = 32));
	ALG((p.encr = 4, p.integ = 30, p.ein.len = p.eout.len = 32,
	    p.ain.len = p.aout.len = 32));
	sa.esn = 0;
	ALG((void)0);
	sa.esn = 1;
	p = keyed(&s, &sa);
	assert_int_equal(submit(&s, 7, &p).err, SERR_OK);
	scene_free(&s);
}

/* N102: the sender decides, whatever is inside. */
static void
test_n102(void **state)
{
	static const enum proc	 others[] = { PROC_PARENT, PROC_CONF, PROC_NET,
	    PROC_IKE, PROC_ESP, PROC_HOST, PROC_CTL };
	struct scene		 s;
	struct m_s_pair		 p;
	struct m_s_delete	 d = { 1, 0 };
	struct m_sa		 sa;
	uint8_t			 buf[1200];
	struct wr		 w;
	size_t			 i;

	(void)state;
	scene_new(&s, 0);
	sa = ask(&s, &s.t[0], 1);
	p = keyed(&s, &sa);
	for (i = 0; i < nitems(others); i++)
		assert_int_equal(kit_send(&s.sad, others[i], M_S_PAIR, 1, 7,
		    &p), -1);
	assert_int_equal(kit_send(&s.sad, PROC_KEYS, M_S_DELETE, 0, 7, &d),
	    -1);
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_E_LIST_END, 0, 0,
	    &(struct m_e_list_end){ 0 }), -1);
	/* too short, too long */
	w = wr_of(buf, sizeof(buf));
	assert_int_equal(msg_put(msg_desc(M_S_PAIR), &w, &p), 0);
	for (i = 0; i < w.n; i++)
		assert_int_equal(kit_raw(&s.sad, PROC_KEYS, M_S_PAIR, 1, 7,
		    buf, i), -1);
	assert_int_equal(kit_raw(&s.sad, PROC_KEYS, M_S_PAIR, 1, 7, buf,
	    w.n + 1), -1);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 0);
	assert_int_equal(kit_count(&s.sad, M_S_DONE), 0);
	scene_free(&s);
}

/* Down when the last child goes; by s2sd-ike's wish or when it is old. */
static void
test_ends(void **state)
{
	struct m_s_delete	 d = { 1, 0 };
	struct m_s_expire	 x;
	struct ipc_hdr		 h;
	struct scene		 s;
	struct m_sa		 sa;
	uint64_t		 due;

	(void)state;
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	(void)up(&s, &s.t[0], 2);
	d.spi_in = 12345;			/* not its SPI */
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_DELETE, 0, 7, &d), 0);
	d.spi_in = 0;
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_DELETE, 0, 8, &d), 0);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 2);
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_DELETE, 0, 7, &d), 0);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 1);
	assert_int_equal(kit_count(&s.sad, M_H_DOWN), 0);
	/* hard expiry of the other, to the millisecond */
	due = role_sad.tick(s.sad.self, s.sad.now);
	assert_int_equal(due, s.sad.now + 3600 * 1000);
	role_sad.tick(s.sad.self, due - 1);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 1);
	assert_int_equal(role_sad.tick(s.sad.self, due), DUE_NEVER);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 0);
	assert_int_equal(kit_take(&s.sad, M_S_EXPIRE, &h, &x), 1);
	assert_int_equal(x.child, 2);
	assert_int_equal(x.hard, 1);
	assert_int_equal(kit_take(&s.sad, M_H_DOWN, &h, NULL), 1);
	assert_int_equal(h.tunnel, 7);
	/* a life longer than the configuration's is cut */
	sa = ask(&s, &s.t[0], 3);
	sa.life = 99999999;
	assert_int_equal(install(&s, &sa, 7).err, SERR_OK);
	assert_int_equal(role_sad.tick(s.sad.self, s.sad.now),
	    s.sad.now + 3600 * 1000);
	/* octets: reported by esp, passed on */
	memset(&x, 0, sizeof(x));
	x.child = 3;
	assert_int_equal(kit_send(&s.sad, PROC_ESP, M_E_EXPIRE, 0, 7, &x), 0);
	assert_int_equal(kit_take(&s.sad, M_S_EXPIRE, NULL, &x), 1);
	assert_int_equal(x.hard, 0);
	x.child = 3;
	x.hard = 1;
	assert_int_equal(kit_send(&s.sad, PROC_ESP, M_E_EXPIRE, 0, 7, &x), 0);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 0);
	scene_free(&s);
}

/* s2sd-ike dies: SAs stay, are named, and go when they are covered. */
static void
test_orphans(void **state)
{
	struct ipc_hdr	 h;
	struct tunnel	 part;
	struct scene	 s;
	struct m_sa	 sa;

	(void)state;
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	(void)up(&s, &s.t[1], 2);
	(void)up(&s, &s.t[0], 3);
	kit_forget(&s.sad);
	role_sad.died(s.sad.self, PROC_IKE, 1000);
	assert_int_equal(kit_count(&s.sad, M_S_ORPHAN), 2);
	assert_int_equal(kit_take(&s.sad, M_S_CAPS, NULL, NULL), 1);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 3);
	/* half of the selectors does not cover them */
	kit_tunnel(&part, 7, "p", "192.0.2.1", "192.0.2.2", "10.1.3.0/24",
	    "10.1.4.0/24");
	sa = ask(&s, &part, 10);
	assert_int_equal(install(&s, &sa, 7).err, SERR_OK);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 4);
	(void)up(&s, &s.t[0], 11);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 3);
	assert_non_null(esp_sa_child(s.esp.self, 2));
	assert_null(esp_sa_child(s.esp.self, 1));
	assert_null(esp_sa_child(s.esp.self, 3));
	/* the other waits until it is old; nobody is told */
	kit_forget(&s.sad);
	assert_int_equal(role_sad.tick(s.sad.self, s.sad.now + 3600 * 1000),
	    DUE_NEVER);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 0);
	assert_int_equal(kit_count(&s.sad, M_S_EXPIRE), 2);
	while (kit_take(&s.sad, M_S_EXPIRE, &h, NULL))
		assert_int_equal(h.tunnel, 7);
	scene_free(&s);
}

/* A pair that was on its way when s2sd-ike died belongs to nobody. */
static void
test_stale(void **state)
{
	struct scene	 s;
	struct m_s_pair	 p;
	struct m_sa	 sa;

	(void)state;
	scene_new(&s, 0);
	sa = ask(&s, &s.t[0], 1);
	p = keyed(&s, &sa);
	assert_int_equal(kit_send(&s.sad, PROC_KEYS, M_S_PAIR, 1, 7, &p), 0);
	role_sad.died(s.sad.self, PROC_IKE, 1000);
	pump(&s);
	assert_int_equal(kit_count(&s.sad, M_S_DONE), 0);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 0);
	scene_free(&s);
}

/* The plane dies with all keys; host is told again after its own death. */
static void
test_deaths(void **state)
{
	struct m_s_pair	 p;
	struct m_s_done	 d;
	struct m_sa	 sa;
	struct scene	 s;

	(void)state;
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	(void)up(&s, &s.t[1], 2);
	kit_forget(&s.sad);
	role_sad.died(s.sad.self, PROC_HOST, 1000);
	assert_int_equal(kit_count(&s.sad, M_H_UP), 2);
	/* one more is on its way when esp dies */
	sa = ask(&s, &s.t[0], 3);
	p = keyed(&s, &sa);
	assert_int_equal(kit_send(&s.sad, PROC_KEYS, M_S_PAIR, 5, 7, &p), 0);
	kit_free(&s.esp);
	kit_new(&s.esp, &role_esp);
	kit_conf(&s.esp, s.t, nitems(s.t));
	role_sad.died(s.sad.self, PROC_ESP, 1000);
	assert_int_equal(kit_count(&s.sad, M_S_LOST), 1);
	assert_int_equal(kit_count(&s.sad, M_H_DOWN), 2);
	assert_int_equal(kit_take(&s.sad, M_S_DONE, NULL, &d), 1);
	assert_int_equal(d.err, SERR_BACKEND);
	kit_forget(&s.sad);
	(void)up(&s, &s.t[0], 4);
	scene_free(&s);
}

/* s2sd-sad is new: it lists, s2sd-ike names, the rest goes. */
static void
test_reconcile(void **state)
{
	static const int	 order[] = { 0, 1, 2 };
	struct m_s_expire	 x;
	struct scene		 s;
	struct m_sa		 sa, gone;
	uint32_t		 spi;
	size_t			 i;

	(void)state;
	for (i = 0; i < nitems(order); i++) {
		scene_new(&s, 0);
		spi = up(&s, &s.t[0], 1);
		(void)up(&s, &s.t[1], 2);
		kit_free(&s.sad);
		sad_start(&s);
		if (order[i] == 0)		/* list first, or claims */
			pump(&s);
		sa = ask(&s, &s.t[0], 1);
		sa.spi_in = spi;
		assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_KEEP, 0, 7,
		    &sa), 0);
		gone = ask(&s, &s.t[0], 77);
		gone.spi_in = 0x7777;
		assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_KEEP, 0, 7,
		    &gone), 0);
		if (order[i] == 1)
			pump(&s);
		assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_KEEP_END, 0, 0,
		    NULL), 0);
		pump(&s);
		/* 1 stays, 2 was not named, 77 is told to be gone */
		assert_int_equal(((struct esp *)s.esp.self)->nsa, 1);
		assert_non_null(esp_sa_child(s.esp.self, 1));
		assert_int_equal(kit_take(&s.sad, M_S_EXPIRE, NULL, &x), 1);
		assert_int_equal(x.child, 77);
		assert_int_equal(kit_count(&s.sad, M_S_EXPIRE), 0);
		assert_int_equal(kit_count(&s.sad, M_H_UP), 1);
		/* and it is a full member again */
		sa = ask(&s, &s.t[0], 5);
		sa.spi_in = spi;
		assert_int_equal(install(&s, &sa, 7).err, SERR_SPI);
		scene_free(&s);
	}
	/* nobody names anything: orphans, after a while */
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	kit_free(&s.sad);
	sad_start(&s);
	pump(&s);
	assert_int_equal(kit_count(&s.sad, M_S_ORPHAN), 0);
	role_sad.tick(s.sad.self, s.sad.now + 30000);
	assert_int_equal(kit_take(&s.sad, M_S_ORPHAN, NULL, NULL), 1);
	(void)up(&s, &s.t[0], 2);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 1);
	scene_free(&s);
}

enum { MANY = 3000, NAMED = 2700, QUEUE = 256 };

/* Frames in both directions and 10 ms, H_UP and orphans counted. */
static void
turn(struct scene *s, size_t *ups, size_t *orphans)
{
	pump(s);
	while (kit_take(&s->sad, M_H_UP, NULL, NULL))
		(*ups)++;
	while (kit_take(&s->sad, M_S_ORPHAN, NULL, NULL))
		(*orphans)++;
	kit_forget(&s->sad);
	kit_forget(&s->esp);
	s->sad.now += 10;
	s->esp.now += 10;
	(void)role_sad.tick(s->sad.self, s->sad.now);
}

/* 3,000 pairs outlive s2sd-sad; no queue of 256 frames overflows. */
static void
test_many(void **state)
{
	static uint32_t	 spi[MANY];
	struct tunnel	*t;
	struct scene	 s;
	struct m_sa	 sa;
	size_t		 i, ups = 0, orphans = 0;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_non_null(t = calloc(MANY, sizeof(*t)));
	for (i = 0; i < MANY; i++)
		kit_tunnel(&t[i], (uint32_t)i + 1, "many", "192.0.2.1",
		    "192.0.2.2", "10.1.3.0/24", "10.1.4.0/24");
	kit_new(&s.esp, &role_esp);
	kit_conf(&s.esp, t, MANY);
	kit_new(&s.sad, &role_sad);
	kit_conf(&s.sad, t, MANY);
	s.sad.role->go(s.sad.self, s.sad.now);
	for (i = 0; i < MANY; i++) {
		spi[i] = up(&s, &t[i], (uint32_t)i + 1);
		kit_forget(&s.sad);
	}
	kit_free(&s.sad);
	s.esp.room = QUEUE;
	kit_new(&s.sad, &role_sad);
	s.sad.room = QUEUE;
	kit_conf(&s.sad, t, MANY);
	s.sad.role->go(s.sad.self, s.sad.now);
	turn(&s, &ups, &orphans);
	for (i = 0; i < NAMED; i++) {
		sa = ask(&s, &t[i], (uint32_t)i + 1);
		sa.spi_in = spi[i];
		assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_KEEP, 0,
		    t[i].id, &sa), 0);
	}
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_KEEP_END, 0, 0, NULL),
	    0);
	for (i = 0; i < 1000; i++)
		turn(&s, &ups, &orphans);
	assert_int_equal(ups, NAMED);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, NAMED);
	assert_int_equal(s.esp.lost, 0);
	/* s2sd-ike is new: one word for each tunnel */
	role_sad.died(s.sad.self, PROC_IKE, s.sad.now);
	for (i = 0; i < 1000; i++)
		turn(&s, &ups, &orphans);
	assert_int_equal(orphans, NAMED);
	scene_free(&s);
	free(t);
}

/* A part that is lost is missed, and the list asked for again. */
static void
test_list_part(void **state)
{
	struct scene		 s;
	struct m_e_listed	 l = { .part = 1 };
	struct ipc_hdr		 h;

	(void)state;
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	kit_free(&s.sad);
	sad_start(&s);
	assert_int_equal(kit_take(&s.sad, M_E_LIST, &h, NULL), 1);
	assert_int_equal(kit_send(&s.sad, PROC_ESP, M_E_LISTED, h.req, 0, &l),
	    0);
	assert_int_equal(kit_send(&s.sad, PROC_ESP, M_E_LIST_END, h.req, 0,
	    &(struct m_e_list_end){ .parts = 2 }), 0);
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_KEEP_END, 0, 0, NULL),
	    0);
	pump(&s);
	/* not yet known, so nothing is deleted */
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 1);
	assert_int_equal(kit_count(&s.sad, M_E_LIST), 0);
	s.sad.now += 1000;
	(void)role_sad.tick(s.sad.self, s.sad.now);
	assert_int_equal(kit_count(&s.sad, M_E_LIST), 1);
	pump(&s);
	assert_int_equal(((struct esp *)s.esp.self)->nsa, 0);
	scene_free(&s);
}

/* A tunnel that the new configuration no longer has. */
static void
test_reload(void **state)
{
	struct scene	 s;

	(void)state;
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	(void)up(&s, &s.t[1], 2);
	kit_forget(&s.sad);
	kit_conf(&s.sad, s.t, 1);
	pump(&s);
	assert_null(esp_sa_child(s.esp.self, 2));
	assert_non_null(esp_sa_child(s.esp.self, 1));
	assert_int_equal(kit_count(&s.sad, M_H_DOWN), 1);
	scene_free(&s);
}

static void
test_move(void **state)
{
	struct m_s_move	 m, got;
	struct scene	 s;
	struct m_sa	 sa;

	(void)state;
	scene_new(&s, 0);
	(void)up(&s, &s.t[0], 1);
	sa = ask(&s, &s.t[2], 2);
	sa.remote = kit_addr("203.0.113.77", 1024);
	assert_int_equal(install(&s, &sa, 9).err, SERR_OK);
	memset(&m, 0, sizeof(m));
	m.child = 1;
	m.local = kit_addr("192.0.2.1", 4500);
	m.remote = kit_addr("198.51.100.1", 4500);
	/* a fixed peer's address never changes, only its port */
	assert_int_equal(kit_send(&s.sad, PROC_ESP, M_E_MOVED, 0, 7, &m), 0);
	assert_int_equal(kit_count(&s.sad, M_S_MOVED), 0);
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_MOVE, 0, 7, &m), 0);
	pump(&s);
	assert_int_equal(addr_cmp(&esp_sa_child(s.esp.self, 1)->remote,
	    &s.t[0].peer[0], 0), 0);
	m.remote = kit_addr("192.0.2.2", 60000);
	assert_int_equal(kit_send(&s.sad, PROC_ESP, M_E_MOVED, 0, 7, &m), 0);
	assert_int_equal(kit_take(&s.sad, M_S_MOVED, NULL, &got), 1);
	assert_int_equal(got.remote.port, 60000);
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_MOVE, 0, 7, &m), 0);
	pump(&s);
	assert_int_equal(esp_sa_child(s.esp.self, 1)->remote.port, 60000);
	/* `peer any' may move */
	m.child = 2;
	m.remote = kit_addr("198.51.100.1", 4500);
	assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_MOVE, 0, 9, &m), 0);
	pump(&s);
	assert_int_equal(addr_cmp(&esp_sa_child(s.esp.self, 2)->remote,
	    &m.remote, 1), 0);
	scene_free(&s);
}

static void
test_query(void **state)
{
	struct m_s_counters	 c;
	struct sa_count		 one;
	struct ipc_hdr		 h;
	struct scene		 s;
	uint32_t		 i;
	size_t			 n;
	int			 null;

	(void)state;
	for (null = 0; null < 2; null++) {
		scene_new(&s, null);
		for (i = 1; i <= 30; i++)
			(void)up(&s, &s.t[i % 2], i);
		assert_int_equal(kit_send(&s.sad, PROC_CTL, M_S_QUERY, 3, 0,
		    NULL), 0);
		assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_QUERY, 4, 7,
		    NULL), 0);
		assert_int_equal(kit_send(&s.sad, PROC_IKE, M_S_QUERY, 5, 99,
		    NULL), 0);
		pump(&s);
		while (kit_take(&s.sad, M_S_COUNTERS, &h, &c)) {
			for (n = 0; c.rest.n > 0; n++)
				assert_int_equal(sa_count_get(&c.rest, &one),
				    0);
			assert_int_equal(n, h.req == 3 ? 30 :
			    h.req == 4 ? 15 : 0);
		}
		scene_free(&s);
	}
}

/* Which backend, and what is said about it. */
static void
test_choice(void **state)
{
	static const struct sa_backend	 kernel = { .choice = BE_XFRM,
	    .name = "xfrm" };
	struct sad_choice		 c[2];
	struct m_s_caps			 caps;
	struct global			 g;
	struct conf_set			 set;
	struct kit			 k;
	char				 why[TEXT_MAX];

	(void)state;
	memset(c, 0, sizeof(c));
	c[0].be = &kernel;
	c[0].no = -1;
	(void)snprintf(c[0].why, sizeof(c[0].why), "this kernel has no ESP");
	c[1].be = &sa_userland;
	kit_new(&k, &role_sad);
	sad_backends(k.self, c, 2);
	memset(&set, 0, sizeof(set));
	assert_int_equal(role_sad.check(k.self, &set, why, sizeof(why)), 0);
	set.g.backend = BE_XFRM;
	assert_int_equal(role_sad.check(k.self, &set, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "xfrm: this kernel has no ESP"));
	set.g.backend = BE_PFKEY;
	assert_int_equal(role_sad.check(k.self, &set, why, sizeof(why)), -1);
	set.g.backend = BE_USERLAND;
	assert_int_equal(role_sad.check(k.self, &set, why, sizeof(why)), 0);
	memset(&g, 0, sizeof(g));
	kit_conf_global(&k, &g, NULL, 0);
	assert_non_null(strstr(k.log, "userland"));
	assert_non_null(strstr(k.log, "this kernel has no ESP"));
	role_sad.go(k.self, 1);
	assert_int_equal(kit_take(&k, M_S_CAPS, NULL, &caps), 1);
	assert_string_equal(caps.name, "userland");
	assert_int_equal(caps.udp_only, 1);
	assert_int_equal(caps.replay_max, 4096);
	assert_int_equal(kit_take(&k, M_S_CAPS, NULL, &caps), 1);
	kit_free(&k);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_soft),
		cmocka_unit_test(test_install),
		cmocka_unit_test(test_n103),
		cmocka_unit_test(test_algs),
		cmocka_unit_test(test_n102),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_orphans),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_reconcile),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_list_part),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_choice),
	};

	if (crypt_warmup() == -1)
		return (1);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/* SPDX-License-Identifier: ISC */

/* contract.c: see contract.h. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../unit/espkit.h"
#include "contract.h"

enum { IDS = 512 };

struct seen {
	struct contract	*c;
	void		*be;
	struct tunnel	 t[2];
	int		 ah;		/* ask for AH, not for ESP */
	uint32_t	 next;
	int		 done[IDS], err[IDS];	/* by request */
	uint32_t	 spi[IDS];
	size_t		 ncount, nlisted, nlost, nsoft, nhard;
	uint32_t	 expired;	/* the last child */
	struct sa_count	 count;
	uint32_t	 listed[8];
};

static void
ev_done(void *arg, uint32_t id, int err, uint32_t spi)
{
	struct seen	*s = arg;

	assert_in_range(id, 1, IDS - 1);
	s->done[id]++;
	s->err[id] = err;
	s->spi[id] = spi;
}

static void
ev_counters(void *arg, uint32_t id, const struct sa_count *c, size_t n)
{
	struct seen	*s = arg;

	assert_int_equal(s->done[id], 0);	/* before done */
	s->ncount += n;
	s->count = c[n - 1];
}

static void
ev_listed(void *arg, uint32_t id, uint32_t tunnel, uint32_t child,
    uint32_t spi_in, uint32_t spi_out)
{
	struct seen	*s = arg;

	assert_int_equal(s->done[id], 0);
	assert_true(tunnel == 7 || tunnel == 8);
	assert_int_equal(spi_in, 0xa0000000 + child);
	assert_int_equal(spi_out, 0xb0000000 + child);
	assert_true(s->nlisted < nitems(s->listed));
	s->listed[s->nlisted++] = child;
}

static void
ev_acquire(void *arg, uint32_t tunnel, const struct addr *src,
    const struct addr *dst, uint8_t ipproto)
{
	(void)arg;
	(void)tunnel;
	(void)src;
	(void)dst;
	(void)ipproto;
}

static void
ev_expire(void *arg, uint32_t tunnel, uint32_t child, int hard)
{
	struct seen	*s = arg;

	assert_true(tunnel == 7 || tunnel == 8);
	s->expired = child;
	if (hard)
		s->nhard++;
	else
		s->nsoft++;
}

static void
ev_moved(void *arg, uint32_t tunnel, uint32_t child, const struct addr *l,
    const struct addr *r)
{
	(void)arg;
	(void)tunnel;
	(void)child;
	(void)l;
	(void)r;
}

static void
ev_lost(void *arg)
{
	((struct seen *)arg)->nlost++;
}

/* Let it finish: exactly one done, and what it said. */
static int
finish(struct seen *s, uint32_t id)
{
	s->c->pump(s->c);
	assert_int_equal(s->done[id], 1);
	return (s->err[id]);
}

/* A cipher that it has; what it has not, it must refuse. */
static void
ciphers(const struct sa_backend *be, const char **encr, const char **integ)
{
	static const char *const	 list[][2] = {
		{ "aes-256-gcm", NULL }, { "aes-256", "hmac-sha2-256" },
		{ "aes-256", "hmac-sha1" }
	};
	size_t				 i;

	for (i = 0; i < nitems(list); i++) {
		*encr = list[i][0];
		*integ = list[i][1];
		if (be->can == NULL || be->can(alg_name(ALG_ENCR, *encr),
		    *integ == NULL ? NULL : alg_name(ALG_INTEG, *integ)))
			return;
	}
	fail_msg("%s has no cipher", be->name);
}

/* The same, made one of AH: a hash alone, and never in UDP. */
static void
make_ah(struct sa_pair *r, struct m_e_pair *m)
{
	r->encr = NULL;
	r->udp = 0;
	m->ein.len = m->eout.len = 0;
}

static void
request(struct seen *s, struct sa_pair *r, struct m_e_pair *m,
    const struct tunnel *t, uint32_t child)
{
	const char	*encr, *integ;
	uint8_t		 buf[5000];

	ciphers(s->c->be, &encr, &integ);
	if (s->ah) {
		encr = "aes-256";
		integ = s->c->be->can == NULL || s->c->be->can(NULL,
		    alg_name(ALG_INTEG, "hmac-sha2-256")) ? "hmac-sha2-256" :
		    "hmac-sha1";
	}
	kit_e_pair(m, t, child, encr, integ, 0, buf, sizeof(buf));
	memset(r, 0, sizeof(*r));
	r->tunnel = t->id;
	r->child = child;
	r->spi_in = m->spi_in;
	r->spi_out = m->spi_out;
	r->replay = 4096;
	r->encr = alg_num(m->encr);
	r->integ = m->integ == 0 ? NULL : alg_num(m->integ);
	r->mtu = m->mtu;
	r->udp = 1;
	r->life = 3600;
	r->local = m->local;
	r->remote = m->remote;
	r->ein = &m->ein;
	r->ain = &m->ain;
	r->eout = &m->eout;
	r->aout = &m->aout;
	r->pair = t->pair;
	r->npair = t->npair;
	if (s->ah)
		make_ah(r, m);
}

/* One that takes the place of another, or (spi) has another's SPI. */
static int
put(struct seen *s, const struct tunnel *t, uint32_t child, uint32_t spi,
    uint32_t replaces, int inactive)
{
	struct m_e_pair	 m;
	struct sa_pair	 r;
	uint32_t	 id = ++s->next;

	request(s, &r, &m, t, child);
	if (spi != 0)
		r.spi_in = spi;
	r.replaces = replaces;
	r.inactive = (uint8_t)inactive;
	s->c->be->sa_install(s->be, id, &r);
	/* the caller wipes its keys at once */
	memset(&m, 0xee, sizeof(m));
	memset(&r, 0xee, sizeof(r));
	return (finish(s, id));
}

static int
add(struct seen *s, const struct tunnel *t, uint32_t child, uint32_t spi)
{
	return (put(s, t, child, spi, 0, 0));
}

static int
del(struct seen *s, uint32_t tunnel, uint32_t child)
{
	uint32_t	 id = ++s->next;

	s->c->be->sa_delete(s->be, id, tunnel, child, 0xa0000000 + child);
	return (finish(s, id));
}

static size_t
list(struct seen *s)
{
	uint32_t	 id = ++s->next;

	s->nlisted = 0;
	s->c->be->list(s->be, id);
	assert_int_equal(finish(s, id), SERR_OK);
	return (s->nlisted);
}

static size_t
query(struct seen *s, uint32_t tunnel)
{
	uint32_t	 id = ++s->next;

	s->ncount = 0;
	s->c->be->sa_query(s->be, id, tunnel);
	assert_int_equal(finish(s, id), SERR_OK);
	return (s->ncount);
}

static int
move(struct seen *s, uint32_t tunnel, uint32_t child, const char *to,
    uint16_t port)
{
	struct addr	 l = kit_addr("192.0.2.1", 4500);
	struct addr	 r = kit_addr(to, port);
	uint32_t	 id = ++s->next;

	s->c->be->sa_move(s->be, id, tunnel, child, &l, &r);
	return (finish(s, id));
}

static void
spis(struct seen *s)
{
	uint32_t	 id = ++s->next;

	s->c->be->spi_alloc(s->be, id, 0xa0000001);
	assert_int_equal(finish(s, id), SERR_OK);
	assert_int_equal(s->spi[id], 0xa0000001);
	id = ++s->next;
	s->c->be->spi_alloc(s->be, id, 255);
	assert_int_equal(finish(s, id), SERR_SPI);
}

static void
pairs(struct seen *s)
{
	assert_int_equal(list(s), 0);
	assert_int_equal(add(s, &s->t[0], 1, 0), SERR_OK);
	assert_int_equal(s->spi[s->next], 0xa0000001);
	assert_int_not_equal(add(s, &s->t[0], 1, 0), SERR_OK);	/* again */
	assert_int_equal(add(s, &s->t[0], 2, 0xa0000001), SERR_SPI);
	assert_int_equal(add(s, &s->t[0], 2, 12), SERR_SPI);
	assert_int_equal(add(s, &s->t[0], 2, 0), SERR_OK);
	assert_int_equal(add(s, &s->t[1], 3, 0), SERR_OK);
	assert_int_equal(list(s), 3);
	assert_int_equal(query(s, 0), 3);
	assert_int_equal(query(s, 8), 1);
	assert_int_equal(s->count.tunnel, 8);
	assert_int_equal(s->count.child, 3);
	assert_int_equal(s->count.in_age, UINT64_MAX);
	assert_int_equal(query(s, 99), 0);
}

/* caps.move: whereto; what cannot be is refused and changes nothing. */
static void
moves(struct seen *s)
{
	uint8_t	 can = s->c->be->caps.move;

	assert_int_equal(move(s, 7, 1, "192.0.2.2", 1024),
	    can != 0 ? SERR_OK : SERR_BACKEND);
	assert_int_equal(move(s, 7, 1, "192.0.2.77", 1024),
	    can == 1 ? SERR_OK : SERR_BACKEND);
	assert_int_equal(move(s, 7, 44, "192.0.2.77", 1024), SERR_SPI);
	assert_int_equal(move(s, 8, 1, "192.0.2.77", 1024), SERR_SPI);
	assert_int_equal(move(s, 7, 1, "2001:db8::1", 1024), SERR_ADDRESS);
}

static void
leaves_by(struct seen *s, const struct tunnel *t, uint32_t child)
{
	if (s->c->out != NULL)
		assert_int_equal(s->c->out(s->c, t),
		    child == 0 ? 0 : 0xb0000000 + child);
}

/*
 * A pair takes another's place: as responder it waits with its own SA out
 * until the old pair goes, as initiator it does not.  Without a pair nothing
 * leaves in the clear.
 */
static void
rekeys(struct seen *s)
{
	struct tunnel	*t = &s->t[1];
	size_t		 n = list(s);

	assert_int_equal(del(s, 8, 3), SERR_OK);
	leaves_by(s, t, 0);
	assert_int_equal(put(s, t, 10, 0, 0, 0), SERR_OK);
	leaves_by(s, t, 10);
	assert_int_equal(put(s, t, 11, 0, 10, 1), SERR_OK);
	assert_int_equal(list(s), n + 1);
	leaves_by(s, t, 10);
	assert_int_equal(del(s, 8, 10), SERR_OK);
	leaves_by(s, t, 11);
	assert_int_equal(put(s, t, 12, 0, 11, 0), SERR_OK);
	leaves_by(s, t, 12);
	assert_int_equal(del(s, 8, 11), SERR_OK);
	leaves_by(s, t, 12);
	/* whom it replaces is gone already: nothing to wait for */
	assert_int_equal(put(s, t, 13, 0, 11, 1), SERR_OK);
	leaves_by(s, t, 13);
	assert_int_equal(del(s, 8, 12), SERR_OK);
	assert_int_equal(del(s, 8, 13), SERR_OK);
	leaves_by(s, t, 0);
	assert_int_equal(put(s, t, 3, 0, 0, 0), SERR_OK);
	assert_int_equal(list(s), n);
}

/* Whichever part of a pair is refused, nothing of it stays. */
static void
undone(struct seen *s)
{
	size_t	 n, k;
	int	 i, err = -1;

	if (s->c->refuse == NULL)
		return;
	n = list(s);
	k = s->c->stock(s->c);
	for (i = 1; i < 32 && err != SERR_OK; i++) {
		s->c->refuse(s->c, i);
		if ((err = put(s, &s->t[1], 20, 0, 3, 0)) == SERR_OK)
			break;
		s->c->refuse(s->c, 0);
		assert_int_equal(list(s), n);
		assert_int_equal(s->c->stock(s->c), k);
		leaves_by(s, &s->t[1], 3);
	}
	s->c->refuse(s->c, 0);
	assert_int_equal(err, SERR_OK);
	assert_true(i > 1);
	assert_int_equal(del(s, 8, 20), SERR_OK);
	leaves_by(s, &s->t[1], 3);	/* which is still there */
	assert_int_equal(s->c->stock(s->c), k);
}

static void
expires(struct seen *s)
{
	size_t	 n = list(s);

	if (s->c->expire == NULL)
		return;
	s->c->expire(s->c, 0xa0000003, 0);
	s->c->pump(s->c);
	assert_int_equal(s->nsoft, 1);
	assert_int_equal(s->expired, 3);
	s->c->expire(s->c, 0xa0000003, 0);	/* again: once is enough */
	s->c->pump(s->c);
	assert_int_equal(s->nsoft, 1);
	s->c->expire(s->c, 0xa0000003, 1);
	s->c->pump(s->c);
	assert_int_equal(s->nhard, 1);
	assert_int_equal(del(s, 8, 3), SERR_OK);
	assert_int_equal(list(s), n - 1);
	assert_int_equal(add(s, &s->t[1], 3, 0), SERR_OK);
}

static void
block(struct seen *s, const struct tunnel *t)
{
	uint32_t	 id = ++s->next;

	s->c->be->policy_replace(s->be, id, t, 1);
	assert_int_equal(finish(s, id), SERR_OK);
}

/* A new instance of the same daemon finds its pairs, of another none. */
static void
comes_back(struct seen *s, const struct sa_events *ev)
{
	size_t	 n = list(s), k;

	if (s->c->again == NULL)
		return;
	k = s->c->stock(s->c);
	assert_non_null(s->be = s->c->again(s->c, ev, 0));
	block(s, &s->t[0]);
	block(s, &s->t[1]);
	assert_int_equal(list(s), n);
	assert_int_equal(s->c->stock(s->c), k);
	leaves_by(s, &s->t[1], 3);
	/* an orphan is replaced by a new pair, and can be deleted */
	assert_int_equal(put(s, &s->t[1], 30, 0, 0, 0), SERR_OK);
	assert_int_equal(del(s, 8, 3), SERR_OK);
	leaves_by(s, &s->t[1], 30);
	assert_non_null(s->be = s->c->again(s->c, ev, 1));
	block(s, &s->t[0]);
	block(s, &s->t[1]);
	assert_int_equal(list(s), 0);
	leaves_by(s, &s->t[1], 0);
	assert_int_equal(add(s, &s->t[0], 1, 0), SERR_OK);
	assert_int_equal(add(s, &s->t[0], 2, 0), SERR_OK);
	assert_int_equal(add(s, &s->t[1], 3, 0), SERR_OK);
	assert_int_equal(s->c->stock(s->c), k);
}

static void
deletes(struct seen *s)
{
	assert_int_equal(del(s, 8, 1), SERR_OK);	/* not its tunnel */
	assert_int_equal(list(s), 3);
	assert_int_equal(del(s, 7, 1), SERR_OK);
	assert_int_equal(del(s, 7, 1), SERR_OK);	/* unknown is success */
	assert_int_equal(list(s), 2);
	assert_int_equal(add(s, &s->t[0], 1, 0), SERR_OK);
	assert_int_equal(list(s), 3);
}

static void
policies(struct seen *s)
{
	uint32_t	 id = ++s->next;

	s->c->be->policy_replace(s->be, id, &s->t[0], 1);
	assert_int_equal(finish(s, id), SERR_OK);
	id = ++s->next;
	s->c->be->policy_delete(s->be, id, 4711);
	assert_int_equal(finish(s, id), SERR_OK);
}

static void
deaths(struct seen *s)
{
	struct m_e_pair	 m;
	struct sa_pair	 r;
	uint32_t	 id;

	if (s->c->kill == NULL)
		return;
	id = ++s->next;
	/* one is open when it dies */
	request(s, &r, &m, &s->t[0], 5);
	s->c->be->sa_install(s->be, id, &r);
	s->c->kill(s->c);
	assert_int_equal(s->nlost, 1);
	assert_int_equal(s->done[id], 1);
	assert_int_equal(s->err[id], SERR_BACKEND);
	assert_int_equal(list(s), 0);
	assert_int_equal(add(s, &s->t[0], 1, 0), SERR_OK);
}

static void
flush(struct seen *s)
{
	uint32_t	 id = ++s->next;

	s->c->be->flush_own(s->be, id);
	assert_int_equal(finish(s, id), SERR_OK);
	assert_int_equal(list(s), 0);
	assert_int_equal(add(s, &s->t[0], 1, 0), SERR_OK);
}

/* In UDP it is refused, and by who has none. */
static void
ah_refused(struct seen *s)
{
	struct m_e_pair	 m;
	struct sa_pair	 r;
	uint32_t	 id = ++s->next;

	request(s, &r, &m, &s->t[0], 90);
	r.udp = s->c->be->caps.ah;
	s->c->be->sa_install(s->be, id, &r);
	assert_int_not_equal(finish(s, id), SERR_OK);
	assert_int_equal(list(s), 0);
}

static void
ah(struct seen *s, const struct sa_events *ev)
{
	uint32_t	 id = ++s->next;

	s->c->be->flush_own(s->be, id);
	assert_int_equal(finish(s, id), SERR_OK);
	s->ah = 1;
	s->nsoft = s->nhard = 0;
	block(s, &s->t[0]);
	block(s, &s->t[1]);
	ah_refused(s);
	if (s->c->be->caps.ah) {
		pairs(s);
		deletes(s);
		rekeys(s);
		undone(s);
		expires(s);
		comes_back(s, ev);
		policies(s);
		flush(s);
	}
	s->ah = 0;
}

void
contract_run(struct contract *c)
{
	struct seen		 s;
	const struct sa_events	 ev = { &s, c->sys, ev_done, ev_counters,
	    ev_listed, ev_acquire, ev_expire, ev_moved, ev_lost, NULL };
	uint32_t		 id;

	memset(&s, 0, sizeof(s));
	s.c = c;
	kit_tunnel(&s.t[0], 7, "berlin", "192.0.2.1", "192.0.2.2",
	    "10.1.3.0/24", "10.1.4.0/24");
	kit_tunnel(&s.t[1], 8, "paris", "192.0.2.1", "192.0.2.3",
	    "10.1.3.0/24", "10.1.5.0/24");
	assert_non_null(c->be->name);
	assert_true(c->be->caps.replay_max >= 32);
	assert_non_null(s.be = c->start(c, s.t, nitems(s.t), &ev));
	block(&s, &s.t[0]);
	block(&s, &s.t[1]);
	spis(&s);
	pairs(&s);
	moves(&s);
	deletes(&s);
	rekeys(&s);
	undone(&s);
	expires(&s);
	comes_back(&s, &ev);
	policies(&s);
	flush(&s);
	ah(&s, &ev);
	deaths(&s);
	for (id = 1; id <= s.next; id++)
		assert_int_equal(s.done[id], 1);
	c->stop(c);
}

/* SPDX-License-Identifier: ISC */

/*
 * pfkey_job.c: the requests at work, each a row of phases; a phase sends one
 * message at most and is entered again with its answer in b->error and
 * b->answer.
 */

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "pfkey_int.h"

enum { GETSPI, UPDATE, ADD, POLICIES, CHECK_UPDATE, CHECK_ADD, UNDO_OUT,
    UNDO_IN, UNDO_POLICIES, FINISH };		/* phases of INSTALL */

/* --- messages of a job --- */

void
pk_say_half(struct pk *b, const struct pk_pair *p, int out, enum pk_type type)
{
	struct pk_hdr	 h = pk_hdr(b);
	struct wr	 w = wr_of(b->buf, sizeof(b->buf));
	struct pk_sa	 s;

	pk_half(p, out, &s);
	if (type == PK_GETSPI)
		b->d->getspi(b->d, &w, &h, &s);
	else
		b->d->name_sa(b->d, &w, &h, type, &s);
	pk_submit_wr(b, type, &w);
}

static void
say_bare(struct pk *b, enum pk_type type, int ah)
{
	struct pk_hdr	 h = pk_hdr(b);
	struct wr	 w = wr_of(b->buf, sizeof(b->buf));

	b->d->bare(b->d, &w, &h, type, ah);
	pk_submit_wr(b, type, &w);
}

void
pk_say_pol(struct pk *b, enum pk_type type, const struct pk_pol *p)
{
	struct pk_hdr	 h = pk_hdr(b);
	struct wr	 w = wr_of(b->buf, sizeof(b->buf));

	b->d->pol(b->d, &w, &h, type, p);
	pk_submit_wr(b, type, &w);
}

/* A message with a key was built long ago: it gets its number now. */
static void
say_key(struct pk *b, struct pk_job *j, int i)
{
	struct pk_hdr	 h = pk_hdr(b);

	memcpy(j->key[i] + 8, &h.seq, sizeof(h.seq));
	pk_submit(b, i == 0 ? PK_UPDATE : PK_ADD, j->key[i], j->keylen[i]);
	pk_key_wipe(j, i);
}

/* "It is not there" is what a deletion wants to hear. */
static int
is_gone(int err)
{
	return (err == 0 || err == ESRCH || err == ENOENT);
}

/*
 * Bring the policies of a tunnel in order: 1 while messages go out, 0 when
 * they are, -1 and j->err.
 */
static int
policies(struct pk *b, struct pk_job *j, uint32_t tunnel)
{
	struct pk_tun	*t = pk_tun(b, tunnel);
	enum pk_type	 type;
	int		 err, k;

	if (t == NULL)
		return (0);
	if (j->pol.next == &j->pol) {	/* one is answered */
		j->pol.next = NULL;
		type = b->type;
		if (b->error != 0 && !(type == PK_POLDEL &&
		    (is_gone(b->error) || b->error == EINVAL))) {
			j->err = pk_serr(type, b->error);
			return (-1);
		}
		j->pol.polid = b->answer.polid;
		pk_pol_done(b, t, type, &j->pol);
	}
	if ((k = pk_pol_next(b, t, &j->pol, &type, &err)) == 1) {
		j->pol.next = &j->pol;		/* open */
		pk_say_pol(b, type, &j->pol.p);
	} else if (k == -1)
		j->err = err;
	return (k);
}

/* The pair that waited for `p' to go sends from now on. */
static void
wake_next(struct pk *b, const struct pk_pair *p)
{
	struct pk_pair	*n;

	for (n = b->pairs; n != NULL; n = n->next)
		if (n->tunnel == p->tunnel && n->replaces == p->child)
			n->idle = 0;
}

/* --- INSTALL --- */

static void
install_failed(struct pk *b, struct pk_job *j, struct pk_pair *p)
{
	j->err = pk_serr(b->type, b->error);
	j->phase = p->have_in || j->phase != GETSPI ? UNDO_OUT : FINISH;
}

/* What the answer to the message of this phase means. */
static void
install_answer(struct pk *b, struct pk_job *j, struct pk_pair *p)
{
	if (j->phase == POLICIES || j->phase >= UNDO_OUT)
		return;
	if (b->error == ETIMEDOUT && j->phase <= ADD && j->phase != GETSPI) {
		/* did it work all the same? */
		p->have_out |= j->phase == ADD;
		j->phase = j->phase == UPDATE ? CHECK_UPDATE : CHECK_ADD;
		pk_say_half(b, p, j->phase == CHECK_ADD, PK_GET);
		return;
	}
	if (j->phase == GETSPI && b->error == 0 &&
	    b->answer.spi != p->spi_in)
		b->error = EEXIST;	/* not the one that the peer knows */
	if (b->error != 0) {
		install_failed(b, j, p);
		return;
	}
	switch (j->phase) {
	case GETSPI:
		p->have_in = 1;
		j->phase = UPDATE;
		break;
	case UPDATE:
	case CHECK_UPDATE:
		j->phase = ADD;
		break;
	default:
		p->have_out = 1;
		j->phase = POLICIES;
	}
}

static void
install_end(struct pk *b, struct pk_job *j, struct pk_pair *p)
{
	int	 err = j->err;
	uint32_t spi = err == SERR_OK ? p->spi_in : 0;

	if (err != SERR_OK)
		pk_drop(&b->pairs, p);
	else
		p->up = 1;
	pk_finish(b, err, spi);
}

static void
install_undo(struct pk *b, struct pk_job *j, struct pk_pair *p)
{
	switch (j->phase) {
	case UNDO_OUT:
		j->phase = UNDO_IN;
		if (p->have_out) {
			p->have_out = 0;
			pk_say_half(b, p, 1, PK_DELETE);
		}
		break;
	case UNDO_IN:
		j->phase = UNDO_POLICIES;
		if (p->have_in) {
			p->have_in = 0;
			pk_say_half(b, p, 0, PK_DELETE);
		}
		j->pol.next = NULL;
		break;
	case UNDO_POLICIES:
		p->have_in = p->have_out = 0;
		if (policies(b, j, j->tunnel) != 1)
			j->phase = FINISH;
		break;
	}
}

static void
install(struct pk *b, struct pk_job *j)
{
	struct pk_pair	*p = pk_pair_child(b, j->tunnel, j->child);
	int		 err;

	switch (j->phase) {
	case GETSPI:
		pk_say_half(b, p, 0, PK_GETSPI);
		break;
	case UPDATE:
		say_key(b, j, 0);
		break;
	case ADD:
		say_key(b, j, 1);
		break;
	case POLICIES:
		switch (policies(b, j, j->tunnel)) {
		case 0:
			j->phase = FINISH;
			break;
		case -1:
			j->phase = UNDO_OUT;
		}
		break;
	case PK_PHASE_FAILED:
	case FINISH:
		install_end(b, j, p);
		break;
	default:
		/* the first reason is the one that counts */
		err = j->err;
		install_undo(b, j, p);
		j->err = err;
	}
}

/* --- DELETE, MOVE, QUERY, FLUSH --- */

static void
delete_pair(struct pk *b, struct pk_job *j)
{
	struct pk_pair	*p = pk_pair_child(b, j->tunnel, j->child);

	if (p == NULL || (j->phase == 0 && p->spi_in != j->spi_in)) {
		pk_finish(b, SERR_OK, 0);
		return;
	}
	switch (j->phase) {
	case 0:
		wake_next(b, p);
		p->idle = 1;		/* no policy asks for it any more */
		p->up = 0;
		j->phase = 1;
		break;
	case 1:
		if (policies(b, j, j->tunnel) != 1)
			j->phase = 2;	/* a refusal does not keep an SA */
		break;
	case 2:
		j->phase = 3;
		pk_say_half(b, p, 1, PK_DELETE);
		break;
	case 3:
		j->phase = 4;
		pk_say_half(b, p, 0, PK_DELETE);
		break;
	default:
		pk_drop(&b->pairs, p);
		pk_finish(b, SERR_OK, 0);
	}
}

static int
say_move(struct pk *b, const struct pk_job *j, const struct pk_pair *p,
    int out)
{
	struct pk_hdr	 h = pk_hdr(b);
	struct wr	 w = wr_of(b->buf, sizeof(b->buf));
	struct pk_sa	 s;

	pk_half(p, out, &s);
	if (s.encr == NULL || b->d->move(b->d, &w, &h, &s,
	    out ? &j->local : &j->remote, out ? &j->remote : &j->local) == -1)
		return (-1);
	pk_submit_wr(b, PK_UPDATE, &w);
	return (0);
}

static int
move_check(const struct pk_job *j, const struct pk_pair *p)
{
	if (p == NULL || !p->up)
		return (SERR_SPI);
	if (j->local.af == 0 || j->local.af != j->remote.af ||
	    j->local.af != p->local.af)
		return (SERR_ADDRESS);
	return (SERR_OK);
}

static void
move(struct pk *b, struct pk_job *j)
{
	struct pk_pair	*p = pk_pair_child(b, j->tunnel, j->child);
	int		 err;

	if (j->phase < 2 && (err = move_check(j, p)) != SERR_OK) {
		pk_finish(b, err, 0);
		return;
	}
	switch (j->phase) {
	case 0:
	case 1:
		if ((j->phase == 1 && b->error != 0) ||
		    say_move(b, j, p, j->phase == 0) == -1)
			pk_finish(b, SERR_BACKEND, 0);
		else
			j->phase++;
		break;
	case 2:
		if (b->error != 0 || p == NULL) {
			pk_finish(b, SERR_BACKEND, 0);
			break;
		}
		p->local = j->local;
		p->remote = j->remote;
		j->phase = 3;
		break;
	default:
		switch (policies(b, j, j->tunnel)) {
		case 0:
			pk_finish(b, SERR_OK, 0);
			break;
		case -1:
			pk_finish(b, j->err, 0);
		}
	}
}

/* The first at or behind that child number that is asked for. */
static struct pk_pair *
query_next(const struct pk *b, const struct pk_job *j)
{
	struct pk_pair	*p, *best = NULL;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->up && p->child > j->child &&
		    (j->tunnel == 0 || p->tunnel == j->tunnel) &&
		    (best == NULL || p->child < best->child))
			best = p;
	return (best);
}

static void
count(struct pk *b, struct pk_job *j, struct pk_pair *p, int out)
{
	uint64_t	 bytes, age;

	if (b->error != 0)
		return;
	bytes = b->answer.bytes;
	if (bytes != p->bytes[out]) {
		p->bytes[out] = bytes;
		p->since[out] = b->now;
	}
	/* PF_KEY tells when an SA was first used: the last time is between
	 * two questions */
	age = bytes == 0 ? UINT64_MAX : b->now - p->since[out];
	if (out) {
		j->count.out_bytes = bytes;
		j->count.out_packets = b->answer.packets;
		j->count.out_age = age;
	} else {
		j->count.in_bytes = bytes;
		j->count.in_packets = b->answer.packets;
		j->count.in_age = age;
	}
}

static void
query(struct pk *b, struct pk_job *j)
{
	struct pk_pair	*p;

	switch (j->phase) {
	case 0:
		if ((p = query_next(b, j)) == NULL) {
			pk_finish(b, SERR_OK, 0);
			return;
		}
		memset(&j->count, 0, sizeof(j->count));
		j->count.tunnel = p->tunnel;
		j->child = j->count.child = p->child;
		j->count.in_age = j->count.out_age = UINT64_MAX;
		j->phase = 1;
		pk_say_half(b, p, 0, PK_GET);
		return;
	case 1:
		j->phase = 0;
		if ((p = pk_pair_child(b, j->count.tunnel, j->child)) == NULL)
			return;
		count(b, j, p, 0);
		j->phase = 2;
		pk_say_half(b, p, 1, PK_GET);
		return;
	}
	j->phase = 0;
	if ((p = pk_pair_child(b, j->count.tunnel, j->child)) == NULL)
		return;
	count(b, j, p, 1);
	b->ev->counters(b->ev->arg, j->id, &j->count, 1);
}

/* Of a dead daemon: SAs (both halves are entries of their own), policies. */
static int
stale(struct pk *b)
{
	struct pk_pair	*p;
	struct pk_have	*h;

	if ((p = b->stale) != NULL) {
		pk_say_half(b, p, !p->have_in, PK_DELETE);
		pk_drop(&b->stale, p);
		return (1);
	}
	if ((h = b->stalepol) != NULL) {
		b->stalepol = h->next;
		pk_say_pol(b, PK_POLDEL, &h->p);
		free(h);
		return (1);
	}
	return (0);
}

static int
useless(const struct pk *b, const struct pk_tun *t)
{
	const struct pk_pair	*p;

	for (p = b->pairs; p != NULL; p = p->next)
		if (p->tunnel == t->id)
			return (0);
	return (!t->known && t->have == NULL);
}

/* Every tunnel's policies in order; those without a purpose forgotten. */
static int
all_policies(struct pk *b, struct pk_job *j)
{
	struct pk_tun	*t, *next;

	for (t = b->tuns; t != NULL; t = next) {
		next = t->next;
		if (j->pol.next != NULL && t->id != j->tunnel)
			continue;
		j->tunnel = t->id;
		if (policies(b, j, t->id) == 1)
			return (1);
		if (useless(b, t))
			pk_tun_free(b, t);
	}
	return (0);
}

static void
sync_all(struct pk *b, struct pk_job *j)
{
	if (all_policies(b, j) == 0)
		pk_finish(b, SERR_OK, 0);
}

static void
sync_one(struct pk *b, struct pk_job *j)
{
	struct pk_tun	*t = pk_tun(b, j->tunnel);

	switch (policies(b, j, j->tunnel)) {
	case 0:
		if (t != NULL && useless(b, t))
			pk_tun_free(b, t);
		pk_finish(b, SERR_OK, 0);
		break;
	case -1:
		pk_finish(b, j->err, 0);
	}
}

/* Pairs first, then what their tunnels have. */
static void
flush(struct pk *b, struct pk_job *j)
{
	struct pk_pair	*p = b->pairs;
	struct pk_tun	*t;

	if (p != NULL) {
		pk_say_half(b, p, j->phase == 0, PK_DELETE);
		if (j->phase++ == 1) {
			pk_drop(&b->pairs, p);
			j->phase = 0;
		}
		return;
	}
	for (t = b->tuns; t != NULL; t = t->next)
		t->known = 0;
	if (!stale(b) && all_policies(b, j) == 0)
		pk_finish(b, SERR_OK, 0);
}

static void
list(struct pk *b, struct pk_job *j)
{
	struct pk_pair	*p;

	if (stale(b) || all_policies(b, j) == 1)
		return;
	for (p = b->pairs; p != NULL; p = p->next)
		if (p->up)
			b->ev->listed(b->ev->arg, j->id, p->tunnel, p->child,
			    p->spi_in, p->spi_out);
	pk_finish(b, SERR_OK, 0);
}

/* --- the loop --- */

static void
one_answer(struct pk *b, struct pk_job *j, enum pk_type type, int phase)
{
	if (j->phase == 0) {
		j->phase = phase;
		say_bare(b, type, j->kind == PKJ_REGISTER_AH);
		return;
	}
	if (type == PK_DUMP)
		pk_found_end(b);
	pk_finish(b, SERR_OK, 0);
}

static void
step(struct pk *b, struct pk_job *j)
{
	switch (j->kind) {
	case PKJ_REGISTER:
	case PKJ_REGISTER_AH:	/* a kernel without AH says no */
		one_answer(b, j, PK_REGISTER, 1);
		break;
	case PKJ_DUMP:
		one_answer(b, j, PK_DUMP, 1);
		break;
	case PKJ_POLDUMP:
		one_answer(b, j, PK_POLDUMP, 1);
		break;
	case PKJ_INSTALL:
		install(b, j);
		break;
	case PKJ_DELETE:
		delete_pair(b, j);
		break;
	case PKJ_MOVE:
		move(b, j);
		break;
	case PKJ_QUERY:
		query(b, j);
		break;
	case PKJ_POLICY:
		sync_one(b, j);
		break;
	case PKJ_SYNC:
		sync_all(b, j);
		break;
	case PKJ_FLUSH:
		flush(b, j);
		break;
	case PKJ_LIST:
		list(b, j);
		break;
	}
}

void
pk_run(struct pk *b)
{
	struct pk_pair	*p;
	struct pk_job	*j;

	if (b->running)
		return;			/* a done() that asked for more */
	b->running = 1;
	while (!b->waiting && (j = b->jobs) != NULL) {
		if (b->answering && j->kind == PKJ_INSTALL &&
		    (p = pk_pair_child(b, j->tunnel, j->child)) != NULL) {
			b->answering = 0;
			install_answer(b, j, p);
			continue;
		}
		b->answering = 0;
		step(b, j);
	}
	b->running = 0;
}

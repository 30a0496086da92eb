/* SPDX-License-Identifier: ISC */

/*
 * ctl_snap.c: how each tunnel is, as far as the others told us.  The parts
 * of a status are made from it at the pace of the reader; nothing is copied
 * for a client.
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl_int.h"
#include "reason.h"

enum { ONE_WAY_AFTER = 60000 };		/* ms up */

static size_t
place(const struct snap *s, uint32_t id)
{
	size_t	 lo = 0, hi = s->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->v[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}

struct sc_tunnel *
snap_find(const struct snap *s, uint32_t id)
{
	size_t	 i = place(s, id);

	return (i < s->n && s->v[i]->id == id ? s->v[i] : NULL);
}

struct sc_tunnel *
snap_next(const struct snap *s, uint32_t id)
{
	size_t	 i = id == UINT32_MAX ? s->n : place(s, id + 1);

	return (i < s->n ? s->v[i] : NULL);
}

int
snap_add(struct snap *s, uint32_t id, uint64_t now)
{
	struct sc_tunnel **v, *t;
	size_t		 i = place(s, id), room;

	if (i < s->n && s->v[i]->id == id)
		return (0);
	if (s->n == s->room) {
		room = s->room == 0 ? 16 : s->room * 2;
		if ((v = reallocarray(s->v, room, sizeof(*v))) == NULL)
			return (-1);
		s->v = v;
		s->room = room;
	}
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (-1);
	t->id = id;
	t->s.state = TS_DOWN;
	t->s.since = now;
	memmove(&s->v[i + 1], &s->v[i], (s->n - i) * sizeof(*s->v));
	s->v[i] = t;
	s->n++;
	return (0);
}

static void
child_free(struct sc_child *c)
{
	free(c->pairs);
	free(c);
}

static void
tunnel_free(struct sc_tunnel *t)
{
	struct sc_child	*c;

	while ((c = t->child) != NULL) {
		t->child = c->next;
		child_free(c);
	}
	free(t);
}

void
snap_del(struct snap *s, uint32_t id)
{
	size_t	 i = place(s, id);

	if (i >= s->n || s->v[i]->id != id)
		return;
	tunnel_free(s->v[i]);
	s->n--;
	memmove(&s->v[i], &s->v[i + 1], (s->n - i) * sizeof(*s->v));
}

void
snap_clear(struct snap *s)
{
	while (s->n > 0)
		tunnel_free(s->v[--s->n]);
	free(s->v);
	memset(s, 0, sizeof(*s));
}

static int
is_up(const struct m_c_state *s)
{
	return (s->state == TS_UP || s->state == TS_REKEYING);
}

/* Traffic is counted since the tunnel came up. */
void
snap_state(struct sc_tunnel *t, const struct m_c_state *s)
{
	if (is_up(s) && !is_up(&t->s)) {
		memset(t->base, 0, sizeof(t->base));
		t->in_last = t->out_last = 0;
	}
	t->s = *s;
}

static void
child_gone(struct sc_tunnel *t, struct sc_child **at)
{
	struct sc_child	*c = *at;

	t->base[0] += c->n.in_bytes;
	t->base[1] += c->n.in_packets;
	t->base[2] += c->n.out_bytes;
	t->base[3] += c->n.out_packets;
	if (c->in_last > t->in_last)
		t->in_last = c->in_last;
	if (c->out_last > t->out_last)
		t->out_last = c->out_last;
	*at = c->next;
	t->nchild--;
	child_free(c);
}

void
snap_orphans(struct snap *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		while (s->v[i]->child != NULL)
			child_gone(s->v[i], &s->v[i]->child);
}

int
snap_child(struct sc_tunnel *t, const struct m_c_child *m)
{
	struct selpair	 pair[SELPAIR_MAX];
	struct sc_child	**at, *c;
	struct rd	 r = m->pairs;
	uint8_t		*copy;
	size_t		 n;

	for (at = &t->child; *at != NULL; at = &(*at)->next)
		if ((*at)->c.child == m->child)
			break;
	if (!m->up) {
		if (*at != NULL)
			child_gone(t, at);
		return (0);
	}
	if (m->child == 0 || selpairs_get(&r, pair, SELPAIR_MAX, &n) ||
	    rd_end(&r))
		return (-1);
	if (*at == NULL && t->nchild >= SNAP_CHILDREN)
		return (0);
	if ((copy = malloc(m->pairs.n)) == NULL)
		return (0);
	memcpy(copy, m->pairs.p, m->pairs.n);
	if ((c = *at) == NULL) {
		if ((c = calloc(1, sizeof(*c))) == NULL) {
			free(copy);
			return (0);
		}
		*at = c;
		t->nchild++;
	}
	free(c->pairs);
	c->pairs = copy;
	c->c = *m;
	c->c.pairs = rd_of(copy, m->pairs.n);
	return (0);
}

static uint64_t
last(uint64_t age, uint64_t now)
{
	if (age == UINT64_MAX || now == 0)
		return (0);
	return (age < now ? now - age : 1);
}

int
snap_counters(struct snap *s, struct rd r, uint64_t now)
{
	struct sc_tunnel *t;
	struct sc_child	*c;
	struct sa_count	 n;

	while (r.n > 0) {
		if (sa_count_get(&r, &n) == -1)
			return (-1);
		if ((t = snap_find(s, n.tunnel)) == NULL)
			continue;
		for (c = t->child; c != NULL; c = c->next)
			if (c->c.child == n.child)
				break;
		if (c == NULL)
			continue;
		c->n = n;
		c->in_last = last(n.in_age, now);
		c->out_last = last(n.out_age, now);
		c->counted = now;
	}
	return (0);
}

int
snap_counted(const struct snap *s, uint64_t since)
{
	const struct sc_child	*c;
	size_t			 i;

	for (i = 0; i < s->n; i++)
		for (c = s->v[i]->child; c != NULL; c = c->next)
			if (c->counted < since)
				return (0);
	return (1);
}

void
snap_head(const struct snap *s, const struct conf *c, uint64_t now,
    struct m_u_head *h)
{
	const struct m_c_proc	*p;

	memset(h, 0, sizeof(*h));
	h->now = now;
	h->pid = s->proc[PROC_PARENT].pid;
	h->since = s->proc[PROC_PARENT].since;
	if (h->since == 0)		/* the oldest of all, then */
		for (p = s->proc; p < s->proc + PROC_MAX; p++)
			if (p->since != 0 &&
			    (h->since == 0 || p->since < h->since))
				h->since = p->since;
	h->ntunnel = (uint32_t)s->n;
	h->gen = c == NULL ? 0 : c->now->gen;
	(void)snprintf(h->software, sizeof(h->software), "s2sd %s",
	    PACKAGE_VERSION);
	memcpy(h->backend, s->caps.name, sizeof(h->backend));
	memcpy(h->why, s->caps.why, sizeof(h->why));
	memcpy(h->file, s->file.path, sizeof(h->file));
}

/* "aes-256-gcm / curve25519, ecp256; ..." : names of what we offer, for the
 * child if that was refused. */
static size_t
offered(const struct tunnel *t, int child, char *b, size_t max)
{
	const struct prop	*p, *all = child ? t->child : t->ike;
	const struct alg	*a;
	const uint16_t		*hash;
	size_t			 i, n = 0, nhash;
	uint32_t		 v1;

	b[0] = '\0';
	for (p = all; p < all + (child ? t->nchild : t->nike); p++) {
		v1 = t->flags & TUN_IKEV1;
		hash = v1 ? p->prf : p->integ;
		nhash = v1 ? p->nprf : p->ninteg;
		for (i = 0; i < (size_t)p->nencr + nhash + p->ndh; i++) {
			a = alg_num(i < p->nencr ? p->encr[i] :
			    i < (size_t)p->nencr + nhash ?
			    hash[i - p->nencr] :
			    p->dh[i - p->nencr - nhash]);
			if (a == NULL || n + strlen(a->name) + 4 >= max)
				continue;
			n += (size_t)snprintf(b + n, max - n, "%s%s",
			    i > 0 ? (i == p->nencr ||
			    i == (size_t)p->nencr + nhash ? " / " : ", ") :
			    p > all ? "; " : "", a->name);
		}
	}
	return (n);
}

/* Up, and yet something that a person wants to know before it is down. */
static void
worry(struct m_u_tunnel *u, uint64_t now)
{
	char	 why[TEXT_MAX], peer[ADDR_STRLEN];

	if (!is_up(&u->s) || u->s.reason != R_NONE)
		return;
	if (u->s.silent != 0 && now > u->s.silent) {
		u->s.reason = R_SILENT;
		(void)snprintf(u->s.detail, sizeof(u->s.detail), "%llu s",
		    (unsigned long long)(now - u->s.silent) / 1000);
	} else if (u->s.next != R_NONE) {
		(void)reason_text(u->s.next, addr_str(&u->s.peer, 0, peer,
		    sizeof(peer)), u->s.detail, why, sizeof(why));
		why[strcspn(why, ".")] = '\0';
		u->s.reason = R_OLD_KEYS;
		(void)snprintf(u->s.detail, sizeof(u->s.detail), "%s", why);
	}
}

/*
 * Traffic in one direction only, never in the other, is what a person wants
 * to be told of a tunnel that is up: since when, and what it mostly is.
 */
static void
judge(struct m_u_tunnel *u, const struct tunnel *t, uint64_t rewritten,
    uint64_t now)
{
	char	 here[SEL_STRLEN], there[SEL_STRLEN];
	uint64_t for_min;

	if (!is_up(&u->s) || u->s.reason != R_NONE || u->s.since > now)
		return;
	(void)sel_str(&t->pair[0].local, here, sizeof(here));
	(void)sel_str(&t->pair[0].remote, there, sizeof(there));
	if (u->out_packets == 0 && rewritten != 0 &&
	    rewritten >= u->s.since) {
		u->s.reason = R_NAT_REWRITE;	/* it was seen */
		(void)snprintf(u->s.detail, sizeof(u->s.detail), "%s", here);
		return;
	}
	if (now - u->s.since < ONE_WAY_AFTER ||
	    (u->in_packets == 0) == (u->out_packets == 0))
		return;
	for_min = (now - u->s.since) / 60000;
	u->s.reason = R_ONE_WAY;
	if (u->in_packets == 0)
		(void)snprintf(u->s.detail, sizeof(u->s.detail), "packets "
		    "leave, but none has come back for %llu min; usual cause: "
		    "NAT or a missing route at the peer, before its tunnel to "
		    "%s", (unsigned long long)for_min, here);
	else if (t->flags & TUN_NATKEEP) {
		u->s.reason = R_NAT_REWRITE;
		(void)snprintf(u->s.detail, sizeof(u->s.detail), "%s", here);
	} else
		(void)snprintf(u->s.detail, sizeof(u->s.detail), "packets "
		    "arrive, but none has left for %llu min; usual cause: the "
		    "hosts of %s do not send what is for %s to this gateway",
		    (unsigned long long)for_min, here, there);
}

void
snap_tunnel(const struct sc_tunnel *s, const struct tunnel *t, uint64_t now,
    struct m_u_tunnel *u, uint8_t *b)
{
	const struct sc_child	*c;
	struct wr		 w;
	size_t			 n;

	memset(u, 0, sizeof(*u));
	u->s = s->s;
	memcpy(u->name, t->name, sizeof(u->name));
	u->id = t->id;
	u->flags = t->flags;
	u->nchild = (uint32_t)s->nchild;
	u->in_bytes = s->base[0];
	u->in_packets = s->base[1];
	u->out_bytes = s->base[2];
	u->out_packets = s->base[3];
	u->in_last = s->in_last;
	u->out_last = s->out_last;
	for (c = s->child; c != NULL; c = c->next) {
		u->in_bytes += c->n.in_bytes;
		u->in_packets += c->n.in_packets;
		u->out_bytes += c->n.out_bytes;
		u->out_packets += c->n.out_packets;
		if (c->in_last > u->in_last)
			u->in_last = c->in_last;
		if (c->out_last > u->out_last)
			u->out_last = c->out_last;
	}
	if (t->npeer > 0)
		u->cpeer = t->peer[0];
	(void)ident_str(&t->srcid, u->srcid, sizeof(u->srcid));
	(void)ident_str(&t->dstid, u->dstid, sizeof(u->dstid));
	(void)tunnel_ifname(t, u->ifname, sizeof(u->ifname));
	n = offered(t, s->s.of_child, (char *)b, 2048);
	u->offered = rd_of(b, n);
	w = wr_of(b + n, SNAP_VIEWS - n);
	selpairs_put(&w, t->pair, t->npair);
	if (t->nmap > 0)
		selpairs_put(&w, t->pair + t->npair, t->nmap);
	u->pairs = rd_of(b + n, wr_end(&w) == 0 ? w.n : 0);
	worry(u, now);
	judge(u, t, s->rewritten, now);
}

void
snap_child_part(const struct sc_child *c, struct m_u_child *u)
{
	memset(u, 0, sizeof(*u));
	u->c = c->c;
	u->in_bytes = c->n.in_bytes;
	u->in_packets = c->n.in_packets;
	u->out_bytes = c->n.out_bytes;
	u->out_packets = c->n.out_packets;
	u->in_last = c->in_last;
	u->out_last = c->out_last;
	u->bad_auth = c->n.bad_auth;
	u->bad_replay = c->n.bad_replay;
	u->bad_policy = c->n.bad_policy;
}

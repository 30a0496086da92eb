/* SPDX-License-Identifier: ISC */

/*
 * child.c: child SAs: numbers, SPIs, life times, what s2sd-sad is told.
 * Their keys never come here.
 */

#include <stdlib.h>
#include <syslog.h>

#include "engine.h"

static void	 t_child(struct ike *, void *, uint64_t);

static uint32_t
draw_num(struct ike *ike)
{
	do {
		if (++ike->next_child > 0x7fffffff)
			ike->next_child = 1;
	} while (ike_map_get(&ike->by_num, ike->next_child) != NULL);
	return (ike->next_child);
}

/*
 * A child in C_NEW.  As initiator its inbound SPI is drawn here (RFC 4303
 * section 2.1: 0 to 255 are reserved); as responder s2sd-sad draws it.
 */
struct child *
ike_child_new(struct ike *ike, struct sa *sa, int init)
{
	struct child	*c;

	if (ike_timer_more(ike, 1))
		return (NULL);
	if ((c = calloc(1, sizeof(*c))) == NULL) {
		ike_timer_less(ike, 1);
		return (NULL);
	}
	c->sa = sa;
	c->tun = sa->tun;
	c->init = (uint8_t)init;
	c->state = C_NEW;
	c->num = draw_num(ike);
	while (init && c->spi_in < 256)
		c->spi_in = (uint32_t)ike_random64(ike);
	ike_timer_init(&c->timer, t_child, c);
	ike_map_put(&ike->by_num, &c->by_num, c->num, c);
	c->next = sa->children;
	sa->children = c;
	return (c);
}

int
ike_child_pairs(struct child *c, const struct selpair *p, size_t n)
{
	struct selpair	*copy;

	if (n == 0 || n > SELPAIR_MAX ||
	    (copy = calloc(n, sizeof(*copy))) == NULL)
		return (-1);
	memcpy(copy, p, n * sizeof(*copy));
	free(c->pair);
	c->pair = copy;
	c->npair = n;
	return (0);
}

int
ike_child_has(const struct child *c, const struct selpair *p, size_t n)
{
	size_t	 i;

	if (c->npair != n)
		return (0);
	for (i = 0; i < n; i++)
		if (!sel_eq(&c->pair[i].local, &p[i].local) ||
		    !sel_eq(&c->pair[i].remote, &p[i].remote))
			return (0);
	return (1);
}

struct child *
ike_child_find(struct ike *ike, uint32_t num)
{
	struct node	*n = num == 0 ? NULL : ike_map_get(&ike->by_num, num);

	return (n != NULL ? n->obj : NULL);
}

/* By the SPI that we send with, which is the one the peer names. */
struct child *
ike_child_out(struct sa *sa, uint32_t spi)
{
	struct child	*c;

	for (c = sa->children; c != NULL; c = c->next)
		if (c->state != C_NEW && c->spi_out == spi)
			return (c);
	return (NULL);
}

static void
unlink_child(struct child *c)
{
	struct child	**p;

	for (p = &c->sa->children; *p != NULL; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			break;
		}
	c->next = NULL;
}

void
ike_child_free(struct ike *ike, struct child *c)
{
	struct m_s_delete	 m;
	struct sa		*sa = c->sa;

	if (c->state == C_DEAD)
		return;
	if (c->state != C_NEW || c->spi_out != 0) {
		m.child = c->num;
		m.spi_in = c->spi_in;
		(void)role_send(ike->io, PROC_SAD, M_S_DELETE, ike_gen(ike), 0,
		    c->tun->id, &m);
	}
	if (c->shown)
		ike_report_child(ike, c, 0);
	if (sa->own.child == c)
		sa->own.child = NULL;
	if (sa->peer.child == c)
		sa->peer.child = NULL;
	unlink_child(c);
	ike_timer_off(ike, &c->timer);
	ike_map_del(&ike->by_num, &c->by_num);
	c->state = C_DEAD;
	c->next = ike->dead_child;
	ike->dead_child = c;
}

/* The IKE SA was rekeyed: the new one inherits (RFC 7296 section 2.8). */
void
ike_child_move(struct sa *from, struct sa *to)
{
	struct child	*c, *next;

	for (c = from->children; c != NULL; c = next) {
		next = c->next;
		if (c->state != C_UP && c->state != C_OLD)
			continue;
		unlink_child(c);
		c->sa = to;
		c->next = to->children;
		to->children = c;
	}
}

int
ike_child_ah(const struct child *c)
{
	return (c->tun->t != NULL ? (c->tun->t->flags & TUN_AH) != 0 :
	    c->a.encr == NULL && c->a.integ != NULL);
}

struct rd
ike_child_msa(struct ike *ike, struct child *c, int inactive, uint8_t *room,
    size_t max)
{
	const struct tunnel	*t = c->tun->t;
	struct m_sa		 m;
	struct wr		 w, pairs;
	uint8_t			 b[5000];
	uint64_t		 spread;

	memset(&m, 0, sizeof(m));
	pairs = wr_of(b, sizeof(b));
	selpairs_put(&pairs, c->pair, c->npair);
	m.child = c->num;
	m.replaces = c->replaces;
	m.spi_in = c->spi_in;
	m.spi_out = c->spi_out;
	m.beside = c->beside;
	m.cpu = c->cpu;
	m.esn = c->a.esn;
	m.udp = c->udp = c->sa->udp;
	m.transport = (t->flags & TUN_TRANSPORT) != 0;
	m.inactive = (uint8_t)inactive;
	m.local = c->sa->local;
	m.remote = c->sa->remote;
	m.life = c->life != 0 ? c->life : t->life;
	m.hardbytes = t->lifebytes;
	if (c->kbytes != 0 && (m.hardbytes == 0 ||
	    c->kbytes < m.hardbytes / 1024))
		m.hardbytes = c->kbytes * 1024;
	if (m.hardbytes != 0) {
		spread = m.hardbytes / 10;
		m.softbytes = m.hardbytes - spread -
		    ike_random64(ike) % (spread + 1);
	}
	m.pairs = rd_of(b, pairs.n);
	w = wr_of(room, max);
	if (wr_end(&pairs) || msg_put(msg_desc_sa(), &w, &m))
		return (rd_of(NULL, 0));
	return (rd_of(room, w.n));
}

void
ike_child_up(struct ike *ike, struct child *c)
{
	uint64_t	 life = (uint64_t)(c->life != 0 ? c->life :
	    c->tun->t->life) * 1000;
	struct child	*old;

	c->state = C_UP;
	c->born = ike->now;
	c->dies_at = ike->now + life;
	c->rekey_at = c->dies_at - ike_margin(ike, life);
	ike_timer_set(ike, &c->timer, c->rekey_at);
	ike->count[CNT_CHILD]++;
	if ((old = ike_child_find(ike, c->replaces)) != NULL &&
	    old->state == C_UP)
		old->state = C_OLD;
	ike_cpu_up(ike, c);
	c->shown = 1;
	ike_report_child(ike, c, 1);
	role_log(ike->io, LOG_INFO, c->tun->id, 0,
	    "%s: traffic keys %s%s: %s%s%s, SPI in %08x out %08x%s",
	    c->tun->t->name, c->replaces != 0 ? "renewed" : "made",
	    c->cpu != 0 ? " for one CPU" : "",
	    c->a.encr != NULL ? c->a.encr->name : "AH",
	    c->a.integ != NULL ? " with " : "",
	    c->a.integ != NULL ? c->a.integ->name : "", c->spi_in, c->spi_out,
	    c->udp ? ", in UDP" : "");
	ike_tun_child_up(ike, c->tun, c);
}

size_t
ike_child_count(const struct tun *t)
{
	const struct sa		*sa;
	const struct child	*c;
	size_t			 n = 0;

	for (sa = t->sas; sa != NULL; sa = sa->next)
		for (c = sa->children; c != NULL; c = c->next)
			if (c->state == C_UP)
				n++;
	return (n);
}

static void
t_child(struct ike *ike, void *arg, uint64_t now)
{
	struct child	*c = arg;
	struct sa	*sa = c->sa;
	struct tun	*t = c->tun;

	if (now >= c->dies_at) {
		role_log(ike->io, LOG_WARNING, t->id, 0,
		    "%s: traffic keys (SPI in %08x) reached their end without "
		    "being renewed", t->t != NULL ? t->t->name : "?",
		    c->spi_in);
		if (sa->state == S_UP && !sa->stuck) {
			c->state = C_OLD;
			c->want_del = 1;
			sa->proto->next(ike, sa);
		} else
			ike_child_free(ike, c);
		ike_tun_lost(ike, t, R_NONE, NULL);
		return;
	}
	ike_timer_set(ike, &c->timer, c->dies_at);
	if (c->state != C_UP)
		return;
	c->want_rekey = 1;
	sa->proto->next(ike, sa);
}

/* SPDX-License-Identifier: ISC */

/* u_model.c: the frames of a status become one struct. */

#include <stdlib.h>

#include "u.h"

static struct u_tunnel *
tunnel_new(struct u_status *s)
{
	struct u_tunnel	*t;
	size_t		 room;

	if (s->n >= U_TUNNELS_MAX)
		return (NULL);
	if (s->n == s->room) {
		room = s->room == 0 ? 16 : s->room * 2;
		if ((t = reallocarray(s->t, room, sizeof(*t))) == NULL)
			return (NULL);
		s->t = t;
		s->room = room;
	}
	t = &s->t[s->n++];
	memset(t, 0, sizeof(*t));
	return (t);
}

/* The daemon makes text harmless; whoever plays the daemon may not have. */
static void
harmless(char *p)
{
	for (; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
			*p = '?';
}

static int
take_tunnel(struct u_status *s, const struct m_u_tunnel *m)
{
	struct u_tunnel	*t;
	struct rd	 r = m->pairs;

	if (m->s.state > TS_OFF || m->s.reason >= R_MAX ||
	    (t = tunnel_new(s)) == NULL)
		return (-1);
	t->m = *m;
	memset(&t->m.offered, 0, sizeof(t->m.offered));
	memset(&t->m.pairs, 0, sizeof(t->m.pairs));
	harmless(t->m.name);
	harmless(t->m.srcid);
	harmless(t->m.dstid);
	harmless(t->m.ifname);
	harmless(t->m.s.vendor);
	harmless(t->m.s.detail);
	if (t->m.s.peer.af == 0)
		t->m.s.peer = m->cpeer;
	if ((t->offered = calloc(1, m->offered.n + 1)) == NULL ||
	    (t->pair = calloc(SELPAIR_MAX, sizeof(*t->pair))) == NULL ||
	    (t->map = calloc(MAP_MAX, sizeof(*t->map))) == NULL)
		return (-1);
	if (m->offered.n > 0)
		memcpy(t->offered, m->offered.p, m->offered.n);
	harmless(t->offered);
	if (r.n > 0 && selpairs_get(&r, t->pair, SELPAIR_MAX, &t->npair))
		return (-1);
	if (r.n > 0 && (selpairs_get(&r, t->map, MAP_MAX, &t->nmap) ||
	    rd_end(&r)))
		return (-1);
	return (0);
}

static int
take_child(struct u_status *s, const struct m_u_child *m)
{
	struct u_tunnel	*t;
	struct u_child	*c;
	struct rd	 r = m->c.pairs;

	if (s->n == 0)
		return (-1);
	t = &s->t[s->n - 1];
	if (t->nchild >= U_CHILDREN_MAX || (c = reallocarray(t->child,
	    t->nchild + 1, sizeof(*c))) == NULL)
		return (-1);
	t->child = c;
	c = &t->child[t->nchild++];
	memset(c, 0, sizeof(*c));
	c->m = *m;
	memset(&c->m.c.pairs, 0, sizeof(c->m.c.pairs));
	if (selpairs_get(&r, c->pair, SELPAIR_MAX, &c->npair) || rd_end(&r))
		return (-1);
	return (0);
}

static int
take_head(struct u_status *s, const struct m_u_head *h)
{
	if (s->have_head)
		return (-1);
	s->have_head = 1;
	s->head = *h;
	harmless(s->head.software);
	harmless(s->head.backend);
	harmless(s->head.why);
	harmless(s->head.file);
	return (0);
}

int
u_take(struct u_status *s, struct rd frame)
{
	const struct m_c_proc	*p;
	struct ipc_hdr		 h;
	union {
		uint64_t	 align;
		uint8_t		 room[MSG_STRUCT_MAX];
	} body;

	if (u_get(frame, &h, body.room) == -1)
		return (-1);
	switch (h.type) {
	case M_U_HEAD:
		return (take_head(s, (const void *)body.room));
	case M_U_PROC:
		p = (const void *)body.room;
		if (s->nproc == PROC_MAX || p->proc >= PROC_MAX)
			return (-1);
		s->proc[s->nproc++] = *p;
		return (0);
	case M_U_TUNNEL:
		return (take_tunnel(s, (const void *)body.room));
	case M_U_CHILD:
		return (take_child(s, (const void *)body.room));
	case M_U_DONE:
		s->done = *(const struct m_u_done *)(const void *)body.room;
		harmless(s->done.text);
		return (s->done.err == UERR_OK && !s->have_head ? -1 : 1);
	default:
		return (-1);
	}
}

/* What was agreed may be a part of A: then it is that part of B. */
const char *
u_local(const struct u_tunnel *t, const struct sel *s, char *b, size_t n)
{
	const struct selpair	*m;
	struct sel		 whole, here;
	char			 w[SEL_STRLEN], h[SEL_STRLEN];
	size_t			 i;

	(void)sel_str(s, w, sizeof(w));
	for (m = t->map; m < t->map + t->nmap; m++) {
		whole = m->local;
		whole.ipproto = s->ipproto;
		if (!sel_in(s, &whole))
			continue;
		here = m->remote;
		for (i = 0; i < sizeof(here.lo); i++) {
			here.lo[i] |= s->lo[i] & (whole.lo[i] ^ whole.hi[i]);
			here.hi[i] &= (uint8_t)(s->hi[i] |
			    ~(whole.lo[i] ^ whole.hi[i]));
		}
		(void)snprintf(b, n, "%s (%s)", w, sel_str(&here, h,
		    sizeof(h)));
		return (b);
	}
	(void)snprintf(b, n, "%s", w);
	return (b);
}

void
u_status_clear(struct u_status *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++) {
		free(s->t[i].offered);
		free(s->t[i].pair);
		free(s->t[i].map);
		free(s->t[i].child);
	}
	free(s->t);
	memset(s, 0, sizeof(*s));
}

enum u_class
u_class(const struct u_tunnel *t)
{
	switch (t->m.s.state) {
	case TS_UP:
	case TS_REKEYING:
		return (t->m.s.reason != R_NONE ? U_ATTENTION : U_UP);
	case TS_CONNECTING:
		return (U_CONNECTING);
	case TS_WAITING:
		return (U_WAITING);
	case TS_OFF:
		return (U_OFF);
	default:
		return (U_DOWN);
	}
}

static int
order(const void *a, const void *b)
{
	const struct u_tunnel	*x = a, *y = b;
	enum u_class		 i = u_class(x), k = u_class(y);

	if (i != k)
		return (i < k ? -1 : 1);
	return (x->m.id < y->m.id ? -1 : x->m.id > y->m.id);
}

void
u_sort(struct u_status *s)
{
	if (s->n > 1)
		qsort(s->t, s->n, sizeof(*s->t), order);
}

int
u_exit(const struct u_status *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (u_class(&s->t[i]) <= U_CONNECTING)
			return (1);
	return (0);
}

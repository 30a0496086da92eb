/* SPDX-License-Identifier: ISC */

/* reload_rig.c: the reload machine between recorded children. */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reload_rig.h"

static void
io_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	struct rig	*g = arg;

	(void)body;
	(void)len;
	if (g->n == RIG_LOG)
		errx(1, "log full");
	g->log[g->n].to = to;
	g->log[g->n].type = h->type;
	g->log[g->n].gen = h->gen;
	g->log[g->n++].tunnel = h->tunnel;
	if (g->room > 0)
		g->room--;
}

static int
io_room(void *arg, enum proc to)
{
	struct rig	*g = arg;

	(void)to;
	return (g->room > 0);
}

static int
io_conf_start(void *arg, const char *mode, uint32_t gen)
{
	struct rig	*g = arg;

	if (g->norun)
		return (-1);
	(void)snprintf(g->mode, sizeof(g->mode), "%s", mode);
	g->gen = gen;
	g->runs++;
	return (0);
}

static void
io_conf_stop(void *arg)
{
	struct rig	*g = arg;

	g->stops++;
}

static void
io_fail(void *arg, enum proc who, const char *why)
{
	struct rig	*g = arg;

	(void)why;
	g->failed |= PB(who);
}

static void
io_ready(void *arg, enum proc who)
{
	struct rig	*g = arg;

	g->ready |= PB(who);
}

static void
io_done(void *arg, int err, const char *text)
{
	struct rig	*g = arg;

	g->ndone++;
	g->err = err;
	(void)snprintf(g->text, sizeof(g->text), "%s", text);
}

static void
io_error(void *arg, const char *line)
{
	struct rig	*g = arg;

	(void)line;
	g->errors++;
}

static void
io_warn(void *arg, const char *line)
{
	struct rig	*g = arg;

	(void)line;
	g->warnings++;
}

static void
io_lacks(void *arg, int on)
{
	((struct rig *)arg)->lacks = on;
}

static void
io_global(void *arg, struct global *gl)
{
	(void)arg;
	gl->verbose = 1;
}

void
rig_open(struct rig *g, const char *mode)
{
	memset(g, 0, sizeof(*g));
	g->io.arg = g;
	g->io.send = io_send;
	g->io.room = io_room;
	g->io.conf_start = io_conf_start;
	g->io.conf_stop = io_conf_stop;
	g->io.fail = io_fail;
	g->io.ready = io_ready;
	g->io.done = io_done;
	g->io.error = io_error;
	g->io.warn = io_warn;
	g->io.lacks = io_lacks;
	g->io.global = io_global;
	g->room = 1 << 30;
	g->now = 1000;
	if ((g->r = reload_new(&g->io, mode)) == NULL)
		err(1, NULL);
}

void
rig_close(struct rig *g)
{
	reload_free(g->r);
}

void
rig_up(struct rig *g, uint32_t who)
{
	int	 p;

	for (p = 0; p < PROC_MAX; p++)
		if (who & PB(p))
			reload_up(g->r, (enum proc)p, g->now);
}

static int
frame(struct rig *g, enum proc from, uint32_t type, uint32_t gen,
    const void *body)
{
	struct ipc_msg	 m;

	memset(&m, 0, sizeof(m));
	m.from = from;
	m.fd = -1;
	m.h.type = type;
	m.h.gen = gen;
	return (reload_frame(g->r, &m, body, g->now));
}

int
rig_say(struct rig *g, enum proc from, uint32_t type, uint32_t gen,
    const char *text)
{
	struct m_text	 t;

	memset(&t, 0, sizeof(t));
	(void)snprintf(t.text, sizeof(t.text), "%s", text);
	return (frame(g, from, type, gen, &t));
}

int
rig_global(struct rig *g)
{
	struct m_conf	 mc;
	struct global	 gl;
	struct wr	 w;
	uint8_t		 buf[4096];

	memset(&gl, 0, sizeof(gl));
	w = wr_of(buf, sizeof(buf));
	global_put(&w, &gl);
	if (wr_end(&w) == -1)
		errx(1, "global_put");
	mc.rest = rd_of(buf, w.n);
	return (frame(g, PROC_CONF, M_CF_GLOBAL, g->gen, &mc));
}

int
rig_record(struct rig *g, struct rd rec)
{
	struct m_conf	 mc;

	mc.rest = rec;
	return (frame(g, PROC_CONF, M_CF_TUNNEL, g->gen, &mc));
}

/* The first row of each type: what s2sd.conf would write for `auto'. */
static void
algs(struct tunnel *t)
{
	const struct alg	*a;
	struct prop		*p = &t->ike[0], *c = &t->child[0];
	size_t			 i, n;

	a = alg_rows(&n);
	for (i = 0; i < n; i++) {
		if (a[i].type == ALG_ENCR && a[i].flags & ALG_AEAD &&
		    p->nencr == 0) {
			p->encr[p->nencr++] = a[i].num;
			c->encr[c->nencr++] = a[i].num;
		}
		if (a[i].type == ALG_PRF && p->nprf == 0)
			p->prf[p->nprf++] = a[i].num;
		if (a[i].type == ALG_DH && p->ndh == 0)
			p->dh[p->ndh++] = a[i].num;
	}
	c->esn[c->nesn++] = 1;
	t->nike = t->nchild = 1;
}

int
rig_tunnel(struct rig *g, const char *name, uint32_t life)
{
	struct tunnel	 t;
	struct net	 a, b;
	struct wr	 w;
	uint8_t		 buf[TUNNEL_WIRE_MAX];

	memset(&t, 0, sizeof(t));
	(void)snprintf(t.name, sizeof(t.name), "%s", name);
	if (addr_parse("192.0.2.1", &t.local) == -1 ||
	    addr_parse("192.0.2.2", &t.peer[0]) == -1 ||
	    net_parse("10.1.3.0/24", &a) == -1 ||
	    net_parse("10.1.4.0/24", &b) == -1)
		errx(1, "addresses");
	ident_addr(&t.local, &t.srcid);
	ident_addr(&t.peer[0], &t.dstid);
	t.local.port = t.peer[0].port = 500;
	t.npeer = 1;
	sel_from_net(&a, 0, 0, 65535, &t.pair[0].local);
	sel_from_net(&b, 0, 0, 65535, &t.pair[0].remote);
	t.npair = 1;
	algs(&t);
	t.flags = g->natt ? TUN_NATT : 0;
	t.ikelife = 28800;
	t.life = life;
	t.dpd = 30;
	t.replay = 4096;
	w = wr_of(buf, sizeof(buf));
	tunnel_put(&w, &t);
	if (wr_end(&w) == -1)
		errx(1, "tunnel_put");
	return (rig_record(g, rd_of(buf, w.n)));
}

int
rig_end(struct rig *g, uint32_t n)
{
	struct m_cf_end	 e;

	e.ntunnel = n;
	return (frame(g, PROC_CONF, M_CF_END, g->gen, &e));
}

void
rig_parse(struct rig *g, uint32_t life, const char *const *names)
{
	uint32_t	 n;

	if (rig_global(g) == -1)
		errx(1, "global refused");
	for (n = 0; names[n] != NULL; n++)
		if (rig_tunnel(g, names[n], life + n) == -1)
			errx(1, "tunnel %s refused", names[n]);
	if (rig_end(g, n) == -1 ||
	    rig_say(g, PROC_KEYS, M_K_SECRETS, g->gen, "") == -1)
		errx(1, "end refused");
	reload_conf_exit(g->r, 1, g->now);
}

void
rig_agree(struct rig *g)
{
	struct rig_sent	 s;
	size_t		 i;

	for (i = 0; i < g->n; i++) {
		s = g->log[i];
		if (s.type == M_CONF_END && rig_say(g, s.to, M_CONF_READY,
		    s.gen, "") == -1)
			errx(1, "READY of %s refused", proc_name(s.to));
		if ((s.type == M_CONF_NEW || s.type == M_CONF_GONE) &&
		    rig_say(g, s.to, M_CONF_DONE, s.gen, "") == -1)
			errx(1, "DONE of %s refused", proc_name(s.to));
	}
}

size_t
rig_count(const struct rig *g, enum proc to, uint32_t type)
{
	size_t	 i, n = 0;

	for (i = 0; i < g->n; i++)
		n += g->log[i].to == to && g->log[i].type == type;
	return (n);
}

size_t
rig_where(const struct rig *g, enum proc to, uint32_t type)
{
	size_t	 i;

	for (i = 0; i < g->n; i++)
		if (g->log[i].to == to && g->log[i].type == type)
			break;
	return (i);
}

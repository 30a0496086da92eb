/* SPDX-License-Identifier: ISC */

/* world_net.c: datagrams between gateways, packets inside their tunnels. */

#include <stdio.h>
#include <stdlib.h>

#include "world_int.h"

enum { PROBE_LEN = 20 + 8 + 8, PROBE_BUF = ESP_HEADROOM + 1600 + ESP_TAILROOM };
enum { NAT_SHIFT = 20000 };	/* what the NAT box does to a source port */

void
world_drop_nth(struct world *w, uint64_t n)
{
	w->drop_nth = n;
}

void
world_link(struct world *w, int up)
{
	w->link = up;
}

void
world_set_tap(struct world *w, world_tap *tap, void *arg)
{
	w->tap = tap;
	w->tap_arg = arg;
}

static void
travel(struct world *w, const struct addr *src, const struct addr *dst,
    const uint8_t *p, size_t n)
{
	uint64_t	 at = w->now + w->opt.delay;

	if (w->opt.jitter > 0)
		at += world_random(w) % (w->opt.jitter + 1);
	world_later(w, at, EV_DGRAM, NULL, PROC_NET, PROC_NET, NULL, src, dst,
	    p, n);
}

/* A gateway puts a datagram on the wire. */
void
world_wire(struct gw *g, const struct addr *local, const struct addr *remote,
    const uint8_t *p, size_t n)
{
	struct world	*w = g->w;
	struct addr	 src = *local;

	if (g->public.af != 0) {
		memcpy(src.a, g->public.a, sizeof(src.a));
		src.port = (uint16_t)(local->port + NAT_SHIFT);
		src.af = g->public.af;
	} else if (src.af == 0) {
		src = g->outer;
		src.port = local->port;
	}
	if (w->tap != NULL && !w->tap(w->tap_arg, g, &src, remote, p, n))
		return;
	if (!w->link || (w->drop_nth > 0 && --w->drop_nth == 0) ||
	    world_percent(w) < w->opt.loss)
		return;
	travel(w, &src, remote, p, n);
	if (world_percent(w) < w->opt.dup)
		travel(w, &src, remote, p, n);
}

void
world_inject(struct world *w, const struct addr *src, const struct addr *dst,
    const uint8_t *p, size_t n)
{
	travel(w, src, dst, p, n);
}

int
world_net_output(void *arg, const struct addr *local,
    const struct addr *remote, const uint8_t *p, size_t n)
{
	world_wire(arg, local, remote, p, n);
	return (0);
}

static struct gw *
owner(struct world *w, const struct addr *dst, struct addr *inside)
{
	struct gw	*g;
	size_t		 i;

	*inside = *dst;
	i = (size_t)dst->a[2] << 8 | dst->a[3];
	if (i < w->ngw && addr_cmp(&w->gw[i].outer, dst, 0) == 0)
		return (w->gw[i].public.af == 0 ? &w->gw[i] : NULL);
	for (i = 0; i < w->ngw; i++) {
		g = &w->gw[i];
		if (g->public.af == 0 || addr_cmp(&g->public, dst, 0) != 0 ||
		    dst->port < NAT_SHIFT)
			continue;
		*inside = g->outer;
		inside->port = (uint16_t)(dst->port - NAT_SHIFT);
		return (g);
	}
	return (NULL);
}

/* An inner packet came out of a tunnel: is it one of our probes? */
static void
inner(struct gw *g, const uint8_t *p, size_t n)
{
	struct rd	 r = rd_of(p, n);
	uint32_t	 number, magic;

	if (n != PROBE_LEN || rd_skip(&r, 28) || rd_u32(&r, &magic) ||
	    rd_u32(&r, &number) || magic != 0x5052u ||
	    number >= nitems(g->w->got)) {
		g->foreign++;
		return;
	}
	if (g->w->got[number]++ > 0)
		g->duplicates++;
	else
		g->delivered++;
}

static void
esp_arrive(struct gw *g, const struct addr *src, const struct addr *dst,
    const uint8_t *p, size_t n)
{
	struct esp_pkt	 k;
	uint8_t		*buf;
	int		 was;

	if (g->self[PROC_ESP] == NULL)
		return;
	if ((buf = malloc(ESP_HEADROOM + n + ESP_TAILROOM)) == NULL)
		abort();
	memset(&k, 0, sizeof(k));
	memcpy(buf + ESP_HEADROOM, p, n);
	k.buf = buf;
	k.size = ESP_HEADROOM + n + ESP_TAILROOM;
	k.off = ESP_HEADROOM;
	k.len = n;
	k.local = *dst;
	k.remote = *src;
	was = world_enter(g->w, WORLD_AT(g->n, PROC_ESP));
	esp_in(g->self[PROC_ESP], &k, 1, g->w->now);
	(void)world_enter(g->w, was);
	if (k.verdict == ESP_TUN)
		inner(g, buf + k.off, k.len);
	free(buf);
	world_ticked(g, PROC_ESP);
}

/* Port 4500 is shared: four zero octets, or too short for ESP: s2sd-net. */
void
world_arrive(struct world *w, const struct addr *src, const struct addr *dst,
    const uint8_t *p, size_t n)
{
	static const uint8_t	 zero[4];
	struct addr		 inside;
	struct gw		*g;
	int			 was;

	if (getenv("WORLD_FRAMES") != NULL && n > 23 + 4)
		fprintf(stderr, "%10.3f wire %u > %u, %zu octets, exchange %u "
		    "flags %x id %u\n", (double)(w->now - 1000000) / 1000,
		    src->a[3], dst->a[3], n, p[dst->port == 4500 ? 22 : 18],
		    p[dst->port == 4500 ? 23 : 19],
		    p[dst->port == 4500 ? 27 : 23]);
	/* The sockets open when there is a configuration. */
	if ((g = owner(w, dst, &inside)) == NULL ||
	    reload_gen(g->reload) == 0 || g->asleep > w->now)
		return;
	if (inside.port == NET_PORT_NATT && n >= 5 && memcmp(p, zero, 4) != 0)
		esp_arrive(g, src, &inside, p, n);
	else if (g->self[PROC_NET] != NULL &&
	    (inside.port == NET_PORT_IKE || inside.port == NET_PORT_NATT)) {
		was = world_enter(w, WORLD_AT(g->n, PROC_NET));
		net_input(g->self[PROC_NET], &inside, src, p, n, w->now);
		(void)world_enter(w, was);
		world_ticked(g, PROC_NET);
	}
}

static uint16_t
sum16(const uint8_t *p, size_t n)
{
	uint32_t	 s = 0;
	size_t		 i;

	for (i = 0; i + 1 < n; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ((uint16_t)~s);
}

static void
probe_build(uint8_t *p, const char *src, const char *dst, uint32_t number)
{
	struct wr	 w = wr_of(p, PROBE_LEN);
	struct addr	 a, b;
	uint16_t	 sum;

	if (addr_parse(src, &a) == -1 || addr_parse(dst, &b) == -1)
		abort();
	wr_u16(&w, 0x4500);
	wr_u16(&w, PROBE_LEN);
	wr_u32(&w, 0);
	wr_u16(&w, 64 << 8 | 17);
	wr_u16(&w, 0);
	wr_put(&w, a.a, 4);
	wr_put(&w, b.a, 4);
	wr_u16(&w, 9000);
	wr_u16(&w, 9001);
	wr_u16(&w, 16);
	wr_u16(&w, 0);
	wr_u32(&w, 0x5052);
	wr_u32(&w, number);
	sum = sum16(p, 20);
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
}

int
world_probe(struct gw *g, const char *src, const char *dst, uint32_t number)
{
	struct esp_pkt	 k;
	uint8_t		 buf[PROBE_BUF];
	int		 was;

	if (g->self[PROC_ESP] == NULL)
		return (-1);
	memset(&k, 0, sizeof(k));
	probe_build(buf + ESP_HEADROOM, src, dst, number);
	k.buf = buf;
	k.size = sizeof(buf);
	k.off = ESP_HEADROOM;
	k.len = PROBE_LEN;
	was = world_enter(g->w, WORLD_AT(g->n, PROC_ESP));
	esp_out(g->self[PROC_ESP], &k, 1, g->w->now);
	(void)world_enter(g->w, was);
	if (k.verdict == ESP_WIRE)
		world_wire(g, &k.local, &k.remote, buf + k.off, k.len);
	world_ticked(g, PROC_ESP);
	return (k.verdict == ESP_WIRE ? 0 : -1);
}

/* Packets that waited for their tunnel. */
void
world_held(void *arg)
{
	struct gw	*g = arg;
	struct esp_pkt	 k;
	uint8_t		 buf[PROBE_BUF];

	do {
		memset(&k, 0, sizeof(k));
		k.buf = buf;
		k.size = sizeof(buf);
		if (esp_held(g->self[PROC_ESP], &k, 1, g->w->now) == 0)
			return;
		if (k.verdict == ESP_WIRE)
			world_wire(g, &k.local, &k.remote, buf + k.off, k.len);
	} while (1);
}

/* SPDX-License-Identifier: ISC */

/*
 * bsd_saved.c: the file of s2sd-exec on the BSDs: a line "sysctl NAME VALUE"
 * for each switch that was changed, with its value before, a line "route
 * NETWORK KIND" for each route and "device sec1 made" for each device.
 */

#include <stdio.h>
#include <stdlib.h>

#include "bsd_saved.h"

static const char *const ctls[BSD_NCTL] = {
	[BSD_FORWARD4] = "net.inet.ip.forwarding",
	[BSD_FORWARD6] = "net.inet6.ip6.forwarding",
	[BSD_REDIRECT4] = "net.inet.ip.redirect",
	[BSD_REDIRECT6] = "net.inet6.ip6.redirect"
};
static const char *const kinds[BSD_NKIND] = {
	[BSD_TUN] = "tun", [BSD_REJECT] = "reject", [BSD_LEAK] = "leak",
	[BSD_VIA] = "via", [BSD_VIALEAK] = "vialeak"
};

void
bsd_saved_init(struct bsd_saved *s)
{
	size_t	 i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < BSD_NCTL; i++)
		s->old[i] = -1;
}

void
bsd_saved_free(struct bsd_saved *s)
{
	free(s->r);
	free(s->d);
	bsd_saved_init(s);
}

int
bsd_saved_add(struct bsd_saved *s, const struct bsd_route *r)
{
	struct bsd_route	*p;

	if (s->n >= BSD_ROUTES_MAX ||
	    (p = reallocarray(s->r, s->n + 1, sizeof(*p))) == NULL)
		return (-1);
	s->r = p;
	s->r[s->n++] = *r;
	return (0);
}

int
bsd_saved_device(struct bsd_saved *s, const struct bsd_device *d)
{
	struct bsd_device	*p;

	if (s->nd >= BSD_DEVICES_MAX ||
	    (p = reallocarray(s->d, s->nd + 1, sizeof(*p))) == NULL)
		return (-1);
	s->d = p;
	s->d[s->nd++] = *d;
	return (0);
}

/* Which of the names, or -1. */
static int
one_of(const char *s, const char *const *names, int n)
{
	while (--n >= 0 && strcmp(s, names[n]) != 0)
		;
	return (n);
}

static int
device(struct bsd_saved *s, const char *name, const char *v)
{
	struct bsd_device	 d;
	uint8_t			 kind;

	memset(&d, 0, sizeof(d));
	if (strcmp(v, "made") != 0 ||
	    if_parse(name, &kind, &d.unit) == -1 || kind != IF_SEC)
		return (-1);
	return (bsd_saved_device(s, &d));
}

static int
line(struct rd *r, struct bsd_saved *s)
{
	struct bsd_route	 route;
	char			 key[8], what[SEL_STRLEN], v[8];
	int			 i;

	if (rd_word(r, ' ', key, sizeof(key)) == -1 ||
	    rd_word(r, ' ', what, sizeof(what)) == -1 ||
	    rd_word(r, '\n', v, sizeof(v)) == -1)
		return (-1);
	if (strcmp(key, "sysctl") == 0) {
		if ((i = one_of(what, ctls, BSD_NCTL)) == -1 ||
		    (v[0] != '0' && v[0] != '1') || v[1] != '\0')
			return (-1);
		s->old[i] = v[0] - '0';
		return (0);
	}
	if (strcmp(key, "device") == 0)
		return (device(s, what, v));
	memset(&route, 0, sizeof(route));
	if (strcmp(key, "route") != 0 || net_parse(what, &route.dst) == -1 ||
	    (i = one_of(v, kinds, BSD_NKIND)) == -1)
		return (-1);
	route.kind = (uint8_t)i;
	return (bsd_saved_add(s, &route));
}

int
bsd_saved_parse(struct rd r, struct bsd_saved *s)
{
	bsd_saved_init(s);
	while (r.n > 0)
		if (line(&r, s) == -1) {
			bsd_saved_free(s);
			return (-1);
		}
	return (0);
}

int
bsd_saved_write(struct wr *w, const struct bsd_saved *s)
{
	char	 buf[SEL_STRLEN + 32], net[SEL_STRLEN];
	size_t	 i;

	for (i = 0; i < BSD_NCTL; i++)
		if (s->old[i] != -1) {
			(void)snprintf(buf, sizeof(buf), "sysctl %s %d\n",
			    ctls[i], s->old[i] != 0);
			wr_put(w, buf, strlen(buf));
		}
	for (i = 0; i < s->n; i++) {
		(void)snprintf(buf, sizeof(buf), "route %s %s\n",
		    net_str(&s->r[i].dst, net, sizeof(net)),
		    kinds[s->r[i].kind]);
		wr_put(w, buf, strlen(buf));
	}
	for (i = 0; i < s->nd; i++) {
		(void)snprintf(buf, sizeof(buf), "device %s made\n",
		    if_str(IF_SEC, s->d[i].unit, net, sizeof(net)));
		wr_put(w, buf, strlen(buf));
	}
	return (wr_end(w));
}

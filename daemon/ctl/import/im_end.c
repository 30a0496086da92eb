/* SPDX-License-Identifier: ISC */

/* im_end.c: which of left and right is this host, and who both ends are. */

#include <strings.h>

#include "im_int.h"

static const char *const side_name[2] = { "left", "right" };

static int
is_host(const struct im *im, const struct addr *a)
{
	size_t	 i;

	for (i = 0; i < im->o->nhost; i++)
		if (addr_cmp(&im->o->host[i], a, 0) == 0)
			return (1);
	return (0);
}

/* Is it `the address of this host', whatever it is? */
static int
is_own(const struct im *im, const char *v)
{
	if (strcasecmp(v, "%defaultroute") == 0)
		return (1);
	/* a device: %eth0; strongSwan's %name is a name */
	return (im->fl != IM_STRONGSWAN && v[0] == '%' && !im_any(v) &&
	    strncasecmp(v, "%group", 6) != 0 &&
	    strncasecmp(v, "%opportunistic", 14) != 0);
}

/* 3: an address of this host, 2: one by name, 1: an address, 0: %any. */
static int
points(const struct im *im, const char *v)
{
	struct addr	 a;

	if (v == NULL || im_any(v))
		return (0);
	if (is_own(im, v))
		return (2);
	if (im_addr(v, &a) == 0 && is_host(im, &a))
		return (3);
	return (1);
}

int
im_is_host(const struct im *im, const char *v)
{
	return (points(im, v) >= 2);
}

int
im_orient(struct im *im, struct im_conn *c)
{
	const char	*l = im_get(c, K_HOST, SIDE_LEFT);
	const char	*r = im_get(c, K_HOST, SIDE_RIGHT);
	int		 pl = points(im, l), pr = points(im, r);

	c->me = SIDE_LEFT;
	if (pl == pr && pl >= 2) {
		im_refuse(im, c, c->at, "orientation", "both left= and right= "
		    "are this host%s", pl == 2 ? "" : ": is it the right "
		    "--host?");
		return (-1);
	}
	if (im->fl == IM_STRONGSWAN) {
		/* left, unless right= is an address of this host */
		if (pr == 3)
			c->me = SIDE_RIGHT;
	} else if (l == NULL || r == NULL) {
		im_refuse(im, c, c->at, "no peer", "no %s= line",
		    l == NULL ? "left" : "right");
		return (-1);
	} else if (pl == 0 && pr == 0) {
		im_refuse(im, c, c->at, "orientation", "both ends are %%any: "
		    "write the address of this host into left=");
		return (-1);
	} else if (pr > pl)
		c->me = SIDE_RIGHT;
	if (pl <= 1 && pr <= 1 && l != NULL && r != NULL && !im_any(l) &&
	    !im_any(r))
		im_warn(im, im_where(c, K_HOST, SIDE_LEFT), "neither %.60s nor "
		    "%.60s is an address of this host; left is taken for it "
		    "(behind a NAT?). Elsewhere: --host ADDRESS", l, r);
	return (0);
}

/* The address that stands behind %defaultroute, of the family of the peer. */
static const struct addr *
own(const struct im *im, const char *peer)
{
	struct addr	 a;
	int		 six = peer != NULL && im_addr(peer, &a) == 0 &&
	    a.af == 6;

	return (im->o->def[six].af != 0 ? &im->o->def[six] : NULL);
}

static int
local(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char		*v = im_get(c, K_HOST, c->me);
	const char		*id = im_get(c, K_ID, c->me);
	const struct addr	*a;
	struct addr		 w;

	if (v == NULL || im_any(v) || is_own(im, v)) {
		/* with a name of its own it may have any address */
		if (id != NULL || (a = own(im, im_get(c, K_HOST, !c->me))) ==
		    NULL)
			return (0);
		t->local = *a;
		return (0);
	}
	if (im_addr(v, &w) == -1) {
		if (im_is_template(v))
			im_refuse(im, c, im_where(c, K_HOST, c->me),
			    "template", "%s=%.60s is a place to fill in, not "
			    "an address", side_name[c->me], v);
		else
			im_refuse(im, c, im_where(c, K_HOST, c->me), "a name "
			    "as address", "%s=%.60s: s2sd takes addresses "
			    "only; write the one of this host",
			    side_name[c->me], v);
		return (-1);
	}
	/* an address that this host does not have: behind a NAT */
	if (is_host(im, &w) || im->o->nhost == 0 ||
	    points(im, im_get(c, K_HOST, !c->me)) >= 2)
		t->local = w;
	else if (id == NULL) {
		ident_addr(&w, &t->src);
		t->say_src = 1;
	}
	return (0);
}

static int
peer(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v = im_get(c, K_HOST, !c->me);
	struct im_at	 at = im_where(c, K_HOST, !c->me);
	const char	*name = side_name[!c->me];

	if (v == NULL || im_any(v))
		return (0);
	if (im_addr(v, &t->peer) == 0)
		return (0);
	if (im_is_template(v))
		im_refuse(im, c, at, "template", "%s=%.60s is a place to fill "
		    "in, not an address", name, v);
	else if (strncasecmp(v, "%group", 6) == 0 ||
	    strncasecmp(v, "%opportunistic", 14) == 0)
		im_refuse(im, c, at, "opportunistic", "%s=%s: opportunistic "
		    "encryption is not done by s2sd", name, v);
	else if (strpbrk(v, ",/-{ ") != NULL && v[strcspn(v,
	    "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ")] == '\0')
		im_refuse(im, c, at, "several peers", "%s=%.60s: one conn is "
		    "one peer here; write one for each, or `peer any' and "
		    "dstid", name, v);
	else if (is_own(im, v))
		im_refuse(im, c, at, "orientation", "%s=%s is this host as "
		    "well", name, v);
	else
		im_refuse(im, c, at, "a name as address", "%s=%.60s: s2sd "
		    "takes no name as peer yet; write its address", name, v);
	return (t->peer.af != 0 ? 0 : -1);
}

/* The written identity of a side: 0, 1 if any would do, -1 refused. */
static int
ident(struct im *im, struct im_conn *c, int side, struct ident *id,
    uint8_t *said)
{
	const char	*v = im_get(c, K_ID, side), *why;
	int		 rv;

	if (v == NULL)
		return (id->type != IDT_NONE ? 0 : 1);
	if (im->fl == IM_STRONGSWAN && v[0] == '%' && !im_any(v) &&
	    v[1] != '\0')
		v++;			/* %id: do not send IDr */
	rv = im_ident(v, im->fl, id, &why);
	if (rv == 0) {
		*said = 1;
		return (0);
	}
	if (rv == 1)
		return (1);
	if (im_is_template(v))
		im_refuse(im, c, im_where(c, K_ID, side), "template",
		    "%sid=%.60s is a place to fill in, not an identity",
		    side_name[side], v);
	else
		im_refuse(im, c, im_where(c, K_ID, side), im_in(v,
		    "%null,%none") ? "security" : strchr(v, '=') != NULL ||
		    v[0] == '%' ? "certificates" : "identity",
		    "%sid=%.60s: %s", side_name[side], v, why);
	return (-1);
}

static int
src(struct im *im, struct im_conn *c, struct im_tun *t)
{
	int	 rv = ident(im, c, c->me, &t->src, &t->say_src);

	if (rv == -1)
		return (-1);
	if (rv == 0)
		return (0);
	if (t->local.af == 0) {
		im_refuse(im, c, c->at, "orientation", "who is this host? Run "
		    "this on it, or say --host ADDRESS, or write %sid=",
		    side_name[c->me]);
		return (-1);
	}
	ident_addr(&t->local, &t->src);
	return (0);
}

static int
dst(struct im *im, struct im_conn *c, struct im_tun *t)
{
	int	 rv = ident(im, c, !c->me, &t->dst, &t->say_dst);

	if (rv == -1)
		return (-1);
	if (rv == 0)
		return (0);
	if (t->peer.af == 0) {
		im_refuse(im, c, im_where(c, K_HOST, !c->me), "remote access",
		    "%s=%%any without %sid=: anybody with the secret would "
		    "match; write the identity of the peer", side_name[!c->me],
		    side_name[!c->me]);
		return (-1);
	}
	ident_addr(&t->peer, &t->dst);
	if (im_get(c, K_ID, !c->me) != NULL)
		im_warn(im, im_where(c, K_ID, !c->me), "%sid=%%any takes any "
		    "name; s2sd expects the address of the peer: write dstid, "
		    "if it calls itself otherwise", side_name[!c->me]);
	return (0);
}

/* s2sd's own checks: no host, or none that is a gateway. */
static int
no_gateway(const struct addr *a)
{
	static const uint8_t	 zero[15];

	if (a->af == 4)
		return (a->a[0] == 0 || a->a[0] == 127 || a->a[0] >= 224);
	return (a->af == 6 && (a->a[0] == 0xff ||
	    (memcmp(a->a, zero, sizeof(zero)) == 0 && a->a[15] <= 1)));
}

int
im_ends(struct im *im, struct im_conn *c, struct im_tun *t)
{
	if (local(im, c, t) == -1 || peer(im, c, t) == -1 ||
	    src(im, c, t) == -1 || dst(im, c, t) == -1)
		return (-1);
	if (no_gateway(&t->local) || no_gateway(&t->peer)) {
		im_refuse(im, c, c->at, "bad value", "%s is no address of a "
		    "gateway", no_gateway(&t->peer) ? "the other end" :
		    "this end");
		return (-1);
	}
	if (t->local.af != 0 && t->peer.af != 0 &&
	    t->local.af != t->peer.af) {
		im_refuse(im, c, c->at, "bad value", "left= and right= are of "
		    "different families");
		return (-1);
	}
	if (t->local.af != 0 && addr_cmp(&t->local, &t->peer, 0) == 0) {
		im_refuse(im, c, c->at, "orientation", "left= and right= are "
		    "the same address");
		return (-1);
	}
	if (ident_eq(&t->src, &t->dst)) {
		im_refuse(im, c, im_where(c, K_ID, SIDE_LEFT), "identity",
		    "both ends have the same identity; write leftid= and "
		    "rightid=");
		return (-1);
	}
	return (0);
}

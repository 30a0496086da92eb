/* SPDX-License-Identifier: ISC */

/*
 * u_explain.c: what is wrong with a tunnel, why, and what to write: here in
 * s2sd.conf, or at the other end.  Made of the reason that the daemon keeps;
 * nothing is asked of the peer for it.
 */

#include <stdarg.h>

#include "u.h"

static void	 say(char [][U_LINE], size_t *, const char *, ...)
		    __attribute__((__format__(printf, 3, 4)));

/* One more line, cut at its length; what has no place is left out. */
static void
say(char lines[][U_LINE], size_t *n, const char *fmt, ...)
{
	va_list	 ap;

	if (*n >= U_LINES)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(lines[(*n)++], U_LINE, fmt, ap);
	va_end(ap);
}
#define HERE(a, ...)	say((a)->here, &(a)->nhere, __VA_ARGS__)
#define THERE(a, ...)	say((a)->there, &(a)->nthere, __VA_ARGS__)

static const char *
addr_or(const struct addr *a, const char *none, char *b, size_t n)
{
	return (a->af == 0 ? none : addr_str(a, 0, b, n));
}

/* --- algorithms --- */

static const uint8_t	 kinds[] = { ALG_ENCR, ALG_INTEG, ALG_PRF, ALG_DH };

/* Add what a text names: words between blanks, commas, slashes, semicolons. */
static void
collect(struct u_offer *o, const char *text, int who)
{
	const struct alg	*a = NULL;
	char			 w[U_WORD];
	size_t			 i, n;

	for (; *text != '\0'; text += n + (text[n] != '\0')) {
		n = strcspn(text, " ,/;");
		if (n == 0 || n >= sizeof(w))
			continue;
		memcpy(w, text, n);
		w[n] = '\0';
		for (i = 0, a = NULL; i < nitems(kinds) && a == NULL; i++)
			a = alg_name(kinds[i], w);
		if (a == NULL)
			continue;
		for (i = 0; i < o->n; i++)
			if (o->v[i].a == a)
				break;
		if (i == nitems(o->v))
			continue;
		if (i == o->n) {
			memset(&o->v[i], 0, sizeof(o->v[i]));
			o->v[o->n++].a = a;
		}
		if (who)
			o->v[i].there = 1;
		else
			o->v[i].here = 1;
	}
}

void
u_offer(const struct u_tunnel *t, struct u_offer *o)
{
	size_t	 i;

	memset(o, 0, sizeof(*o));
	if (t->m.s.reason != R_NO_PROPOSAL)
		return;
	collect(o, t->offered, 0);
	collect(o, t->m.s.detail, 1);
	for (i = 0; i < o->n; i++)
		o->known |= o->v[i].there;
}

/* The first that the peer named of a kind, or NULL. */
static const struct alg *
theirs(const struct u_offer *o, uint8_t type)
{
	size_t	 i;

	for (i = 0; i < o->n; i++)
		if (o->v[i].there && o->v[i].a->type == type)
			return (o->v[i].a);
	return (NULL);
}

static void
no_proposal(const struct u_tunnel *t, struct u_advice *a)
{
	const struct alg	*e, *i, *g;
	const char		*word = t->m.s.of_child ? "childsa" : "ikesa";
	struct u_offer		 o;
	char			 line[U_LINE] = "";
	size_t			 n = 0;

	u_offer(t, &o);
	e = theirs(&o, ALG_ENCR);
	if ((i = theirs(&o, ALG_INTEG)) == NULL)
		i = theirs(&o, ALG_PRF);
	g = theirs(&o, ALG_DH);
	if (e == NULL && i == NULL && g == NULL) {
		HERE(a, "the peer's algorithms, as in its own file, for "
		    "example: %s %sauth hmac-sha2-256 group modp2048", word,
		    t->m.s.of_child && t->m.flags & TUN_AH ? "" :
		    "enc aes-256 ");
		if (!t->m.s.of_child)
			HERE(a, "and the same behind childsa");
	} else {
		if (e != NULL)
			n += (size_t)snprintf(line + n, sizeof(line) - n,
			    " enc %s", e->name);
		if (i != NULL && (e == NULL || !(e->flags & ALG_AEAD)))
			n += (size_t)snprintf(line + n, sizeof(line) - n,
			    " auth %s", i->name);
		if (g != NULL)
			(void)snprintf(line + n, sizeof(line) - n,
			    " group %s", g->name);
		HERE(a, "%s%s", word, line);
		if (((e != NULL ? e->flags : 0) | (i != NULL ? i->flags : 0) |
		    (g != NULL ? g->flags : 0)) & ALG_WEAK)
			HERE(a, "allow weak");
	}
	THERE(a, "one of ours: %.180s", t->offered);
}

/* --- the others --- */

static void
secret(const struct u_tunnel *t, struct u_advice *a)
{
	HERE(a, "psk file \"%s.psk\", with the same octets as at the peer "
	    "(s2sctl genpsk makes new ones for both)", t->m.name);
	THERE(a, "the secret under these two names: it is %.80s, we are %.80s",
	    t->m.dstid, t->m.srcid);
}

static void
networks(const struct u_tunnel *t, struct u_advice *a)
{
	char	 l[SEL_STRLEN], r[SEL_STRLEN], h[U_LOCAL_LEN];
	size_t	 i;

	for (i = 0; i < t->npair && i < U_LINES - 1; i++) {
		(void)sel_str(&t->pair[i].local, l, sizeof(l));
		(void)sel_str(&t->pair[i].remote, r, sizeof(r));
		HERE(a, "now: from %.120s to %.80s", u_local(t,
		    &t->pair[i].local, h, sizeof(h)), r);
		THERE(a, "its network %.80s, ours %.80s", r, l);
	}
	HERE(a, "from and to must be the mirror of what the peer has%s",
	    t->m.flags & TUN_IKEV1 ? ", to the last bit of the mask" : "");
}

static void
version(const struct u_tunnel *t, struct u_advice *a)
{
	if (t->m.flags & TUN_IKEV1) {
		HERE(a, "remove the word ikev1: tunnel \"%s\" {", t->m.name);
		THERE(a, "IKEv1 (openswan: ikev2=no; libreswan, strongSwan: "
		    "keyexchange=ikev1)");
	} else {
		HERE(a, "add the word ikev1: tunnel \"%s\" ikev1 {",
		    t->m.name);
		THERE(a, "IKEv2, which is better (openswan: ikev2=insist; "
		    "libreswan, strongSwan: keyexchange=ikev2)");
	}
}

static void
no_answer(const struct u_tunnel *t, struct u_advice *a)
{
	char	 b[ADDR_STRLEN], c[ADDR_STRLEN];

	HERE(a, "peer must be the address under which it is reached, now %s; "
	    "see also: s2sctl verify %s", addr_or(&t->m.s.peer, "any", b,
	    sizeof(b)), t->m.name);
	THERE(a, "UDP 500 and 4500 from %s let in, its IKE daemon running, and "
	    "a tunnel for that address", addr_or(&t->m.s.local,
	    "our address", c, sizeof(c)));
}

static void
one_way(const struct u_tunnel *t, struct u_advice *a)
{
	HERE(a, "nothing in s2sd.conf; see what is in the way: s2sctl verify "
	    "%s", t->m.name);
	THERE(a, "hosts behind it need this gateway's networks routed through "
	    "it, and no NAT for them");
}

static void
esp_or_ah(const struct u_tunnel *t, struct u_advice *a)
{
	if (t->m.flags & TUN_AH) {
		HERE(a, "esp in the place of ah, and childsa enc "
		    "aes-256-gcm");
		THERE(a, "or AH in the place of ESP (ah= for esp=, "
		    "phase2=ah)");
	} else {
		HERE(a, "ah, and childsa auth hmac-sha2-256");
		THERE(a, "or, better, ESP in the place of AH (esp= for ah=, "
		    "phase2=esp)");
	}
}

static void
address(const struct u_tunnel *t, struct u_advice *a)
{
	char	 b[ADDR_STRLEN];

	HERE(a, "local with an address of this host (ip address), now %s",
	    addr_or(&t->m.s.local, "any", b, sizeof(b)));
}

static void
identity(const struct u_tunnel *t, struct u_advice *a)
{
	if (t->m.s.detail[0] != '\0')
		HERE(a, "dstid %.200s", t->m.s.detail);
	THERE(a, "the identity %.80s (leftid= in its ipsec.conf)",
	    t->m.dstid);
}

int
u_advice(const struct u_tunnel *t, struct u_advice *a)
{
	const char	*d = t->m.s.detail;

	memset(a, 0, sizeof(*a));
	switch (t->m.s.reason == R_OLD_KEYS ? t->m.s.next :
	    t->m.s.reason) {
	case R_NONE:
		return (0);
	case R_NO_ANSWER:
	case R_UNREACHABLE:
	case R_DIED:
	case R_SILENT:
		no_answer(t, a);
		break;
	case R_NO_PROPOSAL:
		no_proposal(t, a);
		break;
	case R_AUTH_PSK:
	case R_NO_SECRET:
		secret(t, a);
		break;
	case R_WRONG_ID:
		identity(t, a);
		break;
	case R_SELECTORS:
		networks(t, a);
		break;
	case R_IKE_VERSION:
		version(t, a);
		break;
	case R_ONE_WAY:
		one_way(t, a);
		break;
	case R_NAT_REWRITE:
		HERE(a, "remove nat-exempt no from the tunnel");
		break;
	case R_AH_NAT:
		HERE(a, "esp in the place of ah, and childsa enc aes-256-gcm");
		THERE(a, "ESP in the place of AH (esp= for ah=, phase2=esp)");
		break;
	case R_ESP_AH:
		esp_or_ah(t, a);
		break;
	case R_REKEY_GROUP:
		HERE(a, "childsa group %.40s; or childsa group none, if the "
		    "peer has no PFS", d[0] != '\0' ? d : "of the peer");
		THERE(a, "the group of our childsa");
		break;
	case R_LOCAL_ADDRESS:
		address(t, a);
		break;
	case R_BY_HAND:
		HERE(a, "nothing in s2sd.conf; s2sctl up %s", t->m.name);
		break;
	case R_REPLACED:
		HERE(a, "a dstid and a psk of its own for each peer");
		THERE(a, "an identity that no other gateway has");
		break;
	case R_DELETED:
		THERE(a, "its log says why it closed the tunnel");
		break;
	default:
		HERE(a, "nothing in s2sd.conf; see: s2sctl log");
		break;
	}
	return (1);
}

/* SPDX-License-Identifier: ISC */

/*
 * im_map.c: one conn to one tunnel, or to a reason why not.  The order of
 * the checks is that of usefulness: what a conn is for (remote access, L2TP)
 * is a better reason than what it lacks.
 */

#include <strings.h>

#include "im_int.h"

enum { LIFE_MIN = 10, IKE_MAX = 86400, LIFE_MAX = 30 * 86400, PSK_MIN = 8,
	PSK_GOOD = 20, PAIRS_MAX = 8192 };

static const char *const side_name[2] = { "left", "right" };

/* Rows that the table settles. */
static void
settle(struct im *im, struct im_conn *c, const struct im_slot *s)
{
	const struct im_key	*k = s->key;

	if (s->val == NULL || *s->val == '\0' || k == NULL ||
	    k->text == NULL || k->action == A_SILENT ||
	    (k->harmless != NULL && im_in(s->val, k->harmless)))
		return;
	if (k->action == A_REFUSE)
		im_refuse(im, c, s->at, k->kind, "%s=%.40s: %s", s->word,
		    s->val, k->text);
	else if (k->action == A_WARN)
		im_warn(im, s->at, "%s=%.40s: %s", s->word, s->val, k->text);
	else
		im_note(im, s->at, "%s=%.40s: %s", s->word, s->val, k->text);
}

static void
by_table(struct im *im, struct im_conn *c)
{
	struct im_rest	*e;
	int		 i, s;

	for (e = c->rest; e != NULL; e = e->next)
		settle(im, c, &e->s);
	for (i = 1; i < K_MAX; i++)
		for (s = 0; s < 2; s++)
			settle(im, c, &c->v[i][s]);
}

/* Words that nobody knows, once for each line. */
static void
unknown(struct im *im, const struct im_sect *sect)
{
	const struct im_param	*p;
	char			 near[64];

	for (p = sect->params; p != NULL; p = p->next) {
		if (p->key != NULL || strncasecmp(p->word, "x-", 2) == 0 ||
		    strncasecmp(p->word, "x_", 2) == 0)
			continue;
		im->r->nlost++;
		if (im_is_template(p->word))
			im_warn(im, p->at, "a line of a template; left out");
		else if (im_key_near(p->word, 0, near, sizeof(near)) != NULL)
			im_warn(im, p->at, "%.40s is known to none of the "
			    "three; is it %s? Left out", p->word, near);
		else
			im_warn(im, p->at, "%.40s is known to none of the "
			    "three; left out", p->word);
	}
}

/* --- authentication --- */

static int
is_psk(const char *v)
{
	return (im_in(v, "psk,secret"));
}

static void
authby(struct im *im, struct im_conn *c)
{
	const char	*v = im_get(c, K_AUTHBY, 0), *a;
	struct im_at	 at = im_where(c, K_AUTHBY, 0);
	int		 s, psk = 0;

	for (s = 0; s < 2; s++) {
		if ((a = im_get(c, K_AUTH, s)) == NULL)
			continue;
		at = im_where(c, K_AUTH, s);
		if (strncasecmp(a, "eap", 3) == 0 ||
		    strncasecmp(a, "xauth", 5) == 0)
			im_refuse(im, c, at, "remote access", "%sauth=%.40s is "
			    "for single users who dial in (remote access); "
			    "s2sd joins networks", side_name[s], a);
		else if (im_in(a, "null"))
			im_refuse(im, c, at, "security", "%sauth=null "
			    "authenticates nobody", side_name[s]);
		else if (im_is_template(a))
			im_refuse(im, c, at, "template", "%sauth=%.40s is a "
			    "place to fill in", side_name[s], a);
		else if (!is_psk(a))
			im_refuse(im, c, at, "certificates", "%sauth=%.40s: "
			    "keys and certificates are not built into s2sd "
			    "yet; a shared secret (psk) is", side_name[s], a);
		psk++;
	}
	if (psk == 2 || c->refused)
		return;
	at = im_where(c, K_AUTHBY, 0);
	if (v == NULL)
		im_refuse(im, c, at, "certificates", "no authby= line, so %s "
		    "uses RSA keys or certificates, which are not built into "
		    "s2sd yet; with a shared secret it is authby=secret",
		    im_flavour_name(im->fl));
	else if (strncasecmp(v, "xauth", 5) == 0)
		im_refuse(im, c, at, "remote access", "authby=%.40s is for "
		    "single users who dial in (remote access); s2sd joins "
		    "networks", v);
	else if (im_in(v, "null"))
		im_refuse(im, c, at, "security", "authby=null authenticates "
		    "nobody");
	else if (im_is_template(v))
		im_refuse(im, c, at, "template", "authby=%.40s is a place to "
		    "fill in", v);
	else if (!is_psk(v) && strcasestr(v, "secret") == NULL)
		im_refuse(im, c, at, "certificates", "authby=%.40s: keys and "
		    "certificates are not built into s2sd yet; a shared secret "
		    "(authby=secret) is", v);
	else if (!is_psk(v))
		im_warn(im, at, "authby=%.40s: of these only the shared secret "
		    "is built into s2sd yet", v);
}

static int
is_l2tp(const struct im_conn *c)
{
	const char	*v;
	int		 s;

	for (s = 0; s < 2; s++)
		if ((v = im_get(c, K_PROTOPORT, s)) != NULL &&
		    (strstr(v, "1701") != NULL || strstr(v, "l2tp") != NULL))
			return (1);
	return (0);
}

/*
 * ESP or AH: phase2= says it; where there is no such keyword, an ah= line,
 * which strongSwan prefers to esp=.
 */
static void
protocol(struct im *im, struct im_conn *c)
{
	const char	*v = im_get(c, K_PHASE2, 0);
	struct im_at	 at = im_where(c, K_PHASE2, 0);
	int		 udp = 0;

	if (v != NULL && !im_in(v, "esp,ah,default")) {
		im_refuse(im, c, at, im_is_template(v) ? "template" :
		    "protocol", "phase2=%.40s is neither esp nor ah", v);
		return;
	}
	c->ah = v != NULL ? im_in(v, "ah") : im_get(c, K_AH, 0) != NULL;
	if (!c->ah)
		return;
	if (v == NULL)
		at = im_where(c, K_AH, 0);
	im_warn(im, at, "AH does not encrypt: who is on the way reads the "
	    "traffic; ESP at both ends is better");
	v = im_get(c, K_ENCAPS, 0);
	if (v != NULL && im_bool(v, &udp) == 0 && udp)
		im_refuse(im, c, im_where(c, K_ENCAPS, 0), "AH in UDP", "AH "
		    "cannot pass a NAT, so it cannot go with this: choose ESP "
		    "at both ends, or remove the line");
}

static int
type(struct im *im, struct im_conn *c)
{
	const char	*v = im_get(c, K_TYPE, 0);
	struct im_at	 at = im_where(c, K_TYPE, 0);

	if (v == NULL || im_in(v, "tunnel,udpencap"))
		return (0);
	if (im_in(v, "passthrough,pass,drop,reject"))
		return (1);
	if (im_in(v, "transport")) {
		c->transport = 1;
		if (is_l2tp(c))
			im_refuse(im, c, at, "L2TP", "type=transport for port "
			    "1701 is L2TP, for users who dial in; s2sd joins "
			    "networks");
		else if (c->v1)
			im_refuse(im, c, at, "transport", "type=transport: "
			    "with IKEv1 s2sd has tunnel mode only; "
			    "type=tunnel carries hosts too");
		else
			im_warn(im, at, "type=transport: only where the kernel "
			    "encrypts (set backend)");
	} else
		im_refuse(im, c, at, im_is_template(v) ? "template" :
		    "not built yet", "type=%.40s is not built into s2sd", v);
	return (0);
}

/* --- the IKE version --- */

static void
version(struct im *im, struct im_conn *c)
{
	const char	*k = im_get(c, K_KEYEXCHANGE, 0);
	const char	*v = im_get(c, K_IKEV2, 0);
	struct im_at	 at = im_where(c, K_KEYEXCHANGE, 0);
	int		 kv = 0, vv = 0;

	if (k != NULL && im_in(k, "ikev1"))
		kv = 1;
	else if (k != NULL && im_in(k, "ikev2"))
		kv = 2;
	else if (k != NULL && !im_in(k, "ike"))
		im_refuse(im, c, at, im_is_template(k) ? "template" :
		    "bad value", "keyexchange=%.40s is none of ike, ikev1 and "
		    "ikev2", k);
	if (v != NULL && im->fl != IM_STRONGSWAN)
		vv = im_in(v, "never,no,n,off,false,permit,0") ? 1 : 2;
	if (kv != 0 && vv != 0 && kv != vv)
		im_warn(im, at, "keyexchange=%s and ikev2=%.20s contradict; "
		    "keyexchange= is taken", k, v);
	if (kv == 0)
		kv = vv;
	if (kv == 0)
		kv = im->fl == IM_OPENSWAN ? 1 : 2;
	c->v1 = kv == 1;
	if (kv == 1 && vv == 0 && im->fl == IM_OPENSWAN && (k == NULL ||
	    im_in(k, "ike")))
		im_note(im, c->at, "no ikev2= line: openswan starts IKEv1, so "
		    "does this tunnel; drop \"ikev1\" when the other end "
		    "speaks IKEv2");
	else if (vv == 1 && im_in(v, "permit"))
		im_note(im, im_where(c, K_IKEV2, 0), "ikev2=permit starts "
		    "IKEv1 and takes both; this tunnel is IKEv1 only: drop "
		    "\"ikev1\" when the other end speaks IKEv2");
}

static void
aggressive(struct im *im, struct im_conn *c)
{
	const char	*v = im_get(c, K_AGGR, 0);
	int		 on;

	if (v == NULL || (im_bool(v, &on) == 0 && !on))
		return;
	if (!c->v1) {
		im_note(im, im_where(c, K_AGGR, 0), "%s= has no meaning in "
		    "IKEv2", c->v[K_AGGR][0].word);
		return;
	}
	im_refuse(im, c, im_where(c, K_AGGR, 0), "aggressive mode", "%s=%.20s "
	    "lets anybody who sends one packet guess the secret offline; s2sd "
	    "has no aggressive mode: switch it off at both ends",
	    c->v[K_AGGR][0].word, v);
}

/* --- when it starts --- */

static void
start(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v = im_get(c, K_AUTO, 0);
	const char	*d = im_get(c, K_DPDACTION, 0);
	struct im_at	 at = im_where(c, K_AUTO, 0);

	t->off = (uint8_t)c->off;
	if (v == NULL || im_in(v, "ignore,manual")) {
		im_note(im, at, "%s: the old daemon does not load it by "
		    "itself; carried over with the word disabled", v == NULL ?
		    "no auto= line" : "auto=ignore");
	} else if (im_in(v, "add,keep"))
		t->start = 1;
	else if (im_in(v, "route,ondemand"))
		t->start = 2;
	else if (!im_in(v, "start,up"))
		im_refuse(im, c, at, im_is_template(v) ? "template" :
		    "bad value", "auto=%.40s: what is meant? add, route or "
		    "start", v);
	if (v != NULL && im_in(v, "keep"))
		im_note(im, at, "auto=keep: waits for the other end, and keys "
		    "are renewed for ever");
	if (t->peer.af == 0) {
		if (t->start != 1 && !t->off)
			im_note(im, at, "the peer has no address, so this end "
			    "waits for it");
		t->start = 0;		/* the default with peer any */
		return;
	}
	t->started = t->start != 0;
	at = im_where(c, K_DPDACTION, 0);
	if (d != NULL && t->start == 0 && im_in(d, "clear"))
		im_note(im, at, "dpdaction=clear: s2sd starts the tunnel again "
		    "whenever it fails; write passive, if it shall wait");
	if (d != NULL && t->start == 1 && im_in(d, "restart,restart_by_peer"))
		im_note(im, at, "dpdaction=%s: this end waits (auto=add); "
		    "remove passive, if it shall call", d);
}

/* --- times and numbers --- */

static uint32_t
life(struct im *im, struct im_conn *c, enum im_id id, uint32_t max)
{
	const char	*v = im_get(c, id, 0);
	uint32_t	 s, was;

	if (v == NULL)
		return (0);
	if (im_time(v, &s) == -1) {
		im_refuse(im, c, im_where(c, id, 0), im_is_template(v) ?
		    "template" : "bad value", "%s=%.40s is no time",
		    c->v[id][0].word, v);
		return (0);
	}
	was = s;
	if (s < LIFE_MIN)
		s = s == 0 ? max : LIFE_MIN;
	if (s > max)
		s = max;
	if (s != was)
		im_note(im, im_where(c, id, 0), "%s=%.40s: s2sd takes from 10 "
		    "seconds to %u hours; %u s is written", c->v[id][0].word, v,
		    (unsigned int)(max / 3600), (unsigned int)s);
	return (s);
}

static void
dpd(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v = im_get(c, K_DPDDELAY, 0);
	const char	*a = im_get(c, K_DPDACTION, 0);
	uint32_t	 s;

	t->dpd = -1;
	if (a != NULL && im_in(a, "none") && im->fl == IM_STRONGSWAN) {
		t->dpd = 0;
		return;
	}
	if (v == NULL)
		return;
	if (im_time(v, &s) == -1) {
		im_refuse(im, c, im_where(c, K_DPDDELAY, 0),
		    im_is_template(v) ? "template" : "bad value",
		    "dpddelay=%.40s is no time", v);
		return;
	}
	t->dpd = s > 86400 ? 86400 : s;
	if ((im->fl == IM_STRONGSWAN && a == NULL) || (im->fl == IM_OPENSWAN &&
	    im_get(c, K_DPDTIMEOUT, 0) == NULL))
		im_note(im, im_where(c, K_DPDDELAY, 0), "without %s= %s does "
		    "not ask whether the peer lives; s2sd does",
		    im->fl == IM_OPENSWAN ? "dpdtimeout" : "dpdaction",
		    im_flavour_name(im->fl));
}

static void
bytes(struct im *im, struct im_conn *c, struct im_tun *t)
{
	static const char	 units[] = "KMGT";
	const char		*v = im_get(c, K_LIFEBYTES, 0), *u;
	char			*end;
	uint64_t		 n;

	if (v == NULL)
		return;
	n = strtoull(v, &end, 10);
	if ((u = strchr(units, *end & ~0x20)) != NULL && *end != '\0') {
		int	 shift = 10 * (int)(u - units + 1);

		n = n < 1ULL << (60 - shift) ? n << shift : 0;
		end += strcspn(end, " ");
	}
	if (*v < '0' || *v > '9' || *end != '\0')
		im_refuse(im, c, im_where(c, K_LIFEBYTES, 0), "bad value",
		    "%s=%.40s is no number of octets",
		    c->v[K_LIFEBYTES][0].word, v);
	else if (n >= 1 << 20 && n <= 1ULL << 60)
		t->lifebytes = n;
	else if (n != 0)
		im_note(im, im_where(c, K_LIFEBYTES, 0), "%s=%.40s: s2sd takes "
		    "1M to 1048576T; left out", c->v[K_LIFEBYTES][0].word, v);
}

static void
numbers(struct im *im, struct im_conn *c, struct im_tun *t)
{
	const char	*v;
	uint64_t	 n;
	int		 on;

	t->ikelife = life(im, c, K_IKELIFE, IKE_MAX);
	t->life = life(im, c, K_LIFE, LIFE_MAX);
	dpd(im, c, t);
	bytes(im, c, t);
	if ((v = im_get(c, K_REPLAY, 0)) != NULL && im_num(v, &n) == 0 &&
	    n > 4096)
		t->replay = 4096;
	if ((v = im_get(c, K_ENCAPS, 0)) != NULL) {
		if (im_bool(v, &on) == 0 && on)
			t->natt = 1;
		else if (!im_in(v, "auto") && strcasecmp(
		    c->v[K_ENCAPS][0].word, "encapsulation") == 0)
			im_warn(im, im_where(c, K_ENCAPS, 0), "encapsulation="
			    "%.20s: s2sd sends ESP in UDP where there is a NAT",
			    v);
	}
	v = im_get(c, K_KEYINGTRIES, 0);
	if (v != NULL && t->start == 0 && !im_in(v, "%forever,0"))
		im_note(im, im_where(c, K_KEYINGTRIES, 0), "keyingtries=%.20s: "
		    "s2sd tries for ever", v);
}

/* --- what is around a tunnel --- */

static void
devices(struct im *im, struct im_conn *c)
{
	const char	*v;
	struct im_at	 at;
	int		 s;

	if ((v = im_get(c, K_MARK, 0)) != NULL)
		im_warn(im, im_where(c, K_MARK, 0), "%s=%.20s: marks are not "
		    "built into s2sd; the networks alone decide",
		    c->v[K_MARK][0].word, v);
	for (s = 0; s < 2; s++) {
		if ((v = im_get(c, K_UPDOWN, s)) == NULL ||
		    strstr(v, "_updown") != NULL || im_in(v,
		    "/bin/true,true,%disabled"))
			continue;
		at = im_where(c, K_UPDOWN, s);
		im_warn(im, at, "%s=%.60s: s2sd runs no scripts; routes, the "
		    "NAT exemption and the MSS come by themselves",
		    c->v[K_UPDOWN][s].word, v);
	}
	if ((v = im_get(c, K_FAILURESHUNT, 0)) != NULL) {
		at = im_where(c, K_FAILURESHUNT, 0);
		if (im_in(v, "passthrough"))
			im_refuse(im, c, at, "security", "failureshunt="
			    "passthrough sends the site's traffic unencrypted "
			    "while the tunnel is down; remove it, or write the "
			    "tunnel by hand with leak yes");
		else if (im_in(v, "none"))
			im_note(im, at, "failureshunt=none let traffic out in "
			    "the clear while the tunnel was down; s2sd does "
			    "not");
	}
}

/* --- the secret --- */

/* From man pages and guides: whoever attacks tries these first. */
static int
sample(const struct im_psk *k)
{
	static const char *const samples[] = { "password", "Password",
	    "12345678", "sharedsecret", "secretkey", "changeme", "secret123",
	    "presharedkey", "PreSharedKey", "mysecretkey", "testtest",
	    "v+NkxY9LLZvwj4qCC2o/gGrWDF2d21jL" };
	size_t	 i;

	for (i = 0; i < nitems(samples); i++)
		if (k->n == strlen(samples[i]) && memcmp(k->p, samples[i],
		    k->n) == 0)
			return (1);
	return (0);
}

static void
secret(struct im *im, struct im_conn *c, struct im_tun *t)
{
	char	 a[2 * ID_MAX], b[2 * ID_MAX];

	t->psk = im_choose(im, c, &t->src, &t->dst, &t->local, &t->peer);
	if (c->refused)
		return;
	if (t->psk == NULL) {
		im_refuse(im, c, c->at, "no secret", "no secret for %.60s and "
		    "%.60s in %.80s", ident_str(&t->src, a, sizeof(a)),
		    ident_str(&t->dst, b, sizeof(b)), im->have_secrets ?
		    im->secrets : "any file: name it as the second argument");
		return;
	}
	if (im_is_template((const char *)t->psk->p))
		im_refuse(im, c, t->psk->at, "template", "the secret is a "
		    "place to fill in");
	else if (t->psk->n < PSK_MIN)
		im_refuse(im, c, t->psk->at, "weak secret", "the secret has "
		    "%zu characters, which are guessed in no time; s2sd takes "
		    "8 at least: s2sctl genpsk", t->psk->n);
	else if (sample(t->psk))
		im_warn(im, t->psk->at, "the secret is one of those that "
		    "stand in manuals and are tried first; make another for "
		    "both ends: s2sctl genpsk");
	else if (t->psk->n < PSK_GOOD)
		im_note(im, t->psk->at, "the secret has %zu characters; use 20 "
		    "or more: s2sctl genpsk", t->psk->n);
}

/* --- a conn --- */

static int
taken(const struct im *im, const char *s)
{
	const struct im_tun	*o;

	for (o = im->r->tuns; o != NULL; o = o->next)
		if (strcmp(o->name, s) == 0)
			return (1);
	return (0);
}

/* s2sd's names hold letters, digits, . _ and -, and are unique. */
static void
name(struct im *im, struct im_tun *t, const char *from)
{
	static const char	 ok[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t			 i, n = 0;
	unsigned int		 k;

	for (i = 0; from[i] != '\0' && n < 40; i++)
		if (n > 0 || (strchr(ok, from[i]) != NULL &&
		    strchr("._-", from[i]) == NULL))
			t->name[n++] = strchr(ok, from[i]) != NULL ? from[i] :
			    '-';
	t->name[n] = '\0';
	if (n == 0)
		n = strlcpy(t->name, "tunnel", sizeof(t->name));
	for (k = 0; taken(im, t->name) && k < 8; k++)
		(void)snprintf(t->name + n, sizeof(t->name) - n, "-%u",
		    im->r->nconn * (k + 1) + k);
	if (taken(im, t->name))
		im_refuse(im, t->c, t->c->at, "bad value", "its name cannot "
		    "be made unique; choose another");
	else if (strcmp(t->name, from) != 0)
		im_note(im, t->c->at, "the name %.60s becomes %s", from,
		    t->name);
}

static void
tunnel(struct im *im, struct im_conn *c)
{
	struct im_tun	*t = im_alloc(im, sizeof(*t));

	if (t == NULL)
		return;
	t->c = c;
	if (c->v1 && !WITH_IKEV1) {
		im_refuse(im, c, im_where(c, K_KEYEXCHANGE, 0), "no IKEv1",
		    "it is for IKEv1, and this s2sctl was built without it: "
		    "use IKEv2 at both ends, or install an s2sd that was built "
		    "with it");
		return;
	}
	if (im_orient(im, c) == -1 || im_ends(im, c, t) == -1 ||
	    im_iface(im, c, t) == -1 || im_pairs(im, c, t) == -1)
		return;
	if (c->v1 && t->peer.af == 0) {
		im_refuse(im, c, c->at, "remote access", "IKEv1 with a peer of "
		    "any address: the secret must be chosen by the address; "
		    "write the address of the peer, or use IKEv2");
		return;
	}
	t->v1 = (uint8_t)c->v1;
	start(im, c, t);
	numbers(im, c, t);
	devices(im, c);
	if (c->refused || im_props(im, c, t) == -1)
		return;
	secret(im, c, t);
	if (c->refused || im->stop)
		return;
	if ((im->npair += t->npair) > PAIRS_MAX)
		im_refuse(im, c, c->at, "too many networks", "more than %d "
		    "pairs of networks in all conns", (int)PAIRS_MAX);
	name(im, t, c->name);
	if (c->refused)
		return;
	*im->tun_tail = t;
	im->tun_tail = &t->next;
}

void
im_map(struct im *im, struct im_conn *c)
{
	int	 shunt;

	im->cur = c;
	im->r->nconn++;
	unknown(im, c->sect);
	version(im, c);
	by_table(im, c);
	protocol(im, c);
	shunt = type(im, c);
	if (!c->refused && shunt) {
		if (c->off)
			im_note(im, c->at, "not loaded by the old daemon; left "
			    "out");
		else
			im_shunt(im, c);
	} else if (!c->refused) {
		aggressive(im, c);
		authby(im, c);
		if (!c->refused)
			tunnel(im, c);
	}
	im->cur = NULL;
}

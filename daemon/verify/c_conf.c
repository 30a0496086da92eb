/* SPDX-License-Identifier: ISC */

/* c_conf.c: is the configuration sound? */

#include <string.h>

#include "verify.h"

enum { PSK_LONG = 20, PSK_KINDS = 8 };

static void
file(const struct v_facts *f, struct v_list *l)
{
	const struct cf_result	*c = &f->conf;
	unsigned int		 i;

	for (i = 0; i < c->nerr && i < CF_ERR_MAX; i++)
		v_add(l, V_FAIL, VG_CONF, "configuration", NULL, NULL, NULL,
		    "%s", c->err[i]);
	for (i = 0; i < c->nwarn && i < CF_WARN_MAX; i++)
		v_add(l, V_WARN, VG_CONF, "configuration", NULL, NULL, NULL,
		    "%s", c->warn[i]);
	if (f->parsed)
		v_add(l, V_OK, VG_CONF, "configuration", NULL, NULL, f->path,
		    "%s: %zu tunnel%s, no errors", f->path, c->n,
		    c->n == 1 ? "" : "s");
}

/* How many different octets a secret is made of. */
static unsigned int
kinds(const uint8_t *p, size_t n)
{
	uint8_t		 seen[256] = { 0 };
	unsigned int	 k = 0;

	for (; n > 0; n--, p++)
		k += seen[*p]++ == 0;
	explicit_bzero(seen, sizeof(seen));
	return (k);
}

static void
secret(const struct cf_tunnel *t, struct v_list *l)
{
	char	 fix[512];

	if (t->npsk == 0)
		return;
	(void)snprintf(fix, sizeof(fix), t->pskfile != NULL ?
	    "s2sctl genpsk > %s    (the same at the other end)" :
	    "psk \"...\" with the output of: s2sctl genpsk    "
	    "(the same at the other end)", t->pskfile);
	if (kinds(t->psk, t->npsk) < PSK_KINDS)
		v_add(l, V_WARN, VG_CONF, "psk", t->t.name, fix, NULL,
		    "the shared secret has few different characters: "
		    "whoever records a handshake can guess at leisure");
	else if (t->npsk >= PSK_LONG)	/* s2sd-conf warned of shorter ones */
		v_add(l, V_OK, VG_CONF, "psk", t->t.name, NULL, NULL,
		    "the shared secret is long enough");
}

static void
weak(const struct cf_tunnel *t, struct v_list *l)
{
	if (t->t.flags & TUN_WEAK)
		v_add(l, V_WARN, VG_CONF, "weak", t->t.name,
		    "remove `allow weak' as soon as the other end can do "
		    "better", NULL, "algorithms that can be broken are "
		    "allowed");
	if (t->t.flags & TUN_LEAK)
		v_add(l, V_WARN, VG_CONF, "leak", t->t.name,
		    "remove `leak yes'", NULL, "while the tunnel is down, "
		    "its packets leave in the clear");
}

static void
users(const struct v_facts *f, struct v_list *l)
{
	static const char *const names[] = { "_s2sd", "_s2sdkey", "_s2sdesp",
	    "_s2sdsys" };
	size_t	 i;

	for (i = 0; i < nitems(names); i++)
		if (f->h.users & 1 << i)
			v_add(l, V_FAIL, VG_CONF, "users", NULL,
			    "reinstall the package, or: useradd -r "
			    "-s /usr/sbin/nologin -d /nonexistent NAME",
			    "passwd", "the user %s does not exist", names[i]);
	if (f->h.users == 0)
		v_add(l, V_OK, VG_CONF, "users", NULL, NULL, "passwd",
		    "the four users of s2sd exist");
}

void
v_check_conf(const struct v_facts *f, struct v_list *l)
{
	size_t	 i;
	int	 known = f->only == NULL;

	file(f, l);
	users(f, l);
	for (i = 0; i < f->conf.n; i++) {
		known |= f->only != NULL &&
		    strcmp(f->only, f->conf.t[i]->t.name) == 0;
		if (!v_wanted(f, f->conf.t[i]))
			continue;
		secret(f->conf.t[i], l);
		weak(f->conf.t[i], l);
	}
	if (!known && f->parsed)
		v_add(l, V_FAIL, VG_CONF, "tunnel", f->only,
		    "s2sctl status lists the tunnels", f->path,
		    "there is no tunnel of that name");
}

/* SPDX-License-Identifier: ISC */

/*
 * exec_pf.c: our anchors by pfctl.  A load is whole or not at all, so nothing
 * has to be undone; emptying is a load of nothing, in both dialects.
 */

#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>

#include "exec.h"

void
exec_pf_free(struct exec_pf *p)
{
	free(p->shown[0]);
	free(p->shown[1]);
	memset(p, 0, sizeof(*p));
}

/* One run; out is malloc'd or NULL.  why: the first line of a complaint. */
static uint32_t
run(const struct exec_runner *r, enum exec_prog what, int block,
    const char *in, size_t nin, char **out, char *why, size_t len)
{
	uint32_t	 err;
	size_t		 n = 0;

	*out = NULL;
	if (r->run == NULL)
		return (IPT_EPROGRAM);
	err = r->run(r->arg, what, (uint8_t)block, 0, in, nin, out, &n);
	if (err != IPT_OK && *out != NULL)
		(void)snprintf(why, len, "%.*s", (int)strcspn(*out, "\n"),
		    *out);
	return (err);
}

/* What the anchor says now: malloc'd, or NULL. */
static char *
show(const struct exec_runner *r, const struct pf_op *o, char *why,
    size_t len)
{
	char	*a, *b = NULL, *both = NULL;

	if (run(r, EXEC_PF_SHOW, o->block, NULL, 0, &a, why, len) == IPT_OK &&
	    (o->dialect == PF_NEW || o->block || run(r, EXEC_PF_SHOW_NAT, 0,
	    NULL, 0, &b, why, len) == IPT_OK) &&
	    asprintf(&both, "%s\n%s", a != NULL ? a : "", b != NULL ? b : "") ==
	    -1)
		both = NULL;
	free(a);
	free(b);
	return (both);
}

static int
net_line(char *to, size_t n, uint8_t af, const uint8_t *lo, const uint8_t *hi)
{
	struct sel	 s;
	struct net	 net;
	char		 b[ADDR_STRLEN];

	memset(&s, 0, sizeof(s));
	s.af = af;
	memcpy(s.lo, lo, sizeof(s.lo));
	memcpy(s.hi, hi, sizeof(s.hi));
	if (sel_to_net(&s, &net) == -1)
		return (-1);	/* a range: its states end by themselves */
	return (snprintf(to, n, "%s\n", net_str(&net, b, sizeof(b))) <
	    (int)n ? 0 : -1);
}

/* States that were made before the exemption stood keep their translation. */
static void
kill_states(const struct exec_runner *r, const struct fw_rules *rs)
{
	const struct fw_rule	*e;
	char			 in[2 * ADDR_STRLEN], a[ADDR_STRLEN];
	char			 b[ADDR_STRLEN], *out, why[64];
	size_t			 f, i, n = 0;

	for (f = 0; f < 2; f++) {
		e = &rs->r[FW_EXEMPT][f];
		for (i = 0; i < e->n && n < EXEC_KILLS; i++, n++) {
			if (net_line(a, sizeof(a), e->af, e->p[i].llo,
			    e->p[i].lhi) == -1 || net_line(b, sizeof(b),
			    e->af, e->p[i].rlo, e->p[i].rhi) == -1)
				continue;
			(void)snprintf(in, sizeof(in), "%s%s", a, b);
			(void)run(r, EXEC_PF_KILL, 0, in, strlen(in), &out,
			    why, sizeof(why));
			free(out);
		}
	}
}

static uint32_t
load(struct exec_pf *p, const struct exec_runner *r,
    const struct fw_rules *rs, const struct pf_op *o, char *why, size_t len)
{
	uint32_t	 err;
	size_t		 n = 0;
	char		*text = NULL, *out;

	if (rs != NULL && pf_text(rs, o, &text, &n) == -1) {
		(void)snprintf(why, len, "out of memory");
		return (IPT_EFAILED);
	}
	err = run(r, EXEC_PF_LOAD, o->block, text != NULL ? text : "", n,
	    &out, why, len);
	free(out);
	free(text);
	if (err != IPT_OK)
		return (err);
	free(p->shown[o->block]);
	p->shown[o->block] = rs == NULL ? NULL : show(r, o, why, len);
	if (rs != NULL && !o->block)
		kill_states(r, rs);
	return (IPT_OK);
}

/* Changed anchors are loaded again; a call that pf.conf lacks is the admin's. */
static uint32_t
check(struct exec_pf *p, const struct exec_runner *r, const struct pf_op *o,
    char *why, size_t len)
{
	unsigned int	 has = 0;
	uint32_t	 err;
	char		*now, *a, *b = NULL, lines[160];
	int		 changed;

	now = show(r, o, why, len);
	changed = now == NULL || p->shown[o->block] == NULL ||
	    strcmp(now, p->shown[o->block]) != 0;
	free(now);
	if (changed) {
		why[0] = '\0';
		return (IPT_EMISSING);
	}
	if ((err = run(r, EXEC_PF_MAIN, 0, NULL, 0, &a, why, len)) == IPT_OK &&
	    o->dialect == PF_OLD)
		err = run(r, EXEC_PF_MAIN_NAT, 0, NULL, 0, &b, why, len);
	if (a != NULL)
		has |= pf_calls(rd_of(a, strlen(a)));
	if (b != NULL)
		has |= pf_calls(rd_of(b, strlen(b)));
	free(a);
	free(b);
	if (err != IPT_OK)
		return (err);
	if (pf_missing(o->dialect, has, lines, sizeof(lines))[0] == '\0')
		return (IPT_OK);
	lines[strcspn(lines, "\n")] = '\0';
	(void)snprintf(why, len, "pf.conf does not call our rules: add the "
	    "line %s before its own rules, then pfctl -f /etc/pf.conf", lines);
	return (IPT_ECALL);
}

uint32_t
exec_pf(struct exec_pf *p, const struct exec_runner *r, uint8_t what,
    const struct fw_rules *rs, const struct pf_op *o, char *why, size_t len)
{
	switch (what) {
	case PF_LOAD:
		return (load(p, r, rs, o, why, len));
	case PF_CLEAR:
		return (load(p, r, NULL, o, why, len));
	default:
		return (check(p, r, o, why, len));
	}
}

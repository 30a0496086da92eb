/* SPDX-License-Identifier: ISC */

/*
 * ipt_text.c: our chains as text for iptables-restore, and what of ours is
 * in the text of iptables-save.  A chain of ours ends in ACCEPT: RETURN
 * would only go back to the MASQUERADE behind it.  Nothing in the text
 * comes from outside but addresses and numbers, printed by ourselves.
 */

#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>

#include "ipt.h"
#include "textbuf.h"

/* --- iptables-save --- */

static int
starts(struct rd *r, const char *s)
{
	size_t	 n = strlen(s);

	if (r->n < n || memcmp(r->p, s, n) != 0 || rd_skip(r, n))
		return (0);
	return (1);
}

static struct rd
line_of(struct rd *r)
{
	const uint8_t	*e = memchr(r->p, '\n', r->n);
	size_t		 n = e != NULL ? (size_t)(e - r->p) : r->n;
	struct rd	 l;

	if (rd_sub(r, n, &l) || (e != NULL && rd_skip(r, 1)))
		l = rd_of(NULL, 0);
	return (l);
}

/* A rule of one of the chains that we look at: is it ours, is it first? */
static void
rule_line(struct rd l, size_t i, uint32_t *rules, struct ipt_state *s)
{
	const struct ipt_row	*row = &ipt_rows[i];
	struct rd		 x = l;

	if (starts(&x, row->chain) && starts(&x, " "))
		s->rules[i]++;
	if (!starts(&l, row->hook) || !starts(&l, " "))
		return;
	rules[i]++;
	if (!starts(&l, "-j ") || !starts(&l, row->chain) || l.n != 0)
		return;
	if (rules[i] == 1)
		s->first[i] = 1;
	if (s->njump[i] < UINT16_MAX)
		s->njump[i]++;
}

/* Whose chains are in the filter? */
static const char *
front_of(struct rd l)
{
	static const struct { const char *chain, *tool; } fronts[] = {
		{ ":ufw-", "ufw" }, { ":ufw6-", "ufw" },
		{ ":FORWARD_direct ", "firewalld" },
		{ ":INPUT_ZONES ", "firewalld" }
	};
	struct rd	 x;
	size_t		 i;

	for (i = 0; i < nitems(fronts); i++) {
		x = l;
		if (starts(&x, fronts[i].chain))
			return (fronts[i].tool);
	}
	return (NULL);
}

void
ipt_state_parse(struct rd r, struct ipt_state *s)
{
	struct rd	 l, x;
	uint32_t	 rules[IPT_NROWS] = { 0 };
	int		 in[IPT_NROWS] = { 0 }, filter = 0;
	size_t		 i;

	memset(s, 0, sizeof(*s));
	while (r.n > 0) {
		l = line_of(&r);
		if (filter && s->front == NULL)
			s->front = front_of(l);
		if (starts(&l, "*")) {
			x = l;
			filter = starts(&x, "filter") && x.n == 0;
			for (i = 0; i < IPT_NROWS; i++) {
				x = l;
				in[i] = starts(&x, ipt_rows[i].table) &&
				    x.n == 0;
			}
			continue;
		}
		for (i = 0; i < IPT_NROWS; i++) {
			x = l;
			if (!in[i])
				continue;
			if (starts(&x, ":")) {
				if (starts(&x, ipt_rows[i].chain) &&
				    starts(&x, " "))
					s->chain[i] = 1;
			} else if (starts(&x, "-A "))
				rule_line(x, i, rules, s);
		}
	}
}

static int
concerns(size_t i, const struct ipt_op *o)
{
	return (ipt_rows[i].block == o->block &&
	    (!ipt_rows[i].outdrop || o->outdrop));
}

int
ipt_state_ok(const struct ipt_state *s, const struct ipt_op *o)
{
	size_t	 i;

	for (i = 0; i < IPT_NROWS; i++)
		if (concerns(i, o) && (!s->chain[i] || !s->first[i]))
			return (0);
	return (1);
}

/* --- iptables-restore --- */

/* "-s 10.1.3.0/24", or as a range if it is no prefix. */
static void
side(struct textbuf *t, uint8_t af, const char *opt, const uint8_t *lo,
    const uint8_t *hi)
{
	char		 a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	struct sel	 s;
	struct net	 n;
	int		 fam = af == 4 ? AF_INET : AF_INET6;

	memset(&s, 0, sizeof(s));
	s.af = af;
	memcpy(s.lo, lo, sizeof(s.lo));
	memcpy(s.hi, hi, sizeof(s.hi));
	if (inet_ntop(fam, lo, a, sizeof(a)) == NULL ||
	    inet_ntop(fam, hi, b, sizeof(b)) == NULL) {
		t->bad = 1;
		return;
	}
	if (sel_to_net(&s, &n) == 0)
		textbuf_say(t, " -%c %s/%u", opt[0], a, n.plen);
	else
		textbuf_say(t, " -m iprange --%s-range %s-%s",
		    opt[0] == 's' ? "src" : "dst", a, b);
}

static void
ends(struct textbuf *t, uint8_t af, const struct fw_pair *p, int rev)
{
	side(t, af, "s", rev ? p->rlo : p->llo, rev ? p->rhi : p->lhi);
	side(t, af, "d", rev ? p->llo : p->rlo, rev ? p->lhi : p->rhi);
}

/*
 * Host by host and before what exempts.  A chain stands at two hooks: of
 * these only POSTROUTING sees ours to theirs, only PREROUTING theirs to ours.
 */
static void
netmap(struct textbuf *t, uint8_t af, const char *chain,
    const struct fw_rule *r, int in)
{
	char		 a[INET6_ADDRSTRLEN];
	struct fw_pair	 p;
	size_t		 i;

	for (i = 0; i < r->n; i++) {
		p = in ? fw_wire(&r->p[i]) : r->p[i];
		if (inet_ntop(af == 4 ? AF_INET : AF_INET6, p.to, a,
		    sizeof(a)) == NULL) {
			t->bad = 1;
			return;
		}
		textbuf_say(t, "-A %s", chain);
		ends(t, af, &p, in);
		textbuf_say(t, " -j NETMAP --to %s/%u\n", a, p.val);
	}
}

static void
exempt(struct textbuf *t, uint8_t af, const char *chain, const struct fw_rule *in,
    const struct fw_rule *out, int dnat)
{
	size_t	 i;
	int	 rev;

	for (i = 0; i < in->n; i++)
		for (rev = 0; rev < (dnat ? 1 : 2); rev++) {
			textbuf_say(t, "-A %s", chain);
			ends(t, af, &in->p[i], rev);
			textbuf_say(t, " -j ACCEPT\n");
		}
	for (i = 0; i < out->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "-A %s", chain);
			ends(t, af, &out->p[i], rev);
			textbuf_say(t, " -p udp -m multiport --%sports 500,4500 "
			    "-j ACCEPT\n", rev ? "d" : "s");
			textbuf_say(t, "-A %s", chain);
			ends(t, af, &out->p[i], rev);
			textbuf_say(t, " -p esp -j ACCEPT\n");
			if (af == 6)	/* there AH is looked behind */
				continue;
			textbuf_say(t, "-A %s", chain);
			ends(t, af, &out->p[i], rev);
			textbuf_say(t, " -p ah -j ACCEPT\n");
		}
}

static void
mss(struct textbuf *t, uint8_t af, const struct fw_rule *r)
{
	size_t	 i;
	int	 rev;

	for (i = 0; i < r->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "-A S2SD");
			ends(t, af, &r->p[i], rev);
			textbuf_say(t, " -p tcp -m tcp --tcp-flags SYN,RST SYN -m "
			    "tcpmss --mss %u:65535 -j TCPMSS --set-mss %u\n",
			    r->p[i].val + 1u, r->p[i].val);
		}
}

static void
block(struct textbuf *t, uint8_t af, const struct fw_rules *rs, int out)
{
	const struct fw_rule	*b = &rs->r[FW_BLOCK][af == 6];
	const struct fw_rule	*d = &rs->r[FW_DENY][af == 6];
	size_t			 i;
	int			 rev;

	for (i = 0; i < b->n; i++) {
		textbuf_say(t, "-A S2SD-BLOCK ! -%c " FW_TUN, out ? 'o' : 'i');
		ends(t, af, &b->p[i], !out);
		textbuf_say(t, " -j DROP\n");
	}
	for (i = 0; i < d->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "-A S2SD-BLOCK");
			ends(t, af, &d->p[i], rev);
			textbuf_say(t, " -j DROP\n");
		}
}

/* Out of a tunnel: nothing else that has such addresses. */
static void
forward(struct textbuf *t, const struct ipt_op *o, const struct fw_rule *r)
{
	size_t	 i;

	for (i = 0; i < r->n; i++) {
		textbuf_say(t, "-A S2SD-FORWARD%s", o->tun ? " -o " FW_TUN :
		    "");
		ends(t, o->af, &r->p[i], 0);
		textbuf_say(t, " -j ACCEPT\n-A S2SD-FORWARD%s", o->tun ?
		    " -i " FW_TUN : "");
		ends(t, o->af, &r->p[i], 1);
		textbuf_say(t, "%s -j ACCEPT\n", o->tun ? "" :
		    " -m policy --dir in --pol ipsec");
	}
}

static void
input(struct textbuf *t, uint8_t af, const struct fw_rule *r)
{
	const char *const what[] = {
		"-p udp -m multiport --dports 500,4500", "-p esp",
		af == 6 ? "-m ah" : "-p ah"	/* there: a header on the way */
	};
	size_t	 i, k;

	for (i = 0; i < r->n; i++)
		for (k = 0; k < nitems(what); k++) {
			textbuf_say(t, "-A S2SD-INPUT");
			ends(t, af, &r->p[i], 1);
			textbuf_say(t, " %s -j ACCEPT\n", what[k]);
		}
}

static void
rules(struct textbuf *t, size_t i, const struct fw_rules *rs,
    const struct ipt_op *o)
{
	const struct ipt_row	*row = &ipt_rows[i];
	int			 f = o->af == 6, dnat;

	if (row->block == IPT_FILTER && strcmp(row->hook, "FORWARD") == 0)
		forward(t, o, &rs->r[FW_FORWARD][f]);
	else if (row->block == IPT_FILTER)
		input(t, o->af, &rs->r[FW_INPUT][f]);
	else if (row->block == IPT_BLOCK)
		block(t, o->af, rs, row->outdrop);
	else if (strcmp(row->table, "mangle") == 0)
		mss(t, o->af, &rs->r[FW_MSS][f]);
	else {
		dnat = strcmp(row->chain, "S2SD") != 0;
		netmap(t, o->af, row->chain, &rs->r[FW_MAP][f], dnat);
		exempt(t, o->af, row->chain, &rs->r[FW_EXEMPT][f],
		    &rs->r[FW_OUTER][f], dnat);
	}
}

/* Did an earlier row of this table name the same chain? */
static int
again(size_t i)
{
	size_t	 k;

	for (k = 0; k < i; k++)
		if (strcmp(ipt_rows[k].table, ipt_rows[i].table) == 0 &&
		    strcmp(ipt_rows[k].chain, ipt_rows[i].chain) == 0)
			return (1);
	return (0);
}

static void
table(struct textbuf *t, const char *name, const struct fw_rules *rs,
    const struct ipt_op *o, const struct ipt_state *s)
{
	size_t	 i, n, did = 0;

	for (i = 0; i < IPT_NROWS; i++)		/* chains, emptied, filled */
		if (strcmp(ipt_rows[i].table, name) == 0 && concerns(i, o) &&
		    (rs != NULL || s->chain[i])) {
			if (did++ == 0)
				textbuf_say(t, "*%s\n", name);
			if (!again(i))
				textbuf_say(t, ":%s - [0:0]\n", ipt_rows[i].chain);
		}
	if (did == 0)
		return;
	for (i = 0; i < IPT_NROWS; i++)
		if (strcmp(ipt_rows[i].table, name) == 0 && concerns(i, o)) {
			if (rs != NULL && !again(i))
				rules(t, i, rs, o);
			for (n = 0; n < s->njump[i]; n++)
				textbuf_say(t, "-D %s -j %s\n", ipt_rows[i].hook,
				    ipt_rows[i].chain);
			if (rs != NULL)
				textbuf_say(t, "-I %s 1 -j %s\n", ipt_rows[i].hook,
				    ipt_rows[i].chain);
		}
	for (i = 0; i < IPT_NROWS && rs == NULL; i++)
		if (strcmp(ipt_rows[i].table, name) == 0 && concerns(i, o) &&
		    s->chain[i] && !again(i))
			textbuf_say(t, "-X %s\n", ipt_rows[i].chain);
	textbuf_say(t, "COMMIT\n");
}

int
ipt_text(const struct fw_rules *rs, const struct ipt_op *o,
    const struct ipt_state *s, char **out, size_t *n)
{
	static const char *const tables[] = { "raw", "mangle", "nat",
	    "filter" };
	struct textbuf		 t = { 0 };
	size_t			 i;

	textbuf_say(&t, "%s", "");
	for (i = 0; i < nitems(tables); i++)
		table(&t, tables[i], rs, o, s);
	if (t.bad) {
		free(t.s);
		return (-1);
	}
	*out = t.s;
	*n = t.n;
	return (0);
}

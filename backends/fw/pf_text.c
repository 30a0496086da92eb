/* SPDX-License-Identifier: ISC */

/*
 * pf_text.c: our anchors as text for pfctl, and whether pf.conf calls them.
 * Nothing in the text comes from outside but addresses and numbers, printed
 * by ourselves.
 *
 * pf looks at IPsec's packets on enc0 before they are encrypted, and at those
 * of the userland plane on its tun device, so the exemption is there: in the
 * old dialect a `no nat', in the new one a `pass quick', which ends the look
 * for a nat-to.  It passes nothing on a device of the admin's.
 */

#include <sys/socket.h>

#include <arpa/inet.h>

#include <stdio.h>
#include <stdlib.h>

#include "pf.h"
#include "textbuf.h"

/* ---- rules ---- */

static const char *
device(const struct pf_op *o, char b[16])
{
	if (o->tun == PF_ENC)
		(void)snprintf(b, 16, "enc0");
	else
		(void)snprintf(b, 16, "tun%u", o->tun);
	return (b);
}

/* "10.1.3.0/24", or "10.1.3.5 - 10.1.3.9". */
static void
side(struct textbuf *t, uint8_t af, const char *word, const uint8_t *lo,
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
	    inet_ntop(fam, hi, b, sizeof(b)) == NULL)
		t->bad = 1;
	else if (sel_to_net(&s, &n) == 0)
		textbuf_say(t, " %s %s/%u", word, a, n.plen);
	else
		textbuf_say(t, " %s %s - %s", word, a, b);
}

/* rev: from the remote side to ours. */
static void
ends(struct textbuf *t, uint8_t af, const struct fw_pair *p, int rev)
{
	side(t, af, "from", rev ? p->rlo : p->llo, rev ? p->rhi : p->lhi);
	side(t, af, "to", rev ? p->llo : p->rlo, rev ? p->lhi : p->rhi);
}

static const char *
family(uint8_t af)
{
	return (af == 4 ? "inet" : "inet6");
}

/* The old dialect wants normalisation, translation, filter, in this order. */
static void
mss(struct textbuf *t, const struct pf_op *o, uint8_t af,
    const struct fw_rule *r)
{
	char	 d[16];
	size_t	 i;
	int	 rev;

	for (i = 0; i < r->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "%s %s on %s %s proto tcp",
			    o->dialect == PF_OLD ? "scrub" : "match",
			    rev ? "in" : "out", device(o, d), family(af));
			ends(t, af, &r->p[i], rev);
			textbuf_say(t, o->dialect == PF_OLD ? " max-mss %u\n" :
			    " scrub (max-mss %u)\n", r->p[i].val);
		}
}

/* A network; "-> 172.30.1.0/24" or "nat-to 172.30.1.0/24". */
static void
target(struct textbuf *t, uint8_t af, const char *word, const struct fw_pair *p)
{
	char	 a[INET6_ADDRSTRLEN];

	if (inet_ntop(af == 4 ? AF_INET : AF_INET6, p->to, a,
	    sizeof(a)) == NULL)
		t->bad = 1;
	else
		textbuf_say(t, " %s %s/%u bitmask", word, a, p->val);
}

/*
 * Host by host, ports stay: ours to the wire on the way out, back on the way
 * in.  The old dialect takes the first rule that fits, so this stands before
 * what exempts; in the new one later rules see what has been translated.
 */
static void
netmap(struct textbuf *t, const struct pf_op *o, uint8_t af,
    const struct fw_rule *r)
{
	int		 old = o->dialect == PF_OLD;
	char		 d[16];
	struct fw_pair	 w;
	size_t		 i;

	(void)device(o, d);
	for (i = 0; i < r->n; i++) {
		w = fw_wire(&r->p[i]);
		textbuf_say(t, "%s on %s %s", old ? "nat" : "match out", d,
		    family(af));
		ends(t, af, &r->p[i], 0);
		target(t, af, old ? "->" : "nat-to", &r->p[i]);
		textbuf_say(t, " static-port\n%s on %s %s", old ? "rdr" :
		    "match in", d, family(af));
		ends(t, af, &w, 1);
		target(t, af, old ? "->" : "rdr-to", &w);
		textbuf_say(t, "\n");
	}
}

static void
no_nat(struct textbuf *t, const struct pf_op *o, uint8_t af,
    const struct fw_rule *in, const struct fw_rule *out)
{
	char	 d[16];
	size_t	 i;

	(void)device(o, d);
	for (i = 0; i < in->n; i++) {
		textbuf_say(t, "no nat on %s %s", d, family(af));
		ends(t, af, &in->p[i], 0);
		textbuf_say(t, "\nno rdr on ! %s %s", d, family(af));
		ends(t, af, &in->p[i], 0);
		textbuf_say(t, "\n");
	}
	for (i = 0; i < out->n; i++) {
		textbuf_say(t, "no nat %s proto udp", family(af));
		side(t, af, "from", out->p[i].llo, out->p[i].lhi);
		textbuf_say(t, " port { 500, 4500 }");
		side(t, af, "to", out->p[i].rlo, out->p[i].rhi);
		textbuf_say(t, "\nno nat %s proto esp", family(af));
		ends(t, af, &out->p[i], 0);
		textbuf_say(t, "\nno nat %s proto ah", family(af));
		ends(t, af, &out->p[i], 0);
		textbuf_say(t, "\n");
	}
}

static void
pass(struct textbuf *t, const struct pf_op *o, uint8_t af,
    const struct fw_rule *in, const struct fw_rule *out)
{
	char	 d[16];
	size_t	 i;

	for (i = 0; i < in->n; i++) {
		textbuf_say(t, "pass out quick on %s %s", device(o, d),
		    family(af));
		ends(t, af, &in->p[i], 0);
		textbuf_say(t, "\n");
	}
	for (i = 0; i < out->n; i++) {
		textbuf_say(t, "pass out quick %s proto udp", family(af));
		side(t, af, "from", out->p[i].llo, out->p[i].lhi);
		textbuf_say(t, " port { 500, 4500 }");
		side(t, af, "to", out->p[i].rlo, out->p[i].rhi);
		textbuf_say(t, "\npass out quick %s proto esp", family(af));
		ends(t, af, &out->p[i], 0);
		textbuf_say(t, "\npass out quick %s proto ah", family(af));
		ends(t, af, &out->p[i], 0);
		textbuf_say(t, "\n");
	}
}

/* Both ways over both devices; then IKE, ESP and AH to us. */
static void
accepted(struct textbuf *t, const struct pf_op *o, uint8_t af,
    const struct fw_rule *fwd, const struct fw_rule *in)
{
	static const char *const protos[] = { "esp", "ah" };
	char	 d[16];
	size_t	 i, k;
	int	 rev;

	for (i = 0; i < fwd->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "pass in quick on %s%s %s", rev ? "" :
			    "! ", device(o, d), family(af));
			ends(t, af, &fwd->p[i], rev);
			textbuf_say(t, "\npass out quick on %s%s %s", rev ?
			    "! " : "", d, family(af));
			ends(t, af, &fwd->p[i], rev);
			textbuf_say(t, "\n");
		}
	for (i = 0; i < in->n; i++) {
		textbuf_say(t, "pass in quick %s proto udp", family(af));
		ends(t, af, &in->p[i], 1);
		textbuf_say(t, " port { 500, 4500 }\n");
		for (k = 0; k < nitems(protos); k++) {
			textbuf_say(t, "pass in quick %s proto %s", family(af),
			    protos[k]);
			ends(t, af, &in->p[i], 1);
			textbuf_say(t, "\n");
		}
	}
}

static void
block(struct textbuf *t, const struct pf_op *o, uint8_t af,
    const struct fw_rule *b, const struct fw_rule *deny)
{
	char	 d[16];
	size_t	 i;
	int	 rev;

	for (i = 0; i < b->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "block drop %s quick on ! %s %s",
			    rev ? "in" : "out", device(o, d), family(af));
			ends(t, af, &b->p[i], rev);
			textbuf_say(t, "\n");
		}
	for (i = 0; i < deny->n; i++)
		for (rev = 0; rev < 2; rev++) {
			textbuf_say(t, "block drop quick %s", family(af));
			ends(t, af, &deny->p[i], rev);
			textbuf_say(t, "\n");
		}
}

int
pf_text(const struct fw_rules *rs, const struct pf_op *o, char **text,
    size_t *n)
{
	void		(*nat)(struct textbuf *, const struct pf_op *,
			    uint8_t, const struct fw_rule *,
			    const struct fw_rule *);
	struct textbuf	 t = { 0 };
	int		 f;

	nat = o->dialect == PF_OLD ? no_nat : pass;
	textbuf_say(&t, "%s", "");
	for (f = 0; f < 2 && !o->block; f++)
		mss(&t, o, f ? 6 : 4, &rs->r[FW_MSS][f]);
	for (f = 0; f < 2 && !o->block; f++)
		netmap(&t, o, f ? 6 : 4, &rs->r[FW_MAP][f]);
	for (f = 0; f < 2; f++)
		if (o->block)
			block(&t, o, f ? 6 : 4, &rs->r[FW_BLOCK][f],
			    &rs->r[FW_DENY][f]);
		else
			nat(&t, o, f ? 6 : 4, &rs->r[FW_EXEMPT][f],
			    &rs->r[FW_OUTER][f]);
	for (f = 0; f < 2 && !o->block; f++)
		accepted(&t, o, f ? 6 : 4, &rs->r[FW_FORWARD][f],
		    &rs->r[FW_INPUT][f]);
	if (t.bad) {
		free(t.s);
		return (-1);
	}
	*text = t.s;
	*n = t.n;
	return (0);
}

/* ---- the calls in pf.conf ---- */

static const struct {
	enum pf_call	 call;
	const char	*word;
	int		 old;		/* only the old dialect has it */
} calls[] = {
	{ PF_CALL_SCRUB,	"scrub-anchor",	1 },
	{ PF_CALL_NAT,		"nat-anchor",	1 },
	{ PF_CALL_RDR,		"rdr-anchor",	1 },
	{ PF_CALL_FILTER,	"anchor",	0 },
};

unsigned int
pf_calls_needed(enum pf_dialect d)
{
	unsigned int	 need = 0;
	size_t		 i;

	for (i = 0; i < nitems(calls); i++)
		if (d == PF_OLD || !calls[i].old)
			need |= calls[i].call;
	return (need);
}

/* A call of our anchors, with `all' and what may stand behind it. */
static int
is_call(const char *line, size_t n, const char *word)
{
	static const char	 name[] = " \"s2sd/*\"";
	size_t			 l = strlen(word);

	return (n >= l + sizeof(name) - 1 && memcmp(line, word, l) == 0 &&
	    memcmp(line + l, name, sizeof(name) - 1) == 0 &&
	    (n == l + sizeof(name) - 1 || line[l + sizeof(name) - 1] == ' '));
}

unsigned int
pf_calls(struct rd r)
{
	const char	*line, *end;
	unsigned int	 has = 0;
	size_t		 i, n;

	while (r.n > 0) {
		line = (const char *)r.p;
		end = memchr(line, '\n', r.n);
		n = end != NULL ? (size_t)(end - line) : r.n;
		for (i = 0; i < nitems(calls); i++)
			if (is_call(line, n, calls[i].word))
				has |= calls[i].call;
		if (rd_skip(&r, end != NULL ? n + 1 : n))
			break;
	}
	return (has);
}

const char *
pf_missing(enum pf_dialect d, unsigned int has, char *b, size_t n)
{
	unsigned int	 lack = pf_calls_needed(d) & ~has;
	size_t		 i, at = 0;

	b[0] = '\0';
	for (i = 0; i < nitems(calls); i++)
		if (lack & calls[i].call && at < n)
			at += (size_t)snprintf(b + at, n - at,
			    "%s \"s2sd/*\"\n", calls[i].word);
	return (b);
}

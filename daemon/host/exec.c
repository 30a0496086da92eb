/* SPDX-License-Identifier: ISC */

/* exec.c: requests of s2sd-host to runs of iptables or pfctl. */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "exec.h"

struct exec {
	const struct role_io	*io;
	struct exec_runner	 runner;
	struct fw_rules		 rules;		/* records so far */
	/* variants loaded, by enum ipt_kind and family */
	uint8_t			 made[IPT_NKINDS][2];
	/* how many rules they have, by variant - 1 */
	uint32_t		 rules_in[IPT_NKINDS][2][2][IPT_NROWS];
	struct exec_pf		 pf;
};

static void *
exec_new(const struct role_io *io)
{
	struct exec	*e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (NULL);
	e->io = io;
	fw_rules_init(&e->rules);
	return (e);
}

static void
exec_free(void *self)
{
	struct exec	*e = self;

	fw_rules_free(&e->rules);
	exec_pf_free(&e->pf);
	free(e);
}

void
exec_set_runner(void *self, const struct exec_runner *r)
{
	((struct exec *)self)->runner = *r;
}

/* The first line of what a program said, for people; and the second one if
 * the first is but the program's name ("iptables v1.8.9 (nf_tables): "). */
static void
first_line(const char *out, char *to, size_t max)
{
	const char	*next;
	size_t		 m = 0, n;

	if (out == NULL)
		out = "";
	n = strcspn(out, "\n");
	next = out + n;
	if (n > 1 && strncmp(out + n - 2, ": ", 2) == 0 && *next == '\n')
		m = strcspn(++next, "\n");
	snprintf(to, max, "%.*s%.*s", (int)(n < 300 ? n : 300), out,
	    (int)(m < 200 ? m : 200), next);
}

static uint32_t
run(struct exec *e, enum exec_prog what, const struct ipt_op *o,
    const char *in, size_t nin, char **out, size_t *nout)
{
	*out = NULL;
	*nout = 0;
	if (e->runner.run == NULL)
		return (IPT_EPROGRAM);
	return (e->runner.run(e->runner.arg, what, o->variant, o->af, in,
	    nin, out, nout));
}

/* What of ours is there now? */
static uint32_t
state(struct exec *e, const struct ipt_op *o, struct ipt_state *s, char *why,
    size_t len)
{
	uint32_t	 err;
	size_t		 n;
	char		*out;

	if ((err = run(e, EXEC_SAVE, o, NULL, 0, &out, &n)) == IPT_OK)
		ipt_state_parse(rd_of(out, n), s);
	else
		first_line(out, why, len);
	free(out);
	return (err);
}

/* Where it is written down how many rules the chains of that kind have. */
static uint32_t *
rules_of(struct exec *e, const struct ipt_op *o)
{
	return (e->rules_in[o->block][o->af == 6][o->variant == IPT_NFT]);
}

/* Has somebody taken single rules out of our chains, or put some in? */
static int
same_rules(struct exec *e, const struct ipt_op *o, const struct ipt_state *s)
{
	const uint32_t	*n = rules_of(e, o);
	size_t		 i;

	if (!(e->made[o->block][o->af == 6] & o->variant))
		return (1);		/* loaded by an earlier s2sd-exec */
	for (i = 0; i < IPT_NROWS; i++)
		if (ipt_rows[i].block == o->block && n[i] != s->rules[i])
			return (0);
	return (1);
}

/* rs NULL: away with our chains. */
static uint32_t
restore(struct exec *e, const struct fw_rules *rs, const struct ipt_op *o,
    char *why, size_t len)
{
	struct ipt_state	 s, s_new;
	uint32_t		 err;
	size_t			 n, nout;
	char			*text, *out;

	if ((err = state(e, o, &s, why, len)) != IPT_OK)
		return (err);
	if (o->block == IPT_FILTER && s.front != NULL) {
		rs = NULL;		/* its owner would not know of ours */
		snprintf(why, len, "%s", s.front);
	}
	if (ipt_text(rs, o, &s, &text, &n) == -1) {
		snprintf(why, len, "out of memory");
		return (IPT_EFAILED);
	}
	if (n > 0) {
		err = run(e, EXEC_RESTORE, o, text, n, &out, &nout);
		if (err != IPT_OK)
			first_line(out, why, len);
		free(out);
	}
	if (err == IPT_OK) {
		ipt_state_parse(rd_of(text, n), &s_new);
		memcpy(rules_of(e, o), s_new.rules, sizeof(s_new.rules));
	}
	free(text);
	return (err == IPT_OK && o->block == IPT_FILTER && s.front != NULL ?
	    (uint32_t)IPT_EFRONT : err);
}

static const char *
err_text(uint32_t err)
{
	switch (err) {
	case IPT_EPROGRAM:
		return ("not installed; install iptables, or set firewall nft");
	case IPT_ETIME:
		return ("did not end in time (does something hold "
		    "/run/xtables.lock?)");
	case IPT_EMISSING:
		return ("our chain is gone, changed or no longer first");
	default:
		return ("failed");
	}
}

static void
answer(struct exec *e, uint32_t req, uint32_t err, const char *why)
{
	struct m_x_done	 d;

	memset(&d, 0, sizeof(d));
	d.err = err;
	snprintf(d.text, sizeof(d.text), "%s", err == IPT_OK ? "" :
	    why[0] != '\0' ? why : err_text(err));
	(void)role_send(e->io, PROC_HOST, M_X_DONE, 0, req, 0, &d);
}

static uint32_t
operate(struct exec *e, uint8_t what, const struct ipt_op *o, char *why,
    size_t len)
{
	struct ipt_state	 s;
	uint32_t		 err;
	int			 f = o->af == 6;

	switch (what) {
	case IPT_LOAD:
		err = restore(e, &e->rules, o, why, len);
		if (err == IPT_OK)
			e->made[o->block][f] |= o->variant;
		return (err);
	case IPT_CLEAR:
		err = restore(e, NULL, o, why, len);
		if (err == IPT_OK || err == IPT_EFRONT)
			e->made[o->block][f] &= (uint8_t)~o->variant;
		return (err == IPT_EFRONT ? (uint32_t)IPT_OK : err);
	default:
		err = state(e, o, &s, why, len);
		if (err == IPT_OK && o->block == IPT_FILTER &&
		    s.front != NULL) {
			snprintf(why, len, "%s", s.front);
			return (IPT_EFRONT);
		}
		return (err == IPT_OK && (!ipt_state_ok(&s, o) ||
		    !same_rules(e, o, &s)) ?
		    (uint32_t)IPT_EMISSING : err);
	}
}

static int
exec_run_req(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct exec		*e = self;
	const struct m_x_run	*b = body;
	struct ipt_op		 o;
	struct pf_op		 po;
	char			 why[FW_WHYLEN] = "";

	(void)now;
	switch (b->what) {
	case IPT_BEGIN:
		fw_rules_free(&e->rules);
		return (rd_end(&b->rest));
	case IPT_ADD:
		return (ipt_add_get(b->rest, &e->rules));
	case IPT_LOAD:
	case IPT_CLEAR:
	case IPT_CHECK:
		if (ipt_op_get(b->rest, &o) == -1)
			return (-1);
		answer(e, m->h.req, operate(e, b->what, &o, why, sizeof(why)),
		    why);
		return (0);
	case PF_LOAD:
	case PF_CLEAR:
	case PF_CHECK:
		if (pf_op_get(b->rest, &po) == -1)
			return (-1);
		answer(e, m->h.req, exec_pf(&e->pf, &e->runner, b->what,
		    &e->rules, &po, why, sizeof(why)), why);
		return (0);
	default:
		return (-1);
	}
}

void
exec_clear(void *self, int all)
{
	struct exec	*e = self;
	struct ipt_op	 o;
	char		 why[FW_WHYLEN];
	int		 f;

	memset(&o, 0, sizeof(o));
	o.outdrop = 1;
	for (f = 0; f < 2; f++)
		for (o.variant = IPT_LEGACY; o.variant <= IPT_NFT;
		    o.variant <<= 1)
			for (o.block = 0; o.block < IPT_NKINDS; o.block++) {
				o.af = f ? 6 : 4;
				if (all || (o.block != IPT_BLOCK &&
				    e->made[o.block][f] & o.variant))
					(void)restore(e, NULL, &o, why,
					    sizeof(why));
			}
}

/* That one asks again after its own start. */
static void
exec_died(void *self, enum proc who, uint64_t now)
{
	struct exec	*e = self;

	(void)now;
	if (who == PROC_HOST)
		fw_rules_free(&e->rules);
}

static const struct role_rule rules[] = {
	{ M_X_RUN,	PB(PROC_HOST),	exec_run_req },
};

const struct role role_exec = {
	.id = PROC_EXEC, .rules = rules, .nrules = nitems(rules),
	.new = exec_new, .free = exec_free, .died = exec_died
};

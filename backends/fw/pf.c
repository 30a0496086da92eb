/* SPDX-License-Identifier: ISC */

/*
 * pf.c: the firewall by pf, on s2sd-host's side: records and requests to
 * s2sd-exec.  pf tells of no change and has no owner, so the anchors are
 * looked at every few seconds and emptied at the end.
 */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "ipt.h"
#include "pf.h"

struct op {
	uint32_t	 req;		/* 0: free */
	uint8_t		 what;
	struct pf_op	 o;
};

enum { OPS = 8 };

struct pf {
	struct fw_env	 env;
	enum pf_dialect	 dialect;
	uint16_t	 tun;
	uint32_t	 req;
	struct op	 op[OPS];
	uint8_t		 have[2];	/* loaded: rules, block */
	int		 failed, again;
	char		 why[FW_WHYLEN];
};

static void *
pf_open(const struct fw_env *env, char *why, size_t len)
{
	struct pf	*t;

	if (env->run == NULL) {
		(void)snprintf(why, len, "pf needs s2sd-exec");
		return (NULL);
	}
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->env = *env;
	t->dialect = env->pf_old ? PF_OLD : PF_NEW;
	t->tun = env->pf_tun;
	t->have[0] = env->leftover & 1;
	t->have[1] = env->leftover >> 1 & 1;
	return (t);
}

static void
pf_close(void *v)
{
	free(v);
}

static int
ask(struct pf *t, uint8_t what, int block)
{
	struct op	*op;
	uint8_t		 body[4];
	struct wr	 w = wr_of(body, sizeof(body));

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req == 0)
			break;
	if (op == t->op + OPS)
		return (-1);
	memset(op, 0, sizeof(*op));
	op->what = what;
	op->o.dialect = (uint8_t)t->dialect;
	op->o.block = (uint8_t)block;
	op->o.tun = t->tun;
	pf_op_put(&w, &op->o);
	if (++t->req == 0)
		t->req = 1;
	if (t->env.run(t->env.arg, t->req, what, body, w.n) == -1)
		return (-1);
	op->req = t->req;
	return (0);
}

static int
busy(const struct pf *t)
{
	size_t	 i;

	for (i = 0; i < OPS; i++)
		if (t->op[i].req != 0)
			return (1);
	return (0);
}

static int
load(struct pf *t, const struct fw_rules *rs, int block, char *why,
    size_t len)
{
	t->failed = t->again = 0;
	/* remembered before it is done, for an end in between */
	t->env.mark(t->env.arg, (uint32_t)(t->have[0] | t->have[1] << 1) |
	    (block ? 2u : 1u));
	if (ipt_records(&t->env, rs) == -1 || ask(t, PF_LOAD, block) == -1) {
		(void)snprintf(why, len, "pf: s2sd-exec cannot be reached");
		return (-1);
	}
	return (1);
}

static int
pf_apply(void *v, const struct fw_rules *rs, char *why, size_t len)
{
	return (load(v, rs, 0, why, len));
}

static int
pf_block(void *v, const struct fw_rules *rs, char *why, size_t len)
{
	return (load(v, rs, 1, why, len));
}

static void
answered(struct pf *t, const struct op *op, uint32_t err, const char *text)
{
	if (op->what == PF_CHECK) {
		if (err == IPT_ECALL)	/* the admin's affair */
			t->env.log(t->env.arg, LOG_WARNING, text);
		t->again |= err == IPT_EMISSING;
		return;
	}
	if (err != IPT_OK && op->what == PF_LOAD) {
		t->failed = 1;
		(void)snprintf(t->why, sizeof(t->why), "pfctl: %s", text);
		return;		/* pfctl loads all or nothing */
	}
	t->have[op->o.block] = op->what == PF_LOAD;
	t->env.mark(t->env.arg,
	    (uint32_t)(t->have[0] | t->have[1] << 1));
}

static int
pf_done(void *v, uint32_t req, uint32_t err, const char *text, char *why,
    size_t len)
{
	struct pf	*t = v;
	struct op	*op, o;

	for (op = t->op; op < t->op + OPS; op++)
		if (op->req == req && req != 0)
			break;
	if (op == t->op + OPS)
		return (0);		/* of an earlier s2sd-exec */
	o = *op;
	op->req = 0;
	answered(t, &o, err, text);
	if (busy(t))
		return (0);
	if (t->failed) {
		(void)snprintf(why, len, "%s", t->why);
		t->failed = 0;
		return (-1);
	}
	return (t->again ? 2 : 1);
}

static void
pf_lost(void *v)
{
	struct pf	*t = v;

	memset(t->op, 0, sizeof(t->op));
	t->failed = t->again = 0;
}

static int
pf_clear(void *v, int block)
{
	struct pf	*t = v;

	if (t->have[0])
		(void)ask(t, PF_CLEAR, 0);
	if (block && t->have[1])
		(void)ask(t, PF_CLEAR, 1);
	return (0);
}

static int
pf_poll(void *v)
{
	struct pf	*t = v;
	int		 b;

	if (busy(t))
		return (1);
	t->again = 0;
	for (b = 0; b < 2; b++)
		if (t->have[b])
			(void)ask(t, PF_CHECK, b);
	return (busy(t));
}

static int
pf_fd(void *v)
{
	(void)v;
	return (-1);
}

static int
pf_changed(void *v, char *why, size_t len)
{
	(void)v; (void)why; (void)len;
	return (0);
}

const struct fw_backend fw_pf = {
	.name = "pf", .open = pf_open, .apply = pf_apply, .block = pf_block,
	.done = pf_done, .lost = pf_lost, .clear = pf_clear, .fd = pf_fd,
	.changed = pf_changed, .poll = pf_poll, .close = pf_close
};

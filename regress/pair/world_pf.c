/* SPDX-License-Identifier: ISC */

/* world_pf.c: a firewall for the gateways of regress/pair: pf, by the real
 * s2sd-exec, with a pfctl that is played. */

#include <stdio.h>
#include <stdlib.h>

#include "exec.h"
#include "host.h"
#include "pf.h"
#include "world_int.h"

static int
pf_run(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	struct gw	*g = arg;

	return (host_run_exec(&g->io[PROC_HOST], req, what, rest, n));
}

static void
pf_mark(void *arg, uint32_t m)
{
	(void)arg;
	(void)m;
}

static void
pf_log(void *arg, int level, const char *text)
{
	struct gw	*g = arg;

	(void)level;
	(void)snprintf(g->last_log, sizeof(g->last_log), "%.500s", text);
}

void
world_host_pf(struct gw *g)
{
	struct fw_env	 env = { .owner_fd = -1, .run = pf_run, .log = pf_log,
			    .mark = pf_mark, .arg = g };
	struct host_env	 henv = { .arg = g, .log = pf_log };
	struct host_os	 os;
	char		 why[FW_WHYLEN];

	memset(&os, 0, sizeof(os));
	os.exec = 1;			/* it runs from the start */
	os.be = &host_null;
	os.iptables.be = &fw_pf;
	if ((os.ctx = host_null.open(&henv, why, sizeof(why))) == NULL ||
	    (os.iptables.ctx = fw_pf.open(&env, why, sizeof(why))) == NULL)
		abort();
	host_use(g->self[PROC_HOST], &os);
}

static uint32_t
pfctl(void *arg, enum exec_prog what, uint8_t block, uint8_t af,
    const char *in, size_t nin, char **out, size_t *nout)
{
	struct gw	*g = arg;
	const char	*s = "";

	(void)af;
	g->pfctl++;
	if (g->pf_broken)
		s = "pfctl: /dev/pf: Device busy\n";
	else if (what == EXEC_PF_LOAD)
		(void)snprintf(g->anchor[block], sizeof(g->anchor[block]),
		    "%.*s", (int)nin, in);
	else if (what == EXEC_PF_SHOW)
		s = g->anchor[block];
	else if (what == EXEC_PF_MAIN)
		s = "anchor \"s2sd/*\" all\n";
	if ((*out = strdup(s)) == NULL)
		abort();
	*nout = strlen(s);
	return (g->pf_broken ? IPT_EFAILED : IPT_OK);
}

void
world_exec_pf(struct gw *g)
{
	const struct exec_runner	r = { g, pfctl };

	exec_set_runner(g->self[PROC_EXEC], &r);
}

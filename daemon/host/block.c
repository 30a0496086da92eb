/* SPDX-License-Identifier: ISC */

/* block.c: the block without a running daemon: `s2sd -b' and `s2sd -u'. */

#include <stdio.h>

#include "host.h"

int
host_block_apply(const struct host_os *os, const struct conf *c, char *why,
    size_t len)
{
	struct host_facts	 f;
	struct host_plan	 p;
	struct addr		 mine[64];
	const struct host_fw	*fw;
	int			 rv;

	memset(&f, 0, sizeof(f));
	f.mine = mine;
	f.nmine = os->be->addrs(os->ctx, mine, nitems(mine));
	if (f.nmine == HOST_ADDRS_BAD)
		f.nmine = 0;		/* only routes and policies of own
					   packets depend on them */
	if (rules_plan(c, &f, &p) == -1) {
		snprintf(why, len, "out of memory");
		return (-1);
	}
	fw = os->nft.ctx != NULL ? &os->nft : &os->iptables;
	rv = os->be->block(os->ctx, &p.want, why, len);
	if (rv == 0 && fw->ctx == NULL) {
		snprintf(why, len, "no firewall for the way in: %s",
		    os->nft.why);
		rv = -1;
	} else if (rv == 0)
		rv = fw->be->block(fw->ctx, &p.fw, why, len);
	rules_plan_free(&p);
	return (rv == -1 ? -1 : 0);
}

/* Everything of ours, also what an earlier life left behind. */
int
host_block_clear(const struct host_os *os, char *why, size_t len)
{
	int	 rv = 0;

	if (os->nft.ctx != NULL && os->nft.be->clear(os->nft.ctx, 1) == -1) {
		snprintf(why, len, "a table of ours cannot be removed; is "
		    "s2sd still running?");
		rv = -1;
	}
	if (os->be->clear(os->ctx, 1) == -1) {
		if (rv == 0)
			snprintf(why, len, "policies, routes or sysctls "
			    "cannot be put back");
		rv = -1;
	}
	return (rv);
}

int
host_run_exec(const struct role_io *io, uint32_t req, uint8_t what,
    const void *rest, size_t n)
{
	struct m_x_run	 m;

	memset(&m, 0, sizeof(m));
	m.what = what;
	m.rest = rd_of(rest, n);
	return (role_send(io, PROC_EXEC, M_X_RUN, 0, req, 0, &m));
}

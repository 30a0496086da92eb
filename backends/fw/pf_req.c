/* SPDX-License-Identifier: ISC */

/* pf_req.c: what s2sd-host asks s2sd-exec about pf. */

#include "pf.h"

void
pf_op_put(struct wr *w, const struct pf_op *o)
{
	wr_u8(w, o->dialect);
	wr_u8(w, o->block);
	wr_u16(w, o->tun);
}

int
pf_op_get(struct rd r, struct pf_op *o)
{
	if (rd_u8(&r, &o->dialect) || rd_u8(&r, &o->block) ||
	    rd_u16(&r, &o->tun) || rd_end(&r) || o->block > 1 ||
	    (o->dialect != PF_NEW && o->dialect != PF_OLD) ||
	    (o->tun != PF_ENC && o->tun > 255))
		return (-1);
	return (0);
}

const char *
pf_anchor(const struct pf_op *o)
{
	return (o->block ? "s2sd/block" : "s2sd/rules");
}

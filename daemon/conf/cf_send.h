/* SPDX-License-Identifier: ISC */

/*
 * cf_send.h: what s2sd-conf says to the others.  Each returns 0, or -1 if
 * the other end is gone; frames are waited for, never dropped.
 */

#ifndef CF_SEND_H
#define CF_SEND_H

#include "cf.h"
#include "ipc.h"

/* M_CF_ERROR, one a line. */
int	 cf_send_errors(struct ipc_chan *parent, uint32_t gen,
	    const struct cf_result *) WUR;
/* M_CF_WARN, one a line. */
int	 cf_send_warnings(struct ipc_chan *parent, uint32_t gen,
	    const struct cf_result *) WUR;
/*
 * M_CF_SECRET for each tunnel, then M_CF_SECRET_END; part: the file has
 * errors, so only for those tunnels in which none was found, and
 * M_CF_SECRET_PART.
 */
int	 cf_send_secrets(struct ipc_chan *keys, uint32_t gen,
	    const struct cf_result *, int part) WUR;
/* M_CF_GLOBAL, M_CF_TUNNEL in the order of the file, M_CF_END. */
int	 cf_send_records(struct ipc_chan *parent, uint32_t gen,
	    const struct cf_result *) WUR;

#endif /* CF_SEND_H */

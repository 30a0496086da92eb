/* SPDX-License-Identifier: ISC */

/*
 * reason.h: why a tunnel is not as it should be: the fixed list that
 * status, log and explain share.  Each reason has an id for programs, a
 * sentence for people (%p peer, %d detail) and what to do.
 */

#ifndef REASON_H
#define REASON_H

#include <stddef.h>

enum reason {
	R_NONE, R_NO_ANSWER, R_UNREACHABLE, R_NO_PROPOSAL, R_AUTH_PSK,
	R_WRONG_ID, R_SELECTORS, R_IKE_VERSION, R_DIED, R_DELETED, R_ONE_WAY,
	R_REKEY_GROUP, R_REPLACED, R_LOCAL_ADDRESS, R_KERNEL, R_NO_SECRET,
	R_SYNTAX, R_BY_HAND, R_NAT_REWRITE, R_RESTARTED,
	R_SILENT, R_OLD_KEYS, R_AH_NAT, R_ESP_AH, R_MAX
};

struct reason_row {
	const char	*id;		/* "no-answer" */
	const char	*text;		/* one sentence */
	const char	*action;	/* what to do (%p, %t tunnel), or NULL */
};
const struct reason_row *reason_row(int reason);
/*
 * The sentence with %p and %d filled in; a part of it that needs a detail is
 * left out if there is none.  Returns the buffer.
 */
const char *reason_text(int reason, const char *peer, const char *detail,
	    char *, size_t);
/* What to do, filled in likewise; "" if there is nothing to say. */
const char *reason_action(int reason, const char *peer, const char *tunnel,
	    char *, size_t);

#endif /* REASON_H */

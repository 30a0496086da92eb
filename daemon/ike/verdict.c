/* SPDX-License-Identifier: ISC */

/* verdict.c: what the other processes did not like, in words. */

#include "engine.h"

int
ike_reason_of(uint8_t kerr)
{
	switch (kerr) {
	case KERR_ID:
		return (R_WRONG_ID);
	case KERR_AUTH:
	case KERR_METHOD:
		return (R_AUTH_PSK);
	case KERR_NOSECRET:
		return (R_NO_SECRET);
	case KERR_KE:
	case KERR_MESSAGE:
		return (R_SYNTAX);
	case KERR_ALG:
		return (R_NO_PROPOSAL);
	default:
		return (R_KERNEL);
	}
}

const char *
ike_serr(uint8_t serr)
{
	static const char *const	 text[] = { "",
	    "it does not know the tunnel", "it does not allow these networks", "no free SPI",
	    "it does not allow the peer's address", "it lacks the cipher",
	    "the system said no", "malformed",
	    ("its kernel has no AH (modprobe ah4 and ah6 where they are "
	    "modules), else use ESP at both ends") };

	return (serr < nitems(text) ? text[serr] : "?");
}

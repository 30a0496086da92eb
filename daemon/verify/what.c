/* SPDX-License-Identifier: ISC */

/* what.c: what happened to a probe, in words. */

#include <stdio.h>

#include "c_probe.h"

const char *
v_what(const struct v_facts *f, const struct pr_result *r,
    const struct pr_want *want, char *b, size_t n)
{
	const struct v_dev	*d = v_dev(&f->h, r->oif);
	char			 a[ADDR_STRLEN];
	const char		*by = r->culprit[0] != '\0' ? " by " : "";
	const struct addr	*to = want->src.af != 0 ? &want->src :
				    &want->dst;
	char			 c[ADDR_STRLEN];

	switch (r->verdict) {
	case PV_REWRITTEN:
		if (r->got.src.af == 0)
			(void)snprintf(b, n, "rewritten by %s, and then "
			    "dropped: nothing takes it any more", r->culprit);
		else if (to->af != 0 && addr_cmp(&r->sent.src, &r->got.src, 0) ==
		    0 && addr_cmp(&r->sent.dst, &r->got.dst, 0) == 0)
			(void)snprintf(b, n, "it is not translated: its %s "
			    "should become %s%s%s", to == &want->src ?
			    "source" : "destination", addr_str(to, 0, c,
			    sizeof(c)), by, r->culprit);
		else if (addr_cmp(&r->sent.src, &r->got.src, 0) != 0)
			(void)snprintf(b, n, "source becomes %s%s%s",
			    addr_str(&r->got.src, 0, a, sizeof(a)), by,
			    r->culprit);
		else if (addr_cmp(&r->sent.dst, &r->got.dst, 0) != 0)
			(void)snprintf(b, n, "destination becomes %s%s%s",
			    addr_str(&r->got.dst, 0, a, sizeof(a)), by,
			    r->culprit);
		else
			(void)snprintf(b, n, "its port is changed%s%s", by,
			    r->culprit);
		break;
	case PV_DROPPED:
		(void)snprintf(b, n, r->culprit[0] != '\0' ?
		    "dropped by %s" : "dropped by the kernel itself%s (no "
		    "route, reverse path filter, or a policy of IPsec)",
		    r->culprit);
		break;
	case PV_CLEAR:
		(void)snprintf(b, n, "no IPsec policy takes it: it would leave "
		    "by %s in the clear", d == NULL ? "?" : d->name);
		break;
	case PV_ELSEWHERE:
		(void)snprintf(b, n, "it goes %s%s, not %s",
		    r->oif == 0 ? "to this host itself" : "out by ",
		    r->oif == 0 || d == NULL ? "" : d->name, want->input ?
		    "to this host" : v_dev(&f->h, want->oif) == NULL ?
		    "where it should" : v_dev(&f->h, want->oif)->name);
		break;
	default:
		(void)snprintf(b, n, "it could not be sent: %s",
		    r->culprit[0] != '\0' ? r->culprit : "the kernel did "
		    "not take it");
	}
	return (b);
}

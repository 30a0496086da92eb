/* SPDX-License-Identifier: ISC */

/* fuzz_verify.c: what s2sd-verify reads of the kernel and of other tools:
 * trace events, packets, listings of rules, counters. */

#include <stdlib.h>

#include "probe.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
text(const char *s)
{
	static struct pr_count	 c[64];
	struct pr_rule		 r;
	struct addr		 a[8];
	struct sel		 sel;
	struct net		 net;
	uint16_t		 port[8];
	size_t			 n;

	if (net_parse("10.1.0.0/16", &net) == -1)
		abort();
	sel_from_net(&net, 0, 0, UINT16_MAX, &sel);
	(void)pr_classes(s, &sel, NULL, 0, a, nitems(a), &n);
	if (n == 0 || n > nitems(a))
		abort();
	while (n-- > 0)
		if (!net_has(&net, &a[n]))
			abort();
	if (pr_ports(s, port, nitems(port)) > nitems(port) ||
	    pr_counts(s, c, nitems(c)) > nitems(c))
		abort();
	if (pr_rule_find(s, 2, "nat", "post", 5, &r) == 0 && r.num == 0)
		abort();
	(void)pr_rewrites(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct pr_event	 e;
	struct pr_flow	 f;
	char		*s;

	if (n == 0)
		return (0);
	if (p[0] & 1) {
		(void)!pr_event_get(2, rd_of(p + 1, n - 1), &e);
		(void)!pr_flow_get(rd_of(p + 1, n - 1), &f);
		return (0);
	}
	if ((s = malloc(n)) == NULL)
		return (0);
	memcpy(s, p + 1, n - 1);
	s[n - 1] = '\0';
	text(s);
	free(s);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * trace.c: one event of nf_tables' trace, linux/netfilter/nf_tables.h,
 * enum nft_trace_attributes.
 */

#include <arpa/inet.h>
#include <netinet/in.h>

#include <linux/netfilter/nf_tables.h>

#include "probe.h"
#include "../../backends/host/nl.h"

static int
name_get(struct rd r, char name[PR_NAME])
{
	size_t	 n = r.n;

	if (n > 0 && r.p[n - 1] == '\0')
		n--;
	if (n >= PR_NAME || (n > 0 && memchr(r.p, '\0', n) != NULL))
		return (-1);
	if (n > 0)
		memcpy(name, r.p, n);
	name[n] = '\0';
	return (0);
}

/* Optional: absent is 0; a wrong size is not. */
static int
opt32(struct rd attrs, uint16_t type, uint32_t *v)
{
	struct rd	 r = nl_find(attrs, type);

	*v = 0;
	return (r.n == 0 ? 0 : nl_getbe32(r, v));
}

static int
flow_get(struct rd attrs, struct pr_event *e)
{
	struct rd	 ip = nl_find(attrs, NFTA_TRACE_NETWORK_HEADER);
	struct rd	 l4 = nl_find(attrs, NFTA_TRACE_TRANSPORT_HEADER);

	if (ip.n == 0)
		return (0);
	if (pr_flow_get(ip, &e->flow) == -1)
		return (-1);
	if ((e->flow.ipproto == IPPROTO_UDP ||
	    e->flow.ipproto == IPPROTO_TCP) && l4.n > 0 &&
	    (rd_u16(&l4, &e->flow.src.port) ||
	    rd_u16(&l4, &e->flow.dst.port)))
		return (-1);
	e->have_flow = 1;
	return (0);
}

int
pr_event_get(uint8_t family, struct rd attrs, struct pr_event *e)
{
	struct rd	 v = nl_find(attrs, NFTA_TRACE_VERDICT);
	struct rd	 h = nl_find(attrs, NFTA_TRACE_RULE_HANDLE);
	uint32_t	 type, code, policy;

	memset(e, 0, sizeof(*e));
	e->family = family;
	if (name_get(nl_find(attrs, NFTA_TRACE_TABLE), e->table) == -1 ||
	    name_get(nl_find(attrs, NFTA_TRACE_CHAIN), e->chain) == -1 ||
	    opt32(attrs, NFTA_TRACE_TYPE, &type) == -1 ||
	    opt32(attrs, NFTA_TRACE_ID, &e->id) == -1 ||
	    opt32(v, NFTA_VERDICT_CODE, &code) == -1 ||
	    opt32(attrs, NFTA_TRACE_POLICY, &policy) == -1 ||
	    opt32(attrs, NFTA_TRACE_IIF, &e->iif) == -1 ||
	    opt32(attrs, NFTA_TRACE_OIF, &e->oif) == -1 ||
	    opt32(attrs, NFTA_TRACE_MARK, &e->mark) == -1 ||
	    (h.n != 0 && (h.n != 8 || rd_u64(&h, &e->handle))))
		return (-1);
	e->what = type == NFT_TRACETYPE_RULE ? PW_RULE :
	    type == NFT_TRACETYPE_POLICY ? PW_POLICY : PW_RETURN;
	e->verdict = (int32_t)(e->what == PW_POLICY ? policy : code);
	return (flow_get(attrs, e));
}

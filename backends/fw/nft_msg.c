/* SPDX-License-Identifier: ISC */

/* nft_msg.c: our nftables tables as nfnetlink messages. */

#include <sys/socket.h>

#include <netinet/in.h>

#include <limits.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "nft_msg.h"

enum {
	TABLE_OWNER = 2,	/* NFT_TABLE_F_OWNER, Linux 5.12 */
	PRIO_NAT = -199,	/* the first that a nat chain may have */
	PRIO_MANGLE = -150,
	PRIO_BLOCK = -310,	/* before raw */
	PRIO_LAST = INT32_MAX,
	REG_A = NFT_REG32_00,
	ELEMS = 400,		/* in a message: a nest is 64 KiB at most */
	/* nft(8)'s numbers of types, so that `nft list' shows them */
	T_IP = 7, T_IP6 = 8, T_SERVICE = 13, T_BITS = 6,
	UDATA_INTERVAL = 6,	/* and that data are ranges */
	MSSNAME = 12		/* room for the name of a value's set */
};

/* A rule under construction, and where its nests began. */
struct rule {
	struct nlbuf	*b;
	uint8_t		 af;
	size_t		 list, elem, data;
};

/* What an element of a set has beside its key. */
enum data { NOTHING, TO_WIRE, TO_HERE };

static const struct set {
	enum fw_verdict	 v;
	const char	*table, *name;
	enum data	 data;
} sets[] = {
	{ FW_EXEMPT,	FW_TABLE,	"pairs",	NOTHING },
	{ FW_OUTER,	FW_TABLE,	"gateways",	NOTHING },
	{ FW_MSS,	FW_TABLE,	"mss%u",	NOTHING }, /* by value */
	{ FW_MAP,	FW_TABLE,	"wire",		TO_WIRE },
	{ FW_MAP,	FW_TABLE,	"here",		TO_HERE },
	{ FW_BLOCK,	FW_TABLE_BLOCK,	"pairs",	NOTHING },
	{ FW_DENY,	FW_TABLE_BLOCK,	"denied",	NOTHING },
	{ FW_PLAIN,	FW_TABLE_BLOCK,	"plain",	NOTHING },
};

static uint32_t
alen(uint8_t af)
{
	return (af == 4 ? 4 : 16);
}

static void
msg(struct nlbuf *b, uint16_t type, uint16_t flags, uint8_t af)
{
	struct nfgenmsg	 g;

	memset(&g, 0, sizeof(g));
	g.nfgen_family = af == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	nl_msg(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &g,
	    sizeof(g));
}

static void
bound(struct nlbuf *b, uint16_t type)
{
	struct nfgenmsg	 g;

	memset(&g, 0, sizeof(g));
	g.res_id = htons(NFNL_SUBSYS_NFTABLES);
	nl_msg(b, type, 0, &g, sizeof(g));
	nl_end(b);
}

void
nftm_begin(struct nlbuf *b)
{
	bound(b, NFNL_MSG_BATCH_BEGIN);
}

void
nftm_end(struct nlbuf *b)
{
	bound(b, NFNL_MSG_BATCH_END);
}

/* --- sets --- */

static void
set_new(struct nlbuf *b, uint8_t af, const char *table, const char *name,
    enum data data, uint32_t id)
{
	static const uint8_t	 range[] = { UDATA_INTERVAL, 4, 1, 0, 0, 0 };
	uint32_t		 t = af == 4 ? T_IP : T_IP6;
	size_t			 desc, concat, field, i;

	msg(b, NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_ACK, af);
	nl_str(b, NFTA_SET_TABLE, table);
	nl_str(b, NFTA_SET_NAME, name);
	nl_be32(b, NFTA_SET_FLAGS, NFT_SET_INTERVAL | NFT_SET_CONCAT |
	    (data != NOTHING ? NFT_SET_MAP : 0));
	nl_be32(b, NFTA_SET_KEY_TYPE, t << T_BITS | t);
	nl_be32(b, NFTA_SET_KEY_LEN, 2 * alen(af));
	if (data != NOTHING) {
		nl_be32(b, NFTA_SET_DATA_TYPE, t);
		nl_be32(b, NFTA_SET_DATA_LEN, 2 * alen(af));
	}
	nl_be32(b, NFTA_SET_ID, id);
	if (data != NOTHING)
		nl_put(b, NFTA_SET_USERDATA, range, sizeof(range));
	desc = nl_nest(b, NFTA_SET_DESC);
	concat = nl_nest(b, NFTA_SET_DESC_CONCAT);
	for (i = 0; i < 2; i++) {
		field = nl_nest(b, NFTA_LIST_ELEM);
		nl_be32(b, NFTA_SET_FIELD_LEN, alen(af));
		nl_unnest(b, field);
	}
	nl_unnest(b, concat);
	nl_unnest(b, desc);
	nl_end(b);
}

/* UDP ports of IKE and of ESP in UDP, RFC 3948. */
static void
ports_new(struct nlbuf *b, uint8_t af, uint32_t id)
{
	static const uint16_t	 ports[] = { 500, 4500 };
	size_t			 i, list, elem, key;

	msg(b, NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_ACK, af);
	nl_str(b, NFTA_SET_TABLE, FW_TABLE);
	nl_str(b, NFTA_SET_NAME, "ike");
	nl_be32(b, NFTA_SET_FLAGS, 0);
	nl_be32(b, NFTA_SET_KEY_TYPE, T_SERVICE);
	nl_be32(b, NFTA_SET_KEY_LEN, 2);
	nl_be32(b, NFTA_SET_ID, id);
	nl_end(b);
	msg(b, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_ACK, af);
	nl_str(b, NFTA_SET_ELEM_LIST_TABLE, FW_TABLE);
	nl_str(b, NFTA_SET_ELEM_LIST_SET, "ike");
	list = nl_nest(b, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (i = 0; i < nitems(ports); i++) {
		elem = nl_nest(b, NFTA_LIST_ELEM);
		key = nl_nest(b, NFTA_SET_ELEM_KEY);
		nl_be16(b, NFTA_DATA_VALUE, ports[i]);
		nl_unnest(b, key);
		nl_unnest(b, elem);
	}
	nl_unnest(b, list);
	nl_end(b);
}

/* Ours and theirs one after the other: the key of every set of pairs. */
static void
key_put(struct nlbuf *b, uint16_t type, uint8_t af, const uint8_t *l,
    const uint8_t *r)
{
	uint8_t	 k[32];
	size_t	 at = nl_nest(b, type), n = alen(af);

	memcpy(k, l, n);
	memcpy(k + n, r, n);
	nl_put(b, NFTA_DATA_VALUE, k, 2 * n);
	nl_unnest(b, at);
}

/* First and last address of the network that a translation leads to. */
static void
range_put(struct nlbuf *b, uint8_t af, const struct fw_pair *p)
{
	struct net	 n;
	struct sel	 s;

	memset(&n, 0, sizeof(n));
	n.a.af = af;
	n.plen = (uint8_t)p->val;
	memcpy(n.a.a, p->to, alen(af));
	sel_from_net(&n, 0, 0, UINT16_MAX, &s);
	key_put(b, NFTA_SET_ELEM_DATA, af, s.lo, s.hi);
}

static void
elem_put(struct nlbuf *b, uint8_t af, enum data data, const struct fw_pair *pair)
{
	size_t		 elem = nl_nest(b, NFTA_LIST_ELEM);
	struct fw_pair	 p = data == TO_HERE ? fw_wire(pair) : *pair;

	key_put(b, NFTA_SET_ELEM_KEY, af, p.llo, p.rlo);
	key_put(b, NFTA_SET_ELEM_KEY_END, af, p.lhi, p.rhi);
	if (data != NOTHING)
		range_put(b, af, &p);
	nl_unnest(b, elem);
}

/* val 0: all of them, else those that have it. */
static void
set_elems(struct nlbuf *b, const struct set *s, const char *name, uint16_t val,
    uint8_t af, int add, const struct fw_pair *p, size_t n)
{
	size_t	 i, k, list = 0;

	for (i = k = 0; i < n; i++) {
		if (val != 0 && p[i].val != val)
			continue;
		if (k % ELEMS == 0) {
			msg(b, add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
			    (add ? NLM_F_CREATE : 0) | NLM_F_ACK, af);
			nl_str(b, NFTA_SET_ELEM_LIST_TABLE, s->table);
			nl_str(b, NFTA_SET_ELEM_LIST_SET, name);
			list = nl_nest(b, NFTA_SET_ELEM_LIST_ELEMENTS);
		}
		elem_put(b, af, s->data, &p[i]);
		if (++k % ELEMS == 0) {
			nl_unnest(b, list);
			nl_end(b);
		}
	}
	if (k % ELEMS != 0) {
		nl_unnest(b, list);
		nl_end(b);
	}
}

/*
 * A value cannot come out of a map: nft(8) lists `maxseg size set ... map'
 * in a form that it does not read.  So every value has a set of its own.
 */
static void
mss_name(char name[MSSNAME], uint16_t val)
{
	snprintf(name, MSSNAME, "mss%u", val);
}

int
nftm_mss(const struct fw_pair *p, size_t n, uint16_t *val)
{
	uint32_t	 least = UINT32_MAX;
	size_t		 i;

	for (i = 0; i < n; i++)
		if (p[i].val > *val && p[i].val < least)
			least = p[i].val;
	if (least == UINT32_MAX)
		return (0);
	*val = (uint16_t)least;
	return (1);
}

void
nftm_elems(struct nlbuf *b, enum fw_verdict v, uint8_t af, int add,
    const struct fw_pair *p, size_t n)
{
	char		 name[MSSNAME];
	uint16_t	 val = 0;
	size_t		 k;

	for (k = 0; k < nitems(sets); k++) {
		if (sets[k].v != v)
			continue;
		if (v != FW_MSS) {
			set_elems(b, &sets[k], sets[k].name, 0, af, add, p, n);
			continue;
		}
		while (nftm_mss(p, n, &val)) {
			mss_name(name, val);
			set_elems(b, &sets[k], name, val, af, add, p, n);
		}
	}
}

/* --- expressions --- */

static void
ex(struct rule *r, const char *name)
{
	r->elem = nl_nest(r->b, NFTA_LIST_ELEM);
	nl_str(r->b, NFTA_EXPR_NAME, name);
	r->data = nl_nest(r->b, NFTA_EXPR_DATA);
}

static void
ex_end(struct rule *r)
{
	nl_unnest(r->b, r->data);
	nl_unnest(r->b, r->elem);
}

static void
ex_payload(struct rule *r, uint32_t dreg, uint32_t base, uint32_t off,
    uint32_t len)
{
	ex(r, "payload");
	nl_be32(r->b, NFTA_PAYLOAD_DREG, dreg);
	nl_be32(r->b, NFTA_PAYLOAD_BASE, base);
	nl_be32(r->b, NFTA_PAYLOAD_OFFSET, off);
	nl_be32(r->b, NFTA_PAYLOAD_LEN, len);
	ex_end(r);
}

static void
ex_addr(struct rule *r, uint32_t dreg, int dst)
{
	uint32_t	 off = r->af == 4 ? 12 : 8;

	ex_payload(r, dreg, NFT_PAYLOAD_NETWORK_HEADER,
	    dst ? off + alen(r->af) : off, alen(r->af));
}

static void
ex_meta(struct rule *r, uint32_t key)
{
	ex(r, "meta");
	nl_be32(r->b, NFTA_META_KEY, key);
	nl_be32(r->b, NFTA_META_DREG, REG_A);
	ex_end(r);
}

static void
ex_cmp(struct rule *r, uint32_t op, const void *v, size_t n)
{
	size_t	 at;

	ex(r, "cmp");
	nl_be32(r->b, NFTA_CMP_SREG, REG_A);
	nl_be32(r->b, NFTA_CMP_OP, op);
	at = nl_nest(r->b, NFTA_CMP_DATA);
	nl_put(r->b, NFTA_DATA_VALUE, v, n);
	nl_unnest(r->b, at);
	ex_end(r);
}

/* dreg 0: only look; else the map's value goes there. */
static void
ex_lookup(struct rule *r, const char *set, uint32_t dreg)
{
	ex(r, "lookup");
	nl_str(r->b, NFTA_LOOKUP_SET, set);
	nl_be32(r->b, NFTA_LOOKUP_SREG, REG_A);
	if (dreg != 0)
		nl_be32(r->b, NFTA_LOOKUP_DREG, dreg);
	ex_end(r);
}

static void
ex_counter(struct rule *r)
{
	ex(r, "counter");
	ex_end(r);
}

/* code: NF_DROP, or NFT_JUMP and the chain. */
static void
ex_verdict(struct rule *r, uint32_t code, const char *to)
{
	size_t	 at, v;

	ex(r, "immediate");
	nl_be32(r->b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	at = nl_nest(r->b, NFTA_IMMEDIATE_DATA);
	v = nl_nest(r->b, NFTA_DATA_VERDICT);
	nl_be32(r->b, NFTA_VERDICT_CODE, code);
	if (to != NULL)
		nl_str(r->b, NFTA_VERDICT_CHAIN, to);
	nl_unnest(r->b, v);
	nl_unnest(r->b, at);
	ex_end(r);
}

/* (source, destination) or, reversed, (destination, source) in the set. */
static void
ex_pair(struct rule *r, const char *set, int rev, uint32_t dreg)
{
	ex_addr(r, REG_A, rev);
	ex_addr(r, REG_A + alen(r->af) / 4, !rev);
	ex_lookup(r, set, dreg);
}

/* The identity: source or destination becomes what it is, and stays so. */
static void
ex_same(struct rule *r, uint32_t type)
{
	ex_counter(r);
	ex_addr(r, REG_A, type == NFT_NAT_DNAT);
	ex(r, "nat");
	nl_be32(r->b, NFTA_NAT_TYPE, type);
	nl_be32(r->b, NFTA_NAT_FAMILY,
	    r->af == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nl_be32(r->b, NFTA_NAT_REG_ADDR_MIN, REG_A);
	ex_end(r);
}

/*
 * The range in the two registers behind each other, host by host, no port:
 * NETMAP, Linux 5.8.
 */
static void
ex_netmap(struct rule *r, uint32_t type)
{
	ex(r, "nat");
	nl_be32(r->b, NFTA_NAT_TYPE, type);
	nl_be32(r->b, NFTA_NAT_FAMILY,
	    r->af == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	nl_be32(r->b, NFTA_NAT_REG_ADDR_MIN, REG_A);
	nl_be32(r->b, NFTA_NAT_REG_ADDR_MAX, REG_A + alen(r->af) / 4);
	nl_be32(r->b, NFTA_NAT_FLAGS, NF_NAT_RANGE_NETMAP);
	ex_end(r);
}

/* --- rules --- */

static struct rule
rule_begin(struct nlbuf *b, uint8_t af, const char *table, const char *chain,
    const char *comment)
{
	struct rule	 r = { .b = b, .af = af };
	uint8_t		 u[130];
	size_t		 n = strlen(comment) + 1;

	msg(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, af);
	nl_str(b, NFTA_RULE_TABLE, table);
	nl_str(b, NFTA_RULE_CHAIN, chain);
	u[0] = 0;			/* nft(8): type 0 is the comment */
	u[1] = (uint8_t)n;
	memcpy(u + 2, comment, n);
	nl_put(b, NFTA_RULE_USERDATA, u, n + 2);
	r.list = nl_nest(b, NFTA_RULE_EXPRESSIONS);
	return (r);
}

static void
rule_end(struct rule *r)
{
	nl_unnest(r->b, r->list);
	nl_end(r->b);
}

static void
chain(struct nlbuf *b, uint8_t af, const char *table, const char *name,
    const char *type, uint32_t hook, int32_t prio)
{
	size_t	 at;

	msg(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK, af);
	nl_str(b, NFTA_CHAIN_TABLE, table);
	nl_str(b, NFTA_CHAIN_NAME, name);
	at = nl_nest(b, NFTA_CHAIN_HOOK);
	nl_be32(b, NFTA_HOOK_HOOKNUM, hook);
	nl_be32(b, NFTA_HOOK_PRIORITY, (uint32_t)prio);
	nl_unnest(b, at);
	nl_str(b, NFTA_CHAIN_TYPE, type);
	nl_be32(b, NFTA_CHAIN_POLICY, NF_ACCEPT);
	nl_end(b);
}

static void
chain_plain(struct nlbuf *b, uint8_t af, const char *table, const char *name)
{
	msg(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK, af);
	nl_str(b, NFTA_CHAIN_TABLE, table);
	nl_str(b, NFTA_CHAIN_NAME, name);
	nl_end(b);
}

static void
inner(struct nlbuf *b, uint8_t af, const char *ch, int rev, uint32_t nat,
    const char *comment)
{
	struct rule	 r = rule_begin(b, af, FW_TABLE, ch, comment);

	ex_pair(&r, "pairs", rev, 0);
	ex_same(&r, nat);
	rule_end(&r);
}

/* From here to the wire at the end of the way out, back at the beginning of
 * the way in; conntrack does the same for the answers. */
static void
netmap(struct nlbuf *b, uint8_t af, const char *ch, int in)
{
	struct rule	 r = rule_begin(b, af, FW_TABLE, ch, in ?
	    "from A (B) in s2sd.conf: A to B" : "from A (B) in s2sd.conf: B to A");

	ex_pair(&r, in ? "here" : "wire", in, REG_A);
	ex_counter(&r);
	ex_netmap(&r, in ? NFT_NAT_DNAT : NFT_NAT_SNAT);
	rule_end(&r);
}

/* IKE, ESP and AH of ours: rev: coming in; the UDP port is ours either way. */
static void
outer(struct nlbuf *b, uint8_t af, const char *ch, int rev, uint32_t nat)
{
	static const struct { uint8_t proto; const char *comment; } ipsec[] = {
		{ IPPROTO_ESP, "ESP between the gateways: no NAT" },
		{ IPPROTO_AH, "AH between the gateways: no NAT" },
	};
	uint8_t		 udp = IPPROTO_UDP;
	struct rule	 r;
	size_t		 i;

	r = rule_begin(b, af, FW_TABLE, ch, "IKE between the gateways: no NAT");
	ex_meta(&r, NFT_META_L4PROTO);
	ex_cmp(&r, NFT_CMP_EQ, &udp, 1);
	ex_payload(&r, REG_A, NFT_PAYLOAD_TRANSPORT_HEADER, rev ? 2 : 0, 2);
	ex_lookup(&r, "ike", 0);
	ex_pair(&r, "gateways", rev, 0);
	ex_same(&r, nat);
	rule_end(&r);
	/* in IPv6 AH is a header that the filter looks behind */
	for (i = 0; i < (af == 6 ? 1 : nitems(ipsec)); i++) {
		r = rule_begin(b, af, FW_TABLE, ch, ipsec[i].comment);
		ex_meta(&r, NFT_META_L4PROTO);
		ex_cmp(&r, NFT_CMP_EQ, &ipsec[i].proto, 1);
		ex_pair(&r, "gateways", rev, 0);
		ex_same(&r, nat);
		rule_end(&r);
	}
}

/* What begins a connection goes on to the chain of the values. */
static void
syn(struct nlbuf *b, uint8_t af)
{
	static const uint8_t	 mask = 0x06, zero = 0, only = 0x02, tcp = 6;
	struct rule		 r;
	size_t			 at;

	r = rule_begin(b, af, FW_TABLE, "mss",
	    "TCP segments that fit into the tunnel");
	ex_meta(&r, NFT_META_L4PROTO);
	ex_cmp(&r, NFT_CMP_EQ, &tcp, 1);
	ex_payload(&r, REG_A, NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1);
	ex(&r, "bitwise");
	nl_be32(b, NFTA_BITWISE_SREG, REG_A);
	nl_be32(b, NFTA_BITWISE_DREG, REG_A);
	nl_be32(b, NFTA_BITWISE_LEN, 1);
	at = nl_nest(b, NFTA_BITWISE_MASK);
	nl_put(b, NFTA_DATA_VALUE, &mask, 1);
	nl_unnest(b, at);
	at = nl_nest(b, NFTA_BITWISE_XOR);
	nl_put(b, NFTA_DATA_VALUE, &zero, 1);
	nl_unnest(b, at);
	ex_end(&r);
	ex_cmp(&r, NFT_CMP_EQ, &only, 1);	/* SYN and not RST */
	ex_verdict(&r, (uint32_t)NFT_JUMP, "clamp");
	rule_end(&r);
}

static void
clamp(struct nlbuf *b, uint8_t af, uint16_t val, int rev)
{
	char		 name[MSSNAME];
	struct rule	 r;
	size_t		 at;

	mss_name(name, val);
	r = rule_begin(b, af, FW_TABLE, "clamp", rev ? "out of the tunnel" :
	    "into the tunnel");
	ex_pair(&r, name, rev, 0);
	ex_counter(&r);
	ex(&r, "immediate");
	nl_be32(b, NFTA_IMMEDIATE_DREG, REG_A);
	at = nl_nest(b, NFTA_IMMEDIATE_DATA);
	nl_be16(b, NFTA_DATA_VALUE, val);
	nl_unnest(b, at);
	ex_end(&r);
	ex(&r, "exthdr");			/* only ever lowers it */
	nl_be32(b, NFTA_EXTHDR_SREG, REG_A);
	nl_u8(b, NFTA_EXTHDR_TYPE, 2);		/* TCP option 2 */
	nl_be32(b, NFTA_EXTHDR_OFFSET, 2);
	nl_be32(b, NFTA_EXTHDR_LEN, 2);
	nl_be32(b, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	ex_end(&r);
	rule_end(&r);
}

/* After the sets of the values. */
static void
mss(struct nlbuf *b, uint8_t af, const struct fw_rule *m)
{
	uint16_t	 val = 0;
	int		 rev;

	chain(b, af, FW_TABLE, "mss", "filter", NF_INET_FORWARD, PRIO_MANGLE);
	if (m->n == 0)
		return;
	chain_plain(b, af, FW_TABLE, "clamp");
	syn(b, af);
	while (nftm_mss(m->p, m->n, &val))
		for (rev = 0; rev < 2; rev++)
			clamp(b, af, val, rev);
}

/* --- tables --- */

static void
table_op(struct nlbuf *b, uint16_t op, uint16_t flags, uint8_t af,
    const char *name, uint32_t tflags)
{
	msg(b, op, (uint16_t)(flags | NLM_F_ACK), af);
	nl_str(b, NFTA_TABLE_NAME, name);
	if (op == NFT_MSG_NEWTABLE)
		nl_be32(b, NFTA_TABLE_FLAGS, tflags);
	nl_end(b);
}

void
nftm_remove(struct nlbuf *b, uint8_t af, const char *table, int owner)
{
	/* Deleting what is not there is an error; making it first is not,
	 * unless it would change the owner. */
	table_op(b, NFT_MSG_NEWTABLE, NLM_F_CREATE, af, table,
	    owner ? TABLE_OWNER : 0);
	table_op(b, NFT_MSG_DELTABLE, 0, af, table, 0);
}

void
nftm_table(struct nlbuf *b, uint8_t af, int owner, const struct fw_rules *rs)
{
	uint32_t		 fl = owner ? TABLE_OWNER : 0, id;
	const struct fw_rule	*m = &rs->r[FW_MSS][af == 6];
	int			 map = rs->r[FW_MAP][af == 6].n > 0;
	const struct fw_rule	*r;
	enum fw_verdict		 v;
	char			 name[MSSNAME];
	uint16_t		 val = 0;
	size_t			 k;

	table_op(b, NFT_MSG_NEWTABLE, NLM_F_CREATE, af, FW_TABLE, fl);
	table_op(b, NFT_MSG_DELTABLE, 0, af, FW_TABLE, 0);
	table_op(b, NFT_MSG_NEWTABLE, NLM_F_CREATE, af, FW_TABLE, fl);
	for (k = 0, id = 1; k < nitems(sets); k++)
		if (strcmp(sets[k].table, FW_TABLE) == 0 &&
		    sets[k].v != FW_MSS && (map || sets[k].v != FW_MAP))
			set_new(b, af, FW_TABLE, sets[k].name, sets[k].data,
			    id++);
	while (nftm_mss(m->p, m->n, &val)) {
		mss_name(name, val);
		set_new(b, af, FW_TABLE, name, NOTHING, id++);
	}
	ports_new(b, af, id);
	chain(b, af, FW_TABLE, "pre", "nat", NF_INET_PRE_ROUTING, PRIO_NAT);
	chain(b, af, FW_TABLE, "out", "nat", NF_INET_LOCAL_OUT, PRIO_NAT);
	chain(b, af, FW_TABLE, "in", "nat", NF_INET_LOCAL_IN, PRIO_NAT);
	chain(b, af, FW_TABLE, "post", "nat", NF_INET_POST_ROUTING, PRIO_NAT);
	if (map) {			/* first: what binds ends the search */
		netmap(b, af, "pre", 1);
		netmap(b, af, "post", 0);
	}
	inner(b, af, "pre", 0, NFT_NAT_DNAT, "into the tunnel: no DNAT");
	outer(b, af, "pre", 1, NFT_NAT_DNAT);
	inner(b, af, "out", 0, NFT_NAT_DNAT, "into the tunnel: no DNAT");
	outer(b, af, "out", 0, NFT_NAT_DNAT);
	inner(b, af, "in", 1, NFT_NAT_SNAT, "out of the tunnel: no SNAT");
	outer(b, af, "in", 1, NFT_NAT_SNAT);
	inner(b, af, "post", 0, NFT_NAT_SNAT, "into the tunnel: no SNAT");
	inner(b, af, "post", 1, NFT_NAT_SNAT, "out of the tunnel: no SNAT");
	outer(b, af, "post", 0, NFT_NAT_SNAT);
	mss(b, af, m);
	for (v = 0; v < FW_NVERDICT; v++)
		if (v == FW_EXEMPT || v == FW_OUTER || v == FW_MSS ||
		    v == FW_MAP) {
			r = &rs->r[v][af == 6];
			nftm_elems(b, v, af, 1, r->p, r->n);
		}
}

/* No device of that name may be meant: compare all IFNAMSIZ octets. */
static void
not_tun(struct rule *r, uint32_t key)
{
	char	 name[16] = FW_TUN;

	ex_meta(r, key);
	ex_cmp(r, NFT_CMP_NEQ, name, sizeof(name));
}

static void
denied(struct nlbuf *b, uint8_t af, int rev)
{
	struct rule	 r;

	r = rule_begin(b, af, FW_TABLE_BLOCK, "in", "blocked by s2sd.conf");
	ex_pair(&r, "denied", rev, 0);
	ex_counter(&r);
	ex_verdict(&r, NF_DROP, NULL);
	rule_end(&r);
}

/* Behind every NAT, kernel ESP: what should have been translated and was not. */
static void
untranslated(struct nlbuf *b, uint8_t af)
{
	struct rule	 r;

	set_new(b, af, FW_TABLE_BLOCK, "plain", NOTHING, 3);
	chain(b, af, FW_TABLE_BLOCK, "plain", "filter", NF_INET_POST_ROUTING,
	    PRIO_LAST);
	r = rule_begin(b, af, FW_TABLE_BLOCK, "plain",
	    "not translated: lift with s2sd -u");
	ex_pair(&r, "plain", 0, 0);
	ex_counter(&r);
	ex_verdict(&r, NF_DROP, NULL);
	rule_end(&r);
}

/* Ours to theirs leaves by the TUN only. */
static void
leaving(struct nlbuf *b, uint8_t af, const char *name, uint32_t hook,
    int32_t prio)
{
	struct rule	 r;

	chain(b, af, FW_TABLE_BLOCK, name, "filter", hook, prio);
	r = rule_begin(b, af, FW_TABLE_BLOCK, name,
	    "not into the tunnel: lift with s2sd -u");
	not_tun(&r, NFT_META_OIFNAME);
	ex_pair(&r, "pairs", 0, 0);
	ex_counter(&r);
	ex_verdict(&r, NF_DROP, NULL);
	rule_end(&r);
}

void
nftm_block(struct nlbuf *b, uint8_t af, int outdrop, const struct fw_rules *rs)
{
	const struct fw_rule	*p = &rs->r[FW_BLOCK][af == 6];
	const struct fw_rule	*d = &rs->r[FW_DENY][af == 6];
	const struct fw_rule	*u = &rs->r[FW_PLAIN][af == 6];
	struct rule		 r;

	nftm_remove(b, af, FW_TABLE_BLOCK, 0);
	if (p->n == 0 && d->n == 0 && u->n == 0)
		return;
	table_op(b, NFT_MSG_NEWTABLE, NLM_F_CREATE, af, FW_TABLE_BLOCK, 0);
	set_new(b, af, FW_TABLE_BLOCK, "pairs", NOTHING, 1);
	set_new(b, af, FW_TABLE_BLOCK, "denied", NOTHING, 2);
	chain(b, af, FW_TABLE_BLOCK, "in", "filter", NF_INET_PRE_ROUTING,
	    PRIO_BLOCK);
	r = rule_begin(b, af, FW_TABLE_BLOCK, "in",
	    "not out of the tunnel: lift with s2sd -u");
	not_tun(&r, NFT_META_IIFNAME);
	ex_pair(&r, "pairs", 1, 0);
	ex_counter(&r);
	ex_verdict(&r, NF_DROP, NULL);
	rule_end(&r);
	denied(b, af, 0);
	denied(b, af, 1);
	if (outdrop)
		leaving(b, af, "out", NF_INET_POST_ROUTING, PRIO_LAST);
	if (af == 6) {
		/* For HOST_OWN: before somebody's NAT changes the addresses,
		 * and once more after a mark has changed the route. */
		leaving(b, af, "own", NF_INET_LOCAL_OUT, PRIO_BLOCK);
		leaving(b, af, "wire", NF_INET_POST_ROUTING, PRIO_BLOCK);
	}
	if (u->n > 0)
		untranslated(b, af);
	nftm_elems(b, FW_BLOCK, af, 1, p->p, p->n);
	nftm_elems(b, FW_DENY, af, 1, d->p, d->n);
	nftm_elems(b, FW_PLAIN, af, 1, u->p, u->n);
}

/* Every kind of expression and set that we use, so that a refusal is known
 * before the first tunnel. */
void
nftm_probe(struct nlbuf *b, int owner)
{
	static const char	 probe[] = "s2sd-probe";
	struct rule		 r;

	table_op(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, 4, probe,
	    owner ? TABLE_OWNER : 0);
	set_new(b, 4, probe, "pairs", NOTHING, 1);
	chain(b, 4, probe, "post", "nat", NF_INET_POST_ROUTING, PRIO_NAT);
	r = rule_begin(b, 4, probe, "post", "probe");
	ex_pair(&r, "pairs", 0, 0);
	ex_same(&r, NFT_NAT_SNAT);
	rule_end(&r);
	table_op(b, NFT_MSG_DELTABLE, 0, 4, probe, 0);
}

/* SPDX-License-Identifier: ISC */

/* accept_msg.c: our accepts in somebody else's table, as one batch. */

#include <sys/socket.h>

#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "accept.h"
#include "nft_msg.h"

enum {
	REG = NFT_REG32_00,
	ELEMS = 400,		/* in a message: a nest is 64 KiB at most */
	T_IP = 7, T_IP6 = 8, T_BITS = 6,	/* nft(8)'s numbers of types */
	META_SECPATH = 25	/* NFT_META_SECPATH */
};

/* What is being written. */
struct out {
	struct nlbuf	*b;
	const struct acc_chain *in;	/* the chain that decides */
	int		 tun;
	uint32_t	 set;		/* of the last anonymous set */
	size_t		 list, elem, data;
};

static void
msg(struct nlbuf *b, uint16_t type, uint16_t flags, uint8_t fam)
{
	struct nfgenmsg	 g;

	memset(&g, 0, sizeof(g));
	g.nfgen_family = fam;
	nl_msg(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
	    (uint16_t)(flags | NLM_F_ACK), &g, sizeof(g));
}

/* --- away with what is there --- */

static void
rule_del(struct nlbuf *b, const struct acc_chain *c, uint64_t handle)
{
	msg(b, NFT_MSG_DELRULE, 0, c->fam);
	nl_str(b, NFTA_RULE_TABLE, c->table);
	nl_str(b, NFTA_RULE_CHAIN, c->name);
	if (handle != 0)
		nl_be64(b, NFTA_RULE_HANDLE, handle);
	nl_end(b);
}

static void
chain_op(struct nlbuf *b, uint16_t op, uint16_t flags, uint8_t fam,
    const char *table, const char *name)
{
	msg(b, op, flags, fam);
	nl_str(b, NFTA_CHAIN_TABLE, table);
	nl_str(b, NFTA_CHAIN_NAME, name);
	nl_end(b);
}

/* Jumps first: a chain that is jumped to cannot go. */
static int
remove_all(struct nlbuf *b, const struct acc_state *s)
{
	size_t	 i;
	int	 twice = 0;

	for (i = 0; i < s->n; i++) {
		if (s->c[i].jump != 0)
			rule_del(b, &s->c[i], s->c[i].jump);
		twice |= s->c[i].njump > 1;
	}
	if (twice)
		return (1);
	for (i = 0; i < s->n; i++)
		if (acc_ours(&s->c[i])) {
			rule_del(b, &s->c[i], 0);
			chain_op(b, NFT_MSG_DELCHAIN, 0, s->c[i].fam,
			    s->c[i].table, s->c[i].name);
		}
	return (0);
}

/* --- sets of pairs, without a name: they go with their rule --- */

static void
addrs_put(struct nlbuf *b, uint16_t type, size_t n, const uint8_t *l,
    const uint8_t *r)
{
	uint8_t	 k[32];
	size_t	 at = nl_nest(b, type);

	memcpy(k, l, n);
	memcpy(k + n, r, n);
	nl_put(b, NFTA_DATA_VALUE, k, 2 * n);
	nl_unnest(b, at);
}

static void
set_new(struct out *o, int f)
{
	struct nlbuf	*b = o->b;
	uint32_t	 t = f ? T_IP6 : T_IP, len = f ? 16 : 4;
	size_t		 desc, concat, field, i;

	msg(b, NFT_MSG_NEWSET, NLM_F_CREATE, o->in->fam);
	nl_str(b, NFTA_SET_TABLE, o->in->table);
	nl_str(b, NFTA_SET_NAME, "__set%d");
	nl_be32(b, NFTA_SET_FLAGS, NFT_SET_ANONYMOUS | NFT_SET_CONSTANT |
	    NFT_SET_INTERVAL | NFT_SET_CONCAT);
	nl_be32(b, NFTA_SET_KEY_TYPE, t << T_BITS | t);
	nl_be32(b, NFTA_SET_KEY_LEN, 2 * len);
	nl_be32(b, NFTA_SET_ID, ++o->set);
	desc = nl_nest(b, NFTA_SET_DESC);
	concat = nl_nest(b, NFTA_SET_DESC_CONCAT);
	for (i = 0; i < 2; i++) {
		field = nl_nest(b, NFTA_LIST_ELEM);
		nl_be32(b, NFTA_SET_FIELD_LEN, len);
		nl_unnest(b, field);
	}
	nl_unnest(b, concat);
	nl_unnest(b, desc);
	nl_end(b);
}

static void
set_fill(struct out *o, int f, const struct fw_rule *r)
{
	struct nlbuf	*b = o->b;
	size_t		 i, list = 0, elem, n = f ? 16 : 4;

	for (i = 0; i < r->n; i++) {
		if (i % ELEMS == 0) {
			msg(b, NFT_MSG_NEWSETELEM, NLM_F_CREATE, o->in->fam);
			nl_str(b, NFTA_SET_ELEM_LIST_TABLE, o->in->table);
			nl_str(b, NFTA_SET_ELEM_LIST_SET, "__set%d");
			nl_be32(b, NFTA_SET_ELEM_LIST_SET_ID, o->set);
			list = nl_nest(b, NFTA_SET_ELEM_LIST_ELEMENTS);
		}
		elem = nl_nest(b, NFTA_LIST_ELEM);
		addrs_put(b, NFTA_SET_ELEM_KEY, n, r->p[i].llo, r->p[i].rlo);
		addrs_put(b, NFTA_SET_ELEM_KEY_END, n, r->p[i].lhi,
		    r->p[i].rhi);
		nl_unnest(b, elem);
		if (i % ELEMS == ELEMS - 1 || i == r->n - 1) {
			nl_unnest(b, list);
			nl_end(b);
		}
	}
}

/* --- expressions --- */

static void
ex(struct out *o, const char *name)
{
	o->elem = nl_nest(o->b, NFTA_LIST_ELEM);
	nl_str(o->b, NFTA_EXPR_NAME, name);
	o->data = nl_nest(o->b, NFTA_EXPR_DATA);
}

static void
ex_end(struct out *o)
{
	nl_unnest(o->b, o->data);
	nl_unnest(o->b, o->elem);
}

static void
ex_payload(struct out *o, uint32_t reg, uint32_t base, uint32_t off,
    uint32_t len)
{
	ex(o, "payload");
	nl_be32(o->b, NFTA_PAYLOAD_DREG, reg);
	nl_be32(o->b, NFTA_PAYLOAD_BASE, base);
	nl_be32(o->b, NFTA_PAYLOAD_OFFSET, off);
	nl_be32(o->b, NFTA_PAYLOAD_LEN, len);
	ex_end(o);
}

/* That key of the packet's meta data is v. */
static void
ex_meta(struct out *o, uint32_t key, const void *v, size_t n)
{
	size_t	 at;

	ex(o, "meta");
	nl_be32(o->b, NFTA_META_KEY, key);
	nl_be32(o->b, NFTA_META_DREG, REG);
	ex_end(o);
	ex(o, "cmp");
	nl_be32(o->b, NFTA_CMP_SREG, REG);
	nl_be32(o->b, NFTA_CMP_OP, NFT_CMP_EQ);
	at = nl_nest(o->b, NFTA_CMP_DATA);
	nl_put(o->b, NFTA_DATA_VALUE, v, n);
	nl_unnest(o->b, at);
	ex_end(o);
}

static void
ex_port(struct out *o, uint16_t port)
{
	size_t	 at;

	ex_payload(o, REG, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	ex(o, "cmp");
	nl_be32(o->b, NFTA_CMP_SREG, REG);
	nl_be32(o->b, NFTA_CMP_OP, NFT_CMP_EQ);
	at = nl_nest(o->b, NFTA_CMP_DATA);
	nl_be16(o->b, NFTA_DATA_VALUE, port);
	nl_unnest(o->b, at);
	ex_end(o);
}

/* To IPv6 AH is a header on the way to the protocol behind it. */
static void
ex_ah6(struct out *o)
{
	static const uint8_t	 yes = 1;
	size_t			 at;

	ex(o, "exthdr");
	nl_be32(o->b, NFTA_EXTHDR_DREG, REG);
	nl_u8(o->b, NFTA_EXTHDR_TYPE, IPPROTO_AH);
	nl_be32(o->b, NFTA_EXTHDR_OFFSET, 0);
	nl_be32(o->b, NFTA_EXTHDR_LEN, 1);
	nl_be32(o->b, NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
	ex_end(o);
	ex(o, "cmp");
	nl_be32(o->b, NFTA_CMP_SREG, REG);
	nl_be32(o->b, NFTA_CMP_OP, NFT_CMP_EQ);
	at = nl_nest(o->b, NFTA_CMP_DATA);
	nl_put(o->b, NFTA_DATA_VALUE, &yes, 1);
	nl_unnest(o->b, at);
	ex_end(o);
}

/* (source, destination), or the other way round, in the last set. */
static void
ex_pair(struct out *o, int f, int rev)
{
	uint32_t	 len = f ? 16 : 4, src = f ? 8 : 12;

	ex_payload(o, REG, NFT_PAYLOAD_NETWORK_HEADER, rev ? src + len : src,
	    len);
	ex_payload(o, REG + len / 4, NFT_PAYLOAD_NETWORK_HEADER,
	    rev ? src : src + len, len);
	ex(o, "lookup");
	nl_str(o->b, NFTA_LOOKUP_SET, "__set%d");
	nl_be32(o->b, NFTA_LOOKUP_SET_ID, o->set);
	nl_be32(o->b, NFTA_LOOKUP_SREG, REG);
	ex_end(o);
}

/* code: NF_ACCEPT, or NFT_JUMP and the chain. */
static void
ex_verdict(struct out *o, uint32_t code, const char *chain)
{
	size_t	 at, v;

	ex(o, "counter");
	ex_end(o);
	ex(o, "immediate");
	nl_be32(o->b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	at = nl_nest(o->b, NFTA_IMMEDIATE_DATA);
	v = nl_nest(o->b, NFTA_DATA_VERDICT);
	nl_be32(o->b, NFTA_VERDICT_CODE, code);
	if (chain != NULL)
		nl_str(o->b, NFTA_VERDICT_CHAIN, chain);
	nl_unnest(o->b, v);
	nl_unnest(o->b, at);
	ex_end(o);
}

/* --- rules --- */

/* At the end of the chain, or, without NLM_F_APPEND, at its head. */
static void
rule_begin(struct out *o, const char *chain, uint16_t where,
    const char *comment)
{
	uint8_t	 u[64];
	size_t	 n = strlen(comment) + 1;

	msg(o->b, NFT_MSG_NEWRULE, NLM_F_CREATE | where, o->in->fam);
	nl_str(o->b, NFTA_RULE_TABLE, o->in->table);
	nl_str(o->b, NFTA_RULE_CHAIN, chain);
	u[0] = 0;			/* nft(8): type 0 is the comment */
	u[1] = (uint8_t)n;
	memcpy(u + 2, comment, n);
	nl_put(o->b, NFTA_RULE_USERDATA, u, n + 2);
	o->list = nl_nest(o->b, NFTA_RULE_EXPRESSIONS);
}

static void
rule_end(struct out *o)
{
	nl_unnest(o->b, o->list);
	nl_end(o->b);
}

static void
family(struct out *o, int f)
{
	uint8_t	 v = f ? NFPROTO_IPV6 : NFPROTO_IPV4;

	if (o->in->fam == NFPROTO_INET)
		ex_meta(o, NFT_META_NFPROTO, &v, 1);
}

/* rev: out of the tunnel, and nothing else that has such addresses. */
static void
forward(struct out *o, int f, const struct fw_rule *r)
{
	static const char	 tun[16] = FW_TUN;
	static const uint8_t	 yes = 1;
	int			 rev;

	for (rev = 0; rev < 2; rev++) {
		set_new(o, f);
		set_fill(o, f, r);
		rule_begin(o, acc_own[ACC_FORWARD], NLM_F_APPEND, rev ?
		    "out of a tunnel of s2sd" : "into a tunnel of s2sd");
		family(o, f);
		if (o->tun)
			ex_meta(o, rev ? NFT_META_IIFNAME : NFT_META_OIFNAME,
			    tun, sizeof(tun));
		else if (rev)
			ex_meta(o, META_SECPATH, &yes, 1);
		ex_pair(o, f, rev);
		ex_verdict(o, NF_ACCEPT, NULL);
		rule_end(o);
	}
}

static void
input(struct out *o, int f, const struct fw_rule *r)
{
	static const struct { uint8_t proto; uint16_t port; } what[] = {
		{ IPPROTO_UDP, 500 }, { IPPROTO_UDP, 4500 },
		{ IPPROTO_ESP, 0 }, { IPPROTO_AH, 0 }
	};
	size_t	 i;

	for (i = 0; i < nitems(what); i++) {
		set_new(o, f);
		set_fill(o, f, r);
		rule_begin(o, acc_own[ACC_INPUT], NLM_F_APPEND,
		    "IKE, ESP and AH of the peers");
		family(o, f);
		if (f && what[i].proto == IPPROTO_AH)
			ex_ah6(o);
		else
			ex_meta(o, NFT_META_L4PROTO, &what[i].proto, 1);
		if (what[i].port != 0)
			ex_port(o, what[i].port);
		ex_pair(o, f, 1);
		ex_verdict(o, NF_ACCEPT, NULL);
		rule_end(o);
	}
}

static void
fill(struct out *o, int h, int f, const struct fw_rules *rs)
{
	if (h == ACC_FORWARD)
		forward(o, f, &rs->r[FW_FORWARD][f]);
	else
		input(o, f, &rs->r[FW_INPUT][f]);
}

int
acc_batch(struct nlbuf *b, const struct acc_state *s,
    const struct acc_plan *p, const struct fw_rules *rs, int tun)
{
	struct out	 o;
	int		 h, f, at;

	memset(&o, 0, sizeof(o));
	o.b = b;
	o.tun = tun;
	if (remove_all(b, s))
		return (1);
	for (h = 0; h < ACC_NHOOKS; h++)
		for (f = 0; f < 2; f++) {
			if ((at = p->at[h][f]) < 0)
				continue;
			o.in = &s->c[at];
			if (f == 0 || p->at[h][0] != at) {
				chain_op(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
				    o.in->fam, o.in->table, acc_own[h]);
				rule_begin(&o, o.in->name, 0, "s2sd");
				ex_verdict(&o, (uint32_t)NFT_JUMP, acc_own[h]);
				rule_end(&o);
			}
			fill(&o, h, f, rs);
		}
	return (0);
}

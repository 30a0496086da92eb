/* SPDX-License-Identifier: ISC */

/* umsg.c: the table of the control protocol; see umsg.h. */

#include "umsg.h"

#define F(kind, s, m, n)	{ kind, offsetof(struct s, m), n }
#define U8(s, m)	F(MF_U8, s, m, 1)
#define U16(s, m)	F(MF_U16, s, m, 2)
#define U32(s, m)	F(MF_U32, s, m, 4)
#define U64(s, m)	F(MF_U64, s, m, 8)
#define ADDR(s, m)	F(MF_ADDR, s, m, 19)
#define TEXT(s, m)	F(MF_TEXT, s, m, sizeof(((struct s *)0)->m))
#define VIEW(s, m, n)	F(MF_VIEW, s, m, n)

static const struct msg_field f_name[] = { TEXT(m_u_name, name) };
static const struct msg_field f_rekey[] = {
	TEXT(m_u_rekey, name), U8(m_u_rekey, what) };
static const struct msg_field f_log[] = {
	U32(m_u_log, lines), U8(m_u_log, follow) };
static const struct msg_field f_head[] = {
	U64(m_u_head, now), U64(m_u_head, since), U32(m_u_head, pid),
	U32(m_u_head, ntunnel), U32(m_u_head, gen), TEXT(m_u_head, software),
	TEXT(m_u_head, backend), TEXT(m_u_head, why), TEXT(m_u_head, file) };
static const struct msg_field f_proc[] = {
	U8(m_c_proc, proc), U8(m_c_proc, up), U8(m_c_proc, lacks),
	U32(m_c_proc, pid),
	U32(m_c_proc, restarts), U64(m_c_proc, since) };
static const struct msg_field f_tunnel[] = {
	U8(m_u_tunnel, s.state), U16(m_u_tunnel, s.reason),
	U8(m_u_tunnel, s.of_child), U16(m_u_tunnel, s.after),
	U64(m_u_tunnel, s.since), U16(m_u_tunnel, s.next),
	U64(m_u_tunnel, s.silent), U32(m_u_tunnel, s.tries),
	U64(m_u_tunnel, s.retry_at), ADDR(m_u_tunnel, s.local),
	ADDR(m_u_tunnel, s.peer), U8(m_u_tunnel, s.initiator),
	U8(m_u_tunnel, s.nat_here), U8(m_u_tunnel, s.nat_there),
	U16(m_u_tunnel, s.encr), U16(m_u_tunnel, s.prf),
	U16(m_u_tunnel, s.integ), U16(m_u_tunnel, s.dh),
	U64(m_u_tunnel, s.established), U64(m_u_tunnel, s.rekey_at),
	U64(m_u_tunnel, s.spi_i), U64(m_u_tunnel, s.spi_r),
	U32(m_u_tunnel, s.rtt_ms), U32(m_u_tunnel, s.retransmits),
	TEXT(m_u_tunnel, s.vendor), TEXT(m_u_tunnel, s.detail),
	TEXT(m_u_tunnel, name), U32(m_u_tunnel, id), U32(m_u_tunnel, flags),
	U32(m_u_tunnel, nchild), U64(m_u_tunnel, in_bytes),
	U64(m_u_tunnel, in_packets), U64(m_u_tunnel, out_bytes),
	U64(m_u_tunnel, out_packets), U64(m_u_tunnel, in_last),
	U64(m_u_tunnel, out_last), ADDR(m_u_tunnel, cpeer),
	TEXT(m_u_tunnel, srcid), TEXT(m_u_tunnel, dstid),
	TEXT(m_u_tunnel, ifname),
	VIEW(m_u_tunnel, offered, 2048), VIEW(m_u_tunnel, pairs, 7500) };
static const struct msg_field f_child[] = {
	U32(m_u_child, c.child), U8(m_u_child, c.up), U8(m_u_child, c.esn),
	U8(m_u_child, c.udp), U16(m_u_child, c.encr), U16(m_u_child, c.integ),
	U16(m_u_child, c.dh), U16(m_u_child, c.mtu), U32(m_u_child, c.spi_in),
	U32(m_u_child, c.spi_out), U16(m_u_child, c.cpu),
	U64(m_u_child, c.established),
	U64(m_u_child, c.rekey_at), U64(m_u_child, c.expires_at),
	VIEW(m_u_child, c.pairs, 5500), U64(m_u_child, in_bytes),
	U64(m_u_child, in_packets), U64(m_u_child, out_bytes),
	U64(m_u_child, out_packets), U64(m_u_child, in_last),
	U64(m_u_child, out_last), U64(m_u_child, bad_auth),
	U64(m_u_child, bad_replay), U64(m_u_child, bad_policy) };
static const struct msg_field f_line[] = {
	U64(m_u_line, seq), U64(m_u_line, at), U64(m_u_line, now),
	U8(m_u_line, level), U8(m_u_line, proc), U16(m_u_line, reason),
	TEXT(m_u_line, tunnel), VIEW(m_u_line, text, 4 * TEXT_MAX) };
static const struct msg_field f_count[] = {
	U8(m_u_count, proc), TEXT(m_u_count, name), U64(m_u_count, value) };
static const struct msg_field f_done[] = {
	U8(m_u_done, err), TEXT(m_u_done, text) };

#define M(type, s, f) \
	{ type, #type, 0, 0, sizeof(struct s), f, nitems(f) }
#define M0(type)	{ type, #type, 0, 0, 0, NULL, 0 }

static const struct msg_desc descs[] = {
	M(M_U_STATUS, m_u_name, f_name),
	M(M_U_UP, m_u_name, f_name),
	M(M_U_DOWN, m_u_name, f_name),
	M(M_U_REKEY, m_u_rekey, f_rekey),
	M0(M_U_RELOAD),
	M0(M_U_STOP),
	M(M_U_LOG, m_u_log, f_log),
	M0(M_U_STATS),
	M(M_U_HEAD, m_u_head, f_head),
	M(M_U_PROC, m_c_proc, f_proc),
	M(M_U_TUNNEL, m_u_tunnel, f_tunnel),
	M(M_U_CHILD, m_u_child, f_child),
	M(M_U_LINE, m_u_line, f_line),
	M(M_U_COUNT, m_u_count, f_count),
	M(M_U_DONE, m_u_done, f_done),
};

const struct msg_desc *
u_descs(size_t *n)
{
	*n = nitems(descs);
	return (descs);
}

const struct msg_desc *
u_desc(uint32_t type)
{
	size_t	 i;

	for (i = 0; i < nitems(descs); i++)
		if (descs[i].type == type)
			return (&descs[i]);
	return (NULL);
}

int
u_put(struct wr *w, uint32_t type, uint32_t req, const void *body)
{
	const struct msg_desc	*d;
	struct ipc_hdr		 h;
	struct wr		 b;
	uint8_t			*at;

	if ((d = u_desc(type)) == NULL || w->max < IPC_HDR)
		return (-1);
	if ((at = wr_room(w, IPC_HDR)) == NULL)
		return (-1);
	b = wr_of(w->p + w->n, w->max - w->n);
	if (msg_put(d, &b, body) == -1)
		return (-1);
	memset(&h, 0, sizeof(h));
	h.type = type;
	h.len = (uint32_t)b.n;
	h.epoch = CTL_VERSION;
	h.req = req;
	w->n += b.n;
	b = wr_of(at, IPC_HDR);
	ipc_hdr_put(&b, &h);
	return (wr_end(w));
}

int
u_get(struct rd r, struct ipc_hdr *h, void *body)
{
	const struct msg_desc	*d;

	if (ipc_hdr_get(&r, h) || h->len != r.n || h->epoch != CTL_VERSION ||
	    (d = u_desc(h->type)) == NULL)
		return (-1);
	return (msg_get(d, r, body));
}

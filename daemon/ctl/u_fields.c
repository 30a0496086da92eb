/* SPDX-License-Identifier: ISC */

/* u_fields.c: what status knows of a tunnel and a child, field by field. */

#include "u.h"

#define T(m)	offsetof(struct m_u_tunnel, m)
#define C(m)	offsetof(struct m_u_child, m)

const struct u_field u_tunnel_fields[] = {
	{ NULL, "name", UF_TEXT, T(name), 1 },
	{ NULL, "state", UF_STATE, 0, 1 },
	{ NULL, "since", UF_TIME, T(s.since), 1 },
	{ NULL, "mode", UF_MODE, T(flags), 1 },
	{ NULL, "ike", UF_IKE, T(flags), 1 },
	{ NULL, "interface", UF_TEXT0, T(ifname), 1 },
	{ NULL, "initiator", UF_BOOL, T(s.initiator), 0 },
	{ "local", "address", UF_ADDR, T(s.local), 1 },
	{ "local", "port", UF_PORT, T(s.local), 1 },
	{ "local", "id", UF_TEXT, T(srcid), 1 },
	{ "peer", "address", UF_ADDR, T(s.peer), 1 },
	{ "peer", "port", UF_PORT, T(s.peer), 1 },
	{ "peer", "id", UF_TEXT, T(dstid), 1 },
	{ "peer", "vendor", UF_TEXT0, T(s.vendor), 1 },
	{ "peer", "silent_since", UF_TIME, T(s.silent), 1 },
	{ NULL, "nat", UF_NAT, 0, 1 },
	{ "auth", "local", UF_PSK, 0, 1 },
	{ "auth", "peer", UF_PSK, 0, 1 },
	{ "ikesa", "enc", UF_ALG, T(s.encr), 0 },
	{ "ikesa", "auth", UF_ALG, T(s.integ), 0 },
	{ "ikesa", "prf", UF_ALG, T(s.prf), 0 },
	{ "ikesa", "group", UF_ALG, T(s.dh), 0 },
	{ "ikesa", "established", UF_TIME, T(s.established), 0 },
	{ "ikesa", "rekey_in", UF_IN, T(s.rekey_at), 0 },
	{ "ikesa", "spi_i", UF_SPI64, T(s.spi_i), 0 },
	{ "ikesa", "spi_r", UF_SPI64, T(s.spi_r), 0 },
	{ "ikesa", "round_trip_ms", UF_U32, T(s.rtt_ms), 0 },
	{ "ikesa", "retransmits", UF_U32, T(s.retransmits), 0 },
	{ "in", "bytes", UF_U64, T(in_bytes), 1 },
	{ "in", "packets", UF_U64, T(in_packets), 1 },
	{ "in", "last", UF_TIME, T(in_last), 1 },
	{ "out", "bytes", UF_U64, T(out_bytes), 1 },
	{ "out", "packets", UF_U64, T(out_packets), 1 },
	{ "out", "last", UF_TIME, T(out_last), 1 },
};
const size_t	 u_ntunnel_fields = nitems(u_tunnel_fields);

const struct u_field u_child_fields[] = {
	{ NULL, "mode", UF_TUNNEL, 0, 1 },
	{ NULL, "protocol", UF_PROTO, 0, 1 },
	{ NULL, "enc", UF_ALG, C(c.encr), 1 },
	{ NULL, "auth", UF_ALG, C(c.integ), 1 },
	{ NULL, "group", UF_ALG, C(c.dh), 1 },
	{ NULL, "esn", UF_BOOL, C(c.esn), 1 },
	{ NULL, "encap", UF_BOOL, C(c.udp), 1 },
	{ NULL, "mtu", UF_U16, C(c.mtu), 1 },
	{ NULL, "cpu", UF_CPU, C(c.cpu), 1 },
	{ NULL, "id", UF_U32, C(c.child), 1 },
	{ NULL, "established", UF_TIME, C(c.established), 1 },
	{ NULL, "rekey_in", UF_IN, C(c.rekey_at), 1 },
	{ NULL, "expires_in", UF_IN, C(c.expires_at), 1 },
	{ "in", "bytes", UF_U64, C(in_bytes), 1 },
	{ "in", "packets", UF_U64, C(in_packets), 1 },
	{ "in", "last", UF_TIME, C(in_last), 1 },
	{ "in", "spi", UF_SPI32, C(c.spi_in), 1 },
	{ "out", "bytes", UF_U64, C(out_bytes), 1 },
	{ "out", "packets", UF_U64, C(out_packets), 1 },
	{ "out", "last", UF_TIME, C(out_last), 1 },
	{ "out", "spi", UF_SPI32, C(c.spi_out), 1 },
	{ "errors", "auth", UF_U64, C(bad_auth), 1 },
	{ "errors", "replay", UF_U64, C(bad_replay), 1 },
	{ "errors", "no_policy", UF_U64, C(bad_policy), 1 },
};
const size_t	 u_nchild_fields = nitems(u_child_fields);

static void
text(struct u_value *v, const char *s)
{
	v->kind = UV_TEXT;
	(void)snprintf(v->text, sizeof(v->text), "%s", s);
}

static void
number(struct u_value *v, uint64_t n)
{
	v->kind = UV_INT;
	v->i = n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* What is a number in the struct; 1: done. */
static int
value_number(const struct u_status *s, const struct u_field *f,
    const uint8_t *at, struct u_value *v)
{
	const struct alg	*a;
	uint64_t		 n64;
	uint32_t		 n32;
	uint16_t		 n16;
	char			 b[U_WORD];

	memcpy(&n16, at, sizeof(n16));
	switch (f->kind) {
	case UF_ALG:
		if ((a = alg_num(n16)) != NULL)
			text(v, a->name);
		return (1);
	case UF_CPU:
		if (n16 != 0)
			number(v, n16 - 1u);
		return (1);
	case UF_U16:
		number(v, n16);
		return (1);
	case UF_U32:
	case UF_SPI32:
		memcpy(&n32, at, sizeof(n32));
		if (f->kind == UF_U32) {
			number(v, n32);
			return (1);
		}
		(void)snprintf(b, sizeof(b), "0x%08x", n32);
		text(v, b);
		return (1);
	case UF_U64:
	case UF_SPI64:
	case UF_TIME:
	case UF_IN:
		break;
	default:
		return (0);
	}
	memcpy(&n64, at, sizeof(n64));
	if (f->kind == UF_U64)
		number(v, n64);
	else if (f->kind == UF_SPI64) {
		(void)snprintf(b, sizeof(b), "0x%016llx",
		    (unsigned long long)n64);
		text(v, b);
	} else if (n64 != 0 && f->kind == UF_TIME)
		text(v, u_rfc3339(u_wall(s, n64), b));
	else if (n64 != 0)
		number(v, n64 > s->head.now ? (n64 - s->head.now) / 1000 : 0);
	return (1);
}

void
u_value(const struct u_status *s, const struct u_tunnel *t,
    const struct u_field *f, const void *base, struct u_value *v)
{
	const uint8_t		*at = (const uint8_t *)base + f->off;
	const struct addr	*a = (const void *)at;
	const char		*p = (const void *)at, *word;
	char			 b[ADDR_STRLEN];
	uint32_t		 flags;

	v->kind = UV_NULL;
	if (!f->always && t->m.s.established == 0)
		return;
	switch (f->kind) {
	case UF_TEXT:
		text(v, p);
		break;
	case UF_TEXT0:
		if (*p != '\0')
			text(v, p);
		break;
	case UF_STATE:
		word = u_state_word(t);
		text(v, t->m.s.state == TS_DOWN ? "down" :
		    t->m.s.state == TS_REKEYING ? "up" : word);
		break;
	case UF_MODE:
		memcpy(&flags, at, sizeof(flags));
		text(v, u_mode_word(flags));
		break;
	case UF_IKE:
		memcpy(&flags, at, sizeof(flags));
		number(v, flags & TUN_IKEV1 ? 1 : 2);
		break;
	case UF_BOOL:
		v->kind = UV_BOOL;
		v->i = *at != 0;
		break;
	case UF_ADDR:
		if (a->af != 0)
			text(v, addr_str(a, 0, b, sizeof(b)));
		break;
	case UF_PORT:
		if (a->af != 0 && a->port != 0)
			number(v, a->port);
		break;
	case UF_NAT:
		text(v, u_nat_word(t));
		break;
	case UF_PSK:
		text(v, "psk");
		break;
	case UF_PROTO:
		text(v, t->m.flags & TUN_AH ? "ah" : "esp");
		break;
	case UF_TUNNEL:
		text(v, t->m.flags & TUN_TRANSPORT ? "transport" : "tunnel");
		break;
	default:
		(void)value_number(s, f, at, v);
	}
}

/* SPDX-License-Identifier: ISC */

/*
 * net_input.c: the fate of each datagram that came in, in the order in which
 * it is decided: length, marker, header, whose SPI, cookie, limits, lane.
 */

#include "net_int.h"

enum {
	X_SA_INIT = 34, X_INFO = 37, X_INTERMEDIATE = 43,
	X1_MAIN = 2, X1_INFO = 5, X1_QUICK = 32,	/* IKEv1 */
	VERSION_EVERY = 1000,		/* ms between two > 2 of a source */
	V1_LOG_EVERY = 60000		/* ms between two of a peer that should
					   not speak it */
};

/* One datagram on its way. */
struct dgram {
	const struct addr	*local, *remote;
	struct rd		 msg;		/* the IKE message */
	uint64_t		 spi_i, spi_r, now;
	uint32_t		 msgid;
	uint8_t			 version, exch, flags, out;	/* out: NETF_ */
};

static void
to_ike(struct net_state *n, const struct dgram *d)
{
	struct m_net_dgram	 m;
	int			 known = d->out & NETF_KNOWN;

	if (!known && n->io->waiting != NULL &&
	    n->io->waiting(n->io->arg, PROC_IKE) >= IPC_QUEUE_MAX / 2) {
		n->count[NC_QUEUE_FULL]++;
		return;
	}
	m.local = *d->local;
	m.remote = *d->remote;
	m.flags = d->out;
	m.rest = d->msg;
	if (role_send(n->io, PROC_IKE, M_NET_RECV, 0, 0, 0, &m) == -1)
		n->count[NC_QUEUE_FULL]++;
	else
		n->count[known ? NC_TO_IKE_KNOWN : NC_TO_IKE_NEW]++;
}

/*
 * Ask for a cookie instead of doing work.  Nothing is remembered, nothing is
 * repeated, and who sent less than the answer would be gets none.
 */
static void
demand_cookie(struct net_state *n, const struct dgram *d)
{
	uint8_t	 b[NET_MARKER + COOKIE_REPLY];
	size_t	 skip = d->out & NETF_4500 ? 0 : NET_MARKER;

	if (d->msg.n < COOKIE_REPLY) {
		n->count[NC_LIMITED]++;
		return;
	}
	memset(b, 0, NET_MARKER);
	if (cookie_reply(&n->jar, d->remote, d->msg, d->now,
	    b + NET_MARKER) == -1)
		return;
	n->count[NC_COOKIE_SENT]++;
	(void)net_transmit(n, d->local, d->remote, b + skip, sizeof(b) - skip);
}

/*
 * A request to begin an IKE SA.  The limit of a source counts only what
 * brings no cookie, and over the limit it is asked for one, not dropped:
 * otherwise whoever can write a peer's address on his packets could keep
 * that peer out.
 */
static void
sa_init(struct net_state *n, struct dgram *d)
{
	struct src	*s;

	if (d->flags & F_RESPONSE || !(d->flags & F_INITIATOR) ||
	    d->msgid != 0) {
		n->count[NC_BAD_HEADER]++;
		return;
	}
	cookie_tick(&n->jar, n->io, d->now);
	switch (cookie_check(&n->jar, d->remote, d->msg, d->now)) {
	case 1:
		n->count[NC_COOKIE_GOOD]++;
		d->out |= NETF_COOKIE;
		to_ike(n, d);
		return;
	case -1:
		n->count[NC_COOKIE_BAD]++;
		break;
	}
	if (n->cookies) {
		demand_cookie(n, d);
		return;
	}
	s = src_get(n->src, d->remote, d->now);
	if (!bucket_take(&s->init, SRC_RATE, SRC_BURST, d->now) &&
	    peer_tunnel(&n->peers, d->remote) == 0) {
		demand_cookie(n, d);
		return;
	}
	to_ike(n, d);
}

/*
 * Of an SA that we do not know: s2sd-ike may know it (its announcement can
 * be late after one of us was started anew), but gets few of these, and
 * none while it is under load.
 */
static void
unknown(struct net_state *n, const struct dgram *d)
{
	struct src	*s;

	if (d->exch > X_INFO && d->exch != X_INTERMEDIATE) {
		n->count[NC_BAD_EXCH]++;
		return;
	}
	n->count[NC_UNKNOWN]++;
	if (n->cookies)
		return;
	s = src_get(n->src, d->remote, d->now);
	if (bucket_take(&s->other, SRC_OTHER_RATE, SRC_OTHER_BURST, d->now) &&
	    bucket_take(&n->any, ANY_RATE, ANY_RATE, d->now))
		to_ike(n, d);
	else
		n->count[NC_LIMITED]++;
}

/*
 * IKEv1 has no flags for the two ends and no cookies.  Only configured peers
 * are heard, and of those that are to speak IKEv2 a packet now and then, so
 * that s2sd-ike can say what is wrong.
 */
static void
version1(struct net_state *n, struct dgram *d)
{
	struct src	*s;
	int		 first = d->exch == X1_MAIN && d->spi_r == 0;

	if (spi_has(&n->ours, d->spi_i) || spi_has(&n->ours, d->spi_r)) {
		d->out |= NETF_KNOWN;
		to_ike(n, d);
		return;
	}
	n->count[NC_IKEV1]++;
	if (peer_tunnel(&n->peers, d->remote) == 0)
		return;
	if (d->msg.n > NET_NEW_MAX) {
		n->count[NC_LONG]++;
		return;
	}
	s = src_get(n->src, d->remote, d->now);
	if (!peer_v1(&n->peers, d->remote)) {
		if (s->v1_at != 0 && d->now - s->v1_at < V1_LOG_EVERY)
			return;
		s->v1_at = d->now > 0 ? d->now : 1;
		to_ike(n, d);
		return;
	}
	if (!first && d->exch != X1_MAIN && d->exch != X1_INFO &&
	    d->exch != X1_QUICK)
		n->count[NC_BAD_EXCH]++;
	else if (first ? bucket_take(&s->init, SRC_RATE, SRC_BURST, d->now) :
	    bucket_take(&s->other, SRC_OTHER_RATE, SRC_OTHER_BURST, d->now))
		to_ike(n, d);
	else
		n->count[NC_LIMITED]++;
}

/* Versions that do not exist. */
static void
other_version(struct net_state *n, const struct dgram *d)
{
	struct src	*s;

	n->count[NC_BAD_VERSION]++;
	/* INVALID_MAJOR_VERSION is s2sd-ike's to say, once a second at most */
	if (d->version >> 4 == 0 || d->flags & F_RESPONSE || n->cookies)
		return;
	s = src_get(n->src, d->remote, d->now);
	if (s->version_at != 0 && d->now - s->version_at < VERSION_EVERY)
		return;
	s->version_at = d->now > 0 ? d->now : 1;
	if (bucket_take(&n->any, ANY_RATE, ANY_RATE, d->now))
		to_ike(n, d);
}

/*
 * Ours is SPIi if the packet comes from the responder, else SPIr.  If the
 * other one is ours too, it is our own packet that came back.
 */
static void
by_spi(struct net_state *n, struct dgram *d)
{
	int	 from_initiator = (d->flags & F_INITIATOR) != 0;
	uint64_t ours = from_initiator ? d->spi_r : d->spi_i;
	uint64_t theirs = from_initiator ? d->spi_i : d->spi_r;

	if (spi_has(&n->ours, theirs)) {
		n->count[NC_REFLECTED]++;
		return;
	}
	if (spi_has(&n->ours, ours)) {
		d->out |= NETF_KNOWN;
		to_ike(n, d);
		return;
	}
	if (d->msg.n > NET_NEW_MAX) {
		n->count[NC_LONG]++;
		return;
	}
	if (d->exch < X_SA_INIT) {
		n->count[NC_BAD_EXCH]++;
		return;
	}
	if (d->exch != X_SA_INIT) {
		if (d->spi_r == 0)
			n->count[NC_BAD_SPI]++;
		else
			unknown(n, d);
		return;
	}
	if (d->flags & F_RESPONSE)
		unknown(n, d);
	else if (d->spi_r != 0)
		n->count[NC_BAD_SPI]++;
	else
		sa_init(n, d);
}

static void
ike_message(struct net_state *n, struct dgram *d)
{
	struct rd	 r = d->msg;
	uint32_t	 len;
	uint8_t		 np;

	if (rd_u64(&r, &d->spi_i) || rd_u64(&r, &d->spi_r) ||
	    rd_u8(&r, &np) || rd_u8(&r, &d->version) || rd_u8(&r, &d->exch) ||
	    rd_u8(&r, &d->flags) || rd_u32(&r, &d->msgid) ||
	    rd_u32(&r, &len)) {
		n->count[NC_SHORT]++;
		return;
	}
	if (len != d->msg.n)
		n->count[NC_BAD_LEN]++;
	else if (d->msg.n > NET_DGRAM_MAX)
		n->count[NC_LONG]++;
	else if (d->spi_i == 0)
		n->count[NC_BAD_SPI]++;
	else if (d->version >> 4 == 1)
		version1(n, d);
	else if (d->version >> 4 != 2)
		other_version(n, d);
	else
		by_spi(n, d);
}

void
net_input(void *self, const struct addr *local, const struct addr *remote,
    const uint8_t *p, size_t len, uint64_t now)
{
	static const uint8_t	 marker[NET_MARKER];
	struct net_state	*n = self;
	struct dgram		 d;
	const uint8_t		*m;

	n->count[NC_RECEIVED]++;
	memset(&d, 0, sizeof(d));
	d.local = local;
	d.remote = remote;
	d.now = now;
	d.msg = rd_of(p, len);
	if (local->port == NET_PORT_NATT) {
		if (len == 1 && p[0] == 0xff) {
			n->count[NC_KEEPALIVE]++;	/* RFC 3948 2.3 */
			return;
		}
		if (rd_take(&d.msg, NET_MARKER, &m)) {
			n->count[NC_SHORT]++;
			return;
		}
		if (memcmp(m, marker, NET_MARKER) != 0) {
			n->count[NC_NOT_IKE]++;		/* ESP: not here */
			return;
		}
		d.out = NETF_4500;
	}
	ike_message(n, &d);
}

void
net_input_long(void *self)
{
	struct net_state	*n = self;

	n->count[NC_RECEIVED]++;
	n->count[NC_LONG]++;
}

/* As net_input, on 4500, with the marker already gone. */
void
net_input_ike(struct net_state *n, const struct addr *local,
    const struct addr *remote, struct rd msg, uint64_t now)
{
	struct dgram	 d;

	n->count[NC_RECEIVED]++;
	memset(&d, 0, sizeof(d));
	d.local = local;
	d.remote = remote;
	d.now = now;
	d.msg = msg;
	d.out = NETF_4500;
	ike_message(n, &d);
}

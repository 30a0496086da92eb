/* SPDX-License-Identifier: ISC */

/* net.c: s2sd-net as a role: its frames, and what it sends. */

#include <errno.h>
#include <stdlib.h>
#include <syslog.h>

#include "net_int.h"

enum { HDR_LEN = 28, ERROR_RATE = 50, ERROR_BURST = 50 };

const char *const net_count_names[NC_MAX] = {
	[NC_RECEIVED] = "received",
	[NC_KEEPALIVE] = "keepalive",
	[NC_SHORT] = "short",
	[NC_NOT_IKE] = "not-ike",
	[NC_LONG] = "long",
	[NC_BAD_LEN] = "bad-len",
	[NC_BAD_SPI] = "bad-spi",
	[NC_BAD_VERSION] = "bad-version",
	[NC_IKEV1] = "ikev1",
	[NC_BAD_HEADER] = "bad-header",
	[NC_BAD_EXCH] = "bad-exchange",
	[NC_REFLECTED] = "reflected",
	[NC_UNKNOWN] = "unknown-spi",
	[NC_QUEUE_FULL] = "queue-full",
	[NC_LIMITED] = "over-limit",
	[NC_COOKIE_SENT] = "cookie-sent",
	[NC_COOKIE_GOOD] = "cookie-good",
	[NC_COOKIE_BAD] = "cookie-bad",
	[NC_TO_IKE_KNOWN] = "to-ike-known",
	[NC_TO_IKE_NEW] = "to-ike-new",
	[NC_SENT] = "sent",
	[NC_SEND_ERROR] = "send-error",
	[NC_SEND_BUSY] = "send-busy",
	[NC_UNREACHABLE] = "unreachable",
};

uint64_t
net_counter(const void *self, enum net_count c)
{
	const struct net_state	*n = self;

	return (n->count[c]);
}

void
net_set_output(void *self, net_output *out, void *arg)
{
	struct net_state	*n = self;

	n->out = out;
	n->out_arg = arg;
}

int
net_transmit(struct net_state *n, const struct addr *local, const struct addr *remote,
    const uint8_t *p, size_t len)
{
	int	 err = n->out == NULL ? ENOTCONN :
		    n->out(n->out_arg, local, remote, p, len);

	if (err == 0)
		n->count[NC_SENT]++;
	else if (err == EAGAIN || err == EWOULDBLOCK || err == ENOBUFS)
		n->count[NC_SEND_BUSY]++;
	else
		n->count[NC_SEND_ERROR]++;
	return (err);
}

/* An ICMP message can be forged: what s2sd-ike hears of them is bounded. */
void
net_unreachable(void *self, const struct addr *remote, int err, uint64_t now)
{
	struct net_state		*n = self;
	struct m_net_error	 m;

	n->count[NC_UNREACHABLE]++;
	if (!bucket_take(&n->errors, ERROR_RATE, ERROR_BURST, now))
		return;
	memset(&m, 0, sizeof(m));
	m.remote = *remote;
	m.err = (uint32_t)err;
	(void)role_send(n->io, PROC_IKE, M_NET_ERROR, 0, 0, 0, &m);
}

/* --- frames --- */

static void
begin_spi(struct net_state *n, uint64_t spi)
{
	if (spi_add(&n->ours, spi) == -1)
		role_log(n->io, LOG_WARNING, 0, 0, "too many IKE SAs: this "
		    "one gets no lane of its own");
}

/* The SPI that is ours in a message of ours, RFC 7296 section 3.1. */
static int
sent_spi(struct rd m, uint64_t *spi)
{
	uint64_t	 spi_i, spi_r;
	uint8_t		 flags;

	if (rd_u64(&m, &spi_i) || rd_u64(&m, &spi_r) || rd_skip(&m, 3) ||
	    rd_u8(&m, &flags))
		return (-1);
	*spi = flags & F_INITIATOR ? spi_i : spi_r;
	return (*spi == 0 ? -1 : 0);
}

static int
h_send(void *self, const struct ipc_msg *msg, void *body, uint64_t now)
{
	struct net_state		*n = self;
	const struct m_net_dgram *m = body;
	uint8_t			 b[NET_MARKER + NET_DGRAM_MAX];
	struct addr		 local = m->local;
	struct wr		 w;
	uint64_t		 spi;
	int			 err;

	(void)msg;
	w = wr_of(b, sizeof(b));
	local.port = m->flags & (NETF_4500 | NETF_KEEPALIVE) ? NET_PORT_NATT :
	    NET_PORT_IKE;
	if (m->remote.af == 0 || m->remote.port == 0)
		return (-1);
	if (m->flags & NETF_KEEPALIVE) {
		if (m->rest.n != 0)
			return (-1);
		wr_u8(&w, 0xff);
	} else {
		if (m->rest.n < HDR_LEN)
			return (-1);
		if (m->flags & NETF_SPI) {
			if (sent_spi(m->rest, &spi) == -1)
				return (-1);
			begin_spi(n, spi);
		}
		if (m->flags & NETF_4500)
			wr_zero(&w, NET_MARKER);
		wr_put(&w, m->rest.p, m->rest.n);
	}
	if (wr_end(&w))
		return (-1);
	err = net_transmit(n, &local, &m->remote, w.p, w.n);
	if (err != 0 && err != EAGAIN && err != EWOULDBLOCK && err != ENOBUFS)
		net_unreachable(n, &m->remote, err, now);
	return (0);
}

static int
h_spi(void *self, const struct ipc_msg *msg, void *body, uint64_t now)
{
	struct net_state		*n = self;
	const struct m_net_spi	*m = body;

	(void)msg;
	(void)now;
	if (m->add > 1 || m->spi == 0)
		return (-1);
	if (!m->add)
		spi_del(&n->ours, m->spi);
	else
		begin_spi(n, m->spi);
	return (0);
}

static int
h_cookie(void *self, const struct ipc_msg *msg, void *body, uint64_t now)
{
	struct net_state		*n = self;
	const struct m_net_cookie *m = body;

	(void)msg;
	(void)now;
	if (m->on > 1)
		return (-1);
	n->cookies = m->on;
	return (0);
}

/* s2sd-esp found it behind an ESP packet, or owns port 4500 by itself. */
static int
h_en_ike(void *self, const struct ipc_msg *msg, void *body, uint64_t now)
{
	const struct m_net_dgram *m = body;

	(void)msg;
	if (m->remote.af == 0)
		return (-1);
	net_input_ike(self, &m->local, &m->remote, m->rest, now);
	return (0);
}

static const struct role_rule rules[] = {
	{ M_NET_SEND,	PB(PROC_IKE),	h_send },
	{ M_NET_SPI,	PB(PROC_IKE),	h_spi },
	{ M_NET_COOKIE,	PB(PROC_IKE),	h_cookie },
	{ M_EN_IKE,	PB(PROC_ESP),	h_en_ike },
};

/* --- the role --- */

static void *
net_new(const struct role_io *io)
{
	struct net_state	*n;

	if ((n = calloc(1, sizeof(*n))) == NULL ||
	    (n->src = calloc(1, sizeof(*n->src))) == NULL) {
		free(n);
		return (NULL);
	}
	n->io = io;
	io->random(io->arg, n->src->secret, sizeof(n->src->secret));
	return (n);
}

static void
net_free(void *self)
{
	struct net_state	*n = self;

	if (n == NULL)
		return;
	spi_clear(&n->ours);
	explicit_bzero(&n->jar, sizeof(n->jar));
	free(n->src);
	free(n->peers.v);
	free(n);
}

static uint64_t
net_tick(void *self, uint64_t now)
{
	(void)self;
	(void)now;
	return (DUE_NEVER);	/* all limits are reckoned when they are used */
}

/* A new s2sd-ike announces what is alive; the old one's SPIs are nobody's. */
static void
net_died(void *self, enum proc who, uint64_t now)
{
	struct net_state	*n = self;

	(void)now;
	if (who != PROC_IKE)
		return;
	spi_clear(&n->ours);
	n->cookies = 0;
}

static int
net_added(void *self, const struct conf *c, uint64_t now)
{
	struct net_state	*n = self;

	(void)now;
	n->conf = c;
	return (peer_load(&n->peers, c));
}

static int
net_removed(void *self, const struct conf *c, uint64_t now)
{
	struct conf	 after = *c;
	struct net_state *n = self;

	(void)now;
	after.old = NULL;
	return (peer_load(&n->peers, &after));
}

static size_t
net_counters(void *self, struct role_counter *c, size_t max)
{
	struct net_state	*n = self;
	size_t		 i;

	for (i = 0; i < NC_MAX && i < max; i++) {
		c[i].name = net_count_names[i];
		c[i].value = n->count[i];
	}
	return (i);
}

const struct role role_net = {
	.id = PROC_NET,
	.rules = rules,
	.nrules = nitems(rules),
	.new = net_new,
	.free = net_free,
	.tick = net_tick,
	.died = net_died,
	.added = net_added,
	.removed = net_removed,
	.counters = net_counters,
};

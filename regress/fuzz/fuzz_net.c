/* SPDX-License-Identifier: ISC */

/*
 * fuzz_net.c: datagrams from strangers into s2sd-net.  The first octet picks
 * port and load, then datagrams follow, each behind a 16 bit length.  What
 * comes out must never be more than what went in.
 */

#include <stdlib.h>

#include "net_int.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static size_t	 octets_out;

static int
f_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	struct m_net_dgram	 m;

	(void)arg;
	(void)to;
	if (h->type == M_NET_RECV &&
	    msg_get(msg_desc(h->type), rd_of(b, n), &m) == -1)
		abort();
	return (0);
}

static void
f_log(void *arg, int level, uint32_t tunnel, int reason, const char *text)
{
	(void)arg;
	(void)level;
	(void)tunnel;
	(void)reason;
	(void)text;
}

static void
f_random(void *arg, void *buf, size_t n)
{
	(void)arg;
	memset(buf, 0x5a, n);
}

static int
f_out(void *arg, const struct addr *local, const struct addr *remote,
    const uint8_t *p, size_t n)
{
	(void)arg;
	(void)local;
	(void)remote;
	(void)p;
	octets_out += n;
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct role_io	 io = { .send = f_send, .log = f_log,
			    .random = f_random };
	struct net_state *n;
	struct addr	 local, remote;
	struct rd	 r = rd_of(data, size), d;
	uint8_t		 how;

	if (rd_u8(&r, &how) || (n = role_net.new(&io)) == NULL)
		return (0);
	memset(&local, 0, sizeof(local));
	memset(&remote, 0, sizeof(remote));
	local.af = remote.af = how & 2 ? 6 : 4;
	local.port = how & 1 ? 4500 : 500;
	remote.port = 1000;
	n->cookies = (how & 4) != 0;
	if (spi_add(&n->ours, 0x1111111111111111) == -1)
		abort();
	net_set_output(n, f_out, NULL);
	while (rd_sub16(&r, &d) == 0) {
		octets_out = 0;
		net_input(n, &local, &remote, d.p, d.n, how * 10000u);
		if (octets_out > d.n)
			abort();
	}
	role_net.free(n);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * xfrm_open.c: the sockets to Linux' XFRM, opened as root; each request is
 * checked for CAP_NET_ADMIN again.  Whether there is ESP is asked by a
 * throw-away SA between two addresses of the documentation range (RFC 5737),
 * added and deleted at once; only its answer tells whether the transform can
 * be loaded.
 */

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "xfrm_int.h"

enum { PROBE_SPI = 0x7f532d53, KEYLEN = 20 };
#define GROUP(g)	(1u << ((g) - 1))

struct xopen {
	struct nlsock	 rq, ev;
	struct xfrm_nic	 nic;
	struct xfrm_sys	 sys;
};

static int
sys_send(void *arg, const void *d, size_t n)
{
	struct xopen		*o = arg;
	struct sockaddr_nl	 to;
	ssize_t			 rv;

	memset(&to, 0, sizeof(to));
	to.nl_family = AF_NETLINK;
	do
		rv = sendto(o->rq.fd, d, n, 0, (struct sockaddr *)&to,
		    sizeof(to));
	while (rv == -1 && errno == EINTR);
	return (rv == -1 ? -1 : 0);
}

static ssize_t
sys_recv(void *arg, int ev, void *buf, size_t n)
{
	struct xopen		*o = arg;
	struct sockaddr_nl	 from;
	socklen_t		 len;
	ssize_t			 rv;

	for (;;) {
		len = sizeof(from);
		memset(&from, 0, sizeof(from));
		rv = recvfrom(ev ? o->ev.fd : o->rq.fd, buf, n, MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len);
		if (rv == -1 && errno == EINTR)
			continue;
		if (rv == -1)
			return (errno == EAGAIN ? 0 : -1);
		if (from.nl_pid == 0)	/* other processes can send, too */
			return (rv);
	}
}

static uint64_t
clock_ms(clockid_t id)
{
	struct timespec	 ts;

	if (clock_gettime(id, &ts) == -1)
		return (0);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

static uint64_t
sys_mono(void *arg)
{
	(void)arg;
	return (clock_ms(CLOCK_MONOTONIC));
}

static uint64_t
sys_real(void *arg)
{
	(void)arg;
	return (clock_ms(CLOCK_REALTIME) / 1000);
}

static uint32_t
sys_nic(void *arg, const struct addr *local, const struct addr *remote)
{
	return (xfrm_nic_to(&((struct xopen *)arg)->nic, local, remote));
}

/* --- is there ESP? --- */

static void
probe_new(struct nlbuf *b)
{
	struct {
		struct xfrm_algo_aead	 a;
		char			 key[KEYLEN];
	} alg;
	struct xfrm_usersa_info	 u;

	memset(&u, 0, sizeof(u));
	u.id.daddr.a4 = htonl(0xc0000201);	/* 192.0.2.1 */
	u.saddr.a4 = htonl(0xc0000202);		/* 192.0.2.2 */
	u.id.spi = htonl(PROBE_SPI);
	u.id.proto = IPPROTO_ESP;
	u.family = AF_INET;
	u.mode = XFRM_MODE_TUNNEL;
	u.lft.soft_byte_limit = u.lft.hard_byte_limit = XFRM_INF;
	u.lft.soft_packet_limit = u.lft.hard_packet_limit = XFRM_INF;
	u.lft.hard_add_expires_seconds = 1;	/* gone whatever happens */
	nl_msg(b, XFRM_MSG_NEWSA, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &u,
	    sizeof(u));
	memset(&alg, 0, sizeof(alg));
	(void)snprintf(alg.a.alg_name, sizeof(alg.a.alg_name),
	    "rfc4106(gcm(aes))");
	alg.a.alg_key_len = KEYLEN * 8;
	alg.a.alg_icv_len = 128;
	nl_put(b, XFRMA_ALG_AEAD, &alg, sizeof(alg.a) + KEYLEN);
	nl_u8(b, XA_SA_DIR, XW_IN);		/* ignored by older ones */
	nl_u32(b, XA_SA_PCPU, 0);
	nl_end(b);
}

static void
probe_id(struct nlbuf *b, uint16_t type)
{
	struct xsa	 s;

	memset(&s, 0, sizeof(s));
	s.spi_in = PROBE_SPI;
	s.local.af = 4;
	memcpy(s.local.a, "\300\000\002\001", 4);
	xfrm_put_said(b, type, &s, XW_IN);
}

/* Does the kernel give the direction back, and the CPU? */
static int
probe_got(void *arg, const struct nlmsg *m)
{
	struct xfrm_sys		*sys = arg;
	struct xfrm_usersa_info	 u;
	struct rd		 r = m->body;
	uint32_t		 cpu;
	long			 n = sysconf(_SC_NPROCESSORS_CONF);

	if (m->type != XFRM_MSG_NEWSA || rd_copy(&r, &u, sizeof(u)))
		return (0);
	sys->dir = nl_find(r, XA_SA_DIR).n == 1;
	if (nl_get32(nl_find(r, XA_SA_PCPU), &cpu) == 0 && cpu == 0 && n > 1)
		sys->cpus = (uint16_t)(n < CPUS_MAX ? n : CPUS_MAX);
	return (0);
}

/* 0, or an errno. */
static int
probe(struct xopen *o)
{
	struct xfrm	 x = { .sys = &o->sys };
	struct nlbuf	 b = xfrm_buf(&x);
	int		 err = 0;

	probe_new(&b);
	if (xfrm_batch(&x, &b, &err, 1) == -1)
		return (errno);
	if (err != 0 && err != EEXIST)
		return (err);
	b = xfrm_buf(&x);
	probe_id(&b, XFRM_MSG_GETSA);
	(void)xfrm_dump(&x, &b, probe_got, &o->sys);
	b = xfrm_buf(&x);
	probe_id(&b, XFRM_MSG_DELSA);
	(void)xfrm_batch(&x, &b, NULL, 0);
	return (0);
}

int
xfrm_open(void **sys, char *why, size_t size)
{
	struct xopen	*o;
	int		 e;

	*sys = NULL;
	if ((o = calloc(1, sizeof(*o))) == NULL) {
		(void)snprintf(why, size, "out of memory");
		return (-1);
	}
	o->rq.fd = o->ev.fd = -1;
	o->sys.arg = o;
	o->sys.send = sys_send;
	o->sys.recv = sys_recv;
	o->sys.mono = sys_mono;
	o->sys.real = sys_real;
	if (nl_open(&o->rq, NETLINK_XFRM, 0) == -1) {
		(void)snprintf(why, size, "this kernel has no XFRM (%s)",
		    strerror(errno));
		goto fail;
	}
	if ((e = probe(o)) != 0) {
		(void)snprintf(why, size, "%s (%s)", e == EPERM ?
		    "no permission to ask the kernel" :
		    "this kernel has no ESP", strerror(e));
		goto fail;
	}
	if (nl_open(&o->ev, NETLINK_XFRM, GROUP(XFRMNLGRP_ACQUIRE) |
	    GROUP(XFRMNLGRP_EXPIRE) | GROUP(XFRMNLGRP_MAPPING)) == -1) {
		(void)snprintf(why, size, "no events of XFRM (%s)",
		    strerror(errno));
		goto fail;
	}
	o->sys.evfd = o->ev.fd;
	xfrm_nic_open(&o->nic);
	o->sys.nic = sys_nic;
	*sys = &o->sys;
	return (0);
 fail:
	nl_close(&o->rq);
	nl_close(&o->ev);
	free(o);
	return (-1);
}

/* SPDX-License-Identifier: ISC */

/*
 * xfrm.c: Linux' own ESP, as far as s2sd uses it: it is asked whether it is
 * there.  The question is a throw-away SA between two addresses of the
 * documentation range (RFC 5737), added and deleted at once; only its answer
 * tells whether the ESP transform can be loaded.
 */

#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>

#include <libmnl/libmnl.h>

#include "sa.h"

enum { PROBE_SPI = 0x7f532d53, KEYLEN = 20 };

static void
ids(struct xfrm_usersa_id *id)
{
	memset(id, 0, sizeof(*id));
	id->daddr.a4 = htonl(0xc0000201);	/* 192.0.2.1 */
	id->spi = htonl(PROBE_SPI);
	id->family = AF_INET;
	id->proto = IPPROTO_ESP;
}

static void
put_new(struct nlmsghdr *h)
{
	struct {
		struct xfrm_algo_aead	 a;
		char			 key[KEYLEN];
	} alg;
	struct xfrm_usersa_info	*sa;
	struct xfrm_usersa_id	 id;

	h->nlmsg_type = XFRM_MSG_NEWSA;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	ids(&id);
	sa = mnl_nlmsg_put_extra_header(h, sizeof(*sa));
	sa->id.daddr = id.daddr;
	sa->id.spi = id.spi;
	sa->id.proto = id.proto;
	sa->saddr.a4 = htonl(0xc0000202);	/* 192.0.2.2 */
	sa->family = AF_INET;
	sa->mode = XFRM_MODE_TUNNEL;
	sa->lft.soft_byte_limit = sa->lft.hard_byte_limit = XFRM_INF;
	sa->lft.soft_packet_limit = sa->lft.hard_packet_limit = XFRM_INF;
	sa->lft.hard_add_expires_seconds = 1;	/* gone whatever happens */
	memset(&alg, 0, sizeof(alg));
	(void)snprintf(alg.a.alg_name, sizeof(alg.a.alg_name),
	    "rfc4106(gcm(aes))");
	alg.a.alg_key_len = KEYLEN * 8;
	alg.a.alg_icv_len = 128;
	mnl_attr_put(h, XFRMA_ALG_AEAD, sizeof(alg.a) + KEYLEN, &alg);
}

static void
put_del(struct nlmsghdr *h)
{
	struct xfrm_usersa_id	 id;

	h->nlmsg_type = XFRM_MSG_DELSA;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ids(&id);
	memcpy(mnl_nlmsg_put_extra_header(h, sizeof(id)), &id, sizeof(id));
}

/* One request and its acknowledgement: 0, or -1 and errno. */
static int
talk(struct mnl_socket *s, void (*put)(struct nlmsghdr *), uint32_t seq)
{
	union {
		struct nlmsghdr	 h;
		uint8_t		 b[2048];
	} buf;
	struct nlmsghdr	*h;
	ssize_t		 n;

	memset(&buf, 0, sizeof(buf));
	h = mnl_nlmsg_put_header(buf.b);
	h->nlmsg_seq = seq;
	put(h);
	if (mnl_socket_sendto(s, h, h->nlmsg_len) == -1 ||
	    (n = mnl_socket_recvfrom(s, buf.b, sizeof(buf))) == -1)
		return (-1);
	/* -1 and errno for an error, a short, foreign or strange answer too */
	return (mnl_cb_run(buf.b, (size_t)n, seq, mnl_socket_get_portid(s),
	    NULL, NULL) < 0 ? -1 : 0);
}

static int
xfrm_open(void **sys, char *why, size_t size)
{
	struct mnl_socket	*s;
	int			 rv;

	*sys = NULL;
	if ((s = mnl_socket_open(NETLINK_XFRM)) == NULL) {
		(void)snprintf(why, size, "this kernel has no XFRM (%s)",
		    strerror(errno));
		return (-1);
	}
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == -1) {
		(void)snprintf(why, size, "netlink: %s", strerror(errno));
		mnl_socket_close(s);
		return (-1);
	}
	if ((rv = talk(s, put_new, 1)) == 0 || errno == EEXIST) {
		(void)talk(s, put_del, 2);
		(void)snprintf(why, size,
		    "kernel ESP is present, s2sd does not use it yet");
	} else if (errno == EPERM)
		(void)snprintf(why, size, "no permission to ask the kernel");
	else
		(void)snprintf(why, size, "this kernel has no ESP (%s)",
		    strerror(errno));
	mnl_socket_close(s);
	return (-1);
}

/* No start: open never says yes. */
const struct sa_backend sa_xfrm = {
	.choice = BE_XFRM,
	.name = "xfrm",
	.open = xfrm_open,
};

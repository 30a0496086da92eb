/* SPDX-License-Identifier: ISC */

/*
 * pfkey_sys_kame.c: the PF_KEY socket of FreeBSD and NetBSD.  Their header is
 * compared with our numbers and needed for nothing else.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <net/pfkeyv2.h>
#include <netipsec/ipsec.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfkey.h"

_Static_assert(sizeof(struct sadb_msg) == PK_HDR, "header");
_Static_assert(sizeof(struct sadb_address) == 8, "address");
_Static_assert(sizeof(struct sadb_lifetime) == 32, "lifetime");
_Static_assert(sizeof(struct sadb_x_policy) == 16, "policy");
_Static_assert(sizeof(struct sadb_x_ipsecrequest) == 8, "request");
_Static_assert(sizeof(struct sadb_x_sa2) == 16, "SA2");
_Static_assert(SADB_SATYPE_ESP == 3 && SADB_X_SPDUPDATE == 13 &&
    SADB_X_SPDDELETE == 15 && SADB_X_SPDDUMP == 18, "messages");
_Static_assert(SADB_X_EXT_POLICY == 18 && SADB_X_EXT_SA2 == 19 &&
    SADB_X_EXT_NAT_T_TYPE == 20 && SADB_X_EXT_NAT_T_DPORT == 22,
    "extensions");
_Static_assert(IPSEC_LEVEL_UNIQUE == 3 && IPSEC_MANUAL_REQID_MAX == 0x3fff,
    "policy numbers");
_Static_assert(SADB_X_EALG_AESGCM16 == 20 && SADB_AALG_SHA1HMAC == 3 &&
    SADB_X_AALG_SHA2_256 == 5, "algorithms");

static int
pfkey_open(void **sys, char *why, size_t size)
{
	struct pk_start	*s;

	*sys = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		(void)snprintf(why, size, "out of memory");
		return (-1);
	}
	s->d = pk_dialects[pk_here()];
	s->pid = (uint32_t)getpid();
	/* the same for each s2sd-sad of a daemon, another after that */
	s->life = (uint16_t)(getppid() ^ getppid() >> 16);
	s->fd = socket(PF_KEY, SOCK_RAW, PF_KEY_V2);
	if (s->fd != -1 && fcntl(s->fd, F_SETFD, FD_CLOEXEC) != -1 &&
	    fcntl(s->fd, F_SETFL, O_NONBLOCK) != -1) {
		*sys = s;
		return (0);
	}
	(void)snprintf(why, size, "PF_KEY: %s%s", strerror(errno),
	    s->fd == -1 && (errno == EPROTONOSUPPORT ||
	    errno == EAFNOSUPPORT) ? " (FreeBSD: kldload ipsec; NetBSD: a "
	    "kernel with options IPSEC)" : "");
	if (s->fd != -1)
		(void)close(s->fd);
	free(s);
	return (-1);
}

static void *
pfkey_start(const struct role_io *io, const struct sa_events *ev)
{
	return (pk_new(ev->sys, io, ev));
}

const struct sa_backend sa_pfkey = {
	.choice = BE_PFKEY,
	.name = "pfkey",
	.caps = PFKEY_CAPS,
	.can = pk_can_here,
	.open = pfkey_open,
	.start = pfkey_start,
	PK_OPS
};

/* SPDX-License-Identifier: ISC */

/* pfkey_sys_linux.c: the socket to Linux' af_key. */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/pfkeyv2.h>

#include "pfkey.h"

_Static_assert(sizeof(struct sadb_msg) == PK_HDR, "header");
_Static_assert(sizeof(struct sadb_x_ipsecrequest) == 16, "request");
_Static_assert(SADB_X_SPDUPDATE == 13 && SADB_X_EXT_NAT_T_DPORT == 22 &&
    SADB_X_NAT_T_NEW_MAPPING == 23, "numbers");

/*
 * The family is there as soon as the module is; a kernel can have it and no
 * ESP, then the first SA fails.
 */
static int
pfkey_open(void **sys, char *why, size_t size)
{
	struct pk_start	*s;

	*sys = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		(void)snprintf(why, size, "out of memory");
		return (-1);
	}
	s->d = &pk_linux;
	s->pid = (uint32_t)getpid();
	/* the same for each s2sd-sad of a daemon, another after that */
	s->life = (uint16_t)(getppid() ^ getppid() >> 16);
	s->fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    PF_KEY_V2);
	if (s->fd != -1) {
		*sys = s;
		return (0);
	}
	free(s);
	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
		(void)snprintf(why, size, "this kernel has no PF_KEY (module "
		    "af_key)");
	else if (errno == EPERM)
		(void)snprintf(why, size, "no permission to open a PF_KEY "
		    "socket (CAP_NET_ADMIN)");
	else
		(void)snprintf(why, size, "PF_KEY: %s", strerror(errno));
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
	.caps = PK_CAPS_LINUX,
	.can = pk_can_linux,
	.open = pfkey_open,
	.start = pfkey_start,
	PK_OPS
};

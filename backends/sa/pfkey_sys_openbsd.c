/* SPDX-License-Identifier: ISC */

/*
 * pfkey_sys_openbsd.c: the PF_KEY socket of OpenBSD, and what its kernel has,
 * by sysctl(2): only root may ask, and a DUMP by the socket loses what does
 * not fit into its buffer.
 */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <netinet/in.h>
#include <netinet/ip_esp.h>
#include <net/pfkeyv2.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pfkey.h"

_Static_assert(sizeof(struct sadb_msg) == PK_HDR, "header");
_Static_assert(sizeof(struct sadb_address) == 8, "address");
_Static_assert(sizeof(struct sadb_protocol) == 8, "protocol");
_Static_assert(sizeof(struct sadb_x_udpencap) == 8, "udpencap");
_Static_assert(SADB_SATYPE_ESP == 2 && SADB_X_ADDFLOW == 12 &&
    SADB_X_DELFLOW == 13, "messages");
_Static_assert(SADB_X_EXT_SRC_MASK == 17 && SADB_X_EXT_FLOW_TYPE == 20 &&
    SADB_X_EXT_SRC_FLOW == 21 && SADB_X_EXT_DST_FLOW == 22 &&
    SADB_X_EXT_UDPENCAP == 31 && SADB_X_EXT_TAG == 33, "extensions");
_Static_assert(SADB_X_FLOW_TYPE_REQUIRE == 3 && SADB_X_FLOW_TYPE_DENY == 5,
    "flows");
_Static_assert(SADB_X_SAFLAGS_TUNNEL == 0x4 &&
    SADB_X_SAFLAGS_UDPENCAP == 0x200 && SADB_X_SAFLAGS_ESN == 0x400,
    "flags");
#ifdef SADB_X_EXT_IFACE			/* OpenBSD 7.4 */
_Static_assert(SADB_X_EXT_IFACE == 40 && sizeof(struct sadb_x_iface) == 16,
    "iface");
#endif
_Static_assert(SADB_X_EALG_AESGCM16 == 20 &&
    SADB_X_EALG_CHACHA20POLY1305 == 22, "algorithms");

enum { SADB = 1, SPD = 2, TRIES = 4 };	/* NET_KEY_SADB_DUMP, _SPD_DUMP */

/* One table behind what s->snap has already; 0, or -1 and errno. */
static int
dump(struct pk_start *s, int what)
{
	int	 mib[5] = { CTL_NET, PF_KEY, PF_KEY_V2, what, 0 };
	size_t	 need, i;
	uint8_t	*p, *old = (uint8_t *)(uintptr_t)s->snap.p;

	for (i = 0; i < TRIES; i++) {	/* it may grow meanwhile */
		if (sysctl(mib, 5, NULL, &need, NULL, 0) == -1)
			return (-1);
		if (need == 0)
			return (0);
		need += need / 2;
		if ((p = realloc(old, s->snap.n + need)) == NULL)
			return (-1);
		old = p;
		s->snap.p = p;
		if (sysctl(mib, 5, p + s->snap.n, &need, NULL, 0) == 0) {
			s->snap.n += need;
			return (0);
		}
		if (errno != ENOMEM)
			return (-1);
	}
	return (-1);
}

/* Without it every SA that goes through UDP is refused. */
static int
udpencap(char *why, size_t size)
{
	int	 mib[4] = { CTL_NET, PF_INET, IPPROTO_ESP,
		    ESPCTL_UDPENCAP_ENABLE }, on = 1;
	size_t	 n = sizeof(on);

	if (sysctl(mib, 4, &on, &n, NULL, 0) == -1 || on)
		return (0);
	(void)snprintf(why, size, "ESP in UDP is off; write: sysctl "
	    "net.inet.esp.udpencap=1");
	return (-1);
}

static int
pfkey_open(void **sys, char *why, size_t size)
{
	struct pk_start	*s;

	*sys = NULL;
	if (udpencap(why, size) == -1)
		return (-1);
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		(void)snprintf(why, size, "out of memory");
		return (-1);
	}
	s->d = &pk_openbsd;
	s->pid = (uint32_t)getpid();
	/* the same for each s2sd-sad of a daemon, another after that */
	s->life = (uint16_t)(getppid() ^ getppid() >> 16);
	s->fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    PF_KEY_V2);
	if (s->fd != -1 && dump(s, SADB) == 0 && dump(s, SPD) == 0) {
		*sys = s;
		return (0);
	}
	(void)snprintf(why, size, "PF_KEY: %s", strerror(errno));
	if (s->fd != -1)
		(void)close(s->fd);
	free((uint8_t *)(uintptr_t)s->snap.p);
	free(s);
	return (-1);
}

/* The snapshot has keys: it is wiped as soon as it was read. */
static void *
pfkey_start(const struct role_io *io, const struct sa_events *ev)
{
	struct pk_start	*s = ev->sys;
	void		*b;

	b = pk_new(s, io, ev);
	if (s->snap.p != NULL) {
		explicit_bzero((uint8_t *)(uintptr_t)s->snap.p, s->snap.n);
		free((uint8_t *)(uintptr_t)s->snap.p);
	}
	s->snap = rd_of(NULL, 0);
	return (b);
}

const struct sa_backend sa_pfkey = {
	.choice = BE_PFKEY,
	.name = "pfkey",
	.caps = PK_CAPS_OPENBSD,
	.can = pk_can_openbsd,
	.open = pfkey_open,
	.start = pfkey_start,
	PK_OPS
};

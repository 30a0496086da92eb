/* SPDX-License-Identifier: ISC */

/* rtmsg_openbsd.c: the header says how long it is. */

#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <net/route.h>

#include "rtmsg.h"

void
rtmsg_os(struct rt_msghdr *m)
{
	m->rtm_hdrlen = sizeof(*m);
}

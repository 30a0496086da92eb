/* SPDX-License-Identifier: ISC */

/* rtmsg_kame.c: FreeBSD and NetBSD need nothing more. */

#include "config.h"

#include "rtmsg.h"

void
rtmsg_os(struct rt_msghdr *m)
{
	(void)m;
}

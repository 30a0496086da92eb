/* SPDX-License-Identifier: ISC */

/* tunhead_kame.c: FreeBSD and NetBSD are asked for it. */

#include "config.h"

#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/if_tun.h>

#include "tunhead.h"

int
tun_header(int fd)
{
	int	 on = 1;

	return (ioctl(fd, TUNSIFHEAD, &on));
}

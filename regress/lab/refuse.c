/* SPDX-License-Identifier: ISC */

/* refuse.c: setsockopt(2) that refuses the filter of port 4500; for LD_PRELOAD */

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <unistd.h>

int
setsockopt(int fd, int level, int name, const void *p, socklen_t n)
{
	if (level == SOL_SOCKET && (name == SO_ATTACH_REUSEPORT_CBPF ||
	    name == SO_ATTACH_REUSEPORT_EBPF)) {
		errno = EPERM;
		return (-1);
	}
	return ((int)syscall(SYS_setsockopt, fd, level, name, p, n));
}

/* SPDX-License-Identifier: ISC */

/* slowrandom.c: getrandom(2) of a machine that has just booted; for LD_PRELOAD */

#include <sys/random.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Until the file that SLOWRANDOM names is there. */
ssize_t
getrandom(void *p, size_t n, unsigned int flags)
{
	const char	*f = getenv("SLOWRANDOM");

	while (f != NULL && access(f, F_OK) == -1) {
		if (flags & GRND_NONBLOCK) {
			errno = EAGAIN;
			return (-1);
		}
		(void)usleep(50000);
	}
	return ((ssize_t)syscall(SYS_getrandom, p, n, flags));
}

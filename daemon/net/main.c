/* SPDX-License-Identifier: ISC */

/* main.c: s2sd-net as a process: its four sockets and its library. */

#include <sys/types.h>
#include <sys/socket.h>

#include <err.h>

#include <event2/event.h>

#include "crypt.h"
#include "sock.h"

static void	*net_self;

static void
on_read(int fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	sock_read(fd, net_self, now_ms());
	role_kick();
}

/* Sockets that the parent could not open (no IPv6 here) are absent. */
static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	struct event	*ev;
	socklen_t	 len;
	int		 fd, type;

	(void)io;
	net_self = self;
	net_set_output(self, sock_write, NULL);
	for (fd = FD_UDP500_4; fd <= FD_UDP4500_6; fd++) {
		len = sizeof(type);
		if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
			continue;
		if (type != SOCK_DGRAM)
			errx(1, "descriptor %d is no UDP socket", fd);
		cmsg_setup(fd, fd == FD_UDP500_6 || fd == FD_UDP4500_6);
		ev = event_new(base, fd, EV_READ | EV_PERSIST, on_read, NULL);
		if (ev == NULL || event_add(ev, NULL) == -1)
			errx(1, "event_new");
	}
}

int
main(int argc, char **argv)
{
	static const struct role_proc rp = {
		.role = &role_net,
		.setup = setup,
		.warmup = crypt_warmup,
	};

	role_main(&rp, argc, argv);
}

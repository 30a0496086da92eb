/* SPDX-License-Identifier: ISC */

/* notify.c: one datagram to the socket in NOTIFY_SOCKET. */

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "notify.h"

void
notify_manager(const char *state)
{
	const char		*path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un	 un;
	socklen_t		 len;
	int			 s;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(un.sun_path))
		return;
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	memcpy(un.sun_path, path, strlen(path));
	if (path[0] == '@')
		un.sun_path[0] = '\0';	/* a name without a file */
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path));
	if ((s = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		return;
	(void)sendto(s, state, strlen(state), 0, (struct sockaddr *)&un, len);
	(void)close(s);
}

/* SPDX-License-Identifier: ISC */

/* daemon.c: what s2sd itself says of its tunnels. */

#include <time.h>
#include <unistd.h>

#include "s2sctl.h"
#include "verify.h"

enum { PATIENCE = 5000 };

void
v_daemon_read(struct v_daemon *d, const char *path)
{
	uint8_t		 buf[IPC_FRAME_MAX];
	struct m_u_name	 m;
	struct rd	 r;
	int		 fd, state = 0;

	memset(&m, 0, sizeof(m));
	if ((fd = io_open(path)) == -1)
		return;
	(void)!io_ask(fd, M_U_STATUS, &m);
	d->st.wall = (int64_t)time(NULL);
	while (state == 0 && io_next(fd, buf, &r, PATIENCE) == 1)
		state = u_take(&d->st, r);
	(void)close(fd);
	d->running = state == 1 && d->st.done.err == UERR_OK;
}

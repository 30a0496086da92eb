/* SPDX-License-Identifier: ISC */

/* end.c: the children go, in an order in which nothing is lost. */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "parent.h"

enum {
	END_TERM = 3000,	/* ms from SIGTERM to SIGKILL */
	END_READ = 5000		/* ms for a last frame to be read */
};

/* Wait until it has read what it was sent. */
static void
let_read(const struct parent *p, enum proc who, enum proc from)
{
	struct pollfd	 pf;
	int		 ms;

	pf.fd = p->ends[who][from];
	pf.events = POLLIN;
	for (ms = 0; pf.fd != -1 && ms < END_READ; ms += 10)
		if (p->child[who].pid == 0 ||
		    waitpid(p->child[who].pid, NULL, WNOHANG) != 0 ||
		    poll(&pf, 1, 0) != 1 || usleep(10000) == -1)
			return;
}

static void
end(struct parent *p, uint32_t who)
{
	int	 left = 1, ms, q;

	for (q = 0; q < PROC_MAX; q++)
		if ((who & PB(q)) && p->child[q].pid != 0)
			(void)kill(p->child[q].pid, SIGTERM);
	for (ms = 0; left; ms += 10) {
		left = 0;
		for (q = 0; q < PROC_MAX; q++) {
			if (!(who & PB(q)) || p->child[q].pid == 0)
				continue;
			if (waitpid(p->child[q].pid, NULL, WNOHANG) != 0)
				p->child[q].pid = 0;
			else if (ms >= END_TERM)
				(void)kill(p->child[q].pid, SIGKILL);
			left += p->child[q].pid != 0;
		}
		if (left)
			(void)usleep(10000);
	}
}

/* s2sd-host's last wishes go to s2sd-exec; the log has the last word. */
void
end_all(struct parent *p)
{
	end(p, ~(PB(PROC_EXEC) | PB(PROC_CTL)));
	let_read(p, PROC_EXEC, PROC_HOST);
	end(p, PB(PROC_EXEC));
	let_read(p, PROC_CTL, PROC_PARENT);
	end(p, PB(PROC_CTL));
}

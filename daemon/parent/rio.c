/* SPDX-License-Identifier: ISC */

/* rio.c: what the reload machine may do to the world, reload.h. */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <syslog.h>

#include "parent.h"

static void
rio_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	frames_send(arg, to, h, body, len);
}

static int
rio_room(void *arg, enum proc to)
{
	struct parent	*p = arg;

	return (p->child[to].chan != NULL &&
	    !ipc_chan_waiting(p->child[to].chan));
}

static int
rio_conf_start(void *arg, const char *mode, uint32_t gen)
{
	struct parent	*p = arg;
	const char	*extra[3];
	char		 number[16];

	(void)snprintf(number, sizeof(number), "%u", gen);
	extra[0] = number;
	extra[1] = p->file;
	extra[2] = NULL;
	spawn_tell(p, PROC_CONF);
	return (spawn(p, PROC_CONF, mode, extra));
}

/* At once, so that the next one can be started at once. */
static void
rio_conf_stop(void *arg)
{
	struct parent	*p = arg;
	struct child	*c = &p->child[PROC_CONF];
	int		 status;

	if (c->pid == 0)
		return;
	(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		;
	c->pid = 0;
	(void)restart_died(&c->life, run_now());
	spawn_buried(p, PROC_CONF);
}

static void
rio_fail(void *arg, enum proc who, const char *why)
{
	struct parent	*p = arg;

	parent_log(p, LOG_ERR, "%s: %s: ended", proc_name(who), why);
	spawn_end(p, who, why);
}

static void
rio_error(void *arg, const char *line)
{
	struct parent	*p = arg;

	if (p->going)
		parent_log(p, LOG_ERR, "%s", line);
	else
		(void)fprintf(stderr, "%s\n", line);
}

static void
rio_warn(void *arg, const char *line)
{
	struct parent	*p = arg;

	if (p->going)
		parent_log(p, LOG_WARNING, "%s", line);
	else
		(void)fprintf(stderr, "%s\n", line);
}

static void
rio_lacks(void *arg, int on)
{
	struct parent	*p = arg;

	p->lacks = on;
	frames_proc(p, PROC_KEYS);
}

static void
rio_global(void *arg, struct global *g)
{
	struct parent	*p = arg;

	g->verbose |= (uint8_t)(p->verbose && p->mode == RUN_DAEMON);
	(void)strlcpy(p->group, g->group, sizeof(p->group));
	if (p->mode == RUN_DAEMON)
		run_plane(p, g);
}

/* All that are wanted have the configuration: begin. */
static void
rio_ready(void *arg, enum proc who)
{
	struct parent	*p = arg;
	struct child	*c;
	int		 q;

	if (p->stopping || p->mode != RUN_DAEMON)
		return;
	if (p->going && !p->child[who].gone) {
		p->child[who].gone = 1;
		frames_body(p, who, M_GO, 0, NULL);
		return;
	}
	if (!p->started)
		return;
	for (q = 0; q < PROC_MAX; q++)
		if (p->child[q].wanted &&
		    !reload_is_ready(p->reload, (enum proc)q))
			return;
	p->going = 1;
	for (q = 0; q < RELOAD_ORDER; q++) {
		c = &p->child[reload_order[q]];
		if (!c->wanted)
			continue;
		c->gone = 1;
		frames_body(p, reload_order[q], M_GO, 0, NULL);
	}
	parent_log(p, LOG_NOTICE, "s2sd %s runs", PACKAGE_VERSION);
	parent_detach(p);
}

static void
rio_done(void *arg, int err, const char *text)
{
	run_reload_done(arg, err, text);
}

void
rio_fill(struct parent *p)
{
	p->rio.arg = p;
	p->rio.send = rio_send;
	p->rio.room = rio_room;
	p->rio.conf_start = rio_conf_start;
	p->rio.conf_stop = rio_conf_stop;
	p->rio.fail = rio_fail;
	p->rio.ready = rio_ready;
	p->rio.done = rio_done;
	p->rio.error = rio_error;
	p->rio.warn = rio_warn;
	p->rio.lacks = rio_lacks;
	p->rio.global = rio_global;
}

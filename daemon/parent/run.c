/* SPDX-License-Identifier: ISC */

/* run.c: the life of the daemon: start order, deaths, reload, stop. */

#include "config.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "notify.h"
#include "parent.h"

enum {
	FAREWELL = 1000,	/* ms for s2sd-ike to say that tunnels end */
	LINGER = 200		/* ms for s2sd-net to send that */
};

uint64_t
run_now(void)
{
	struct timespec	 ts;

#ifdef CLOCK_BOOTTIME
	if (clock_gettime(CLOCK_BOOTTIME, &ts) == -1)
#endif
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000);
}

/* --- start --- */

static void
give_up(struct parent *p)
{
	p->exit_code = 1;
	p->stopping = 1;
	p->stop_at = 0;
	(void)event_base_loopbreak(p->base);
}

static void
want(struct parent *p, enum proc who, const char *mode)
{
	struct child	*c = &p->child[who];

	if (c->wanted)
		return;
	c->wanted = 1;
	c->start_at = UINT64_MAX;
	if (spawn(p, who, mode, NULL) == -1)
		give_up(p);
}

static const char *
mode_name(const struct parent *p)
{
	return (p->mode == RUN_BLOCK ? "block" :
	    p->mode == RUN_UNBLOCK ? "unblock" : "run");
}

/* Everybody we wait for is up?  Then the configuration can go round. */
static void
all_up(struct parent *p)
{
	uint64_t	 now = run_now();
	int		 q;

	if (p->started || reload_busy(p->reload))
		return;
	for (q = 0; q < PROC_MAX; q++)
		if (p->child[q].wanted && !p->child[q].up)
			return;
	if (p->mode != RUN_UNBLOCK)
		reload_start(p->reload, now);
	else if (reload_drain(p->reload, ~0u, now) == -1)
		give_up(p);
}

void
run_hello(struct parent *p, enum proc who, const char *note)
{
	struct child	*c = &p->child[who];
	int		 q;

	c->hello_by = UINT64_MAX;
	if (who == PROC_CTL) {
		for (q = 0; q < PROC_MAX; q++)
			frames_proc(p, (enum proc)q);
	} else
		frames_proc(p, who);
	/* the helper that runs programs, where this host needs it */
	if (who == PROC_HOST && strncmp(note, "exec:", 5) == 0)
		want(p, PROC_EXEC, mode_name(p));
	if (who == PROC_SAD)
		(void)strlcpy(p->planes, note, sizeof(p->planes));
	reload_up(p->reload, who, run_now());
	all_up(p);
}

/* Where ESP is done: in the kernel, s2sd-host needs to know; in userland the
 * TUN stands before it is told of routes through it. */
void
run_plane(struct parent *p, struct global *g)
{
	static const char *const names[] = {
		[BE_XFRM] = "xfrm", [BE_PFKEY] = "pfkey",
		[BE_USERLAND] = "userland"
	};
	size_t			 i, n = strcspn(p->planes, " ");

	for (i = BE_XFRM; g->backend == BE_AUTO && i < nitems(names); i++)
		if (strlen(names[i]) == n &&
		    strncmp(p->planes, names[i], n) == 0)
			g->backend = (uint8_t)i;
	if (p->started)
		return;			/* s2sd-sad refuses a change */
	p->plane = g->backend;
	if (p->plane == BE_USERLAND && p->tun == -1 && sys_tun(p) == -1)
		give_up(p);
}

/* The configuration wants iptables: the helper that runs it, if need be. */
void
run_exec(struct parent *p)
{
	if (!p->child[PROC_EXEC].wanted)
		want(p, PROC_EXEC, "run");
}

/*
 * The first configuration is in force, so the block and the exemption
 * stand: now the sockets may open, and those who use them may start.
 */
static void
open_up(struct parent *p)
{
	p->started = 1;
	fds_group(p);
	if (sys_udp(p, p->tun != -1, p->plane == BE_XFRM ||
	    p->plane == BE_PFKEY) == -1) {
		give_up(p);
		return;
	}
	if (p->tun != -1)
		want(p, PROC_ESP, "run");
	want(p, PROC_NET, "run");
}

static void
answer(struct parent *p, struct reqs *q, int err, const char *text)
{
	struct m_c_done	 m;
	size_t		 i;

	memset(&m, 0, sizeof(m));
	m.err = (uint8_t)err;
	(void)snprintf(m.text, sizeof(m.text), "%s", text);
	for (i = 0; i < q->n; i++)
		frames_body(p, PROC_CTL, M_C_DONE, q->id[i], &m);
	q->n = 0;
}

void
run_reload_done(struct parent *p, int err, const char *text)
{
	if (p->stopping) {
		answer(p, &p->reqs, err, text);
		p->stop_at = run_now() + LINGER;
		return;
	}
	if (p->started) {
		p->n_reload++;
		p->n_refused += err != 0;
		if (err)
			parent_log(p, LOG_ERR, "reload refused, nothing "
			    "changed: %.*s", (int)strcspn(text, "\n"), text);
		else {
			parent_log(p, LOG_NOTICE, "reloaded: %.*s",
			    (int)strcspn(text, "\n"), text);
			fds_group(p);
		}
		answer(p, &p->reqs, err, text);
		p->reqs = p->reqs_next;
		p->reqs_next.n = 0;
		return;
	}
	if (err) {
		/* s2sd-conf's lines have been printed as they came */
		if (strchr(text, '\n') == NULL && strncmp(text, "s2sd", 4) == 0)
			warnx("%s", text);
		give_up(p);
	} else if (p->mode == RUN_DAEMON)
		open_up(p);
	else
		(void)event_base_loopbreak(p->base);
}

void
run_reload(struct parent *p, uint32_t req)
{
	struct reqs	*q;

	q = reload_running(p->reload) ? &p->reqs_next : &p->reqs;
	if (req != 0) {
		if (p->stopping || q->n == REQ_MAX)
			return;		/* s2sd-ctl has its own patience */
		q->id[q->n++] = req;
	}
	if (!p->stopping && p->started)
		reload_start(p->reload, run_now());
}

/* --- deaths --- */

static const char *
how(const struct child *c, int status, char *buf, size_t len)
{
	if (c->why[0] != '\0')
		(void)snprintf(buf, len, "%s", c->why);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		(void)snprintf(buf, len, "a system call outside its sandbox");
	else if (WIFSIGNALED(status))
		(void)snprintf(buf, len, "signal %d", WTERMSIG(status));
	else
		(void)snprintf(buf, len, "exit %d", WEXITSTATUS(status));
	return (buf);
}

static void
conf_died(struct parent *p, int status)
{
	struct child	*c = &p->child[PROC_CONF];
	int		 ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	char		 buf[160];

	if (!WIFEXITED(status))
		parent_log(p, LOG_ERR, "s2sd-conf ended: %s",
		    how(c, status, buf, sizeof(buf)));
	c->pid = 0;
	frames_drain(p, PROC_CONF);
	(void)restart_died(&c->life, run_now());
	spawn_buried(p, PROC_CONF);
	reload_conf_exit(p->reload, ok, run_now());
}

static void
died(struct parent *p, enum proc who, int status)
{
	struct child	*c = &p->child[who];
	uint64_t	 now = run_now();
	char		 buf[160];

	c->pid = 0;
	c->up = 0;
	if (p->stopping)
		return;
	(void)how(c, status, buf, sizeof(buf));
	/* it needs no configuration to lift the block, and says so by 0 */
	if (p->mode == RUN_UNBLOCK && who == PROC_HOST &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		(void)event_base_loopbreak(p->base);
		return;
	}
	if (!p->going) {
		warnx("%s did not start: %s", proc_name(who), buf);
		give_up(p);
		return;
	}
	c->start_at = restart_died(&c->life, now);
	c->since = now;
	c->hello_by = UINT64_MAX;
	spawn_buried(p, who);
	if (c->start_at > now)
		parent_log(p, LOG_ERR, "%s ended (%s), for the %uth time: "
		    "started again in %u s", proc_name(who), buf,
		    c->life.count, (unsigned int)((c->start_at - now) / 1000));
	else
		parent_log(p, LOG_ERR, "%s ended (%s): started again",
		    proc_name(who), buf);
	reload_down(p->reload, who, now);
	frames_proc(p, who);
}

static void
on_child(int sig, short what, void *arg)
{
	struct parent	*p = arg;
	pid_t		 pid;
	int		 status, q;

	(void)sig;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (q = 0; q < PROC_MAX; q++) {
			if (p->child[q].pid != pid)
				continue;
			if (q == PROC_CONF)
				conf_died(p, status);
			else
				died(p, (enum proc)q, status);
			break;
		}
	run_timer(p);
}

/* --- time --- */

static void
due(struct parent *p, enum proc who, uint64_t now)
{
	struct child	*c = &p->child[who];

	if (c->wanted && c->pid == 0 && !p->stopping && c->start_at <= now) {
		c->start_at = UINT64_MAX;
		if (spawn(p, who, mode_name(p), NULL) == -1)
			c->start_at = restart_died(&c->life, now);
	}
	if (c->pid != 0 && who != PROC_CONF && c->hello_by <= now) {
		c->hello_by = UINT64_MAX;
		spawn_end(p, who, "did not come up");
	}
}

void
run_timer(struct parent *p)
{
	uint64_t	 now = run_now(), next;
	struct timeval	 tv;
	struct child	*c;
	int		 q;

	if (p->stopping && p->stop_at <= now) {
		(void)event_base_loopbreak(p->base);
		return;
	}
	next = reload_tick(p->reload, now);
	for (q = 0; q < PROC_MAX; q++) {
		due(p, (enum proc)q, now);
		c = &p->child[q];
		if (c->wanted && c->pid == 0 && c->start_at < next)
			next = c->start_at;
		if (c->pid != 0 && q != PROC_CONF && c->hello_by < next)
			next = c->hello_by;
	}
	if (p->stopping && p->stop_at < next)
		next = p->stop_at;
	if (next == UINT64_MAX) {
		(void)event_del(p->timer);
		return;
	}
	next = next > now ? next - now : 0;
	tv.tv_sec = (time_t)(next / 1000);
	tv.tv_usec = (suseconds_t)(next % 1000) * 1000;
	(void)event_add(p->timer, &tv);
}

static void
on_timer(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	run_timer(arg);
}

/* --- what children print --- */

/*
 * Lines on stderr: a start that failed, or the sanitizers.  Not to s2sd-ctl,
 * which may be the one that writes there.
 */
static void
on_words(int fd, short what, void *arg)
{
	struct parent	*p = arg;
	char		 buf[TEXT_MAX], *c, *line, *rest = buf;
	ssize_t		 n;

	(void)what;
	if ((n = read(fd, buf, sizeof(buf) - 1)) <= 0)
		return;
	buf[n] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line == '\0')
			continue;
		for (c = line; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				*c = '?';
		parent_say(p, line);
	}
}

/* --- the end --- */

/*
 * The peers are told first: s2sd-ike gets an empty configuration, so it
 * sends its DELETEs; nobody waits longer than FAREWELL for that.
 */
void
run_stop(struct parent *p, int unblock)
{
	uint64_t	 now = run_now();

	if (p->stopping)
		return;
	p->stopping = 1;
	p->unblock = unblock;
	p->stop_at = now + FAREWELL;
	if (p->mode == RUN_DAEMON)
		notify_manager("STOPPING=1");
	if (p->mode == RUN_DAEMON)
		parent_log(p, LOG_NOTICE, unblock ?
		    "stopping; the block is lifted" : "stopping; what belongs "
		    "into a tunnel stays blocked until s2sd runs again or "
		    "`s2sd -u' lifts the block");
	if (!p->going || reload_drain(p->reload, PB(PROC_IKE), now) == -1)
		p->stop_at = now;
	run_timer(p);
}

static void
on_term(int sig, short what, void *arg)
{
	struct parent	*p = arg;

	(void)sig;
	(void)what;
	if (!p->going)
		p->exit_code = 1;
	run_stop(p, 0);
}

static void
on_hup(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	run_reload(arg, 0);
	run_timer(arg);
}

/* --- all of it --- */

static int
loop(struct parent *p)
{
	const struct { int sig; void (*fn)(int, short, void *); } s[] = {
		{ SIGTERM, on_term }, { SIGINT, on_term },
		{ SIGHUP, on_hup }, { SIGCHLD, on_child }
	};
	size_t		 i;

	if ((p->base = event_base_new()) == NULL ||
	    (p->timer = evtimer_new(p->base, on_timer, p)) == NULL)
		return (-1);
	for (i = 0; i < nitems(s); i++)
		if ((p->ev[i] = evsignal_new(p->base, s[i].sig, s[i].fn,
		    p)) == NULL || event_add(p->ev[i], NULL) == -1)
			return (-1);
	if (p->words[0] != -1 && ((p->ev[i] = event_new(p->base, p->words[0],
	    EV_READ | EV_PERSIST, on_words, p)) == NULL ||
	    event_add(p->ev[i], NULL) == -1))
		return (-1);
	(void)signal(SIGPIPE, SIG_IGN);
	rio_fill(p);
	p->reload = reload_new(&p->rio, p->mode == RUN_DAEMON ? "run" :
	    p->mode == RUN_PRINT ? "print" : "test");
	return (p->reload == NULL ? -1 : 0);
}

static void
unloop(struct parent *p)
{
	size_t	 i;

	for (i = 0; i < PROC_MAX; i++)
		frames_close(p, (enum proc)i);
	for (i = 0; i < nitems(p->ev); i++)
		if (p->ev[i] != NULL)
			event_free(p->ev[i]);
	if (p->timer != NULL)
		event_free(p->timer);
	if (p->base != NULL)
		event_base_free(p->base);
	reload_free(p->reload);
}

/* Everything that can be missing is looked at before anything is changed. */
static int
prepare(struct parent *p)
{
	int	 host = p->mode != RUN_TEST && p->mode != RUN_PRINT, rv;

	if (fds_empty() == -1 ||
	    (p->mode != RUN_UNBLOCK && fds_confdir(p) == -1))
		return (-1);
	if (host && (rv = fds_lock(p)) != 0)
		return (rv);
	if (spawn_channels(p) == -1)
		return (-1);
	if (p->mode == RUN_DAEMON)
		sys_entropy();
	if (p->mode == RUN_DAEMON && (sys_probe() == -1 ||
	    fds_control(p) == -1))
		return (-1);
	if (p->mode == RUN_DAEMON && !p->debug) {
		(void)fds_syslog(p);
		if (fds_words(p) == -1)
			return (-1);
	}
	return (host ? sys_owner(p) : 0);
}

int
run(struct parent *p)
{
	static const enum proc	 first[] = {
		PROC_CTL, PROC_KEYS, PROC_SAD, PROC_HOST, PROC_IKE
	};
	size_t			 i;
	int			 rv;

	p->child[PROC_PARENT].since = run_now();
	for (i = 0; i < PROC_MAX; i++) {
		restart_init(&p->child[i].life);
		p->child[i].start_at = p->child[i].hello_by = UINT64_MAX;
	}
	if ((rv = prepare(p)) != 0 || loop(p) == -1) {
		unloop(p);
		fds_unlock(p);
		return (rv != 1);
	}
	sandbox(PROC_PARENT);
	if (p->mode == RUN_DAEMON)
		for (i = 0; i < nitems(first); i++)
			want(p, first[i], "run");
	else if (p->mode == RUN_BLOCK || p->mode == RUN_UNBLOCK)
		want(p, PROC_HOST, mode_name(p));
	else
		reload_start(p->reload, run_now());
	run_timer(p);
	if (!p->stopping)
		(void)event_base_dispatch(p->base);
	p->stopping = 1;
	end_all(p);
	unloop(p);
	fds_unlock(p);
	return (p->exit_code);
}

/* SPDX-License-Identifier: ISC */

/*
 * main.c: s2sd-host.  Opens its sockets and files as root, drops to
 * CAP_NET_ADMIN, and executes nothing.  argv[3]: run, or block; unblock
 * is run with a configuration of no tunnels.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <syslog.h>

#include <event2/event.h>

#include "host.h"
#include "../../backends/fw/accept.h"
#include "../../backends/fw/ipt.h"

static struct {
	const struct role_io	*io;		/* NULL until setup */
	void			*self;
	struct host_os		 os;
	char			 note[TEXT_MAX];
	int			 exec;	/* s2sd-exec was asked for */
} hm;

static void
say(void *arg, int level, const char *text)
{
	(void)arg;
	if (hm.io != NULL)
		role_log(hm.io, level, 0, 0, "%s", text);
	else if (level <= LOG_WARNING)
		warnx("%s", text);
}

static int
run(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	(void)arg;
	return (hm.io == NULL ? -1 : host_run_exec(hm.io, req, what, rest, n));
}

/* Bits 0 to 3: iptables.c's; 4 and 5: those of accept.c. */
static void
mark(void *arg, uint32_t variants)
{
	(void)arg;
	hm.os.be->mark(hm.os.ctx, (hm.os.be->marked(hm.os.ctx) & 0x30) |
	    (variants & 0xf));
}

static void
mark_accept(void *arg, uint32_t variants)
{
	(void)arg;
	hm.os.be->mark(hm.os.ctx, (hm.os.be->marked(hm.os.ctx) & 0xf) |
	    (variants & 3) << 4);
}

/* s2sd-exec may not run yet: what is sent waits for it. */
static int
run_accept(void *arg, uint32_t req, uint8_t what, const void *rest, size_t n)
{
	if (hm.io == NULL)
		return (-1);
	if (!hm.exec)
		(void)role_send(hm.io, PROC_PARENT, M_H_EXEC, 0, 0, 0, NULL);
	hm.exec = 1;
	return (run(arg, req, what, rest, n));
}

static void
open_root(void)
{
	struct host_env	 henv = { NULL, say, NULL };
	struct fw_env	 env = { .owner_fd = FD_OWNER, .run = run,
			    .log = say, .mark = mark }, accept_env;
	char		 why[FW_WHYLEN] = "";

	hm.os.be = &host_linux;
	if ((hm.os.ctx = host_linux.open(&henv, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	env.outdrop = hm.os.be->outdrop(hm.os.ctx);
	env.leftover = hm.os.be->marked(hm.os.ctx) | ipt_left();
	if (fcntl(FD_OWNER, F_GETFD) == -1)
		env.owner_fd = -1;
	hm.os.nft.be = &fw_nft;
	hm.os.nft.ctx = fw_nft.open(&env, hm.os.nft.why,
	    sizeof(hm.os.nft.why));
	hm.os.iptables.be = &fw_iptables;
	hm.os.iptables.ctx = fw_iptables.open(&env, hm.os.iptables.why,
	    sizeof(hm.os.iptables.why));
	accept_env = env;
	accept_env.leftover = env.leftover >> 4 & 3;
	accept_env.mark = mark_accept;
	accept_env.run = run_accept;
	if ((hm.os.accctx = fw_accept_linux.open(&accept_env)) != NULL)
		hm.os.acc = &fw_accept_linux;
	if (hm.os.nft.ctx == NULL)
		(void)snprintf(hm.note, sizeof(hm.note), "exec: %s",
		    hm.os.nft.why);
	else if (env.leftover != 0)
		(void)snprintf(hm.note, sizeof(hm.note),
		    "exec: iptables chains of an earlier s2sd are left");
	if (hm.note[0] == '\0')
		return;
	role_note = hm.note;
	hm.os.exec = hm.exec = 1;
}

static void
leave(void)
{
	host_leave(hm.self);
	/* with the block goes what a killed s2sd-sad has left */
	if (strcmp(role_mode, "unblock") == 0)
		(void)hm.os.be->clear(hm.os.ctx, 1);
}

static void
filter_event(int fd, short what, void *arg)
{
	(void)fd; (void)what;
	host_filter_changed(arg, now_ms());
	role_kick();
}

static void
addrs_event(int fd, short what, void *arg)
{
	(void)fd; (void)what;
	host_addrs_changed(arg, now_ms());
	role_kick();
}

static void
watch(struct event_base *base, int fd, event_callback_fn fn, void *self)
{
	struct event	*ev;

	if (fd == -1)
		return;
	if ((ev = event_new(base, fd, EV_READ | EV_PERSIST, fn, self)) ==
	    NULL || event_add(ev, NULL) == -1)
		errx(1, "event_new");
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	hm.io = io;
	hm.self = self;
	host_use(self, &hm.os);
	if (strcmp(role_mode, "block") == 0)
		host_block_only(self);
	if (hm.os.nft.ctx != NULL)
		watch(base, fw_nft.fd(hm.os.nft.ctx), filter_event, self);
	if (hm.os.iptables.ctx != NULL)
		watch(base, fw_iptables.fd(hm.os.iptables.ctx), filter_event,
		    self);
	watch(base, host_linux.fd(hm.os.ctx), addrs_event, self);
	role_exit_hook = leave;
}

int
main(int argc, char **argv)
{
	static const struct role_proc	 rp = {
		.role = &role_host, .open_root = open_root, .setup = setup
	};

	role_main(&rp, argc, argv);
}

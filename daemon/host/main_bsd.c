/* SPDX-License-Identifier: ISC */

/*
 * main_bsd.c: s2sd-host on the BSDs: looks and decides; what changes the
 * system goes to s2sd-exec, which is therefore always asked for.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <syslog.h>

#include <event2/event.h>

#include "../../backends/fw/pf.h"
#include "../../backends/sa/pfkey.h"
#include "host.h"

static struct {
	const struct role_io	*io;		/* NULL until setup */
	void			*self;
	struct host_os		 os;
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

/* `s2sd -u': what an s2sd-sad has left as the block. */
static void
unblock(void)
{
	char	 why[256];
	void	*sys;

	if (sa_pfkey.open(&sys, why, sizeof(why)) == 0 &&
	    pk_sweep(sys) == -1)
		warnx("PF_KEY: policies of s2sd may be left");
}

static void
open_root(void)
{
	struct host_env	 env = { NULL, say, run };
	/* FreeBSD's pf has a translation section, NetBSD no pf of its own */
	struct fw_env	 fenv = { .owner_fd = -1, .run = run, .log = say,
			    .pf_old = PFKEY_SYSTEM == PK_SYS_FREEBSD,
			    .pf_tun = PF_ENC };
	char		 why[FW_WHYLEN] = "";

	if (strcmp(role_mode, "unblock") == 0)
		unblock();
	hm.os.be = &host_bsd;
	if ((hm.os.ctx = host_bsd.open(&env, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	(void)snprintf(hm.os.nft.why, sizeof(hm.os.nft.why),
	    "this system has no nftables");
	(void)snprintf(hm.os.iptables.why, sizeof(hm.os.iptables.why),
	    "this system has no pf");
	hm.os.iptables.be = &fw_pf;
	if (PFKEY_SYSTEM != PK_SYS_NETBSD)
		hm.os.iptables.ctx = fw_pf.open(&fenv, hm.os.iptables.why,
		    sizeof(hm.os.iptables.why));
	role_note = "exec: only root may change routes here";
	hm.os.exec = 1;
}

static void
leave(void)
{
	host_leave(hm.self);
}

static void
addrs_event(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	host_addrs_changed(arg, now_ms());
	role_kick();
}

static void
setup(struct event_base *base, void *self, const struct role_io *io)
{
	struct event	*ev;

	hm.io = io;
	hm.self = self;
	host_use(self, &hm.os);
	ev = event_new(base, host_bsd.fd(hm.os.ctx), EV_READ | EV_PERSIST,
	    addrs_event, self);
	if (ev == NULL || event_add(ev, NULL) == -1)
		errx(1, "event_new");
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

/* SPDX-License-Identifier: ISC */

/*
 * main_bsd.c: s2sd-host on the BSDs: looks and decides; what changes the
 * system goes to s2sd-exec, which is therefore always asked for.  The kernel's
 * policies are s2sd-sad's; without one, for `-b' and `-u', this has them.
 */

#include "config.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <event2/event.h>

#include "../../backends/fw/pf.h"
#include "../../backends/sa/pfkey.h"
#include "host.h"

static struct {
	const struct role_io	*io;		/* NULL until setup */
	void			*self;
	struct host_os		 os;
	void			*pfkey;		/* -b: an open socket, or NULL */
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

/* `s2sd -b': what an s2sd-sad would ask its kernel for, if that has ESP. */
static void
open_block(void)
{
	char	 why[256];

	if (sa_pfkey.open(&hm.pfkey, why, sizeof(why)) == -1) {
		hm.pfkey = NULL;
		warnx("%s: routes alone block", why);
	}
}

/* The policies, then as the running daemon: pf and the routes. */
static int
block(void *self, const struct conf *c, uint64_t now)
{
	uint8_t	 plane = c->now->g.backend;

	if (hm.pfkey != NULL && (plane == BE_AUTO || plane == BE_PFKEY) &&
	    pk_hold(hm.pfkey, c->now->t, c->now->n) == -1)
		role_log(hm.io, LOG_ERR, 0, 0, "block: PF_KEY does not take "
		    "all policies; routes alone block the rest");
	hm.pfkey = NULL;			/* its socket is closed */
	return (role_host.added(self, c, now));
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
	if (strcmp(role_mode, "block") == 0)
		open_block();
	hm.os.be = &host_bsd;
	if ((hm.os.ctx = host_bsd.open(&env, why, sizeof(why))) == NULL)
		errx(1, "%s", why);
	(void)snprintf(hm.os.nft.why, sizeof(hm.os.nft.why),
	    "this system has no nftables");
	(void)snprintf(hm.os.iptables.why, sizeof(hm.os.iptables.why),
	    "this system has no pf");
	/* where there is no pf, none is missing */
	if (PFKEY_SYSTEM != PK_SYS_NETBSD)
		hm.os.iptables.be = &fw_pf;
	if (hm.os.iptables.be != NULL)
		hm.os.iptables.ctx = fw_pf.open(&fenv, hm.os.iptables.why,
		    sizeof(hm.os.iptables.why));
	role_note = "exec: only root may change routes here";
	hm.os.exec = 1;
}

static void
leave(void)
{
	host_leave(hm.self);
	if (strcmp(role_mode, "unblock") == 0)
		(void)hm.os.be->clear(hm.os.ctx, 1);
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
	if (strcmp(role_mode, "block") == 0)
		host_block_only(self);
	ev = event_new(base, host_bsd.fd(hm.os.ctx), EV_READ | EV_PERSIST,
	    addrs_event, self);
	if (ev == NULL || event_add(ev, NULL) == -1)
		errx(1, "event_new");
	role_exit_hook = leave;
}

int
main(int argc, char **argv)
{
	static struct role	 role;
	struct role_proc	 rp = {
		.role = &role, .open_root = open_root, .setup = setup
	};

	role = role_host;
	if (argc > 3 && strcmp(argv[3], "block") == 0)
		role.added = block;

	role_main(&rp, argc, argv);
}

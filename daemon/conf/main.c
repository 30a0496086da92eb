/* SPDX-License-Identifier: ISC */

/*
 * main.c: s2sd-conf, epoch build-id mode generation file (proc.h).  It
 * splits in two while it is root (file.c), then parses as _s2sdkey in the
 * sandbox.  Nothing is sent before everything has been checked.
 */

#include "config.h"

#include <sys/socket.h>

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "cf.h"
#include "cf_send.h"
#include "proc.h"

static struct cf_files	 files;
static const char	*path;

/* As root: the half that opens files goes on in a process of its own. */
static void
split(void)
{
	char	 why[128];
	int	 s[2], fd;

	if (cf_files_init(&files, path, why, sizeof(why)) == -1)
		errx(1, "%s", why);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) == -1)
		err(1, "socketpair");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		/* s2sd may have left the folder it was started in */
		files.inside = path[0] != '/' && fchdir(FD_CONFDIR) == 0;
		for (fd = FD_CHAN(0); fd < FD_END; fd++)
			if (fd != s[0])
				(void)close(fd);
		if (s[1] >= FD_END)
			(void)close(s[1]);
		cf_files_serve(&files, s[0]);
		_exit(0);
	default:
		(void)close(s[0]);
		files.sock = s[1];
	}
	/* the files have been asked for by name; the folder is not needed */
	(void)close(FD_CONFDIR);
}

static struct ipc_chan *
channel(enum proc to, uint32_t epoch)
{
	struct ipc_chan	*c;

	if ((c = ipc_chan_new(FD_CHAN(to), PROC_CONF, to)) == NULL)
		err(1, "channel to %s", proc_name(to));
	ipc_chan_epoch(c, epoch, 0);
	return (c);
}

static int
run(const char *mode, uint32_t gen, uint32_t epoch)
{
	struct ipc_chan		*parent, *keys;
	struct cf_result	 r;
	struct cf_io		 io;
	int			 print = strcmp(mode, "print") == 0;
	int			 secrets = strcmp(mode, "secrets") == 0;
	int			 rv;

	parent = channel(PROC_PARENT, epoch);
	keys = channel(PROC_KEYS, epoch);
	cf_files_io(&files, &io);
	rv = cf_parse(path, &io, print ? CF_PRINT : CF_RUN, &r);
	if (rv == -1) {
		if (cf_send_errors(parent, gen, &r) == -1 ||
		    (secrets && cf_send_secrets(keys, gen, &r, 1) == -1))
			warnx("s2sd is gone");
	} else if (print) {
		rv = cf_send_warnings(parent, gen, &r);
		cf_print(&r, stdout);
		rv = rv == 0 && fflush(stdout) == 0 ? 0 : -1;
	} else if (secrets)
		rv = cf_send_secrets(keys, gen, &r, 0);
	else {
		if (strcmp(mode, "test") != 0 &&
		    (cf_send_warnings(parent, gen, &r) == -1 ||
		    cf_send_secrets(keys, gen, &r, 0) == -1))
			rv = -1;
		if (rv == 0)
			rv = cf_send_records(parent, gen, &r);
	}
	cf_clear(&r);
	ipc_chan_free(parent);
	ipc_chan_free(keys);
	return (rv == 0 ? 0 : 1);
}

int
main(int argc, char **argv)
{
	uint32_t	 epoch, gen;

	if (argc != 6)
		errx(1, "only s2sd starts this program");
	if (strcmp(argv[2], s2sd_build) != 0)
		errx(1, "s2sd is of another build: restart s2sd");
	if (strcmp(argv[3], "run") != 0 && strcmp(argv[3], "secrets") != 0 &&
	    strcmp(argv[3], "test") != 0 && strcmp(argv[3], "print") != 0)
		errx(1, "unknown mode %s", argv[3]);
	epoch = (uint32_t)strtoul(argv[1], NULL, 10);
	gen = (uint32_t)strtoul(argv[4], NULL, 10);
	path = argv[5];
	proc_start(PROC_CONF, split);
	(void)setvbuf(stdout, NULL, _IOFBF, 16384);
	proc_limits(PROC_CONF);
	sandbox(PROC_CONF);
	return (run(argv[3], gen, epoch));
}

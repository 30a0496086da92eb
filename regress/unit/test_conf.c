/* SPDX-License-Identifier: ISC */

/*
 * test_conf.c: s2sd.conf to records: values, truncation at every octet, the
 * half that opens files, and the frames of the program itself.  What the
 * grammar takes and refuses is in regress/conf.
 */

#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cf.h"
#include "ipc.h"
#include "msg.h"

#define PAIRS	SRCDIR "/regress/conf/pairs"

/* --- a world of one file --- */

struct one {
	const char	*p;
	size_t		 n;
};

static int
one_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	struct one	*o = arg;

	(void)kind;
	memset(d, 0, sizeof(*d));
	if (strcmp(path, "s2sd.conf") != 0) {
		(void)snprintf(why, len, "is not there");
		return (-1);
	}
	d->p = malloc(o->n > 0 ? o->n : 1);	/* exact: ASan sees more */
	assert_non_null(d->p);
	memcpy(d->p, o->p, o->n);
	d->n = o->n;
	return (0);
}

static int
one_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	(void)arg;
	(void)pattern;
	(void)why;
	(void)len;
	*list = NULL;
	*n = 0;
	return (0);
}

static int
one_group(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return (1);
}

static int
parse(const char *p, size_t n, enum cf_mode mode, struct cf_result *r)
{
	struct one	 o = { p, n };
	struct cf_io	 io = { &o, one_read, one_glob, one_group };
	int		 rv;

	rv = cf_parse("s2sd.conf", &io, mode, r);
	assert_int_equal(rv == 0, r->nerr == 0);
	if (rv == -1)
		assert_non_null(r->err[0]);
	return (rv);
}

static int
parse_text(const char *s, enum cf_mode mode, struct cf_result *r)
{
	return (parse(s, strlen(s), mode, r));
}

#define ENDS	"local 192.0.2.1 peer 192.0.2.2 " \
		"from 10.1.0.0/16 to 10.2.0.0/16 "

/* --- values --- */

static void
test_defaults(void **state)
{
	struct cf_result	 r;
	const struct tunnel	*t;

	(void)state;
	assert_int_equal(parse_text("tunnel \"a\" { " ENDS
	    "psk \"0123456789abcdefghij\" }", CF_RUN, &r), 0);
	assert_int_equal(r.n, 1);
	t = &r.t[0]->t;
	assert_int_equal(t->id, 0);
	assert_string_equal(t->name, "a");
	assert_int_equal(t->flags, TUN_ACTIVE);
	assert_int_equal(t->local.port, 500);
	assert_int_equal(t->peer[0].port, 500);
	assert_int_equal(t->ikelife, 8 * 3600);
	assert_int_equal(t->life, 3600);
	assert_int_equal(t->lifebytes, 0);
	assert_int_equal(t->dpd, 30);
	assert_int_equal(t->replay, 4096);
	assert_int_equal(t->maxmss, MSS_AUTO);
	assert_int_equal(t->mtu, 0);
	assert_int_equal(t->nike, 2);		/* AEAD and not */
	assert_int_equal(t->nchild, 2);
	assert_int_equal(t->ike[0].ninteg, 0);
	assert_int_equal(t->ike[1].ninteg, 1);
	assert_int_equal(t->child[0].nprf, 0);
	assert_int_equal(t->child[0].nesn, 2);
	assert_int_equal(t->srcid.type, IDT_IPV4);
	assert_int_equal(t->dstid.type, IDT_IPV4);
	assert_int_equal(r.g.gateway,
	    GW_NATEXEMPT | GW_MSS | GW_RPFILTER);
	cf_clear(&r);
}

static void
secret(const char *text, const void *want, size_t n)
{
	struct cf_result	 r;
	char			 conf[512];

	(void)snprintf(conf, sizeof(conf), "tunnel \"a\" { " ENDS "psk %s }",
	    text);
	assert_int_equal(parse_text(conf, CF_RUN, &r), 0);
	assert_int_equal(r.t[0]->npsk, n);
	assert_memory_equal(r.t[0]->psk, want, n);
	cf_clear(&r);
}

static void
test_secrets(void **state)
{
	(void)state;
	secret("\"plain secret\"", "plain secret", 12);
	secret("'single \"quotes\"'", "single \"quotes\"", 15);
	secret("\"a\\\"b\\\\c\\dxxxx\"", "a\"b\\c\\dxxxx", 11);
	secret("0x00ff10aa00ff10aa", "\x00\xff\x10\xaa\x00\xff\x10\xaa", 8);
	secret("\"0x00ff10aa\"", "0x00ff10aa", 10);
	secret("\"# no comment {\"", "# no comment {", 14);
}

/* The placeholder of -nv is no secret, and nothing prints one. */
static void
test_hidden(void **state)
{
	static const char	 conf[] = "tunnel \"a\" { " ENDS "psk hidden }";
	struct cf_result	 r;
	char			*text = NULL;
	size_t			 n;
	FILE			*f;

	(void)state;
	assert_int_equal(parse_text(conf, CF_RUN, &r), -1);
	cf_clear(&r);
	assert_int_equal(parse_text(conf, CF_PRINT, &r), 0);
	cf_clear(&r);
	assert_int_equal(parse_text("tunnel \"a\" { " ENDS
	    "psk \"find me if you can\" }", CF_PRINT, &r), 0);
	f = open_memstream(&text, &n);
	assert_non_null(f);
	cf_print(&r, f);
	fclose(f);
	assert_null(strstr(text, "find me"));
	assert_non_null(strstr(text, "psk hidden"));
	free(text);
	cf_clear(&r);
}

static void
test_error_limit(void **state)
{
	struct cf_result	 r;
	char			 conf[4096] = "";
	int			 i;

	(void)state;
	for (i = 0; i < 100; i++)
		(void)strcat(conf, "set nonsense\n");
	assert_int_equal(parse_text(conf, CF_RUN, &r), -1);
	assert_true(r.nerr > CF_ERR_MAX);
	assert_non_null(r.err[CF_ERR_MAX - 1]);
	cf_clear(&r);
}

/* --- truncation --- */

/* Every tunnel of the part must be one of the whole. */
static void
subset(const struct cf_result *part, const struct cf_result *all)
{
	size_t	 i, j;

	for (i = 0; i < part->n; i++) {
		for (j = 0; j < all->n; j++)
			if (strcmp(part->t[i]->t.name,
			    all->t[j]->t.name) == 0)
				break;
		assert_true(j < all->n);
	}
}

static void
truncate_file(const char *path)
{
	static char		 buf[16384];
	struct cf_result	 all, part;
	size_t			 i, n;
	FILE			*f;
	int			 good;

	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	good = parse(buf, n, CF_PRINT, &all) == 0;
	for (i = 0; i < n; i++) {
		if (parse(buf, i, CF_PRINT, &part) == 0 && good)
			subset(&part, &all);
		cf_clear(&part);
	}
	cf_clear(&all);
}

static void
test_truncation(void **state)
{
	struct dirent	*e;
	char		 path[1024];
	DIR		*d;
	size_t		 n;
	int		 files = 0;

	(void)state;
	d = opendir(PAIRS);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		n = strlen(e->d_name);
		if (n < 3 || strcmp(e->d_name + n - 3, ".in") != 0 ||
		    strstr(e->d_name, "many") != NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", PAIRS, e->d_name);
		truncate_file(path);
		files++;
	}
	closedir(d);
	assert_true(files > 200);
}

/* --- files --- */

static char	dir[64];

static int
make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/test_conf.XXXXXX");
	return (mkdtemp(dir) == NULL ? -1 : 0);
}

static int
remove_dir(void **state)
{
	static const char *const names[] = { "s2sd.conf", "a.psk", "b.psk",
	    "two.in", "out" };
	char	 path[128];
	size_t	 i;

	(void)state;
	for (i = 0; i < nitems(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	return (rmdir(dir));
}

static const char *
write_file(const char *name, const char *text, char *path, size_t len)
{
	int	 fd;

	(void)snprintf(path, len, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return (path);
}

static const char	two[] =
    "set log verbose\n"
    "group \"g\" { local 192.0.2.1 from 10.1.0.0/16\n"
    "tunnel \"b\" { peer 192.0.2.2 to 10.2.0.0/16 psk file \"b.psk\" }\n"
    "tunnel \"a\" { peer 192.0.2.3 to 10.3.0.0/16 psk file \"a.psk\" } }\n";

static const char *
write_two(char *path, size_t len)
{
	(void)write_file("a.psk", "secret of a 0123456789\n", path, len);
	(void)write_file("b.psk", "secret of b 0123456789\n", path, len);
	return (write_file("s2sd.conf", two, path, len));
}

/* Files through the half that opens them: the same as without it. */
static void
test_two_halves(void **state)
{
	struct cf_result	 r;
	struct cf_files		 files;
	struct cf_io		 io;
	char			 path[128], why[128];
	pid_t			 pid;
	int			 s[2], status;

	(void)state;
	(void)write_two(path, sizeof(path));
	assert_int_equal(cf_files_init(&files, path, why, sizeof(why)), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	if ((pid = fork()) == 0) {
		close(s[1]);
		cf_files_serve(&files, s[0]);
		_exit(0);
	}
	assert_int_not_equal(pid, -1);
	close(s[0]);
	files.sock = s[1];
	cf_files_io(&files, &io);
	assert_int_equal(cf_parse(path, &io, CF_RUN, &r), 0);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.t[0]->npsk, 22);
	assert_memory_equal(r.t[0]->psk, "secret of b 0123456789", 22);
	cf_clear(&r);
	assert_int_equal(io.group(io.arg, "no-such-group"), 0);
	close(s[1]);			/* the other half ends with us */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	cf_files_clear(&files);
}

/* Nonsense ends the half that opens; nothing is opened outside. */
static void
test_half_refuses(void **state)
{
	static const struct { const char *req; size_t n; } bad[] = {
		{ "\x09\x00\x01x", 4 }, { "\x00\xff\xffx", 4 },
		{ "\x00\x00\x02x\0", 5 }, { "\x00\x00", 2 }
	};
	struct cf_files	 files;
	struct cf_data	 d;
	struct cf_io	 io;
	char		 path[128], why[256];
	uint8_t		 c;
	size_t		 i;
	int		 s[2];

	(void)state;
	(void)write_two(path, sizeof(path));
	assert_int_equal(cf_files_init(&files, path, why, sizeof(why)), 0);
	for (i = 0; i < nitems(bad); i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
		assert_int_equal(write(s[1], bad[i].req, bad[i].n), bad[i].n);
		assert_int_equal(shutdown(s[1], SHUT_WR), 0);
		cf_files_serve(&files, s[0]);
		close(s[0]);
		assert_true(read(s[1], &c, 1) <= 0);	/* no answer */
		close(s[1]);
	}
	cf_files_io(&files, &io);
	assert_int_equal(io.read(io.arg, "/etc/passwd", CF_FILE_CONF, &d, why,
	    sizeof(why)), -1);
	(void)snprintf(path, sizeof(path), "%s/../etc/passwd", dir);
	assert_int_equal(io.read(io.arg, path, CF_FILE_CONF, &d, why,
	    sizeof(why)), -1);
	cf_files_clear(&files);
}

/* --- the program --- */

struct prog {
	struct ipc_chan	*parent, *keys;
	pid_t		 pid;
	char		 out[128];
};

static int
may_run(void)
{
#ifdef SANITIZERS
	(void)setenv("S2SD_NODROP", "1", 1);
	return (1);
#else
	return (getuid() == 0 && getpwnam(proc_rows[PROC_CONF].user) != NULL);
#endif
}

/*
 * In the child: channels and folder to their numbers, everything else
 * closed, and off to another folder, as s2sd does.
 */
static void
exec_conf(int parent, int keys, const char *mode, const char *path,
    const char *out)
{
	int	 fd, p, k, d;

	/* it cannot be looked into, not even by the leak checker */
	(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	(void)dup2(fd, 1);
	p = fcntl(parent, F_DUPFD, FD_END + 1);
	k = fcntl(keys, F_DUPFD, FD_END + 1);
	d = open(dir, O_RDONLY | O_DIRECTORY);
	d = fcntl(d, F_DUPFD, FD_END + 1);
	for (fd = 3; fd <= FD_END; fd++)
		(void)close(fd);
	if (chdir("/") == -1)
		_exit(126);
	(void)dup2(d, FD_CONFDIR);
	(void)dup2(p, FD_CHAN(PROC_PARENT));
	(void)dup2(k, FD_CHAN(PROC_KEYS));
	for (fd = FD_END + 1; fd < 256; fd++)
		(void)close(fd);
	(void)execl(BUILDDIR "/s2sd-conf", "s2sd-conf", "7", s2sd_build, mode,
	    "9", path, (char *)NULL);
	_exit(127);
}

static void
start(struct prog *p, const char *mode, const char *path)
{
	int	 a[2], b[2];

	assert_int_equal(ipc_pair(a), 0);
	assert_int_equal(ipc_pair(b), 0);
	(void)snprintf(p->out, sizeof(p->out), "%s/out", dir);
	if ((p->pid = fork()) == 0)
		exec_conf(a[1], b[1], mode, path, p->out);
	assert_int_not_equal(p->pid, -1);
	close(a[1]);
	close(b[1]);
	p->parent = ipc_chan_new(a[0], PROC_PARENT, PROC_CONF);
	p->keys = ipc_chan_new(b[0], PROC_KEYS, PROC_CONF);
	assert_non_null(p->parent);
	assert_non_null(p->keys);
}

/* Wait for its end; its exit code. */
static int
finish(struct prog *p)
{
	int	 status;

	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	return (WEXITSTATUS(status));
}

static void
stop(struct prog *p)
{
	ipc_chan_free(p->parent);
	ipc_chan_free(p->keys);
}

static union { uint8_t room[MSG_STRUCT_MAX]; uint64_t align; } body;

/* The next frame, which must be of that type; its body in `body'. */
static void
expect(struct ipc_chan *c, uint32_t type)
{
	static uint8_t	 buf[IPC_FRAME_MAX];
	struct ipc_msg	 m;

	assert_int_equal(ipc_chan_recv(c, buf, &m), 1);
	assert_int_equal(m.h.type, type);
	assert_int_equal(m.h.gen, 9);
	assert_int_equal(m.h.epoch, 7);
	assert_int_equal(msg_get(msg_desc(type), rd_of(m.d, m.h.len),
	    body.room), 0);
}

static void
expect_end(struct ipc_chan *c)
{
	static uint8_t	 buf[IPC_FRAME_MAX];
	struct ipc_msg	 m;

	assert_int_equal(ipc_chan_recv(c, buf, &m), -1);
}

static void
expect_records(struct prog *p)
{
	const struct m_conf	*m = (const void *)body.room;
	struct tunnel		 t;
	struct global		 g;

	expect(p->parent, M_CF_GLOBAL);
	assert_int_equal(global_get(m->rest, &g), 0);
	assert_int_equal(g.verbose, 1);
	expect(p->parent, M_CF_TUNNEL);
	assert_int_equal(tunnel_get(m->rest, &t), 0);
	assert_string_equal(t.name, "b");
	assert_memory_equal(m->rest.p, "b\0\0", 3);	/* name first */
	expect(p->parent, M_CF_TUNNEL);
	assert_int_equal(tunnel_get(m->rest, &t), 0);
	assert_string_equal(t.name, "a");
	expect(p->parent, M_CF_END);
	assert_int_equal(((const struct m_cf_end *)
	    (const void *)body.room)->ntunnel, 2);
}

static void
expect_secrets(struct prog *p)
{
	const struct m_cf_secret	*s = (const void *)body.room;

	expect(p->keys, M_CF_SECRET);
	assert_string_equal(s->name, "b");
	assert_int_equal(s->psk.n, 22);
	assert_memory_equal(s->psk.p, "secret of b 0123456789", 22);
	expect(p->keys, M_CF_SECRET);
	assert_string_equal(s->name, "a");
	expect(p->keys, M_CF_SECRET_END);
}

static void
test_program(void **state)
{
	static const struct { const char *mode; int records, secrets; } modes[] = {
		{ "run", 1, 1 }, { "secrets", 0, 1 }, { "test", 1, 0 },
		{ "print", 0, 0 }
	};
	struct prog	 p;
	char		 path[128];
	struct stat	 st;
	size_t		 i;

	(void)state;
	if (!may_run())
		skip();
	(void)write_two(path, sizeof(path));
	for (i = 0; i < nitems(modes); i++) {
		start(&p, modes[i].mode, path);
		assert_int_equal(finish(&p), 0);
		if (modes[i].records)
			expect_records(&p);
		if (modes[i].secrets)
			expect_secrets(&p);
		expect_end(p.parent);
		expect_end(p.keys);
		assert_int_equal(stat(p.out, &st), 0);
		assert_int_equal(st.st_size > 500,
		    strcmp(modes[i].mode, "print") == 0);
		stop(&p);
	}
}

/* A relative path is below FD_CONFDIR, wherever s2sd is by now. */
static void
test_program_relative(void **state)
{
	struct prog	 p;
	char		 path[128];

	(void)state;
	if (!may_run())
		skip();
	(void)write_two(path, sizeof(path));
	(void)write_file("s2sd.conf", "include \"*.in\"\n", path, sizeof(path));
	(void)write_file("two.in", two, path, sizeof(path));
	start(&p, "run", "some/folder/s2sd.conf");
	assert_int_equal(finish(&p), 0);
	expect_records(&p);
	expect_secrets(&p);
	expect_end(p.parent);
	stop(&p);
}

/*
 * A new s2sd-keys and a bad file: the secrets of the tunnels that are good,
 * never one of a tunnel with an error, or that two peers would share.
 */
static void
test_part(char *path)
{
	const struct m_cf_secret	*s = (const void *)body.room;
	struct prog			 p;

	(void)write_file("s2sd.conf",
	    "group \"g\" { local 192.0.2.1 from 10.1.0.0/16\n"
	    "tunnel \"b\" { peer 192.0.2.2 to 10.2.0.0/16 psk file \"b.psk\" }\n"
	    "tunnel \"a\" { peer 192.0.2.3 to 10.3.0.0/16 psk file \"a.psk\"\n"
	    "lifetime 0 }\n"
	    "tunnel \"c\" { peer 192.0.2.4 to 10.4.0.0/16 psk file \"b.psk\" }\n"
	    "tunnel \"b\" { peer 192.0.2.5 to 10.5.0.0/16 psk file \"d.psk\" }\n"
	    "}\n"
	    "tunnle \"d\" { peer 192.0.2.6 to 10.6.0.0/16 psk file \"d.psk\" }\n",
	    path, 128);
	start(&p, "secrets", path);
	assert_int_equal(finish(&p), 1);
	expect(p.parent, M_CF_ERROR);
	expect(p.keys, M_CF_SECRET);
	assert_string_equal(s->name, "b");
	assert_int_equal(s->psk.n, 22);
	expect(p.keys, M_CF_SECRET_PART);
	expect_end(p.keys);
	stop(&p);
	/* nothing can be read */
	(void)unlink(path);
	start(&p, "secrets", path);
	assert_int_equal(finish(&p), 1);
	expect(p.parent, M_CF_ERROR);
	expect(p.keys, M_CF_SECRET_PART);
	expect_end(p.keys);
	stop(&p);
}

/* Nothing but errors leaves it if there are any. */
static void
test_program_errors(void **state)
{
	const struct m_text	*t = (const void *)body.room;
	struct prog		 p;
	char			 path[128], want[256];

	(void)state;
	if (!may_run())
		skip();
	(void)write_two(path, sizeof(path));
	(void)write_file("s2sd.conf", "tunnel \"a\" { " ENDS
	    "psk file \"a.psk\" dpd 0\n lifetime 0 }\n", path, sizeof(path));
	start(&p, "run", path);
	assert_int_equal(finish(&p), 1);
	expect(p.parent, M_CF_ERROR);
	(void)snprintf(want, sizeof(want), "%s:1: tunnel \"a\": dpd 0:", path);
	assert_memory_equal(t->text, want, strlen(want));
	expect(p.parent, M_CF_ERROR);
	(void)snprintf(want, sizeof(want), "%s:2: tunnel \"a\": lifetime 0:",
	    path);
	assert_memory_equal(t->text, want, strlen(want));
	expect_end(p.parent);
	expect_end(p.keys);
	stop(&p);
	test_part(path);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_error_limit),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test_setup_teardown(test_two_halves, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(test_half_refuses, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(test_program, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(test_program_relative,
		    make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_program_errors, make_dir,
		    remove_dir)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

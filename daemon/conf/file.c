/* SPDX-License-Identifier: ISC */

/*
 * file.c: what is opened, on what conditions, and by whom.
 *
 * The files belong to root, the parser must not: so s2sd-conf forks before
 * it drops its rights.  The half that stays root opens what the other half
 * asks for, if it lies below the folder of the configuration and is as safe
 * as it must be, and hands over its octets unread.  It knows no grammar and
 * ends when the other does.  Every system can do that; nothing else that
 * all of them have lets _s2sdkey read a file of root's that is named in the
 * middle of another.
 *
 *	request		op, length (16 bits), name
 *	answer		ok, open, device, inode (64 bits each), length (32
 *			bits), octets; or the reason
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "cf.h"

enum { OP_CONF = CF_FILE_CONF, OP_SECRET = CF_FILE_SECRET, OP_GLOB, OP_GROUP };
enum { REQ = 3, ANSWER = 22, NAME = 1024 };

/* Below our folder, and not by a way that leads out of it again. */
static int
allowed(const struct cf_files *f, const char *path)
{
	static const char	 own[] = SYSCONFDIR "/s2sd/";
	const char		*p;
	size_t			 n;

	if (f->dir == NULL)
		return (1);
	for (p = path; (p = strstr(p, "..")) != NULL; p += 2)
		if ((p == path || p[-1] == '/') && (p[2] == '/' ||
		    p[2] == '\0'))
			return (0);
	if (strncmp(path, own, sizeof(own) - 1) == 0)
		return (1);
	n = strlen(f->dir);
	if (n == 0)
		return (path[0] != '/');
	return (strncmp(path, f->dir, n) == 0);
}

/* The name to open it by. */
static const char *
local_name(const struct cf_files *f, const char *path)
{
	size_t	 n = f->inside && f->dir != NULL ? strlen(f->dir) : 0;

	return (n > 0 && strncmp(path, f->dir, n) == 0 ? path + n : path);
}

/* Is what was opened what we may trust?  NULL, or what is wrong. */
static const char *
unsafe(const struct stat *st, enum cf_kind kind)
{
	if (S_ISDIR(st->st_mode))
		return ("is a directory; name a file, or \"folder/*.conf\"");
	if (!S_ISREG(st->st_mode))
		return ("is no regular file");
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return ("belongs to somebody else; chown root it");
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return ("may be written by others; chmod go-w it");
	if (kind == CF_FILE_SECRET && st->st_mode & (S_IRWXG | S_IRWXO))
		return ("may be read by others; chmod 600 it");
	if (st->st_size > CF_BYTES_MAX)
		return ("is larger than 8 MiB");
	return (NULL);
}

/* Who may write to the folder of a secret can put another one there. */
static const char *
unsafe_folder(const char *name)
{
	struct stat	 st;
	char		 dir[NAME];
	char		*slash;

	if (strlcpy(dir, name, sizeof(dir)) >= sizeof(dir))
		return ("has too long a name");
	slash = strrchr(dir, '/');
	if (slash == NULL)
		(void)strlcpy(dir, ".", sizeof(dir));
	else
		slash[slash == dir] = '\0';
	if (stat(dir, &st) == -1)
		return ("lies in a folder that cannot be looked at");
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    (st.st_mode & S_ISVTX) == 0)
		return ("lies in a folder that others may write to; chmod "
		    "go-w the folder");
	return (NULL);
}

static int
read_all(int fd, struct cf_data *d, size_t max)
{
	ssize_t	 n;

	/* one octet more: a file that grows is noticed */
	if ((d->p = malloc(max + 1)) == NULL)
		return (-1);
	for (d->n = 0; d->n <= max; d->n += (size_t)n) {
		n = read(fd, d->p + d->n, max + 1 - d->n);
		if (n == -1)
			return (-1);
		if (n == 0)
			return (0);
	}
	errno = EFBIG;
	return (-1);
}

static int
file_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	const char	*bad = NULL;
	struct stat	 st;
	int		 fd, flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

	memset(d, 0, sizeof(*d));
	if (!allowed(arg, path)) {
		(void)snprintf(why, len, "lies outside of the folder of the "
		    "main file and of %s/s2sd; move it there", SYSCONFDIR);
		return (-1);
	}
	if (kind == CF_FILE_SECRET)
		flags |= O_NOFOLLOW;
	if ((fd = open(local_name(arg, path), flags)) == -1) {
		if (errno == ELOOP && kind == CF_FILE_SECRET)
			(void)snprintf(why, len, "is a symbolic link; name "
			    "the file itself");
		else
			(void)snprintf(why, len, "cannot be opened: %s; %s",
			    strerror(errno), errno == ENOENT ?
			    "write that file, or correct its name here" :
			    "see who may read it, and that it is a file");
		return (-1);
	}
	if (fstat(fd, &st) == -1 || (bad = unsafe(&st, kind)) != NULL ||
	    (kind == CF_FILE_SECRET &&
	    (bad = unsafe_folder(local_name(arg, path))) != NULL))
		(void)snprintf(why, len, "%s", bad != NULL ? bad :
		    strerror(errno));
	else if (read_all(fd, d, (size_t)st.st_size) == -1) {
		bad = why;
		(void)snprintf(why, len, "cannot be read: %s",
		    strerror(errno));
		free(d->p);
		memset(d, 0, sizeof(*d));
	} else {
		d->open = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
		d->dev = (uint64_t)st.st_dev;
		d->ino = (uint64_t)st.st_ino;
	}
	(void)close(fd);
	return (bad == NULL && d->p != NULL ? 0 : -1);
}

static int
file_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	const struct cf_files	*f = arg;
	glob_t			 g;
	size_t			 i, k, cut;
	int			 rv;

	*list = NULL;
	*n = 0;
	if (!allowed(arg, pattern)) {
		(void)snprintf(why, len, "lies outside of the folder of the "
		    "main file and of %s/s2sd; move it there", SYSCONFDIR);
		return (-1);
	}
	memset(&g, 0, sizeof(g));
	rv = glob(local_name(f, pattern), 0, NULL, &g);
	if (rv == GLOB_NOMATCH) {
		globfree(&g);
		return (0);
	}
	(void)snprintf(why, len, "cannot be searched: %s", strerror(errno));
	cut = (size_t)(local_name(f, pattern) - pattern);
	for (i = 0; rv == 0 && i < g.gl_pathc; i++)
		*n += cut + strlen(g.gl_pathv[i]) + 1;
	if (*n > CF_GLOB_MAX)
		(void)snprintf(why, len, "too many files match");
	if (rv == 0 && *n <= CF_GLOB_MAX && (*list = malloc(*n)) != NULL)
		for (i = 0, k = 0; i < g.gl_pathc; i++) {
			(void)snprintf(*list + k, *n - k, "%.*s%s", (int)cut,
			    pattern, g.gl_pathv[i]);
			k += strlen(*list + k) + 1;
		}
	globfree(&g);
	return (*list != NULL ? 0 : -1);
}

static int
file_group(void *arg, const char *name)
{
	(void)arg;
	return (getgrnam(name) != NULL);
}

/* --- the two halves --- */

static int
put(int fd, const void *p, size_t n)
{
	const uint8_t	*b = p;
	ssize_t		 k;

	for (; n > 0; n -= (size_t)k, b += k)
		if ((k = write(fd, b, n)) <= 0)
			return (-1);
	return (0);
}

static int
take(int fd, void *p, size_t n)
{
	uint8_t	*b = p;
	ssize_t	 k;

	for (; n > 0; n -= (size_t)k, b += k)
		if ((k = read(fd, b, n)) <= 0)
			return (-1);
	return (0);
}

/* Ask; the octets of the answer, or its reason, are d. */
static int
ask(const struct cf_files *f, uint8_t op, const char *name, struct cf_data *d)
{
	uint8_t		 req[REQ + NAME], head[ANSWER], ok = 0, open = 0;
	struct wr	 w = wr_of(req, sizeof(req));
	struct rd	 r = rd_of(head, sizeof(head));
	uint32_t	 n = 0;

	memset(d, 0, sizeof(*d));
	wr_u8(&w, op);
	wr_sub16(&w, rd_of(name, strlen(name)));
	if (wr_end(&w) || put(f->sock, req, w.n) ||
	    take(f->sock, head, sizeof(head)) || rd_u8(&r, &ok) ||
	    rd_u8(&r, &open) || rd_u64(&r, &d->dev) || rd_u64(&r, &d->ino) ||
	    rd_u32(&r, &n) || n > CF_BYTES_MAX ||
	    (d->p = malloc(n + 1)) == NULL)
		return (-1);
	d->open = open;
	d->n = n;
	if (take(f->sock, d->p, n) == -1)
		ok = 0;
	return (ok ? 0 : -1);
}

/* An answer that is a reason becomes text. */
static int
refused(struct cf_data *d, char *why, size_t len)
{
	if (d->p == NULL)
		(void)snprintf(why, len, "cannot be asked for");
	else
		(void)snprintf(why, len, "%.*s", (int)d->n,
		    (const char *)d->p);
	free(d->p);
	memset(d, 0, sizeof(*d));
	return (-1);
}

static int
ask_read(void *arg, const char *path, enum cf_kind kind, struct cf_data *d,
    char *why, size_t len)
{
	if (ask(arg, (uint8_t)kind, path, d) == -1)
		return (refused(d, why, len));
	return (0);
}

static int
ask_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	struct cf_data	 d;

	*list = NULL;
	*n = 0;
	if (ask(arg, OP_GLOB, pattern, &d) == -1)
		return (refused(&d, why, len));
	if (d.n > 0 && d.p[d.n - 1] != '\0')
		d.n = 0;
	*list = (char *)d.p;
	*n = d.n;
	return (0);
}

static int
ask_group(void *arg, const char *name)
{
	struct cf_data	 d;
	int		 rv;

	rv = ask(arg, OP_GROUP, name, &d) == 0;
	free(d.p);
	return (rv);
}

static int
answer(int sock, int ok, const struct cf_data *d)
{
	uint8_t		 head[ANSWER];
	struct wr	 w = wr_of(head, sizeof(head));

	wr_u8(&w, (uint8_t)ok);
	wr_u8(&w, (uint8_t)d->open);
	wr_u64(&w, d->dev);
	wr_u64(&w, d->ino);
	wr_u32(&w, (uint32_t)d->n);
	return (put(sock, head, sizeof(head)) || put(sock, d->p, d->n) ?
	    -1 : 0);
}

static int
serve_one(struct cf_files *f, int sock)
{
	struct cf_data	 d;
	uint8_t		 head[REQ];
	char		 name[NAME + 1], why[256] = "";
	size_t		 n;
	int		 rv = -1;

	if (take(sock, head, sizeof(head)) == -1)
		return (-1);
	n = (size_t)head[1] << 8 | head[2];
	if (n > NAME || take(sock, name, n) == -1 ||
	    memchr(name, '\0', n) != NULL)
		return (-1);
	name[n] = '\0';
	memset(&d, 0, sizeof(d));
	switch (head[0]) {
	case OP_CONF:
	case OP_SECRET:
		rv = file_read(f, name, head[0], &d, why, sizeof(why));
		break;
	case OP_GLOB:
		rv = file_glob(f, name, (char **)(void *)&d.p, &d.n, why,
		    sizeof(why));
		break;
	case OP_GROUP:
		rv = file_group(f, name) ? 0 : -1;
		break;
	default:
		return (-1);
	}
	if (rv == 0) {
		rv = answer(sock, 1, &d);
	} else {
		free(d.p);
		memset(&d, 0, sizeof(d));
		d.n = strlen(why);
		d.p = (uint8_t *)why;
		return (answer(sock, 0, &d));
	}
	if (d.n > 0)
		explicit_bzero(d.p, d.n);
	free(d.p);
	return (rv);
}

void
cf_files_serve(struct cf_files *f, int sock)
{
	while (serve_one(f, sock) == 0)
		;
}

int
cf_files_init(struct cf_files *f, const char *path, char *why, size_t len)
{
	const char	*slash = strrchr(path, '/');
	size_t		 n = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	f->sock = -1;
	f->inside = 0;
	if ((f->dir = calloc(1, n + 1)) == NULL) {
		(void)snprintf(why, len, "%s", strerror(errno));
		return (-1);
	}
	memcpy(f->dir, path, n);
	return (0);
}

void
cf_files_io(struct cf_files *f, struct cf_io *io)
{
	io->arg = f;
	io->read = f->sock == -1 ? file_read : ask_read;
	io->glob = f->sock == -1 ? file_glob : ask_glob;
	io->group = f->sock == -1 ? file_group : ask_group;
}

void
cf_files_clear(struct cf_files *f)
{
	free(f->dir);
	f->dir = NULL;
}

/* SPDX-License-Identifier: ISC */

/*
 * im_file.c: the half of an import that opens files, and the way to it.  It
 * understands nothing of what it reads, and reads nothing whose name does not
 * look like it; it writes nothing but new files NAME.psk in one folder.
 *
 *	request		op, length of the name (16 bits), of data (16 bits),
 *			name, data
 *	answer		ok, open, device, inode (64 bits each), length (32
 *			bits), octets; or the reason
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "im_file.h"

enum { OP_READ = 1, OP_GLOB, OP_WRITE };
enum { REQ = 5, ANSWER = 22, NAME = 1024, DATA = 2 * IM_PSK_MAX + 8,
	GLOB_SIZE = 128 << 10, WILD_MAX = 2 };

/* --- on the wire --- */

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

/* 0 and *d (its p is malloc'd), or -1 and the reason. */
static int
ask(int sock, uint8_t op, const char *name, const uint8_t *data, size_t n,
    struct im_data *d, char *why, size_t len)
{
	uint8_t		 req[REQ], head[ANSWER], ok = 0, open = 0;
	struct wr	 w = wr_of(req, sizeof(req));
	struct rd	 r = rd_of(head, sizeof(head));
	size_t		 k = strlen(name);
	uint32_t	 size = 0;

	memset(d, 0, sizeof(*d));
	(void)snprintf(why, len, "cannot be asked for");
	wr_u8(&w, op);
	wr_u16(&w, (uint16_t)k);
	wr_u16(&w, (uint16_t)n);
	if (k > NAME || n > DATA || wr_end(&w) || put(sock, req, w.n) ||
	    put(sock, name, k) || put(sock, data, n) ||
	    take(sock, head, sizeof(head)) || rd_u8(&r, &ok) ||
	    rd_u8(&r, &open) || rd_u64(&r, &d->dev) || rd_u64(&r, &d->ino) ||
	    rd_u32(&r, &size) || size > IM_BYTES_MAX ||
	    (d->p = malloc((size_t)size + 1)) == NULL)
		return (-1);
	d->open = open;
	d->n = size;
	if (take(sock, d->p, d->n) == -1)
		ok = 0;
	if (ok)
		return (0);
	(void)snprintf(why, len, "%.*s", (int)d->n, (const char *)d->p);
	free(d->p);
	memset(d, 0, sizeof(*d));
	return (-1);
}

static int
remote_read(void *arg, const char *path, struct im_data *d, char *why,
    size_t len)
{
	return (ask(*(int *)arg, OP_READ, path, NULL, 0, d, why, len));
}

static int
remote_glob(void *arg, const char *pattern, char **list, size_t *n, char *why,
    size_t len)
{
	struct im_data	 d;

	*list = NULL;
	*n = 0;
	if (ask(*(int *)arg, OP_GLOB, pattern, NULL, 0, &d, why, len) == -1)
		return (-1);
	*list = (char *)d.p;
	*n = d.n;
	return (0);
}

void
im_remote_io(struct im_io *io, int *sock)
{
	io->arg = sock;
	io->read = remote_read;
	io->glob = remote_glob;
}

int
im_remote_write(int sock, const struct im_file *f, char *why, size_t len)
{
	struct im_data	 d;
	int		 rv;

	if (ask(sock, OP_WRITE, f->name, f->p, f->n, &d, why, len) == -1)
		return (-1);
	rv = d.n > 0;
	free(d.p);
	return (rv);
}

/* --- the half that opens --- */

static int
fail(char *why, size_t len, const char *what)
{
	(void)snprintf(why, len, "%s: %s", what, strerror(errno));
	return (-1);
}

static int
read_all(int fd, struct im_data *d)
{
	size_t	 max = 1 << 12;
	uint8_t	*p;
	ssize_t	 n;

	for (;;) {
		if (d->n == max)
			max *= 2;
		if (max > IM_BYTES_MAX) {
			errno = EFBIG;
			return (-1);
		}
		if ((p = realloc(d->p, max)) == NULL)
			return (-1);
		d->p = p;
		n = read(fd, d->p + d->n, max - d->n);
		if (n <= 0)
			return (n == 0 ? 0 : -1);
		d->n += (size_t)n;
	}
}

/* Not /etc/shadow, whatever became of the half that parses. */
static int
plausible(const struct im_server *s, const char *path)
{
	static const char *const ends[] = { ".conf", ".secrets", ".inc",
	    ".conn" };
	size_t	 i, k, n = strlen(path);

	if (strcmp(path, s->conf) == 0 || (s->secrets != NULL &&
	    strcmp(path, s->secrets) == 0))
		return (1);
	for (i = 0; i < nitems(ends); i++) {
		k = strlen(ends[i]);
		if (n > k && strcmp(path + n - k, ends[i]) == 0)
			return (1);
	}
	return (strstr(path, "ipsec.d/") != NULL ||
	    strstr(path, "swan/") != NULL);
}

static int
serve_read(const struct im_server *s, const char *path, struct im_data *d,
    char *why, size_t len)
{
	struct stat	 st;
	int		 fd, rv = -1;

	if (!plausible(s, path)) {
		(void)snprintf(why, len, "is not read: name it .conf or "
		    ".secrets, if it belongs to this");
		return (-1);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return (fail(why, len, "cannot be opened"));
	if (fstat(fd, &st) == -1)
		(void)fail(why, len, "cannot be read");
	else if (!S_ISREG(st.st_mode))
		(void)snprintf(why, len, "is no regular file");
	else if ((rv = read_all(fd, d)) == -1)
		(void)fail(why, len, "cannot be read");
	else {
		d->open = (st.st_mode & (S_IROTH | S_IWOTH | S_IRGRP |
		    S_IWGRP)) != 0;
		d->dev = (uint64_t)st.st_dev;
		d->ino = (uint64_t)st.st_ino;
	}
	(void)close(fd);
	return (rv);
}

/* In how many names of the path is there a wildcard? */
static int
wild(const char *p)
{
	size_t	 len;
	int	 n = 0;

	for (; *p != '\0'; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		n += strcspn(p, "*?[") < len;
	}
	return (n);
}

static int
serve_glob(const char *pattern, struct im_data *d, char *why, size_t len)
{
	glob_t	 g;
	size_t	 i, k;
	int	 rv;

	memset(&g, 0, sizeof(g));
	/* more can be the whole disk, read with our rights */
	if (wild(pattern) > WILD_MAX) {
		(void)snprintf(why, len, "has wildcards in more than %d names "
		    "of its path", WILD_MAX);
		return (-1);
	}
	rv = glob(pattern, 0, NULL, &g);
	if (rv == GLOB_NOMATCH) {
		globfree(&g);
		return (0);
	}
	(void)snprintf(why, len, "cannot be searched");
	for (i = 0; rv == 0 && i < g.gl_pathc; i++)
		d->n += strlen(g.gl_pathv[i]) + 1;
	if (rv == 0 && d->n > GLOB_SIZE) {
		(void)snprintf(why, len, "matches too many files");
		rv = -1;
	}
	if (rv == 0 && (d->p = malloc(d->n + 1)) != NULL)
		for (i = k = 0; i < g.gl_pathc; i++) {
			memcpy(d->p + k, g.gl_pathv[i],
			    strlen(g.gl_pathv[i]) + 1);
			k += strlen(g.gl_pathv[i]) + 1;
		}
	globfree(&g);
	return (rv == 0 && d->p != NULL ? 0 : -1);
}

/* Is that secret there already, in a file that is as safe as ours? */
static int
is_there(const char *path, const uint8_t *p, size_t n)
{
	struct im_data	 d;
	struct stat	 st;
	int		 fd, same = 0;

	memset(&d, 0, sizeof(d));
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK)) == -1)
		return (0);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    read_all(fd, &d) == 0)
		same = d.n == n && memcmp(d.p, p, n) == 0;
	if (d.n > 0)
		explicit_bzero(d.p, d.n);
	free(d.p);
	(void)close(fd);
	return (same);
}

/* The name comes from the half that parses: letters that cannot lead away. */
static int
name_ok(const char *s)
{
	static const char	 ok[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return (*s != '\0' && strlen(s) < 64 && s[strspn(s, ok)] == '\0' &&
	    strchr("._-", *s) == NULL);
}

static int
serve_write(const char *dir, const char *name, const uint8_t *p, size_t n,
    struct im_data *d, char *why, size_t len)
{
	char	 path[1024];
	int	 fd, rv;

	if (!name_ok(name) || (size_t)snprintf(path, sizeof(path),
	    "%s/%s.psk", dir, name) >= sizeof(path)) {
		(void)snprintf(why, len, "no such name is written");
		return (-1);
	}
	(void)mkdir(dir, 0700);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1 && errno == EEXIST) {
		if (is_there(path, p, n)) {
			d->n = 1;
			d->p = calloc(1, 1);
			return (d->p != NULL ? 0 : -1);
		}
		(void)snprintf(why, len, "is there, with another secret: "
		    "nothing is overwritten; move it away, or choose another "
		    "folder with -k");
		return (-1);
	}
	if (fd == -1)
		return (fail(why, len, "cannot be written"));
	rv = put(fd, p, n);
	if (fsync(fd) == -1 || close(fd) == -1)
		rv = -1;
	if (rv == -1) {
		(void)fail(why, len, "cannot be written");
		(void)unlink(path);
	}
	return (rv);
}

static int
answer(int sock, int ok, const struct im_data *d)
{
	uint8_t		 head[ANSWER];
	struct wr	 w = wr_of(head, sizeof(head));

	wr_u8(&w, (uint8_t)ok);
	wr_u8(&w, (uint8_t)d->open);
	wr_u64(&w, d->dev);
	wr_u64(&w, d->ino);
	wr_u32(&w, (uint32_t)d->n);
	return (wr_end(&w) || put(sock, head, sizeof(head)) ||
	    put(sock, d->p, d->n) ? -1 : 0);
}

static int
one(const struct im_server *s)
{
	struct im_data	 d;
	uint8_t		 head[REQ], data[DATA];
	char		 name[NAME + 1], why[256] = "";
	size_t		 n, k;
	int		 ok = -1, rv, sock = s->sock;

	memset(&d, 0, sizeof(d));
	if (take(sock, head, sizeof(head)) == -1)
		return (-1);
	n = (size_t)head[1] << 8 | head[2];
	k = (size_t)head[3] << 8 | head[4];
	if (n > NAME || k > sizeof(data) || take(sock, name, n) == -1 ||
	    take(sock, data, k) == -1 || memchr(name, '\0', n) != NULL)
		return (-1);
	name[n] = '\0';
	if (head[0] == OP_READ)
		ok = serve_read(s, name, &d, why, sizeof(why));
	else if (head[0] == OP_GLOB)
		ok = serve_glob(name, &d, why, sizeof(why));
	else if (head[0] == OP_WRITE)
		ok = serve_write(s->keydir, name, data, k, &d, why,
		    sizeof(why));
	explicit_bzero(data, sizeof(data));
	if (ok == -1) {
		free(d.p);
		memset(&d, 0, sizeof(d));
		d.n = strlen(why);
		d.p = (uint8_t *)why;
	}
	rv = answer(sock, ok == 0, &d);
	if (ok == 0) {
		if (d.n > 0)
			explicit_bzero(d.p, d.n);
		free(d.p);
	}
	return (rv);
}

void
im_serve(const struct im_server *s)
{
	while (one(s) == 0)
		;
}

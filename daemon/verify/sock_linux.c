/* SPDX-License-Identifier: ISC */

/* sock_linux.c: who has UDP 500 and 4500, by /proc. */

#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "verify.h"

struct found {
	struct v_host	*h;
	unsigned long	 inode[V_SOCKS];
};

/* Hexadecimal words of 32 bits in host order, as /proc/net prints them. */
static int
hex_addr(const char *s, size_t n, struct addr *a)
{
	unsigned int	 w;
	size_t		 i;

	memset(a, 0, sizeof(*a));
	if (n != 8 && n != 32)
		return (-1);
	for (i = 0; i < n / 8; i++) {
		if (sscanf(s + 8 * i, "%8x", &w) != 1)
			return (-1);
		memcpy(a->a + 4 * i, &w, 4);
	}
	a->af = n == 8 ? 4 : 6;
	return (0);
}

static void
line(struct found *f, const char *s)
{
	char		 local[40];
	unsigned int	 port;
	unsigned long	 inode;
	struct v_sock	*k = &f->h->sock[f->h->nsock];

	if (f->h->nsock == V_SOCKS || sscanf(s, " %*d: %39[0-9A-Fa-f]:%x "
	    "%*s %*s %*s %*s %*s %*s %*s %lu", local, &port, &inode) != 3 ||
	    (port != 500 && port != 4500))
		return;
	memset(k, 0, sizeof(*k));
	if (hex_addr(local, strlen(local), &k->local) == -1)
		return;
	k->local.port = (uint16_t)port;
	f->inode[f->h->nsock++] = inode;
}

static void
table(struct found *f, const char *path)
{
	char	 b[512];
	FILE	*fp;

	if ((fp = fopen(path, "re")) == NULL)
		return;
	while (fgets(b, sizeof(b), fp) != NULL)
		line(f, b);
	(void)fclose(fp);
}

static void
program(const char *pid, char name[V_WORD])
{
	char	 path[64];
	ssize_t	 n = -1;
	int	 fd;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) != -1) {
		n = read(fd, name, V_WORD - 1);
		(void)close(fd);
	}
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	for (; *name != '\0'; name++)
		if (!isprint((unsigned char)*name))
			*name = '?';
}

/* An IKE daemon by its name, in this network namespace, whatever ports it
 * has: it keeps its own policies and SAs in our kernel. */
static void
by_name(struct v_host *h, const char *pid, const char *ours)
{
	static const char *const names[] = { "pluto", "charon",
	    "charon-systemd", "charon-nm", "starter", "iked", "isakmpd",
	    "racoon", "strongswan" };
	char		 path[64], ns[64], name[V_WORD];
	struct v_sock	*o = &h->other[h->nother];
	ssize_t		 n;
	size_t		 i;

	if (h->nother == V_OTHERS)
		return;
	program(pid, name);
	for (i = 0; i < nitems(names) && strcmp(name, names[i]) != 0; i++)
		continue;
	(void)snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	if (i == nitems(names) ||
	    (n = readlink(path, ns, sizeof(ns) - 1)) <= 0)
		return;
	ns[n] = '\0';
	if (strcmp(ns, ours) != 0)
		return;
	memset(o, 0, sizeof(*o));
	o->pid = (uint32_t)strtoul(pid, NULL, 10);
	(void)strlcpy(o->program, name, sizeof(o->program));
	h->nother++;
}

/* The descriptors of one process. */
static void
process(struct found *f, const char *pid)
{
	char		 path[64], to[64];
	struct dirent	*e;
	unsigned long	 inode;
	ssize_t		 n;
	size_t		 i;
	DIR		*d;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	if ((d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		n = readlinkat(dirfd(d), e->d_name, to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		if (sscanf(to, "socket:[%lu]", &inode) != 1)
			continue;
		for (i = 0; i < f->h->nsock; i++) {
			if (f->inode[i] != inode || f->h->sock[i].pid != 0)
				continue;
			f->h->sock[i].pid = (uint32_t)strtoul(pid, NULL, 10);
			program(pid, f->h->sock[i].program);
		}
	}
	(void)closedir(d);
}

void
v_socks_read(struct v_host *h)
{
	struct found	 f = { .h = h };
	struct dirent	*e;
	char		 ns[64];
	ssize_t		 n;
	DIR		*d;

	table(&f, "/proc/net/udp");
	table(&f, "/proc/net/udp6");
	n = readlink("/proc/self/ns/net", ns, sizeof(ns) - 1);
	ns[n > 0 ? n : 0] = '\0';
	if ((d = opendir("/proc")) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		if (h->nsock > 0)
			process(&f, e->d_name);
		by_name(h, e->d_name, ns);
	}
	(void)closedir(d);
}

/* SPDX-License-Identifier: ISC */

/*
 * linux_sysctl.c: what `set gateway' changes in /proc/sys, by single files
 * opened as root, and the file that remembers what stood there before, so
 * that it comes back at exit, at the next start or by `s2sd -u'.
 */

#include <sys/stat.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "linux.h"
#include "tunnel.h"

/*
 * In this order, both ways: writing ip_forward makes the kernel set
 * accept_redirects of its own, so that comes after.
 */
const struct lx_sysctl lx_sysctl_rows[LX_SYSCTLS] = {
	{ "net/ipv4/ip_forward",		GW_FORWARDING,		"1" },
	{ "net/ipv6/conf/all/forwarding",	GW_FORWARDING | LX_V6,	"1" },
	{ "net/ipv4/conf/all/send_redirects",	GW_REDIRECTS,		"0" },
	{ "net/ipv4/conf/default/send_redirects", GW_REDIRECTS,		"0" },
	{ "net/ipv4/conf/all/accept_redirects",	GW_REDIRECTS,		"0" },
	{ "net/ipv4/conf/default/accept_redirects", GW_REDIRECTS,	"0" },
	{ "net/ipv6/conf/all/accept_redirects",	GW_REDIRECTS | LX_V6,	"0" },
	{ "net/ipv6/conf/default/accept_redirects", GW_REDIRECTS | LX_V6, "0" },
	{ NULL, 0, NULL }
};

/* --- the file of old values --- */

static int
number(const char *s, uint32_t *v)
{
	*v = 0;
	if (*s == '\0' || strlen(s) > 9)
		return (-1);
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return (-1);
		*v = *v * 10 + (uint32_t)(*s - '0');
	}
	return (0);
}

int
lx_saved_parse(struct rd r, struct lx_saved *s)
{
	char		 key[16], path[64], val[16];
	uint32_t	 n;
	size_t		 i;

	memset(s, 0, sizeof(*s));
	while (r.n > 0) {
		if (r.p[0] == '\n') {		/* what fills the file up */
			if (rd_skip(&r, 1))
				return (-1);
			continue;
		}
		if (rd_word(&r, ' ', key, sizeof(key)) == -1)
			return (-1);
		if (strcmp(key, "iptables") == 0) {
			if (rd_word(&r, '\n', val, sizeof(val)) == -1 ||
			    number(val, &s->ipt) == -1)
				return (-1);
			continue;
		}
		if (strcmp(key, "sysctl") != 0 ||
		    rd_word(&r, ' ', path, sizeof(path)) == -1 ||
		    rd_word(&r, '\n', val, sizeof(val)) == -1 ||
		    number(val, &n) == -1)
			return (-1);
		for (i = 0; lx_sysctl_rows[i].path != NULL; i++)
			if (strcmp(path, lx_sysctl_rows[i].path) == 0)
				break;
		if (lx_sysctl_rows[i].path == NULL)
			return (-1);	/* never write to what is not ours */
		memcpy(s->val[i], val, sizeof(val));
	}
	return (0);
}

int
lx_saved_write(struct wr *w, const struct lx_saved *s)
{
	char	 line[128];
	size_t	 i;

	for (i = 0; lx_sysctl_rows[i].path != NULL; i++) {
		if (s->val[i][0] == '\0')
			continue;
		snprintf(line, sizeof(line), "sysctl %s %s\n",
		    lx_sysctl_rows[i].path, s->val[i]);
		wr_put(w, line, strlen(line));
	}
	if (s->ipt != 0) {
		snprintf(line, sizeof(line), "iptables %u\n", s->ipt);
		wr_put(w, line, strlen(line));
	}
	return (wr_end(w));
}

int
lx_saved_load(struct lx *x, struct lx_saved *s)
{
	uint8_t	 buf[LX_SAVED_MAX];
	ssize_t	 n;

	memset(s, 0, sizeof(*s));
	if (x->saved == -1)
		return (0);
	n = pread(x->saved, buf, sizeof(buf), 0);
	if (n >= 0 && lx_saved_parse(rd_of(buf, (size_t)n), s) == 0)
		return (0);
	memset(s, 0, sizeof(*s));
	x->env.log(x->env.arg, LOG_WARNING, "sysctl: the file of old values "
	    "cannot be read; nothing of it is restored");
	return (-1);
}

int
lx_saved_store(struct lx *x, const struct lx_saved *s)
{
	uint8_t		 buf[LX_SAVED_MAX];
	struct wr	 w = wr_of(buf, sizeof(buf));

	if (x->saved == -1 || lx_saved_write(&w, s) == -1)
		return (-1);
	/* Always as long: nothing old stays behind, nothing is cut off. */
	memset(buf + w.n, '\n', sizeof(buf) - w.n);
	return (pwrite(x->saved, buf, sizeof(buf), 0) == (ssize_t)sizeof(buf) ?
	    0 : -1);
}

/* --- /proc/sys --- */

/* The folder and those above it, as mkdir -p. */
static void
make_dirs(const char *dir)
{
	char	 path[256];
	size_t	 i;

	snprintf(path, sizeof(path), "%s", dir);
	for (i = 1; path[i] != '\0'; i++)
		if (path[i] == '/') {
			path[i] = '\0';
			(void)mkdir(path, 0755);
			path[i] = '/';
		}
	(void)mkdir(path, 0755);
}

/* As root.  One file for each network namespace, by its inode number. */
void
lx_sysctl_open(struct lx *x)
{
	struct stat	 st;
	char		 path[256];
	size_t		 i;

	for (i = 0; i < LX_SYSCTLS; i++)
		x->sysctl[i] = -1;
	for (i = 0; lx_sysctl_rows[i].path != NULL; i++) {
		snprintf(path, sizeof(path), "/proc/sys/%s",
		    lx_sysctl_rows[i].path);
		x->sysctl[i] = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	}
	x->rp_default = open("/proc/sys/net/ipv4/conf/default/rp_filter",
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	x->saved = -1;
	if (stat("/proc/self/ns/net", &st) == -1)
		return;
	make_dirs(RUNDIR "/s2sd");
	snprintf(path, sizeof(path), RUNDIR "/s2sd/host.%llu",
	    (unsigned long long)st.st_ino);
	x->saved = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (x->saved == -1 || fstat(x->saved, &st) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_uid != 0) {
		if (x->saved != -1)
			close(x->saved);
		x->saved = -1;
	}
}

static int
value_get(int fd, char *to, size_t max)
{
	ssize_t	 n;

	if (fd == -1 || (n = pread(fd, to, max - 1, 0)) <= 0)
		return (-1);
	to[n] = '\0';
	to[strcspn(to, "\n\t ")] = '\0';
	return (0);
}

uint32_t
lx_rp_default(const struct lx *x)
{
	char		 v[16];
	uint32_t	 n;

	return (value_get(x->rp_default, v, sizeof(v)) == 0 &&
	    number(v, &n) == 0 && n <= 2 ? n : 0);
}

static int
value_set(int fd, const char *v)
{
	return (pwrite(fd, v, strlen(v), 0) == (ssize_t)strlen(v) ? 0 : -1);
}

/*
 * Old values are on disk before the first is changed; what an earlier life
 * saved is older still and stays.
 */
int
lx_sysctls(struct lx *x, uint32_t gateway, char *why, size_t len)
{
	const struct lx_sysctl	*row;
	struct lx_saved		 s;
	char			 now[16], text[FW_WHYLEN];
	uint8_t			 todo[LX_SYSCTLS] = { 0 };
	size_t			 i, n = 0;

	(void)lx_saved_load(x, &s);
	for (i = 0; lx_sysctl_rows[i].path != NULL; i++) {
		row = &lx_sysctl_rows[i];
		if ((gateway & row->need) != row->need ||
		    value_get(x->sysctl[i], now, sizeof(now)) == -1 ||
		    strcmp(now, row->value) == 0)
			continue;
		if (s.val[i][0] == '\0')
			memcpy(s.val[i], now, sizeof(now));
		todo[i] = 1;
		n++;
	}
	if (n == 0)
		return (0);
	if (lx_saved_store(x, &s) == -1) {
		snprintf(why, len, "set gateway: the old values of the "
		    "sysctls cannot be saved below " RUNDIR
		    "/s2sd, so none is changed");
		return (-1);
	}
	for (i = 0; lx_sysctl_rows[i].path != NULL; i++) {
		row = &lx_sysctl_rows[i];
		if (!todo[i])
			continue;
		if (value_set(x->sysctl[i], row->value) == -1) {
			snprintf(why, len, "set gateway: %s: %s", row->path,
			    strerror(errno));
			return (-1);
		}
		snprintf(text, sizeof(text), "set gateway: %s was %s, is %s",
		    row->path, s.val[i], row->value);
		x->env.log(x->env.arg, LOG_INFO, text);
	}
	return (0);
}

/* Back to what was, unless somebody has changed it since. */
int
lx_sysctls_restore(struct lx *x)
{
	struct lx_saved	 s;
	char		 now[16];
	size_t		 i;
	int		 rv = 0;

	if (lx_saved_load(x, &s) == -1)
		return (-1);
	for (i = 0; lx_sysctl_rows[i].path != NULL; i++) {
		if (s.val[i][0] == '\0')
			continue;
		/* The kernel may have changed it together with an earlier one. */
		if (value_get(x->sysctl[i], now, sizeof(now)) == 0 &&
		    strcmp(now, lx_sysctl_rows[i].value) == 0 &&
		    value_set(x->sysctl[i], s.val[i]) == -1)
			rv = -1;	/* remembered for the next try */
		else
			s.val[i][0] = '\0';
	}
	if (x->saved != -1 && lx_saved_store(x, &s) == -1)
		rv = -1;
	return (rv);
}

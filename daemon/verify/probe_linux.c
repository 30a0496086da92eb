/* SPDX-License-Identifier: ISC */

/*
 * probe_linux.c: probes through the kernel of this machine: the table that
 * marks and ends them, the listing of the rules by libnftables, the trace
 * by netlink, the counters of iptables-legacy by its own program.
 */

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <nftables/libnftables.h>

#include "probe.h"
#include "../../backends/host/nl.h"

enum { FIRST_MS = 400, IDLE_MS = 60, COUNTS = 4096, SAVE_MAX = 4 << 20 };

struct probe {
	struct nft_ctx	*nft;
	struct nlsock	 trace;
	struct inject	*inj;
	char		*listing;
	int		 legacy;
	int		 reduced;	/* errno of injecting, 0: it works */
	struct nlsock	 xfrm;
	struct pr_event	 e[PR_EVENTS];
	size_t		 n;
	uint32_t	 id;
	int		 over;
	struct pr_count	*before, *after;
	size_t		 nbefore, nafter;
	uint16_t	 sport;
	struct addr	 guarded;	/* source of the rule in chain g */
};

/* What lets probes by as if they were decrypted lets nothing else by: in the
 * clear, from the same source and no probe, is dropped in chain g first. */
#define PROBE4	"ip id 0x5332 ip ttl "
#define PROBE6	"ip6 flowlabel 0x5332 ip6 hoplimit "
static const char table[] =
    "table inet " PR_TABLE " {\n%s"
    "chain x {\ndrop\n}\n"
    "chain d {\nrt ipsec exists jump x\ndrop\n}\n"
    "chain p {\ntype filter hook prerouting priority -450;\n"
    PROBE4 "3 meta nftrace set 1\n" PROBE6 "3 meta nftrace set 1\n}\n"
    "chain g {\ntype filter hook prerouting priority -449;\n}\n"
    "chain o {\ntype filter hook output priority -450;\n"
    PROBE4 "3 meta nftrace set 1\n" PROBE6 "3 meta nftrace set 1\n}\n"
    "chain z {\ntype filter hook postrouting priority 2147483646;\n"
    PROBE4 "2-3 jump d\n" PROBE6 "2-3 jump d\n}\n"
    "chain y {\ntype filter hook input priority 2147483646;\n"
    PROBE4 "2-3 drop\n" PROBE6 "2-3 drop\n}\n"
    "}\n";

static int
make_table(struct probe *p)
{
	char	 text[2048];

	(void)nft_run_cmd_from_buffer(p->nft, "destroy table inet " PR_TABLE);
	(void)snprintf(text, sizeof(text), table, "flags owner;\n");
	if (nft_run_cmd_from_buffer(p->nft, text) == 0)
		return (0);
	(void)nft_run_cmd_from_buffer(p->nft, "delete table inet " PR_TABLE);
	(void)snprintf(text, sizeof(text), table, "");
	return (nft_run_cmd_from_buffer(p->nft, text));
}

/* The output of a program by its absolute path, or NULL. */
static char	*output_of(char *const argv[]);

static void
append(char **to, char *s)
{
	char	*all;

	if (s != NULL && asprintf(&all, "%s\n%s", *to, s) != -1) {
		free(*to);
		*to = all;
	}
	free(s);
}

/* nft's own first, so that rules are found by handle; then what only names
 * addresses and ports. */
static int
list_rules(struct probe *p)
{
	char		 p4[] = "/usr/sbin/iptables-legacy-save", c[] = "save";
	char		 p6[] = "/usr/sbin/ip6tables-legacy-save";
	char		 ps[] = "/usr/sbin/ipset";
	char		*a4[] = { p4, NULL }, *a6[] = { p6, NULL };
	char		*as[] = { ps, c, NULL };
	const char	*s;

	nft_ctx_output_set_flags(p->nft, NFT_CTX_OUTPUT_HANDLE |
	    NFT_CTX_OUTPUT_NUMERIC_PROTO | NFT_CTX_OUTPUT_NUMERIC_PRIO);
	if (nft_run_cmd_from_buffer(p->nft, "list ruleset") != 0 ||
	    (s = nft_ctx_get_output_buffer(p->nft)) == NULL)
		return (-1);
	if ((p->listing = strdup(s)) == NULL)
		return (-1);
	if (p->legacy) {
		append(&p->listing, output_of(a4));
		append(&p->listing, output_of(a6));
	}
	append(&p->listing, output_of(as));
	return (0);
}

static int
has_legacy(void)
{
	char	 c;
	int	 f, rv = 0;

	if ((f = open("/proc/net/ip_tables_names", O_RDONLY | O_CLOEXEC)) !=
	    -1) {
		rv = read(f, &c, 1) == 1;
		(void)close(f);
	}
	if (!rv && (f = open("/proc/net/ip6_tables_names", O_RDONLY |
	    O_CLOEXEC)) != -1) {
		rv = read(f, &c, 1) == 1;
		(void)close(f);
	}
	return (rv);
}

struct probe *
pr_open(char *why, size_t size)
{
	struct probe	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL ||
	    (p->inj = inj_open()) == NULL) {
		free(p);
		(void)snprintf(why, size, "out of memory");
		return (NULL);
	}
	p->trace.fd = p->xfrm.fd = -1;
	p->sport = PR_SPORT;
	p->legacy = has_legacy();
	p->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (p->nft != NULL) {
		(void)nft_ctx_buffer_output(p->nft);
		(void)nft_ctx_buffer_error(p->nft);
	}
	/* listed first: our own table is nobody's rule */
	if (p->nft != NULL && list_rules(p) == -1)
		(void)snprintf(why, size, "the rules cannot be listed%s",
		    geteuid() != 0 ? " (only root may)" : "");
	else if (p->nft == NULL || make_table(p) != 0)
		(void)snprintf(why, size, "nf_tables is not usable here");
	else if (nl_open(&p->trace, NETLINK_NETFILTER,
	    1u << (NFNLGRP_NFTRACE - 1)) == -1)
		(void)snprintf(why, size, "the trace of nf_tables: %s",
		    strerror(errno));
	else
		return (p);
	pr_close(p);
	return (NULL);
}

void
pr_close(struct probe *p)
{
	if (p == NULL)
		return;
	if (p->nft != NULL) {
		(void)nft_run_cmd_from_buffer(p->nft,
		    "delete table inet " PR_TABLE);
		nft_ctx_free(p->nft);
	}
	nl_close(&p->trace);
	nl_close(&p->xfrm);
	inj_close(p->inj);
	free(p->listing);
	free(p->before);
	free(p->after);
	free(p);
}

const char *
pr_listing(struct probe *p)
{
	return (p->listing);
}

const struct pr_event *
pr_events(const struct probe *p, size_t *n)
{
	*n = p->n;
	return (p->e);
}

const char *
pr_method(const struct probe *p)
{
	return (p->reduced ? "reduced: sent from this host" :
	    "as if received on the device");
}

int
pr_reduced(const struct probe *p, char *why, size_t n)
{
	if (p->reduced == 0)
		return (0);
	(void)snprintf(why, n, "%s", strerror(p->reduced));
	return (1);
}

/* ---- iptables-legacy ---- */

static char *
output_of(char *const argv[])
{
	static char	*const env[] = { NULL };
	char		*b;
	size_t		 n = 0;
	ssize_t		 k;
	int		 fd[2], status;
	pid_t		 pid;

	if (access(argv[0], X_OK) == -1 || pipe(fd) == -1)
		return (NULL);
	if ((b = malloc(SAVE_MAX)) == NULL || (pid = fork()) == -1) {
		free(b);
		(void)close(fd[0]);
		(void)close(fd[1]);
		return (NULL);
	}
	if (pid == 0) {
		(void)dup2(fd[1], STDOUT_FILENO);
		(void)close(fd[0]);
		(void)close(fd[1]);
		(void)execve(argv[0], argv, env);
		_exit(127);
	}
	(void)close(fd[1]);
	while (n < SAVE_MAX - 1 &&
	    (k = read(fd[0], b + n, SAVE_MAX - 1 - n)) > 0)
		n += (size_t)k;
	(void)close(fd[0]);
	b[n] = '\0';
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return (b);
}

static size_t
counts(int six, struct pr_count **to)
{
	char	 c[] = "-c", p4[] = "/usr/sbin/iptables-legacy-save";
	char	 p6[] = "/usr/sbin/ip6tables-legacy-save", *s;
	char	*argv[] = { six ? p6 : p4, c, NULL };
	size_t	 n = 0;

	if (*to == NULL && (*to = calloc(COUNTS, sizeof(**to))) == NULL)
		return (0);
	if ((s = output_of(argv)) != NULL)
		n = pr_counts(s, *to, COUNTS);
	free(s);
	return (n);
}

/* ---- the trace ---- */

static int
event(void *arg, const struct nlmsg *m)
{
	struct probe	*p = arg;
	struct nfgenmsg	 g;
	struct rd	 r = m->body;
	struct pr_event	*e = &p->e[p->n];

	if (m->type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE) ||
	    p->n == PR_EVENTS || rd_copy(&r, &g, sizeof(g)) ||
	    pr_event_get(g.nfgen_family, r, e) == -1)
		return (0);
	if (p->id == 0 && strcmp(e->table, PR_TABLE) == 0)
		p->id = e->id;
	if (e->id != p->id)
		return (0);	/* somebody else traces, too */
	p->n++;
	if (e->verdict == NF_DROP && e->what != PW_RETURN)
		p->over = 1;
	return (0);
}

static void
watch(struct probe *p)
{
	struct pollfd	 pf = { .fd = p->trace.fd, .events = POLLIN };
	int		 rv;

	while (!p->over) {
		if (poll(&pf, 1, p->n == 0 ? FIRST_MS : IDLE_MS) <= 0)
			return;
		while ((rv = nl_events(&p->trace, event, p)) == 1)
			continue;
		if (rv == -1 && p->n == 0)
			return;
	}
}

static int
put_in(struct probe *p, const struct pr_flow *f, uint32_t iif,
    const struct pr_want *want)
{
	uint8_t	 pkt[PR_FRAME];
	size_t	 n = pr_packet(f, pkt);
	int	 e = 0;

	if (iif != 0) {
		if (inj_in(p->inj, iif, pkt, n) == 0)
			return (0);
		if (want->input || want->decrypted)
			return (-1);	/* nothing else comes near to it */
		e = errno;
	}
	if (inj_out(p->inj, f, pkt, n) == -1)
		return (-1);
	if (e != 0)
		p->reduced = e;
	return (0);
}

/* The rule of chain g for that source, once. */
static int
guard(struct probe *p, const struct addr *src)
{
	char	 text[400], a[ADDR_STRLEN];
	int	 six = src->af == 6;

	if (p->guarded.af != 0 && addr_cmp(&p->guarded, src, 0) == 0)
		return (0);
	(void)addr_str(src, 0, a, sizeof(a));
	(void)snprintf(text, sizeof(text), "flush chain inet " PR_TABLE " g\n"
	    "add rule inet " PR_TABLE " g %s saddr %s meta ipsec missing %s "
	    "drop\n", six ? "ip6" : "ip", a, six ?
	    "ip6 flowlabel != 0x5332" : "ip id != 0x5332");
	if (nft_run_cmd_from_buffer(p->nft, text) != 0) {
		errno = EOPNOTSUPP;
		return (-1);
	}
	p->guarded = *src;
	return (0);
}

static int
put_decrypted(struct probe *p, const struct pr_flow *f, uint32_t iif,
    const struct pr_want *want)
{
	if (!want->decrypted)
		return (put_in(p, f, iif, want));
	if (guard(p, &f->src) == -1 || pr_pass(&p->xfrm, &f->src, 1) == -1)
		return (-1);
	return (put_in(p, f, iif, want));
}

void
pr_run(struct probe *p, const struct pr_flow *flow, uint32_t iif,
    const struct pr_want *want, struct pr_result *r)
{
	struct pr_flow	 f = *flow;
	struct pr_seen	 s;

	if (f.src.port == 0)
		f.src.port = p->sport++;
	if (f.dst.port == 0)
		f.dst.port = PR_PORT;
	while (nl_events(&p->trace, event, p) == 1)
		continue;
	p->n = 0;
	p->id = 0;
	p->over = 0;
	memset(&s, 0, sizeof(s));
	if (p->legacy)
		p->nbefore = counts(f.src.af == 6, &p->before);
	if (put_decrypted(p, &f, iif, want) == -1) {
		memset(r, 0, sizeof(*r));
		r->verdict = PV_LOST;
		r->sent = f;
		(void)snprintf(r->culprit, sizeof(r->culprit), "%s",
		    strerror(errno));
		return;
	}
	watch(p);
	if (want->decrypted && pr_pass(&p->xfrm, &f.src, 0) == -1)
		nl_close(&p->xfrm);	/* it ends by itself */
	if (p->legacy)
		p->nafter = counts(f.src.af == 6, &p->after);
	s.e = p->e;
	s.n = p->n;
	s.listing = p->listing;
	s.before = p->before;
	s.after = p->after;
	s.ncount = p->legacy && p->nbefore == p->nafter ? p->nafter : 0;
	pr_judge(&f, want, &s, r);
}

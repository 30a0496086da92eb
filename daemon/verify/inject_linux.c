/* SPDX-License-Identifier: ISC */

/*
 * inject_linux.c: a packet on the path of received ones.  A two-instruction
 * XDP program is run on a live frame (BPF_PROG_TEST_RUN, Linux 5.18): the
 * kernel then takes the frame as received on the device that is named, of
 * whatever kind it is, without anything being attached to it.
 */

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include "probe.h"

struct inject {
	int	 prog;		/* -1: the kernel does not run it */
	int	 raw4, raw6;
	int	 noprog, noraw;	/* errno of what could not be had */
	int	 any;		/* for ioctl */
};

static long
bpf(int cmd, union bpf_attr *a)
{
	return (syscall(SYS_bpf, cmd, a, sizeof(*a)));
}

static int
load(void)
{
	struct bpf_insn	 pass[2];
	union bpf_attr	 a;

	memset(pass, 0, sizeof(pass));
	pass[0].code = BPF_ALU64 | BPF_MOV | BPF_K;	/* r0 = XDP_PASS */
	pass[0].imm = XDP_PASS;
	pass[1].code = BPF_JMP | BPF_EXIT;
	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_XDP;
	a.insn_cnt = nitems(pass);
	a.insns = (uint64_t)(uintptr_t)pass;
	a.license = (uint64_t)(uintptr_t)"ISC";
	return ((int)bpf(BPF_PROG_LOAD, &a));
}

struct inject *
inj_open(void)
{
	struct inject	*j;

	if ((j = calloc(1, sizeof(*j))) == NULL)
		return (NULL);
	j->prog = load();
	j->noprog = errno;
	j->raw4 = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	j->raw6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	j->noraw = errno;
	j->any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return (j);
}

void
inj_close(struct inject *j)
{
	if (j == NULL)
		return;
	if (j->prog != -1)
		(void)close(j->prog);
	if (j->raw4 != -1)
		(void)close(j->raw4);
	if (j->raw6 != -1)
		(void)close(j->raw6);
	if (j->any != -1)
		(void)close(j->any);
	free(j);
}

/* The device's own hardware address: what is for it is not passed by. */
static int
hwaddr(struct inject *j, uint32_t iif, uint8_t *mac)
{
	struct ifreq	 r;

	memset(&r, 0, sizeof(r));
	if (if_indextoname(iif, r.ifr_name) == NULL ||
	    ioctl(j->any, SIOCGIFHWADDR, &r) == -1)
		return (-1);
	memcpy(mac, r.ifr_hwaddr.sa_data, ETH_ALEN);
	return (0);
}

int
inj_in(struct inject *j, uint32_t iif, const uint8_t *ip, size_t n)
{
	static const uint8_t	 from[ETH_ALEN] = { 2, 0, 0, 0, 0x53, 0x32 };
	uint8_t			 frame[ETH_HLEN + PR_FRAME];
	struct wr		 w = wr_of(frame, sizeof(frame));
	struct xdp_md		 ctx;
	union bpf_attr		 a;

	if (j->prog == -1 || n == 0) {
		errno = n == 0 ? EINVAL : j->noprog;
		return (-1);
	}
	if (hwaddr(j, iif, wr_room(&w, ETH_ALEN)) == -1)
		return (-1);
	wr_put(&w, from, sizeof(from));
	wr_u16(&w, ip[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
	wr_put(&w, ip, n);
	memset(&ctx, 0, sizeof(ctx));
	ctx.data_end = (uint32_t)w.n;
	ctx.ingress_ifindex = iif;
	memset(&a, 0, sizeof(a));
	a.test.prog_fd = (uint32_t)j->prog;
	a.test.data_size_in = (uint32_t)w.n;
	a.test.data_in = (uint64_t)(uintptr_t)frame;
	a.test.ctx_size_in = sizeof(ctx);
	a.test.ctx_in = (uint64_t)(uintptr_t)&ctx;
	a.test.repeat = 1;
	a.test.batch_size = 1;
	a.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	return (w.bad || bpf(BPF_PROG_TEST_RUN, &a) == -1 ? -1 : 0);
}

int
inj_out(struct inject *j, const struct pr_flow *f, const uint8_t *ip,
    size_t n)
{
	struct sockaddr_storage	 ss;
	struct addr		 to = f->dst;
	socklen_t		 len;
	int			 fd = f->src.af == 6 ? j->raw6 : j->raw4;

	if (fd == -1) {
		errno = j->noraw;
		return (-1);
	}
	to.port = 0;
	len = addr_to_sa(&to, &ss);
	if (sendto(fd, ip, n, 0, (struct sockaddr *)&ss, len) == -1 && errno != EPERM)
		return (-1);	/* EPERM: dropped at a hook, which is seen */
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * fuzz_ctl.c: what a client of the control socket may send.  Messages, each
 * behind a 16 bit length; the first octet of each picks the client, whether
 * it reads, and how much time passes before.
 */

#include <stdlib.h>

#include "ctl_int.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int	 reads;

static int
f_send(void *arg, enum proc to, const struct ipc_hdr *h, const void *b,
    size_t n)
{
	(void)arg;
	(void)to;
	(void)h;
	(void)b;
	(void)n;
	return (0);
}

static int
f_out(void *arg, int i, const uint8_t *p, size_t n)
{
	struct ipc_hdr	 h;
	union {
		uint64_t	 align;
		uint8_t		 room[MSG_STRUCT_MAX];
	} b;

	(void)arg;
	(void)i;
	if (u_get(rd_of(p, n), &h, b.room) == -1)
		abort();		/* we write what we can read */
	return (reads);
}

/* Two tunnels, so that names can be found. */
static void
load(void *self, struct conf *c)
{
	struct tunnel	*t = calloc(1, sizeof(*t));
	struct global	 g;
	struct net	 a;

	memset(&g, 0, sizeof(g));
	if (t == NULL || conf_begin(c, 1, &g) == -1 ||
	    net_parse("10.1.0.0/24", &a) == -1)
		abort();
	t->npair = 1;
	sel_from_net(&a, 0, 0, 65535, &t->pair[0].local);
	sel_from_net(&a, 0, 0, 65535, &t->pair[0].remote);
	for (t->id = 1; t->id <= 2; t->id++) {
		t->name[0] = 't';
		t->name[1] = (char)('0' + t->id);
		if (conf_add(c, t) == -1)
			abort();
	}
	free(t);
	conf_commit_new(c);
	role_ctl.added(self, c, 1);
	conf_commit_gone(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ctl_out out = { .send = f_out };
	struct role_io	 io = { .send = f_send };
	struct conf	 conf;
	struct rd	 r = rd_of(data, size), m;
	uint64_t	 now = 100000;
	uint8_t		 how, no[CTL_NO_MAX];
	size_t		 n;
	void		*self;
	int		 i;

	if ((self = role_ctl.new(&io)) == NULL || conf_init(&conf) == -1)
		abort();
	ctl_set_output(self, &out);
	load(self, &conf);
	for (i = 0; i < 4; i++)
		ctl_log(self, PROC_IKE, 6, 1, 0, "a line", now);
	while (rd_sub16(&r, &m) == 0 && rd_u8(&m, &how) == 0) {
		reads = how & 1;
		now += how & 2 ? 6000 : 1;
		(void)role_ctl.tick(self, now);
		i = ctl_client_open(self, how & 4 ? 0 : 1000, now, no, &n);
		if (i == -1)
			i = 0;
		ctl_client_input(self, i, m.p, m.n, now);
		ctl_client_writable(self, i, now);
		if (how & 8)
			ctl_client_gone(self, i);
	}
	(void)role_ctl.tick(self, now + 60000);
	role_ctl.free(self);
	conf_clear(&conf);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * fuzz_host_exec.c: requests to s2sd-exec.  Octet 0 is `what', the rest its
 * body; what iptables-save printed is the body, too.  What comes out for
 * iptables-restore may hold nothing but our own words.
 */

#include <ctype.h>
#include <stdlib.h>

#include "exec.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct rd	 printed;

static uint32_t
run(void *arg, enum exec_prog what, uint8_t variant, uint8_t af,
    const char *in, size_t nin, char **out, size_t *nout)
{
	size_t	 i;

	(void)arg; (void)variant; (void)af;
	if (what == EXEC_RESTORE)
		for (i = 0; i < nin; i++)
			if (!isalnum((unsigned char)in[i]) &&
			    strchr(" \n*:-[]!./,", in[i]) == NULL)
				abort();
	if ((*out = malloc(printed.n + 1)) == NULL)
		return (IPT_EFAILED);
	if (printed.n > 0)
		memcpy(*out, printed.p, printed.n);
	(*out)[printed.n] = '\0';
	*nout = printed.n;
	return (IPT_OK);
}

static int
sent(void *arg, enum proc to, const struct ipc_hdr *h, const void *body,
    size_t len)
{
	(void)arg; (void)to; (void)h; (void)body; (void)len;
	return (0);
}

/* One octet `what', two octets of length, a body; again and again. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct exec_runner	 runner = { NULL, run };
	struct role_io			 io = { .send = sent };
	struct rd			 r = rd_of(p, n);
	struct m_x_run			 m;
	struct ipc_msg			 im;
	void				*e;

	if ((e = role_exec.new(&io)) == NULL)
		return (0);
	exec_set_runner(e, &runner);
	memset(&im, 0, sizeof(im));
	im.h.req = 1;
	printed = r;
	while (rd_u8(&r, &m.what) == 0 && rd_sub16(&r, &m.rest) == 0)
		if (role_exec.rules[0].fn(e, &im, &m, 1) == -1)
			break;
	role_exec.free(e);
	return (0);
}

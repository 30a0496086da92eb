/* SPDX-License-Identifier: ISC */

/* fuzz_msg.c: first octet picks a message, the rest is its body. */

#include <stdlib.h>

#include "ipc.h"
#include "msg.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static union { uint64_t align; uint8_t room[MSG_STRUCT_MAX]; } body;
	static uint8_t		 out[IPC_BODY_MAX];
	const struct msg_desc	*d;
	struct wr		 w = wr_of(out, sizeof(out));
	size_t			 nd;

	if (n == 0)
		return (0);
	d = msg_descs(&nd);
	d += p[0] % nd;
	if (msg_get(d, rd_of(p + 1, n - 1), body.room) == 0) {
		/* what was read is written back octet for octet */
		if (msg_put(d, &w, body.room) == -1 || w.n != n - 1 ||
		    memcmp(out, p + 1, w.n) != 0)
			abort();
	}
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * fuzz_s2sctl.c: what a daemon gone mad may answer: frames, each behind a
 * 16 bit length, then all that s2sctl makes of them.
 */

#include <stdlib.h>

#include "u.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
show(struct u_status *s)
{
	struct u_style	 style = { 1, 1 };
	char		*text = NULL;
	size_t		 n;
	FILE		*f;

	if ((f = open_memstream(&text, &n)) == NULL)
		abort();
	if (s->n == 1)
		u_print_one(f, s, &style);
	u_print(f, s, &style);
	u_explain(f, s, NULL);
	(void)fclose(f);
	free(u_json_explain(s, NULL));
	free(text);
	(void)u_exit(s);
	free(u_json(s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct u_status	 s;
	struct rd	 r = rd_of(data, size), m;
	struct ipc_hdr	 h;
	union {
		uint64_t	 align;
		uint8_t		 room[MSG_STRUCT_MAX];
	} b;
	int		 rv = 0;

	memset(&s, 0, sizeof(s));
	while (rv == 0 && rd_sub16(&r, &m) == 0) {
		if (u_get(m, &h, b.room) == 0 && h.type == M_U_LINE)
			free(u_json_line((const void *)b.room, 1795507200));
		rv = u_take(&s, m);
	}
	if (rv != -1)
		show(&s);
	u_status_clear(&s);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * v1_off.c: s2sd-keys built without IKEv1: nobody honest asks for it, so who
 * does is ended.
 */

#include "keys_self.h"

static int
off(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	(void)self;
	(void)m;
	(void)body;
	(void)now;
	return (-1);
}

int
keys1_keyed(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	return (off(self, m, body, now));
}

int
keys1_start_r(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	return (off(self, m, body, now));
}

int
keys1_auth(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	return (off(self, m, body, now));
}

int
keys1_new_child(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	return (off(self, m, body, now));
}

/* SPDX-License-Identifier: ISC */

/*
 * list_linux.c: the backends of this system, in the order they are tried.
 * af_key has no AEAD and its end is announced: only who asks for it gets it.
 */

#include "list.h"

const struct sa_backend *const sa_list[] = {
	&sa_xfrm, &sa_userland, &sa_pfkey, NULL
};

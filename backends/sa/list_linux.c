/* SPDX-License-Identifier: ISC */

/* list_linux.c: the backends of this system, in the order they are tried. */

#include "list.h"

const struct sa_backend *const sa_list[] = {
	&sa_xfrm, &sa_pfkey, &sa_userland, NULL
};

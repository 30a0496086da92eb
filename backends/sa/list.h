/* SPDX-License-Identifier: ISC */

/* list.h: the backends of this system; only the program s2sd-sad has it. */

#ifndef SA_LIST_H
#define SA_LIST_H

#include "sa.h"

extern const struct sa_backend *const sa_list[];	/* ends with NULL */

#endif /* SA_LIST_H */

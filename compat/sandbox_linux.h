/* SPDX-License-Identifier: ISC */

/* sandbox_linux.h: the two halves of the Linux sandbox, for its test. */

#ifndef SANDBOX_LINUX_H
#define SANDBOX_LINUX_H

#include "proc.h"

/* Load the system call filter of that role: 0 or -1. */
int	 sandbox_filter(enum proc);
/* No file, no TCP, no foreign signal: version used, 0: none here, -1. */
int	 sandbox_landlock(void);

#endif /* SANDBOX_LINUX_H */

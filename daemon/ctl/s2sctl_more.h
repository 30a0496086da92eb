/* SPDX-License-Identifier: ISC */

/* s2sctl_more.h: commands of s2sctl that need no daemon. */

#ifndef S2SCTL_MORE_H
#define S2SCTL_MORE_H

#include "s2sctl.h"

/* argv[0] is the command; the exit status is returned. */
int	 c_import(int argc, char **argv);
int	 c_peer_config(int argc, char **argv);

#endif /* S2SCTL_MORE_H */

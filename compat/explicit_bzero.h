/* SPDX-License-Identifier: ISC */

/* explicit_bzero.h: for a system that does not declare it: the build includes
 * it everywhere there (configure.ac). */

#ifndef EXPLICIT_BZERO_H
#define EXPLICIT_BZERO_H

#include <stddef.h>

void	 explicit_bzero(void *, size_t);

#endif /* EXPLICIT_BZERO_H */

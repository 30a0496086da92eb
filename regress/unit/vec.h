/* SPDX-License-Identifier: ISC */

/*
 * vec.h: reader of regress/vectors/: records of "name = hex" lines.  For
 * tests only: a file that is not as it must be ends the test.
 */

#ifndef VEC_H
#define VEC_H

#include <stdio.h>

#include "wire.h"

enum { VEC_FIELDS = 16 };

struct vec {
	FILE		*f;
	const char	*file;
	size_t		 record;	/* 1 .. of the record read last */
	size_t		 n;
	struct {
		char	 name[32];
		uint8_t	*p;
		size_t	 n;
	} field[VEC_FIELDS];
};

void	 vec_open(struct vec *, const char *file);	/* in vectors/ */
int	 vec_next(struct vec *);		/* 1: a record, 0: no more */
/* A field of this record; it must be there. */
struct rd vec_get(const struct vec *, const char *name);
unsigned int vec_num(const struct vec *, const char *name);
void	 vec_close(struct vec *);

#endif /* VEC_H */

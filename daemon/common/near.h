/* SPDX-License-Identifier: ISC */

/* near.h: which word did they mean? */

#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>

/* Letters to change, insert, delete, or two that changed places; of each word
 * at most the first 31 octets. */
size_t	 near_distance(const char *, const char *);
/*
 * The nearest word, or NULL: one mistake in a short word, two in a longer
 * one; further is another word, and naming it would mislead.  Of two as near,
 * that of the same length.
 */
const char *near_word(const char *, const char *const *words, size_t n);

#endif /* NEAR_H */

/* SPDX-License-Identifier: ISC */

/* net_spi.c: the set of SPIs that belong to live IKE SAs of ours. */

#include <stdlib.h>

#include "net_int.h"

/* SPIs are our own random numbers, so their bits are their hash. */
static size_t
spi_place(const struct spi_set *s, uint64_t spi)
{
	size_t	 i = (size_t)(spi ^ spi >> 32) & (s->room - 1);

	while (s->v[i] != 0 && s->v[i] != spi)
		i = (i + 1) & (s->room - 1);
	return (i);
}

int
spi_has(const struct spi_set *s, uint64_t spi)
{
	return (spi != 0 && s->room != 0 && s->v[spi_place(s, spi)] == spi);
}

/* At most half full, so that a run of taken places stays short. */
static int
spi_grow(struct spi_set *s)
{
	struct spi_set	 bigger;
	size_t		 i;

	bigger.room = s->room == 0 ? SPI_ROOM_MIN : s->room * 2;
	bigger.n = s->n;
	if ((bigger.v = calloc(bigger.room, sizeof(*bigger.v))) == NULL)
		return (-1);
	for (i = 0; i < s->room; i++)
		if (s->v[i] != 0)
			bigger.v[spi_place(&bigger, s->v[i])] = s->v[i];
	free(s->v);
	*s = bigger;
	return (0);
}

int
spi_add(struct spi_set *s, uint64_t spi)
{
	size_t	 i;

	if (spi == 0)
		return (-1);
	if (spi_has(s, spi))
		return (0);
	if (s->n >= SPI_MAX)
		return (-1);
	if (s->n * 2 >= s->room && spi_grow(s) == -1)
		return (-1);
	i = spi_place(s, spi);
	s->v[i] = spi;
	s->n++;
	return (0);
}

void
spi_del(struct spi_set *s, uint64_t spi)
{
	uint64_t	 moved;
	size_t		 i;

	if (!spi_has(s, spi))
		return;
	i = spi_place(s, spi);
	s->v[i] = 0;
	s->n--;
	/* those behind it may have been pushed on by it: seat them again */
	for (i = (i + 1) & (s->room - 1); s->v[i] != 0;
	    i = (i + 1) & (s->room - 1)) {
		moved = s->v[i];
		s->v[i] = 0;
		s->v[spi_place(s, moved)] = moved;
	}
}

void
spi_clear(struct spi_set *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* SPDX-License-Identifier: ISC */

/* vec.c: reader of the vector files; see vec.h. */

#include <err.h>
#include <stdlib.h>

#include "vec.h"

static void
clear(struct vec *v)
{
	size_t	 i;

	for (i = 0; i < v->n; i++)
		free(v->field[i].p);
	v->n = 0;
}

void
vec_open(struct vec *v, const char *file)
{
	char	 path[1024];

	memset(v, 0, sizeof(*v));
	(void)snprintf(path, sizeof(path), "%s/regress/vectors/%s", SRCDIR,
	    file);
	v->file = file;
	if ((v->f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
}

void
vec_close(struct vec *v)
{
	clear(v);
	fclose(v->f);
}

/* Exact-size copies, so that the sanitizer sees a read beyond. */
static void
field(struct vec *v, char *line)
{
	char		*hex;
	unsigned int	 b;
	size_t		 i, n;

	if ((hex = strstr(line, " = ")) == NULL || v->n == VEC_FIELDS)
		errx(1, "%s: record %zu: %s", v->file, v->record, line);
	*hex = '\0';
	hex += 3;
	if ((n = strlen(hex)) % 2 != 0)
		errx(1, "%s: record %zu: odd hex", v->file, v->record);
	(void)snprintf(v->field[v->n].name, sizeof(v->field[v->n].name), "%s",
	    line);
	if ((v->field[v->n].p = malloc(n > 0 ? n / 2 : 1)) == NULL)
		err(1, NULL);
	for (i = 0; i < n / 2; i++) {
		if (sscanf(hex + 2 * i, "%2x", &b) != 1)
			errx(1, "%s: record %zu: no hex", v->file, v->record);
		v->field[v->n].p[i] = (uint8_t)b;
	}
	v->field[v->n++].n = n / 2;
}

int
vec_next(struct vec *v)
{
	char	*line = NULL;
	size_t	 room = 0;

	clear(v);
	v->record++;
	while (getline(&line, &room, v->f) != -1) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		if (line[0] != '\0')
			field(v, line);
		else if (v->n > 0)
			break;
	}
	free(line);
	return (v->n > 0);
}

struct rd
vec_get(const struct vec *v, const char *name)
{
	size_t	 i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->field[i].name, name) == 0)
			return (rd_of(v->field[i].p, v->field[i].n));
	errx(1, "%s: record %zu has no %s", v->file, v->record, name);
}

unsigned int
vec_num(const struct vec *v, const char *name)
{
	struct rd	 r = vec_get(v, name);
	uint16_t	 n;

	if (rd_u16(&r, &n) || rd_end(&r))
		errx(1, "%s: record %zu: %s", v->file, v->record, name);
	return (n);
}

/* SPDX-License-Identifier: ISC */

/*
 * replay.c: run a fuzz target over its seeds without a fuzzer, so that
 * `make check' keeps every seed, every truncation of it and every flipped
 * bit working under the sanitizers.
 *
 *	fuzz_NAME [file | directory ...]   default: corpus/NAME of the source
 */

#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static unsigned long	runs;

/* Exact-size copies: the address sanitizer sees one octet too far. */
static void
run(const uint8_t *p, size_t n)
{
	uint8_t	*copy;

	if ((copy = malloc(n > 0 ? n : 1)) == NULL)
		err(1, NULL);
	if (n > 0)
		memcpy(copy, p, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	runs++;
}

static void
seed(const char *path)
{
	static uint8_t	 buf[65536];
	FILE		*f;
	size_t		 i, n, step;

	if ((f = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	run(buf, n);
	step = n / 2048 + 1;		/* long seeds: a sample */
	for (i = 0; i < n; i += step)
		run(buf, i);
	for (i = 0; i < n * 8; i += step) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		run(buf, n);
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void
any(const char *path)
{
	struct dirent	*e;
	struct stat	 st;
	char		 sub[1024];
	DIR		*d;

	if (stat(path, &st) == -1)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		seed(path);
		return;
	}
	if ((d = opendir(path)) == NULL)
		err(1, "%s", path);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		any(sub);
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	char	 dir[1024], *name;
	int	 i;

	if ((name = strstr(basename(argv[0]), "fuzz_")) == NULL)
		errx(1, "not called fuzz_NAME");
	if (argc < 2) {
		(void)snprintf(dir, sizeof(dir), "%s/regress/fuzz/corpus/%s",
		    SRCDIR, name + 5);
		any(dir);
	}
	for (i = 1; i < argc; i++)
		any(argv[i]);
	if (runs == 0)
		errx(1, "%s: no seeds", name);
	printf("%s: %lu inputs\n", name, runs);
	return (0);
}

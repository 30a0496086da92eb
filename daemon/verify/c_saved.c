/* SPDX-License-Identifier: ISC */

/*
 * c_saved.c: rules of s2sd in a ruleset that somebody saved while it ran: in
 * the kernel without s2sd, and in the files that are loaded at boot.
 */

#include <stdio.h>
#include <stdlib.h>

#include "verify.h"

enum { FILE_MAX = 1 << 20 };

static const struct {
	const char	*path;
	int		 nft;
} files[] = {
	{ "/etc/nftables.conf", 1 },
	{ "/etc/sysconfig/nftables.conf", 1 },
	{ "/etc/iptables/rules.v4", 0 },
	{ "/etc/iptables/rules.v6", 0 },
	{ "/etc/sysconfig/iptables", 0 },
	{ "/etc/sysconfig/ip6tables", 0 }
};

int
v_saved_has(const char *text, int block)
{
	static const struct {
		const char	*word;
		int		 block;
	} words[] = {
		{ "table ip s2sd {", 0 }, { "table ip6 s2sd {", 0 },
		{ "chain s2sd-forward {", 0 }, { "chain s2sd-input {", 0 },
		{ "chain S2SD", 0 }, { ":S2SD ", 0 }, { ":S2SD-DNAT ", 0 },
		{ ":S2SD-FORWARD ", 0 }, { ":S2SD-INPUT ", 0 },
		{ "table ip s2sd-block {", 1 },
		{ "table ip6 s2sd-block {", 1 }, { ":S2SD-BLOCK ", 1 }
	};
	const char	*p;
	size_t		 i;

	for (i = 0; i < nitems(words); i++) {
		if (words[i].block && !block)
			continue;
		for (p = text; (p = strstr(p, words[i].word)) != NULL; p++)
			if (block || strncmp(p, "chain S2SD-BLOCK ", 17) != 0)
				return (1);
	}
	return (0);
}

/* The file's text, at most FILE_MAX of it; NULL: none. */
static char *
text_of(const char *path)
{
	FILE	*fp;
	char	*t;
	size_t	 n;

	if ((fp = fopen(path, "re")) == NULL)
		return (NULL);
	if ((t = malloc(FILE_MAX + 1)) != NULL) {
		n = fread(t, 1, FILE_MAX, fp);
		t[n] = '\0';
	}
	fclose(fp);
	return (t);
}

static void
file(const char *path, int nft, struct v_list *l)
{
	char	*t, fix[400];

	if ((t = text_of(path)) != NULL && v_saved_has(t, 1)) {
		if (nft)
			snprintf(fix, sizeof(fix), "sed -i -e '/^table ip6* "
			    "s2sd\\(-block\\)* {/,/^}/d' -e '/^\\tchain s2sd-/,"
			    "/^\\t}/d' -e '/jump s2sd-/d' %s", path);
		else
			snprintf(fix, sizeof(fix), "sed -i /S2SD/d %s", path);
		v_add(l, V_WARN, VG_HOST, "saved-rules", NULL, fix, path,
		    "%s holds rules of s2sd: what was saved while it ran is "
		    "loaded at boot, and then stands without it", path);
	}
	free(t);
}

void
v_check_saved(const struct v_facts *f, const char *listing, struct v_list *l)
{
	size_t	 i;

	if (!f->d.running && v_saved_has(listing, 0))
		v_add(l, V_WARN, VG_HOST, "saved-rules", NULL, "s2sd -u",
		    "nft list ruleset; iptables-save", "rules of s2sd stand "
		    "without it: somebody saved a ruleset while it ran and "
		    "loaded it again, or s2sd was killed; the next start "
		    "replaces them, s2sd -u removes them and the block");
	for (i = 0; i < nitems(files); i++)
		file(files[i].path, files[i].nft, l);
}

/* SPDX-License-Identifier: ISC */

/*
 * cf.h: from s2sd.conf to the records of tunnel.h.  A library: files, names
 * of groups and the like come through struct cf_io, everything that is
 * found wrong comes back as lines of text, nothing is printed and nothing
 * exits.  What it reads was written by root, but a truncated or hostile file
 * must not hurt it either.
 */

#ifndef CF_H
#define CF_H

#include <stdio.h>

#include "tunnel.h"

enum {
	CF_ERR_MAX = 20,		/* errors reported at once */
	CF_WARN_MAX = 100,
	CF_PSK_MAX = 1024,		/* octets of a secret */
	CF_BYTES_MAX = 8 << 20,		/* of all files together */
	CF_TUNNEL_MAX = 20000,
	CF_GLOB_MAX = 128 << 10		/* octets of names of one include */
};

enum cf_kind {
	CF_FILE_CONF,		/* owned by root, writable by nobody else */
	CF_FILE_SECRET		/* and readable by nobody else, no symlink */
};

struct cf_data {
	uint8_t		*p;	/* malloc'd; the receiver wipes and frees */
	size_t		 n;
	int		 open;	/* somebody but root may read it */
	uint64_t	 dev, ino;	/* which file, to find circles */
};

/*
 * The world as the parser sees it.  read and glob return 0, or -1 and a
 * text in why that begins after the path: "cannot be opened: ...".
 */
struct cf_io {
	void	*arg;
	int	(*read)(void *arg, const char *path, enum cf_kind,
		    struct cf_data *, char *why, size_t len);
	/* Paths that match, each with its NUL, sorted; *n octets, malloc'd. */
	int	(*glob)(void *arg, const char *pattern, char **list, size_t *n,
		    char *why, size_t len);
	/* Is there a group of that name? 1 or 0. */
	int	(*group)(void *arg, const char *name);
};

struct cf_place {
	const char	*file;		/* lives as long as the result */
	unsigned int	 line;
	unsigned int	 seq;	/* of the file: errors are sorted by it */
	int		 open;	/* others than root may read that file */
};

struct cf_tunnel {
	struct tunnel	 t;
	struct cf_place	 at;
	uint8_t		 psk[CF_PSK_MAX];
	uint16_t	 npsk;		/* 0: none */
	uint8_t		 hidden;	/* `psk hidden': only CF_PRINT takes it */
	const char	*pskfile;	/* or NULL: it stood in the file */
	const char	*descr;		/* or NULL */
	const char	*backup;	/* `backup for', or NULL */
	uint8_t		 childdef;	/* childsa by default */
	uint8_t		 bad;		/* errors were found: not checked on */
};

enum cf_mode { CF_RUN, CF_PRINT };

struct cf_mem;

struct cf_result {
	struct global	 g;
	struct cf_tunnel **t;
	size_t		 n;
	char		*err[CF_ERR_MAX], *warn[CF_WARN_MAX];
	unsigned int	 nerr, nwarn;	/* nerr > CF_ERR_MAX: and more */
	struct cf_mem	*mem;		/* owner of all the above */
};

/*
 * cf_parse: read the file and all it names.  Returns 0, or -1 with at least
 * one line in r->err (file:line: what, why, what to write instead).  Either
 * way r must be cleared, which wipes the secrets.
 */
int	 cf_parse(const char *path, const struct cf_io *, enum cf_mode,
	    struct cf_result *r) WUR;
void	 cf_clear(struct cf_result *);
/*
 * cf_print: the effective configuration, every default written out, in a
 * form that cf_parse in mode CF_PRINT reads back to the same records.  A
 * secret shows as its file or as `psk hidden'.
 */
void	 cf_print(const struct cf_result *, FILE *);

/* The io of files: cf_file.c.  arg is a struct cf_files. */
struct cf_files {
	char	*dir;		/* folder of the main file, resolved; or NULL:
				   no limit */
	int	 sock;		/* to the half that opens, or -1: open here */
	int	 inside;	/* dir is the working directory: names, which
				   begin with it, are opened without */
};
int	 cf_files_init(struct cf_files *, const char *path, char *why,
	    size_t len) WUR;
void	 cf_files_io(struct cf_files *, struct cf_io *);
/* Serve open, glob and group requests on sock until it closes; returns. */
void	 cf_files_serve(struct cf_files *, int sock);
void	 cf_files_clear(struct cf_files *);

#endif /* CF_H */

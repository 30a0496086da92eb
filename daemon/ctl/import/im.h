/* SPDX-License-Identifier: ISC */

/*
 * im.h: from the ipsec.conf and ipsec.secrets of openswan 2.6, libreswan 3 to
 * 5 and strongSwan (stroke) to s2sd.conf.  A library: files come through
 * struct im_io, everything it has to say is a remark, nothing is printed
 * unless asked, nothing exits.  The files are not trusted: sizes, depths and
 * numbers are bounded, and no name in them is ever run.
 */

#ifndef IM_H
#define IM_H

#include <stdio.h>

#include "addr.h"

enum im_flavour {
	IM_UNKNOWN, IM_OPENSWAN, IM_LIBRESWAN, IM_STRONGSWAN, IM_FLAVOURS
};

enum {
	IM_DEPTH = 10,			/* files within files */
	IM_FILE_MAX = 1000,
	IM_BYTES_MAX = 8 << 20,		/* of all files together */
	IM_LINE_MAX = 16384,
	IM_SECT_MAX = 4096, IM_PARAM_MAX = 100000,
	IM_WORK_MAX = 4000000,		/* lines looked at to resolve also= */
	IM_REMARK_MAX = 10000,
	IM_HOST_MAX = 64,
	IM_PSK_MAX = 1024		/* octets of a secret */
};

struct im_data {
	uint8_t		*p;	/* malloc'd; the receiver wipes and frees */
	size_t		 n;
	int		 open;	/* others than its owner may read it */
	uint64_t	 dev, ino;	/* which file, to find circles */
};

/* read and glob return 0, or -1 and a text: "cannot be opened: ...". */
struct im_io {
	void	*arg;
	int	(*read)(void *arg, const char *path, struct im_data *,
		    char *why, size_t len);
	/* Paths that match, sorted, a NUL behind each; *n octets, malloc'd. */
	int	(*glob)(void *arg, const char *pattern, char **list, size_t *n,
		    char *why, size_t len);
};

struct im_opts {
	enum im_flavour	 flavour;	/* IM_UNKNOWN: find out */
	struct addr	 host[IM_HOST_MAX];	/* the addresses of the gateway */
	size_t		 nhost;
	const char	*host_text;	/* they were named by hand so; or NULL */
	struct addr	 def[2];	/* source of the default routes, IPv4
					   and IPv6; af 0: there is none */
	const char	*keydir;	/* where the secrets' files will lie */
	int		 in;		/* secrets into s2sd.conf itself */
};

enum im_level { IM_NOTE, IM_WARN, IM_REFUSE };

struct im_at {
	const char	*file;
	unsigned int	 line;		/* 0: the file as a whole */
};

struct im_tun;

struct im_remark {
	struct im_remark *next;
	enum im_level	 level;
	struct im_at	 at;
	const char	*conn;		/* or NULL: of the file */
	const char	*kind;		/* refused: why in a word or two */
	const char	*text;
};

/* A secret's file, still to be written. */
struct im_file {
	struct im_file	*next;
	const char	*name;		/* tunnel: its letters are harmless */
	uint8_t		*p;		/* one line with its newline */
	size_t		 n;
};

struct im_mem;

struct im_result {
	enum im_flavour	 flavour;
	int		 openbsd;	/* it is OpenBSD's ipsec.conf(5) */
	struct im_remark *remarks, **tail;
	struct im_tun	*tuns;
	struct im_file	*files;
	unsigned int	 ntun, nshunt, nrefused, nlost, nremark, nconn;
	const char	*head;		/* comment for the first line */
	const char	*shunts;	/* bypass and block lines */
	struct im_mem	*mem;		/* owner of all the above */
};

/*
 * im_run: read both files (secrets may be NULL) and convert.  Returns 0, or
 * -1 if nothing could be carried over.  r must be cleared either way, which
 * wipes the secrets.
 */
int	 im_run(const char *conf, const char *secrets, const struct im_io *,
	    const struct im_opts *, struct im_result *r) WUR;
/* s2sd.conf; with `comments' the remarks stand beside the tunnels. */
void	 im_print(const struct im_result *, const struct im_opts *, FILE *,
	    int comments);
/* Remarks as "file:line: level: text", and a line that counts. */
void	 im_print_remarks(const struct im_result *, FILE *);
/* 0: all carried over; 1: something refused or changed; 2: nothing usable. */
int	 im_exit(const struct im_result *);
void	 im_clear(struct im_result *);
const char *im_flavour_name(enum im_flavour);
/* By name, or IM_UNKNOWN. */
enum im_flavour im_flavour_of(const char *);

#endif /* IM_H */

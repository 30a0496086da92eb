/* SPDX-License-Identifier: ISC */

/*
 * im_file.h: the files of an import, opened by one process and parsed by
 * another that has no rights.
 */

#ifndef IM_FILE_H
#define IM_FILE_H

#include "im.h"

/* The half that parses: its io over a socket. */
void	 im_remote_io(struct im_io *, int *sock);
/*
 * Have the secret written as keydir/NAME.psk: 0, 1 if that very secret was
 * there already, or -1 and why.
 */
int	 im_remote_write(int sock, const struct im_file *, char *why,
	    size_t len) WUR;
/*
 * The half that opens: serve until the other end closes.  It reads the files
 * that were named, and of others those that by their names can belong to an
 * ipsec.conf; it writes below keydir.
 */
struct im_server {
	int		 sock;
	const char	*conf, *secrets;	/* secrets may be NULL */
	const char	*keydir;
};
void	 im_serve(const struct im_server *);

#endif /* IM_FILE_H */

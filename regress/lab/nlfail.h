/* SPDX-License-Identifier: ISC */

/*
 * nlfail.h: the kernel refuses one request.  nlfail.c puts itself in front of
 * sendto(2), recvfrom(2) and pwrite(2) of the program it is linked with.
 */

#ifndef NLFAIL_H
#define NLFAIL_H

enum nlfail_how {
	NLFAIL_ANSWER,		/* the request is answered with the errno and
				   not carried out; of a batch: all of it */
	NLFAIL_SEND,		/* it cannot even be sent */
	NLFAIL_EVER,		/* answered so, and all that follow */
	NLFAIL_HOWS
};

/* From now on the n-th request (from 1) fails with that errno; 0: none. */
void	 nlfail_set(enum nlfail_how, unsigned int n, int err);
/* Did it happen? */
int	 nlfail_hit(void);

/*
 * What s2sd-host could have changed in this network namespace, ours and
 * others': sorted lines, to be freed (nlstate.c).
 */
char	*nlstate(void);

#endif /* NLFAIL_H */

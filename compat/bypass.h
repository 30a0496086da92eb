/* SPDX-License-Identifier: ISC */

/* bypass.h: what a socket sends and gets is outside the system's IPsec policy. */

#ifndef BYPASS_H
#define BYPASS_H

/* 0, or -1 and errno; ENOPROTOOPT: this kernel has no IPsec. */
int	 bypass_policy(int fd, int af);

#endif /* BYPASS_H */

/* SPDX-License-Identifier: ISC */

/* tunhead.h: packets of a TUN have their address family in front. */

#ifndef TUNHEAD_H
#define TUNHEAD_H

/* Where the parent writes which interface it is. */
#define TUN_NAME_FILE	RUNDIR "/s2sd.tun"

/* 0, or -1 and errno. */
int	 tun_header(int fd);

#endif /* TUNHEAD_H */

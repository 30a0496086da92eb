/* SPDX-License-Identifier: ISC */

/*
 * sendsrc.h: from which address an IPv4 datagram goes, on the BSDs: NetBSD
 * calls it by its receiving name.
 */

#ifndef SENDSRC_H
#define SENDSRC_H

#include <sys/types.h>
#include <netinet/in.h>

#ifdef IP_SENDSRCADDR
#define SENDSRC_TYPE	IP_SENDSRCADDR
#else
#define SENDSRC_TYPE	IP_RECVDSTADDR
#endif

#endif /* SENDSRC_H */

/* SPDX-License-Identifier: ISC */

/* rtmsg.h: what OpenBSD's route messages have and the others have not. */

#ifndef RTMSG_H
#define RTMSG_H

struct rt_msghdr;

void	 rtmsg_os(struct rt_msghdr *);

#endif /* RTMSG_H */

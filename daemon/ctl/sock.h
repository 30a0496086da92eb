/* SPDX-License-Identifier: ISC */

/* sock.h: the clients' sockets of s2sd-ctl. */

#ifndef CTL_SOCK_H
#define CTL_SOCK_H

struct event_base;

/* Serve FD_CTLSOCK for that library. */
void	 sock_setup(struct event_base *, void *self);
/* Take no more clients; those that are here stay. */
void	 sock_stop(void);
/* ctl_out's send and close. */
int	 sock_send(void *arg, int client, const unsigned char *p, size_t n);
void	 sock_close(void *arg, int client);

#endif /* CTL_SOCK_H */

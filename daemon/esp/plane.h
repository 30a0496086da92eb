/* SPDX-License-Identifier: ISC */

/* plane.h: the I/O around the data plane; datagrams one system at a time. */

#ifndef ESP_PLANE_H
#define ESP_PLANE_H

#include <sys/types.h>

#include "esp.h"

struct event_base;

enum { PLANE_BATCH = 64 };

/* Before the sandbox: sockets, TUN and their events. */
void	 plane_setup(struct event_base *, void *self, const struct role_io *);

/* --- dgram_*.c, one for each family of systems --- */

/* Ask for local addresses and TOS of what comes in. */
void	 dgram_setup(int fd, int v6);
/* Up to n datagrams into pkts (room from ESP_HEADROOM on); the number. */
size_t	 dgram_read(int fd, struct esp_pkt *, size_t n);
/* Those with verdict ESP_WIRE and that family; the number not sent. */
size_t	 dgram_write(int fd, uint8_t af, const struct esp_pkt *, size_t n);

/* One packet from the TUN or into it, without a header: as read(2), write(2). */
ssize_t	 tun_get(int fd, uint8_t *, size_t);
ssize_t	 tun_put(int fd, const uint8_t *, size_t);

#endif /* ESP_PLANE_H */

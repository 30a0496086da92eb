/* SPDX-License-Identifier: ISC */

/*
 * esp.h: the userland data plane, RFC 4303 in UDP (RFC 3948), as a library
 * that takes arrays of packets.  It opens nothing and reads no clock; the
 * process around it (plane.c) moves packets between it, TUN and sockets.
 *
 * A packet lies in a buffer with ESP_HEADROOM octets free in front and
 * ESP_TAILROOM behind, so that sealing and opening happen in place.
 */

#ifndef ESP_H
#define ESP_H

#include "role.h"

enum {
	ESP_HEADROOM = 64,	/* SPI, sequence, IV (24); ICMP and IPv6 (48) */
	ESP_TAILROOM = 64,	/* padding 15, trailer 2, ICV at most 32 */
	ESP_INNER_MAX = 65400	/* with all that is added, one UDP datagram */
};

enum esp_verdict {
	ESP_DROP,		/* counted; nothing to do */
	ESP_WIRE,		/* send [off, off + len) from local to remote */
	ESP_TUN,		/* write [off, off + len) to the TUN */
	ESP_IKE			/* hand [off, off + len) to s2sd-net */
};

struct esp_pkt {
	uint8_t		*buf;		/* the caller's */
	size_t		 size;		/* of buf */
	size_t		 off, len;	/* what is in it, in and out */
	struct addr	 local, remote;	/* outer; in: given, out: filled in */
	uint8_t		 tos;		/* outer TOS or Traffic Class octet */
	uint8_t		 verdict;	/* out: enum esp_verdict */
};

extern const struct role role_esp;

/*
 * esp_out: inner packets, as read from the TUN.  Each becomes ESP_WIRE,
 * ESP_TUN (an ICMP answer, to be written back) or ESP_DROP.
 */
void	 esp_out(void *self, struct esp_pkt *, size_t n, uint64_t now);
/*
 * esp_in: payloads of UDP datagrams of port 4500.  Each becomes ESP_TUN,
 * ESP_IKE (the marker is taken off) or ESP_DROP.
 */
void	 esp_in(void *self, struct esp_pkt *, size_t n, uint64_t now);
/*
 * esp_held: packets that waited for their tunnel, sealed; buf, size of each
 * element are the caller's.  Returns the number filled in; those that are
 * ESP_WIRE are to be sent.  Call again until it returns less than n.
 */
size_t	 esp_held(void *self, struct esp_pkt *, size_t n, uint64_t now);
/* fn(arg) is called when esp_held has something to give. */
void	 esp_on_held(void *self, void (*fn)(void *), void *arg);

/* What happened to packets, by reason; the last ones are the good ones. */
enum esp_count {
	EC_OUT_BAD, EC_OUT_POLICY, EC_OUT_REWRITE, EC_OUT_DOWN, EC_OUT_LOOP,
	EC_OUT_TOOBIG, EC_OUT_SEQ, EC_OUT_LIMIT, EC_OUT_CRYPT,
	EC_IN_SPI, EC_IN_SHORT, EC_IN_REPLAY, EC_IN_AUTH, EC_IN_PAD,
	EC_IN_NEXT, EC_IN_INNER, EC_IN_POLICY, EC_IN_LOOP, EC_IN_ECN,
	EC_IN_LIMIT,
	EC_IN_DUMMY, EC_IN_KEEPALIVE, EC_IN_IKE, EC_ICMP, EC_ICMP_RATE,
	EC_HELD, EC_ACQUIRE, EC_OUT, EC_IN, EC_MAX
};
const char *esp_count_name(enum esp_count);
uint64_t esp_count(const void *self, enum esp_count);

#endif /* ESP_H */

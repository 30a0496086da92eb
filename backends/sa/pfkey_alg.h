/* SPDX-License-Identifier: ISC */

/*
 * pfkey_alg.h: what the kernels behind PF_KEY can do, as tables that need no
 * kernel: s2sd-conf refuses by them what cannot be installed.
 */

#ifndef PFKEY_ALG_H
#define PFKEY_ALG_H

#include "sa.h"

enum pk_system { PK_SYS_OPENBSD, PK_SYS_FREEBSD, PK_SYS_NETBSD,
    PK_SYS_LINUX };

/*
 * esn: OpenBSD and FreeBSD.  udp: a flag and the peer's port on OpenBSD, three
 * extensions elsewhere.  move: a live SA gets new addresses; af_key takes new
 * ports alone, NetBSD nothing.  reqid_max: IPSEC_MANUAL_REQID_MAX, the
 * greatest that a policy may ask for; OpenBSD has names instead.  replay_max:
 * OpenBSD's window is fixed and only switched on, NetBSD counts 255 octets.
 * interface: sec(4), from OpenBSD 7.4 on.
 */
#define PK_CAPS_OPENBSD { .esn = 1, .udp = 1, .ipv6 = 1, .aead = 1, \
	.chacha = 1, .ah = 1, .acquire = 1, .move = 1, .interface = 1, \
	.replay_max = 2100 }
#define PK_CAPS_FREEBSD { .esn = 1, .udp = 1, .ipv6 = 1, .aead = 1, \
	.chacha = 1, .ah = 1, .acquire = 1, .move = 1, .reqid_max = 0x3fff, \
	.replay_max = 4096 }
#define PK_CAPS_NETBSD { .udp = 1, .ipv6 = 1, .aead = 1, .ah = 1, .acquire = 1, \
	.reqid_max = 0x3fff, .replay_max = 2040 }
#define PK_CAPS_LINUX { .udp = 1, .ipv6 = 1, .ah = 1, .acquire = 1, .move = 2, \
	.reqid_max = 0x3fff, .replay_max = 32 }
extern const struct sa_caps pk_caps[4];	/* by enum pk_system */

/* The kernel's numbers of a cipher (0 with AH: encr NULL) and a hash (0 with
 * an AEAD): 0, or -1 if it does not have the two. */
int	 pk_alg(enum pk_system, const struct alg *encr,
	    const struct alg *integ, uint8_t *e, uint8_t *a);
enum pk_system pk_here(void);
/* The kind of device (enum tun_ifkind) that a tunnel can have to itself on
 * that system, and one's name; IF_NONE and NULL: none. */
uint8_t	 pk_ifkind(enum pk_system);
const char *pk_ifname(enum pk_system);

#endif /* PFKEY_ALG_H */

/* SPDX-License-Identifier: ISC */

/*
 * mock_pfkey.c: taking messages apart, and the rules about them.  The numbers
 * are written down here a second time on purpose.
 */

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mock_int.h"

/* --- reading --- */

uint16_t
mk16(const uint8_t *p)
{
	uint16_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

uint32_t
mk32(const uint8_t *p)
{
	uint32_t	 v;

	memcpy(&v, p, sizeof(v));
	return (v);
}

uint32_t
mkspi(struct rd sa)
{
	return ((uint32_t)sa.p[4] << 24 | (uint32_t)sa.p[5] << 16 |
	    (uint32_t)sa.p[6] << 8 | sa.p[7]);
}

uint8_t
mock_esp(const struct mock *m)
{
	return (m->os == MOCK_OPENBSD ? 2 : 3);
}

uint8_t
mock_ah(const struct mock *m)
{
	return (m->os == MOCK_OPENBSD ? 1 : 2);
}

int
mock_parse(const struct mock *m, const uint8_t *d, size_t n,
    struct mock_msg *out)
{
	size_t		 at, len;
	uint16_t	 type, max = m->os == MOCK_OPENBSD ? 40 :
			    m->os == MOCK_LINUX ? 26 :
			    m->os == MOCK_FREEBSD ? 28 : 25;

	memset(out, 0, sizeof(*out));
	if (n < 16 || d[0] != 2 || (size_t)mk16(d + 4) * 8 != n)
		return (-1);
	out->type = d[1];
	out->satype = d[3];
	out->seq = mk32(d + 8);
	out->pid = mk32(d + 12);
	out->all = rd_of(d, n);
	for (at = 16; at < n; at += len) {
		if (n - at < 4 || (len = (size_t)mk16(d + at) * 8) == 0 ||
		    len > n - at)
			return (-1);
		type = mk16(d + at + 2);
		if (type == 0 || type > max) {
			if (m->os == MOCK_LINUX && type != 0)
				continue;	/* skipped */
			return (-1);
		}
		if (out->ext[type].p != NULL)
			return (-1);		/* twice */
		out->ext[type] = rd_of(d + at, len);
	}
	return (0);
}

/* A sockaddr of this kernel at p: its length, or 0. */
size_t
mock_sockaddr(const struct mock *m, const uint8_t *p, size_t n,
    struct addr *a)
{
	uint8_t	 af6 = m->os == MOCK_LINUX ? 10 : m->os == MOCK_FREEBSD ?
		    28 : 24;
	int	 bsd = m->os != MOCK_LINUX, af;
	size_t	 i;

	memset(a, 0, sizeof(*a));
	if (n < 16)
		return (0);
	af = bsd ? p[1] : mk16(p);
	a->port = (uint16_t)(p[2] << 8 | p[3]);
	if (af == 2 && (!bsd || p[0] == 16)) {
		a->af = 4;
		memcpy(a->a, p + 4, 4);
		for (i = 8; i < 16; i++)
			if (p[i] != 0)
				return (0);	/* dirty sin_zero */
		return (16);
	}
	if (af == af6 && n >= 28 && (!bsd || p[0] == 28)) {
		a->af = 6;
		memcpy(a->a, p + 8, 16);
		return (28);
	}
	return (0);
}

/* --- the shape of extensions --- */

static int
bad(struct mock *m, const char *why)
{
	m->why = why;
	return (-1);
}

static int
shape_address(struct mock *m, struct rd e, int port_ok)
{
	struct addr	 a;
	size_t		 len;

	len = e.n < 8 ? 0 : mock_sockaddr(m, e.p + 8, e.n - 8, &a);
	if (len == 0 || e.n != 8 + (len + 7) / 8 * 8)
		return (bad(m, "sockaddr"));
	if (a.port != 0 && !port_ok)
		return (bad(m, "port in an address"));
	if (m->os == MOCK_OPENBSD && mk32(e.p + 4) != 0)
		return (bad(m, "reserved of an address"));
	if (m->os != MOCK_OPENBSD && e.p[5] > 8 * addr_len(a.af))
		return (bad(m, "prefix length"));
	return (0);
}

static int
shape_key(struct mock *m, struct rd e)
{
	size_t	 bits = e.n < 8 ? 0 : mk16(e.p + 4);

	if (bits == 0)
		return (bad(m, "key of 0 bits"));
	if (bits % 8 != 0 || mk16(e.p + 6) != 0 ||
	    e.n != 8 + (bits / 8 + 7) / 8 * 8)
		return (bad(m, "length of a key"));
	return (0);
}

static int
shape_ident(struct mock *m, struct rd e)
{
	size_t	 i;

	if (e.n < 24 || mk16(e.p + 4) < 1 || mk16(e.p + 4) > 4)
		return (bad(m, "identity"));
	for (i = 16; i < e.n && e.p[i] != '\0'; )
		i++;
	if (i == e.n || e.n != 16 + (i - 16 + 1 + 7) / 8 * 8)
		return (bad(m, "padding of an identity"));
	return (0);
}

/* sadb_x_policy with its requests, KAME. */
static int
shape_policy(struct mock *m, struct rd e, int is_delete)
{
	size_t		 head = m->os == MOCK_LINUX ? 16 : 8, len, a, b;
	struct addr	 x, y;
	uint16_t	 type;

	if (e.n < 16)
		return (bad(m, "policy"));
	type = mk16(e.p + 4);
	if (type > 2 || e.p[6] < 1 || e.p[6] > (m->os == MOCK_LINUX ? 3 : 2))
		return (bad(m, "policy: type or direction"));
	if (type != 2)
		return (e.n == 16 ? 0 : bad(m, "policy: length"));
	if (is_delete && e.n == 16)
		return (0);
	/* the length counts octets */
	if (e.n < 16 + head || (len = mk16(e.p + 16)) > e.n - 16 ||
	    len < head || (len + 7) / 8 * 8 != e.n - 16)
		return (bad(m, "ipsecrequest: length"));
	if (e.p[20] != 2 || (mk16(e.p + 18) != 50 && mk16(e.p + 18) != 51))
		return (bad(m, "ipsecrequest: mode or protocol"));
	if (m->os == MOCK_LINUX && e.p[21] == 1 && e.p[6] == 2)
		return (bad(m, "ipsecrequest: use, tunnel, out"));
	a = mock_sockaddr(m, e.p + 16 + head, len - head, &x);
	if (a == 0 || (b = mock_sockaddr(m, e.p + 16 + head + a,
	    len - head - a, &y)) == 0 || a != b || x.port != 0 || y.port != 0)
		return (bad(m, "ipsecrequest: addresses"));
	return (len == head + (a + b + 7) / 8 * 8 ? 0 :
	    bad(m, "ipsecrequest: padding between"));
}

/* Fixed sizes in octets; 0: not here. */
static size_t
fixed(const struct mock *m, uint16_t t)
{
	int	 obsd = m->os == MOCK_OPENBSD;

	switch (t) {
	case 1:
	case 16:
		return (16);
	case 2:
	case 3:
	case 4:
		return (32);
	case 19:
		return (obsd ? 8 : 16);
	case 20:
		return (8);
	case 21:
	case 22:
		return (obsd ? 0 : 8);
	case 26:
		return (m->os == MOCK_FREEBSD ? 8 : 0);
	case 31:
		return (8);
	}
	return (0);
}

static int
shape(struct mock *m, const struct mock_msg *g, uint16_t t)
{
	struct rd	 e = g->ext[t];
	int		 obsd = m->os == MOCK_OPENBSD;

	if (fixed(m, t) != 0)
		return (e.n == fixed(m, t) ? 0 : bad(m, "size"));
	if (t >= 5 && t <= 7)
		return (shape_address(m, e, !obsd && g->type >= 13));
	if (t == 8 || t == 9)
		return (shape_key(m, e));
	if (t == 10 || t == 11)
		return (shape_ident(m, e));
	if (!obsd && t == 18)
		return (shape_policy(m, e, g->type == 15));
	if (!obsd && (t == 27 || t == 28))
		return (shape_address(m, e, 0));
	if (obsd && (t == 17 || t == 18 || t == 21 || t == 22))
		return (shape_address(m, e, 1));
	if (obsd && t == 33)
		return (e.n > 8 && mk32(e.p + 4) <= 64 && mk32(e.p + 4) <=
		    e.n - 8 && e.p[8 + mk32(e.p + 4) - 1] == '\0' ? 0 :
		    bad(m, "tag"));
	if (obsd && t == 40)		/* sec(4), 1 in and 2 out */
		return (e.n == 16 && (e.p[8] == 1 || e.p[8] == 2) ? 0 :
		    bad(m, "iface"));
	return (obsd && (t == 32 || t == 36 || t == 39) ? 0 :
	    bad(m, "extension"));
}

/* --- which extensions --- */

#define X(n)	((uint64_t)1 << (n))
#define ADDRS	(X(5) | X(6))
#define LIVES	(X(3) | X(4))
#define KEYS	(X(8) | X(9))
#define IDS	(X(10) | X(11))
#define FLOW	(X(17) | X(18) | X(20) | X(21) | X(22))
#define NATT	(X(20) | X(21) | X(22))

/* OpenBSD: a whitelist.  36, 39, 32 pass on the way in, see mock_ops.c. */
static const struct { uint8_t type; uint64_t need, may; } obsd_rules[] = {
	{ 1, ADDRS | X(16), 0 },
	{ 2, X(1) | ADDRS, LIVES | KEYS | IDS | X(7) | X(19) | FLOW | X(31) |
	    X(33) | X(34) | X(37) | X(40) | X(32) | X(36) | X(39) },
	{ 3, X(1) | X(6), X(5) | LIVES | KEYS | IDS | X(19) | FLOW | X(31) |
	    X(33) | X(34) | X(37) | X(40) | X(32) | X(36) | X(39) },
	{ 4, X(1) | X(6), X(5) | X(37) },
	{ 5, X(1) | X(6), X(5) | X(37) },
	{ 7, 0, 0 },
	{ 9, 0, X(37) },
	{ 12, FLOW, ADDRS | IDS | X(19) | X(37) },
	{ 13, FLOW, X(19) | X(37) },
};

static const struct { uint8_t type; uint64_t need, may; } kame_rules[] = {
	{ 1, ADDRS, X(16) | X(19) },
	{ 2, X(1) | ADDRS, LIVES | KEYS | IDS | X(19) | NATT | X(26) | X(27) |
	    X(28) },
	{ 3, X(1) | ADDRS, LIVES | KEYS | IDS | X(19) | NATT | X(26) },
	{ 4, ADDRS, X(1) | X(19) | NATT },
	{ 5, X(1) | ADDRS, X(19) | NATT },
	{ 7, 0, 0 },
	{ 9, 0, 0 },
	{ 10, 0, 0 },
	{ 13, ADDRS | X(18), X(3) },
	{ 14, ADDRS | X(18), X(3) },
	{ 15, ADDRS | X(18), X(3) },
	{ 18, 0, 0 },
};

static int
which(struct mock *m, const struct mock_msg *g)
{
	uint64_t	 have = 0, need = 0, may = 0;
	size_t		 i;
	int		 known = 0;

	for (i = 1; i < MOCK_EXT; i++)
		if (g->ext[i].p != NULL)
			have |= X(i);
	for (i = 0; m->os == MOCK_OPENBSD && i < nitems(obsd_rules); i++)
		if (obsd_rules[i].type == g->type) {
			need = obsd_rules[i].need;
			may = need | obsd_rules[i].may;
			known = 1;
		}
	for (i = 0; m->os != MOCK_OPENBSD && i < nitems(kame_rules); i++)
		if (kame_rules[i].type == g->type) {
			need = kame_rules[i].need;
			may = need | kame_rules[i].may;
			known = 1;
		}
	if (m->os != MOCK_FREEBSD && m->os != MOCK_OPENBSD)
		may &= ~(X(26) | X(27) | X(28));
	if (!known)
		return (bad(m, "message type"));
	if ((have & need) != need)
		return (bad(m, "a required extension is missing"));
	return (have & ~may ? bad(m, "an extension that may not be there") :
	    0);
}

/* --- what belongs together --- */

/* Octets of key, whatever kernel: 0 NULL, -1 none of it. */
static int
key_octets(const struct mock *m, uint8_t e, size_t have)
{
	int	 chacha = m->os == MOCK_OPENBSD ? 22 :
		    m->os == MOCK_FREEBSD ? 15 : -1;

	if (e == 12)
		return (have == 16 || have == 24 || have == 32 ? (int)have :
		    -1);
	if (e == 13 || (e == 20 && m->os != MOCK_LINUX))
		return (have == 20 || have == 28 || have == 36 ? (int)have :
		    -1);
	return (e == chacha && have == 36 ? 36 : -1);
}

static int
auth_octets(uint8_t a)
{
	switch (a) {
	case 3:
		return (20);
	case 5:
		return (32);
	case 6:
		return (48);
	case 7:
		return (64);
	}
	return (-1);
}

static int
aead(const struct mock *m, uint8_t e)
{
	return ((e == 20 && m->os != MOCK_LINUX) ||
	    (e == 22 && m->os == MOCK_OPENBSD) ||
	    (e == 15 && m->os == MOCK_FREEBSD));
}

/* AH: a hash alone, never in UDP. */
static int
keys_ah(struct mock *m, const struct mock_msg *g, uint8_t a, uint8_t e)
{
	if (g->ext[9].p != NULL || e != 0)
		return (bad(m, "a cipher with AH"));
	if (m->os == MOCK_OPENBSD ? g->ext[31].p != NULL :
	    g->ext[20].p != NULL)
		return (bad(m, "AH in UDP"));
	return (g->ext[8].p != NULL && auth_octets(a) != -1 &&
	    mk16(g->ext[8].p + 4) == 8 * auth_octets(a) ? 0 :
	    bad(m, "hash or its key"));
}

int
mock_keys(struct mock *m, const struct mock_msg *g)
{
	uint8_t	 a = g->ext[1].p[10], e = g->ext[1].p[11];
	size_t	 bits;

	if (g->satype == mock_ah(m))
		return (keys_ah(m, g, a, e));
	if (g->ext[9].p == NULL)
		return (bad(m, "no KEY_ENCRYPT"));
	if (m->os == MOCK_LINUX && (e == 18 || e == 19 || e == 20)) {
		(void)bad(m, "no AEAD");
		return (ENOSYS);
	}
	bits = mk16(g->ext[9].p + 4);
	if (key_octets(m, e, bits / 8) == -1)
		return (bad(m, "cipher or its key"));
	if (aead(m, e))
		return (a == 0 && g->ext[8].p == NULL ? 0 :
		    bad(m, "an AEAD has no KEY_AUTH"));
	if (g->ext[8].p == NULL || auth_octets(a) == -1 ||
	    mk16(g->ext[8].p + 4) != 8 * auth_octets(a))
		return (bad(m, "hash or its key"));
	return (0);
}

static int
check_kame(struct mock *m, const struct mock_msg *g)
{
	int	 k = g->ext[20].p != NULL, l = g->ext[21].p != NULL,
		 n = g->ext[22].p != NULL;

	if ((g->type == 2 || g->type == 3) &&
	    (g->ext[3].p == NULL) != (g->ext[4].p == NULL))
		return (bad(m, "HARD and SOFT: both or neither"));
	if (k != l || l != n)
		return (bad(m, "NAT-T: all three or none"));
	if (k && (g->ext[20].p[4] != 2 || (g->ext[21].p[4] == 0 &&
	    g->ext[21].p[5] == 0) || (g->ext[22].p[4] == 0 &&
	    g->ext[22].p[5] == 0)))
		return (bad(m, "NAT-T: type or port"));
	if (g->type < 12 && g->satype != mock_esp(m) &&
	    g->satype != mock_ah(m) && (g->satype != 0 || g->type != 10))
		return (bad(m, "SA type"));
	if (g->ext[1].p != NULL && mk32(g->ext[1].p + 12) & 0x400 &&
	    m->os != MOCK_FREEBSD)
		return (bad(m, "no ESN here"));
	return (0);
}

static int
check_obsd(struct mock *m, const struct mock_msg *g)
{
	uint32_t	 flags;

	if (g->all.p[2] != 0 || mk16(g->all.p + 6) != 0)
		return (bad(m, "errno or reserved in a request"));
	if (g->pid != m->pid)
		return (bad(m, "not the real pid"));
	if (g->satype != mock_esp(m) && g->satype != mock_ah(m))
		return (bad(m, "SA type"));
	if ((g->ext[10].p == NULL) != (g->ext[11].p == NULL))
		return (bad(m, "half of the identities"));
	if (g->type != 2 && g->type != 3)
		return (0);
	flags = mk32(g->ext[1].p + 12);
	if (g->ext[1].p[9] != 1)
		return (bad(m, "state is not mature"));
	if (g->ext[1].p[8] > 64)
		return (bad(m, "replay window"));
	if (!(flags & 4) || flags & ~(uint32_t)0x604)
		return (bad(m, "flags"));
	if (flags & 0x200 ? g->ext[31].p == NULL || (g->ext[31].p[4] == 0 &&
	    g->ext[31].p[5] == 0) : g->ext[31].p != NULL)
		return (bad(m, "UDPENCAP and its flag"));
	return (0);
}

/* Syntax: 0, or an errno that write(2) returns. */
int
mock_check(struct mock *m, const uint8_t *d, size_t n, struct mock_msg *g)
{
	size_t	 t;

	m->why = "";
	if (n > (m->os == MOCK_OPENBSD ? 4096u : MOCK_MSG)) {
		m->why = "too long";
		return (m->os == MOCK_FREEBSD ? ENOBUFS : EMSGSIZE);
	}
	if (mock_parse(m, d, n, g) == -1) {
		m->why = "framing";
		return (EINVAL);
	}
	if (which(m, g) == -1)
		return (EINVAL);
	for (t = 1; t < MOCK_EXT; t++)
		if (g->ext[t].p != NULL && shape(m, g, (uint16_t)t) == -1)
			return (EINVAL);
	if ((m->os == MOCK_OPENBSD ? check_obsd(m, g) : check_kame(m, g)) ==
	    -1)
		return (EINVAL);
	return (0);
}

int
mock_new(struct mock *m, enum mock_os os, uint32_t pid)
{
	int	 fds[2], i;

	memset(m, 0, sizeof(*m));
	m->os = os;
	m->pid = pid;
	m->oldest = os == MOCK_FREEBSD;	/* net.key.preferred_oldsa */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == -1)
		return (-1);
	for (i = 0; i < 2; i++)
		(void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
	m->fd = fds[0];
	return (fds[1]);
}

void
mock_free(struct mock *m)
{
	(void)close(m->fd);
}

/* SPDX-License-Identifier: ISC */

/*
 * kernel_linux.c: IPsec in this kernel: is there XFRM and ESP, which ciphers
 * it has, does our block stand.  ESP and ciphers are asked for by SAs between
 * addresses of documentation (RFC 5737, RFC 3849), each deleted at once.
 * And for probes of what comes out of a tunnel the policy that lets them by.
 */

#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include <linux/netlink.h>
#include <linux/xfrm.h>

#include "probe.h"
#include "verify.h"
#include "../../backends/host/linux.h"
#include "../../backends/sa/xfrm_int.h"

enum { TRY_SPI = 0x7f532d56, PASS_USER = 0x5335, PASS_PRIO = 0x53320010,
    PASS_SECONDS = 2 };

struct xa {			/* XFRMA_ALG_CRYPT, _AEAD */
	char		 name[64];
	uint32_t	 bits, icv;
};

static void
documentation(uint8_t af, xfrm_address_t *dst, xfrm_address_t *src)
{
	static const uint8_t	 d4[] = { 192, 0, 2, 1 };
	static const uint8_t	 d6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };

	memset(dst, 0, sizeof(*dst));
	memcpy(dst, af == 6 ? d6 : d4, addr_len(af));
	*src = *dst;
	((uint8_t *)src)[addr_len(af) - 1] = 2;
}

/* One algorithm with a key of a fixed pattern: nothing is ever sealed. */
static void
put_alg(struct nlbuf *b, const struct alg *a)
{
	struct { struct xa a; uint8_t key[ALG_KEYMAX + 4]; } v;
	enum xfrm_algkind	 kind;
	const char		*name = xfrm_alg(a, &kind);
	size_t			 i, n = (size_t)a->keylen + a->saltlen;
	uint32_t		 icv;

	memset(&v, 0, sizeof(v));
	if (name == NULL || n > sizeof(v.key))
		return;
	(void)strlcpy(v.a.name, name, sizeof(v.a.name));
	for (i = 0; i < n; i++)		/* three DES keys that differ */
		v.key[i] = (uint8_t)(17 * i + 3);
	v.a.bits = (uint32_t)(8 * n);
	icv = 8u * a->icvlen;
	if (kind == XFRM_CRYPT) {	/* without the third word */
		memmove((uint8_t *)&v + sizeof(v.a) - 4, v.key, n);
		nl_put(b, XFRMA_ALG_CRYPT, &v, sizeof(v.a) - 4 + n);
		return;
	}
	v.a.icv = icv;
	nl_put(b, kind == XFRM_AEAD ? XFRMA_ALG_AEAD : XFRMA_ALG_AUTH_TRUNC,
	    &v, sizeof(v.a) + n);
}

static int
try_sa(struct nlsock *s, uint8_t af, const struct alg *encr,
    const struct alg *integ)
{
	struct xfrm_usersa_info	 u;
	struct xfrm_usersa_id	 id;
	xfrm_address_t		 from;
	struct nlbuf		 b = { 0 };
	int			 rv;

	memset(&u, 0, sizeof(u));
	documentation(af, &u.id.daddr, &from);
	u.saddr = from;
	u.id.spi = htonl(TRY_SPI);
	u.id.proto = IPPROTO_ESP;
	u.family = af == 6 ? AF_INET6 : AF_INET;
	u.mode = XFRM_MODE_TUNNEL;
	u.lft.soft_byte_limit = u.lft.hard_byte_limit = XFRM_INF;
	u.lft.soft_packet_limit = u.lft.hard_packet_limit = XFRM_INF;
	u.lft.hard_add_expires_seconds = 1;	/* gone whatever happens */
	nl_msg(&b, XFRM_MSG_NEWSA, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &u,
	    sizeof(u));
	put_alg(&b, encr);
	if (integ != NULL)
		put_alg(&b, integ);
	nl_end(&b);
	rv = nl_many(s, &b, 0, 0) == 0 ? 0 : errno;
	nl_clear(&b);
	memset(&id, 0, sizeof(id));
	id.daddr = u.id.daddr;
	id.spi = u.id.spi;
	id.proto = IPPROTO_ESP;
	id.family = u.family;
	nl_msg(&b, XFRM_MSG_DELSA, NLM_F_ACK, &id, sizeof(id));
	nl_end(&b);
	if (rv == 0 && nl_many(s, &b, ESRCH, 0) == -1)
		rv = errno;
	nl_clear(&b);
	return (rv);
}

/* What the tunnels may negotiate, each once: a cipher with any integrity
 * algorithm the kernel is sure to have, and the other way round. */
static void
try_algs(struct nlsock *s, struct v_kernel *k)
{
	const struct alg	*a, *cbc = alg_wire(ALG_ENCR, 12, 128);
	const struct alg	*sha = alg_wire(ALG_INTEG, 2, 0);
	size_t			 i, n;
	int			 e;

	a = alg_rows(&n);
	for (i = 0; i < n; i++, a++) {
		if (a->num >= V_ALGS || (a->type != ALG_ENCR &&
		    a->type != ALG_INTEG) || (a->type == ALG_ENCR &&
		    (a->flags & ALG_ESP) == 0))
			continue;
		if (a->type == ALG_INTEG)
			e = cbc == NULL ? 0 : try_sa(s, 4, cbc, a);
		else
			e = try_sa(s, 4, a, a->flags & ALG_AEAD ? NULL : sha);
		k->alg[a->num] = e == 0 ? V_ALG_HAS : V_ALG_NOT;
	}
}

/* ---- the block ---- */

static int
policy_got(void *arg, const struct nlmsg *m)
{
	struct host_pol	 p;
	uint32_t	 ifindex;
	uint8_t		 dir;

	if (m->type == XFRM_MSG_NEWPOLICY &&
	    lx_pol_get(m->body, &p, &ifindex, &dir) == 1 &&
	    (p.kind == HOST_BLOCK || p.kind == HOST_DENY))
		++*(int *)arg;
	return (0);
}

void
v_kernel_read(struct v_kernel *k)
{
	struct xfrm_userpolicy_id	 u;
	const struct alg		*gcm = alg_wire(ALG_ENCR, 20, 128);
	struct nlbuf			 b = { 0 };
	struct nlsock			 s;

	if (nl_open(&s, NETLINK_XFRM, 0) == -1) {
		k->xfrm = errno;
		return;
	}
	memset(&u, 0, sizeof(u));
	nl_msg(&b, XFRM_MSG_GETPOLICY, NLM_F_DUMP, &u, sizeof(u));
	nl_end(&b);
	if (nl_dump(&s, &b, policy_got, &k->block) == -1)
		k->block = -1;
	nl_clear(&b);
	k->esp4 = try_sa(&s, 4, gcm, NULL);
	k->esp6 = try_sa(&s, 6, gcm, NULL);
	if (k->esp4 != EPROTONOSUPPORT && k->esp4 != EPERM) {
		try_algs(&s, k);
		k->asked = 1;
	}
	nl_close(&s);
}

/* ---- what lets a probe by that no SA has decrypted ---- */

int
pr_pass(struct nlsock *s, const struct addr *src, int add)
{
	struct xfrm_userpolicy_info	 u;
	struct xfrm_userpolicy_id	 d;
	struct nlbuf			 b = { 0 };
	uint8_t				 dir;
	int				 rv;

	if (s->fd == -1 && nl_open(s, NETLINK_XFRM, 0) == -1)
		return (-1);
	memset(&u, 0, sizeof(u));
	u.sel.family = src->af == 6 ? AF_INET6 : AF_INET;
	memcpy(&u.sel.saddr, src->a, addr_len(src->af));
	u.sel.prefixlen_s = (uint8_t)(8 * addr_len(src->af));
	u.sel.user = PASS_USER;
	u.lft.soft_byte_limit = u.lft.hard_byte_limit = XFRM_INF;
	u.lft.soft_packet_limit = u.lft.hard_packet_limit = XFRM_INF;
	u.lft.hard_add_expires_seconds = PASS_SECONDS;
	u.priority = PASS_PRIO;
	u.action = XFRM_POLICY_ALLOW;
	memset(&d, 0, sizeof(d));
	d.sel = u.sel;
	for (dir = 0; dir < XFRM_POLICY_MAX; dir++) {
		if (dir == XFRM_POLICY_OUT)
			continue;
		u.dir = d.dir = dir;
		if (add)
			nl_msg(&b, XFRM_MSG_NEWPOLICY, NLM_F_ACK |
			    NLM_F_CREATE | NLM_F_EXCL, &u, sizeof(u));
		else
			nl_msg(&b, XFRM_MSG_DELPOLICY, NLM_F_ACK, &d,
			    sizeof(d));
		nl_end(&b);
	}
	rv = nl_many(s, &b, add ? EEXIST : ENOENT, 0);
	nl_clear(&b);
	return (rv);
}

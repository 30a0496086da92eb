/* SPDX-License-Identifier: ISC */

/*
 * check.c: may this tunnel have this pair of SAs?  What s2sd-ike asked for
 * came through s2sd-keys unread, so nothing of it is believed here.
 */

#include <stdio.h>

#include "local.h"

static int
covered(const struct tunnel *t, const struct selpair *p)
{
	size_t	 i;

	for (i = 0; i < t->npair; i++)
		if (sel_in(&p->local, &t->pair[i].local) &&
		    sel_in(&p->remote, &t->pair[i].remote))
			return (1);
	return (0);
}

/*
 * A configured peer keeps its address, only its port may differ (NAT); the
 * address of another is taken only where the tunnel says `peer any' or has
 * a name.
 */
int
sad_check_addr(const struct tunnel *t, const struct addr *local,
    const struct addr *remote)
{
	size_t	 i;

	if (local->af == 0 || local->af != remote->af || local->port == 0 ||
	    remote->port == 0)
		return (-1);
	if (t->local.af != 0 && addr_cmp(&t->local, local, 0) != 0)
		return (-1);
	if (t->flags & (TUN_PEERANY | TUN_PEERNAME))
		return (0);
	for (i = 0; i < t->npeer; i++)
		if (addr_cmp(&t->peer[i], remote, 0) == 0)
			return (0);
	return (-1);
}

int
sad_check_sa(const struct tunnel *t, const struct m_sa *sa,
    const struct selpair *p, size_t n, char *why)
{
	char	 a[SEL_STRLEN], b[SEL_STRLEN];
	size_t	 i;

	if (sa->child == 0 || sa->child == sa->replaces || sa->esn > 1 ||
	    sa->udp > 1 || sa->inactive > 1 ||
	    sa->transport != !!(t->flags & TUN_TRANSPORT)) {
		(void)snprintf(why, TEXT_MAX, "child number, mode or flags");
		return (SERR_CONTENT);
	}
	if (sa->udp && t->flags & TUN_AH) {
		(void)snprintf(why, TEXT_MAX, "AH cannot pass a NAT");
		return (SERR_CONTENT);
	}
	if (sa->spi_out < 256 || (sa->spi_in != 0 && sa->spi_in < 256)) {
		(void)snprintf(why, TEXT_MAX, "SPI in the reserved range");
		return (SERR_SPI);
	}
	if (sad_check_addr(t, &sa->local, &sa->remote) == -1) {
		(void)snprintf(why, TEXT_MAX,
		    "%s - %s are not the addresses of this tunnel",
		    addr_str(&sa->local, 1, a, sizeof(a)),
		    addr_str(&sa->remote, 1, b, sizeof(b)));
		return (SERR_ADDRESS);
	}
	for (i = 0; i < n; i++)
		if (!covered(t, &p[i])) {
			(void)snprintf(why, TEXT_MAX,
			    "selectors %s - %s are not configured for it",
			    sel_str(&p[i].local, a, sizeof(a)),
			    sel_str(&p[i].remote, b, sizeof(b)));
			return (SERR_SELECTOR);
		}
	return (SERR_OK);
}

static int
has(const uint16_t *list, size_t n, uint16_t num)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (list[i] == num)
			return (1);
	return (0);
}

static int
prop_allows(const struct prop *p, const struct m_s_pair *m, uint8_t esn)
{
	size_t	 i;

	if (m->encr != 0 ? !has(p->encr, p->nencr, m->encr) : p->nencr != 0)
		return (0);
	if (m->integ != 0 ? !has(p->integ, p->ninteg, m->integ) :
	    p->ninteg != 0)
		return (0);
	if (p->nesn == 0)
		return (!esn);
	for (i = 0; i < p->nesn; i++)
		if (p->esn[i] == esn)
			return (1);
	return (0);
}

int
sad_check_algs(const struct tunnel *t, const struct m_s_pair *m, uint8_t esn,
    char *why)
{
	const struct alg	*e = alg_num(m->encr), *i = alg_num(m->integ);
	size_t			 n, el, al;

	(void)snprintf(why, TEXT_MAX, "cipher is not in the tunnel's proposals");
	if (m->encr == 0 ? !(t->flags & TUN_AH) :
	    e == NULL || e->type != ALG_ENCR)
		return (SERR_ALG);
	if (e != NULL && e->flags & ALG_AEAD ? m->integ != 0 :
	    i == NULL || i->type != ALG_INTEG)
		return (SERR_ALG);
	for (n = 0; n < t->nchild; n++)
		if (prop_allows(&t->child[n], m, esn))
			break;
	if (n == t->nchild)
		return (SERR_ALG);
	el = e != NULL ? (size_t)e->keylen + e->saltlen : 0;
	al = i != NULL ? i->keylen : 0;
	if (m->ein.len != el || m->eout.len != el || m->ain.len != al ||
	    m->aout.len != al) {
		(void)snprintf(why, TEXT_MAX, "key of a wrong length");
		return (SERR_ALG);
	}
	return (SERR_OK);
}

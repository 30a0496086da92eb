/* SPDX-License-Identifier: ISC */

/* sa.c: the pairs of ESP SAs, by SPI, by child and by tunnel. */

#include <stdlib.h>
#include <strings.h>

#include "local.h"

static struct esp_sa **
bucket(struct esp_sa **table, uint32_t key)
{
	return (&table[(key * 2654435761u) >> 20]);	/* 4,096 = 2^12 */
}

struct esp_sa *
esp_sa_spi(const struct esp *e, uint32_t spi)
{
	struct esp_sa	*sa;

	sa = e->by_spi[(spi * 2654435761u) >> 20];
	while (sa != NULL && sa->spi_in != spi)
		sa = sa->next_spi;
	return (sa);
}

struct esp_sa *
esp_sa_child(const struct esp *e, uint32_t child)
{
	struct esp_sa	*sa;

	sa = e->by_child[(child * 2654435761u) >> 20];
	while (sa != NULL && sa->child != child)
		sa = sa->next_child;
	return (sa);
}

/* Every pair wholly inside a configured one, both sides. */
static int
covered(const struct tunnel *t, const struct selpair *p, size_t n)
{
	size_t	 i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < t->npair; j++)
			if (sel_in(&p[i].local, &t->pair[j].local) &&
			    sel_in(&p[i].remote, &t->pair[j].remote))
				break;
		if (j == t->npair)
			return (0);
	}
	return (n > 0);
}

/* Rows of the table, made for ESP, with keys of exactly their length. */
static int
algs_fit(const struct m_e_pair *m, const struct alg *encr,
    const struct alg *integ)
{
	size_t	 el, al;

	if (encr == NULL || encr->type != ALG_ENCR ||
	    !(encr->flags & ALG_ESP) || !alg_usable(encr))
		return (0);
	if (encr->flags & ALG_AEAD) {
		if (m->integ != 0)
			return (0);
	} else if (integ == NULL || integ->type != ALG_INTEG ||
	    !(integ->flags & ALG_ESP) || !alg_usable(integ))
		return (0);	/* never without integrity */
	el = (size_t)encr->keylen + encr->saltlen;
	al = integ != NULL ? integ->keylen : 0;
	return (m->ein.len == el && m->eout.len == el &&
	    m->ain.len == al && m->aout.len == al);
}

static int
crypts(struct esp_sa *sa, const struct m_e_pair *m)
{
	sa->in = crypt_new(sa->encr, sa->integ, m->ein.d,
	    sa->integ != NULL ? m->ain.d : NULL, 0);
	sa->out = crypt_new(sa->encr, sa->integ, m->eout.d,
	    sa->integ != NULL ? m->aout.d : NULL, 1);
	return (sa->in != NULL && sa->out != NULL ? 0 : -1);
}

static void
sa_free(struct esp_sa *sa)
{
	crypt_free(sa->in);
	crypt_free(sa->out);
	free(sa);
}

/* What the request says and what follows from it; no keys yet. */
static struct esp_sa *
sa_make(struct esp_tun *t, const struct m_e_pair *m, const struct selpair *p,
    size_t n)
{
	struct esp_sa	*sa;

	if ((sa = calloc(1, sizeof(*sa) + n * sizeof(*p))) == NULL)
		return (NULL);
	sa->tun = t;
	sa->child = m->child;
	sa->replaces = m->replaces;
	sa->spi_in = m->spi_in;
	sa->spi_out = m->spi_out;
	sa->encr = alg_num(m->encr);
	sa->integ = m->integ != 0 ? alg_num(m->integ) : NULL;
	sa->ivlen = (uint8_t)sa->encr->ivlen;
	sa->icvlen = (uint8_t)(sa->integ != NULL ? sa->integ->icvlen :
	    sa->encr->icvlen);
	sa->blocklen = (uint8_t)(sa->encr->blocklen > 4 ?
	    sa->encr->blocklen : 4);
	sa->esn = m->esn != 0;
	sa->mtu = m->mtu;
	sa->local = m->local;
	sa->remote = m->remote;
	sa->softbytes = m->softbytes;
	sa->hardbytes = m->hardbytes;
	/* RFC 4303 section 3.3.3: never cycle; 90 % asks for a new one */
	sa->seq_max = sa->esn ? UINT64_MAX : UINT32_MAX;
	sa->seq_soft = sa->seq_max / 10 * 9;
	sa->c.tunnel = t->id;
	sa->c.child = m->child;
	esp_replay_init(&sa->rp, m->replay, sa->esn);
	sa->npair = n;
	memcpy(sa->pair, p, n * sizeof(*p));
	return (sa);
}

void
esp_sa_mtu(struct esp_tun *t)
{
	struct esp_sa	*sa;

	for (sa = t->sas; sa != NULL; sa = sa->next_tun)
		sa->mtu = (uint16_t)tunnel_mtu(tunnel_outer(t->t),
		    sa->remote.af, 1, sa->encr, sa->integ);
}

static int
refuse(const struct esp *e, const struct esp_tun *t, const struct m_e_pair *m,
    const struct selpair *p, size_t n)
{
	if (t == NULL)
		return (SERR_TUNNEL);
	if (m->child == 0 || esp_sa_child(e, m->child) != NULL)
		return (SERR_CONTENT);
	/* 1 to 255 are reserved, RFC 4303 section 2.1 */
	if (m->spi_in < 256 || m->spi_out < 256 ||
	    esp_sa_spi(e, m->spi_in) != NULL)
		return (SERR_SPI);
	if (m->local.af == 0 || m->local.af != m->remote.af ||
	    m->remote.port == 0)
		return (SERR_ADDRESS);
	if (!algs_fit(m, alg_num(m->encr), alg_num(m->integ)))
		return (SERR_ALG);
	if (!covered(t->t, p, n))
		return (SERR_SELECTOR);
	return (SERR_OK);
}

int
esp_sa_add(struct esp *e, uint32_t tunnel, const struct m_e_pair *m,
    const struct selpair *p, size_t n)
{
	struct esp_tun	 *t;
	struct esp_sa	 *sa, **b;
	int		  err;

	t = esp_tun_find(e, tunnel);
	if ((err = refuse(e, t, m, p, n)) != SERR_OK)
		return (err);
	if ((sa = sa_make(t, m, p, n)) == NULL)
		return (SERR_BACKEND);
	if (crypts(sa, m) == -1) {
		sa_free(sa);
		return (SERR_ALG);
	}
	b = bucket(e->by_spi, sa->spi_in);
	sa->next_spi = *b;
	*b = sa;
	b = bucket(e->by_child, sa->child);
	sa->next_child = *b;
	*b = sa;
	sa->next_tun = t->sas;
	t->sas = sa;
	e->nsa++;
	sa->waits = m->inactive && esp_sa_child(e, m->replaces) != NULL;
	if (!sa->waits)
		esp_sa_activate(e, sa);
	return (SERR_OK);
}

void
esp_sa_activate(struct esp *e, struct esp_sa *sa)
{
	struct esp_sa	*old;

	sa->waits = 0;
	sa->active = 1;
	if (sa->replaces != 0 &&
	    (old = esp_sa_child(e, sa->replaces)) != NULL &&
	    old->tun == sa->tun)
		old->active = 0;
	if (sa->tun->held != NULL) {
		e->nready++;
		if (e->on_held != NULL)
			e->on_held(e->on_held_arg);
	}
}

void
esp_sa_del(struct esp *e, struct esp_sa *sa)
{
	struct esp_sa	**p, *s;
	struct esp_tun	 *t = sa->tun;

	p = bucket(e->by_spi, sa->spi_in);
	while (*p != sa)
		p = &(*p)->next_spi;
	*p = sa->next_spi;
	p = bucket(e->by_child, sa->child);
	while (*p != sa)
		p = &(*p)->next_child;
	*p = sa->next_child;
	p = &t->sas;
	while (*p != sa)
		p = &(*p)->next_tun;
	*p = sa->next_tun;
	e->nsa--;
	/* whoever waited for this one to go sends from now on */
	for (s = t->sas; s != NULL; s = s->next_tun)
		if (s->waits && s->replaces == sa->child)
			esp_sa_activate(e, s);
	sa_free(sa);
}

struct esp_sa *
esp_sa_for(const struct esp_tun *t, const struct esp_flow *f)
{
	struct esp_sa	*sa;
	size_t		 i;

	for (sa = t->sas; sa != NULL; sa = sa->next_tun) {
		if (!sa->active || sa->hard_said)
			continue;
		for (i = 0; i < sa->npair; i++)
			if (esp_flow_in(&sa->pair[i], f, 1))
				return (sa);
	}
	return (NULL);
}

void
esp_sa_expire(struct esp *e, struct esp_sa *sa, int hard)
{
	struct m_s_expire	 m;
	uint8_t			*said = hard ? &sa->hard_said : &sa->soft_said;

	if (*said)
		return;
	memset(&m, 0, sizeof(m));
	m.child = sa->child;
	m.hard = hard != 0;
	/* not sent: said again with the next packet */
	if (role_send(e->io, PROC_SAD, M_E_EXPIRE, 0, 0, sa->tun->id, &m) == 0)
		*said = 1;
}

/*
 * Limits hold for each direction by itself.  The packet that reaches the
 * hard one is not carried any more.
 */
int
esp_sa_account(struct esp *e, struct esp_sa *sa, size_t n)
{
	uint64_t	 most;

	most = sa->c.in_bytes > sa->c.out_bytes ? sa->c.in_bytes :
	    sa->c.out_bytes;
	if (sa->hardbytes != 0 && most + n > sa->hardbytes) {
		esp_sa_expire(e, sa, 1);
		return (-1);
	}
	if ((sa->softbytes != 0 && most + n > sa->softbytes) ||
	    sa->seq >= sa->seq_soft || sa->rp.top >= sa->seq_soft)
		esp_sa_expire(e, sa, 0);
	return (0);
}

/* SPDX-License-Identifier: ISC */

/* dh.c: a key pair for one exchange. */

#include "dh.h"

int
keys_pair_new(struct keys_pair *p, const struct alg *dh,
    const struct role_io *io)
{
	size_t	 n;

	memset(p, 0, sizeof(*p));
	if (dh == NULL)
		return (0);
	if ((n = crypt_dh_privlen(dh)) == 0 || n > sizeof(p->priv) ||
	    dh->keylen > sizeof(p->ke))
		return (-1);
	io->random(io->arg, p->priv, n);
	if (crypt_dh_public(dh, p->priv, p->ke)) {
		explicit_bzero(p, sizeof(*p));
		return (-1);
	}
	p->dh = dh;
	return (0);
}

struct rd
keys_pair_ke(const struct keys_pair *p)
{
	return (rd_of(p->ke, p->dh != NULL ? p->dh->keylen : 0));
}

int
keys_pair_shared(const struct keys_pair *p, struct rd ke, uint8_t *gir,
    size_t *n)
{
	*n = 0;
	if (p->dh == NULL)
		return (rd_end(&ke));
	if (crypt_dh_shared(p->dh, p->priv, ke, gir))
		return (-1);
	*n = p->dh->outlen;
	return (0);
}

/* SPDX-License-Identifier: ISC */

/*
 * select.c: from selectors to Traffic Selector payloads and back; narrowing,
 * RFC 7296 section 2.9, to what both the peer offers and we configured (R19).
 */

#include "v2.h"

/* Cut a list with one selector. */
static size_t
cut(const struct sel *mine, const struct sel *theirs, size_t n,
    struct sel *out)
{
	size_t	 i, k = 0;

	for (i = 0; i < n; i++)
		if (sel_cut(mine, &theirs[i], &out[k]))
			k++;
	return (k);
}

size_t
ike2_narrow(const struct selpair *mine, size_t n, const struct sel *local,
    size_t nl, const struct sel *remote, size_t nr, struct selpair *out)
{
	struct sel	 l[PLD_TS_MAX], r[PLD_TS_MAX];
	size_t		 i, j, k, cl, cr, got = 0;

	for (i = 0; i < n; i++) {
		cl = cut(&mine[i].local, local, nl, l);
		cr = cut(&mine[i].remote, remote, nr, r);
		for (j = 0; j < cl; j++)
			for (k = 0; k < cr && got < SELPAIR_MAX; k++) {
				out[got].local = l[j];
				out[got].remote = r[k];
				got++;
			}
	}
	return (got);
}

size_t
ike2_narrow_tun(const struct tun *t, const struct sel *local, size_t nl,
    const struct sel *remote, size_t nr, struct selpair *out)
{
	struct selpair	 free_[SELPAIR_MAX];
	size_t		 i, n, got;

	if (!(t->t->flags & TUN_SEPARATE))
		return (ike2_narrow(t->t->pair, t->t->npair, local, nl,
		    remote, nr, out));
	/* one pair a child: the first that no child has yet, else any */
	n = ike_tun_uncovered(t, free_);
	for (i = 0; i < n; i++)
		if ((got = ike2_narrow(&free_[i], 1, local, nl, remote, nr,
		    out)) > 0)
			return (got);
	for (i = 0; i < t->t->npair; i++)
		if ((got = ike2_narrow(&t->t->pair[i], 1, local, nl, remote,
		    nr, out)) > 0)
			return (got);
	return (0);
}

static size_t
unique(struct sel *list, size_t n, const struct sel *s)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (sel_eq(&list[i], s))
			return (n);
	list[n] = *s;
	return (n + 1);
}

void
ike2_ts_put(struct pld_out *o, const struct selpair *p, size_t n, int init)
{
	struct sel	 l[SELPAIR_MAX], r[SELPAIR_MAX];
	size_t		 i, nl = 0, nr = 0;

	for (i = 0; i < n && i < SELPAIR_MAX; i++) {
		nl = unique(l, nl, &p[i].local);
		nr = unique(r, nr, &p[i].remote);
	}
	pld_ts_put(o, PLD_TSI, init ? l : r, init ? nl : nr);
	pld_ts_put(o, PLD_TSR, init ? r : l, init ? nr : nl);
}

int
ike2_ts_get(const struct msg2 *m, int init, struct sel *local, size_t *nl,
    struct sel *remote, size_t *nr)
{
	const char	*why;

	return (pld_ts(ike2_body(m, init ? PLD_TSI : PLD_TSR), local,
	    PLD_TS_MAX, nl, &why) ||
	    pld_ts(ike2_body(m, init ? PLD_TSR : PLD_TSI), remote,
	    PLD_TS_MAX, nr, &why) ? -1 : 0);
}

/* RFC 7296 section 1.3.1: asked for and agreed by the same notify. */
void
ike2_mode_put(struct pld_out *o, const struct tunnel *t)
{
	if (t->flags & TUN_TRANSPORT)
		pld_notify_put(o, PROTO_NONE, 0, N_TRANSPORT_MODE,
		    rd_of(NULL, 0));
}

/*
 * The mode is the configured one?  A responder may leave an initiator's wish
 * for transport mode unanswered, which means tunnel mode.
 */
int
ike2_mode_ok(const struct msg2 *m, const struct tunnel *t, int responder)
{
	struct pld_notify	 n;
	int			 has = ike2_has_notify(m, N_TRANSPORT_MODE, &n);

	if (t->flags & TUN_TRANSPORT)
		return (has);
	return (responder || !has);
}

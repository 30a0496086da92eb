/* SPDX-License-Identifier: ISC */

/*
 * keys.c: the role s2sd-keys: its rules, the configuration, and what all
 * handlers use.  sa.c has START to AUTH, exch.c CHILD and REKEY; sa1.c and
 * exch1.c the same for IKEv1.
 */

#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "keys_self.h"

static const char *const kerr_text[] = {
	[KERR_NOTUNNEL] = "no such tunnel, or it is disabled",
	[KERR_NOHANDLE] = "no such handle",
	[KERR_STATE] = "the handle is not in that state",
	[KERR_ALG] = "algorithms that this tunnel does not allow",
	[KERR_KE] = "the peer's public value is invalid",
	[KERR_MESSAGE] = "nonce, KE or SPI is not in the message",
	[KERR_ID] = "not the configured identity",
	[KERR_AUTH] = "AUTH or HASH does not verify",
	[KERR_METHOD] = "authentication method not built in",
	[KERR_NOSECRET] = "the tunnel has no secret",
	[KERR_LIMIT] = "too many handshakes at once",
	[KERR_CRYPTO] = "libcrypto failed or no memory is left",
};

void
keys_answer(struct keys *k, const struct ipc_msg *m, uint32_t type, int err,
    const void *body)
{
	const struct msg_desc	*d;

	if (err != KERR_OK) {
		k->refused[err]++;
		d = msg_desc(m->h.type);
		/* peers can cause most of these, so they are not loud */
		role_log(k->io, err >= KERR_NOSECRET ? LOG_WARNING : LOG_DEBUG,
		    m->h.tunnel, 0, "refused %s: %s",
		    d != NULL ? d->name : "?", kerr_text[err]);
	}
	(void)role_send(k->io, PROC_IKE, type, m->h.gen, m->h.req,
	    m->h.tunnel, body);
}

const struct tunnel *
keys_tunnel(const struct keys *k, uint32_t id, int *err)
{
	const struct tunnel	*t = NULL;

	*err = KERR_NOTUNNEL;
	if (k->conf != NULL)
		t = conf_find(k->conf, id);
	if (t == NULL || t->flags & TUN_DISABLED)
		return (NULL);
	*err = KERR_ID;
	if (ident_eq(&t->srcid, &t->dstid))
		return (NULL);
	*err = KERR_OK;
	return (t);
}

int
keys_version(const struct tunnel *t)
{
	return (t->flags & TUN_IKEV1 ? 1 : 2);
}

const struct tunnel *
keys_tunnel_of(const struct keys *k, uint32_t id, int version, int *err)
{
	const struct tunnel	*t = keys_tunnel(k, id, err);

	if (t == NULL || keys_version(t) == version)
		return (t);
	*err = KERR_NOTUNNEL;
	return (NULL);
}

/* The row of that number and type, able; 0 or -1. */
static int WUR
row(uint16_t num, uint8_t type, const struct alg **a)
{
	*a = alg_num(num);
	return (*a != NULL && (*a)->type == type && alg_usable(*a) ? 0 : -1);
}

int
keys_algs(uint16_t encr, uint16_t integ, uint16_t prf, uint16_t dh, int need,
    struct algs *a)
{
	memset(a, 0, sizeof(*a));
	if ((encr != 0 && row(encr, ALG_ENCR, &a->encr)) ||
	    (integ != 0 && row(integ, ALG_INTEG, &a->integ)) ||
	    (prf != 0 && row(prf, ALG_PRF, &a->prf)) ||
	    (dh != 0 && row(dh, ALG_DH, &a->dh)))
		return (KERR_ALG);
	/* integrity exactly if the cipher brings none; AH has no cipher */
	if (a->encr == NULL ? !(need & NEED_NONE) || a->integ == NULL :
	    ((a->encr->flags & ALG_AEAD) != 0) != (a->integ == NULL))
		return (KERR_ALG);
	if ((need & NEED_PRF && a->prf == NULL) ||
	    (need & NEED_DH && a->dh == NULL))
		return (KERR_ALG);
	return (KERR_OK);
}

/* Is the row (NULL: none, 0) in that list?  An empty list has "none". */
static int
listed(const uint16_t *l, uint8_t n, const struct alg *a)
{
	uint16_t	 num = a != NULL ? a->num : 0;
	uint8_t		 i;

	if (n == 0)
		return (num == 0);
	for (i = 0; i < n; i++)
		if (l[i] == num)
			return (1);
	return (0);
}

int
keys_allowed_ike(const struct tunnel *t, const struct algs *a)
{
	const struct prop	*p;

	for (p = t->ike; p < t->ike + t->nike; p++)
		if (listed(p->encr, p->nencr, a->encr) &&
		    listed(p->integ, p->ninteg, a->integ) &&
		    listed(p->prf, p->nprf, a->prf) &&
		    listed(p->dh, p->ndh, a->dh))
			return (1);
	return (0);
}

int
keys_allowed_child(const struct tunnel *t, const struct algs *a, int any_dh)
{
	const struct prop	*p;

	for (p = t->child; p < t->child + t->nchild; p++)
		if (listed(p->encr, p->nencr, a->encr) &&
		    listed(p->integ, p->ninteg, a->integ) &&
		    (any_dh || listed(p->dh, p->ndh, a->dh)))
			return (1);
	return (0);
}

int
keys_allowed_dh(const struct prop *p, uint8_t n, const struct alg *dh)
{
	uint8_t	 i;

	for (i = 0; i < n; i++)
		if (listed(p[i].dh, p[i].ndh, dh))
			return (1);
	return (0);
}

int
keys_fresh(struct keys *k, struct khalf *f, const struct alg *dh)
{
	k->io->random(k->io->arg, f->nonce, sizeof(f->nonce));
	return (keys_pair_new(&f->pair, dh, k->io) ? KERR_CRYPTO : KERR_OK);
}

int
keys_child_algs(const struct tunnel *t, uint16_t encr, uint16_t integ,
    uint16_t dh, struct algs *a)
{
	int	 err;

	err = keys_algs(encr, integ, 0, dh, t->flags & TUN_AH ? NEED_NONE : 0,
	    a);
	if (err == KERR_OK && !keys_allowed_child(t, a, 0))
		err = KERR_ALG;
	return (err);
}

int
keys_nonce_good(struct rd nonce, const struct khalf *f, size_t min)
{
	return (nonce.n >= min && nonce.n <= 256 &&
	    !(nonce.n == sizeof(f->nonce) &&
	    memcmp(nonce.p, f->nonce, nonce.n) == 0));
}

int
keys_send_pair(struct keys *k, const struct ipc_msg *m,
    const struct khandle *h, const struct algs *a, struct rd sa,
    struct m_s_pair *p)
{
	p->encr = a->encr != NULL ? a->encr->num : 0;
	p->integ = a->integ != NULL ? a->integ->num : 0;
	p->sa = sa;
	if (h->state != KH_PROVED || h->tunnel != m->h.tunnel)
		return (KERR_STATE);
	if (role_send(k->io, PROC_SAD, M_S_PAIR, m->h.gen, m->h.req,
	    h->tunnel, p))
		return (KERR_LIMIT);		/* s2sd-sad is behind */
	k->children++;
	return (KERR_OK);
}

int
keys_send_child(struct keys *k, const struct ipc_msg *m,
    const struct khandle *h, struct rd gir, struct rd ni, struct rd nr,
    const struct algs *a, int first, struct rd sa)
{
	struct m_s_pair	 p;
	int		 rv = KERR_CRYPTO;

	memset(&p, 0, sizeof(p));
	if (h->state != KH_PROVED || h->version != 2)
		return (KERR_STATE);
	if (keys_child(h->a.prf, h->d, gir, ni, nr, a, first, &p) == 0)
		rv = keys_send_pair(k, m, h, a, sa, &p);
	explicit_bzero(&p, sizeof(p));
	return (rv);
}

/* --- configuration --- */

static int
cf_secret(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_cf_secret	*b = body;

	return (secrets_add(&k->secrets, m->h.gen, b->name, b->psk, now));
}

static int
cf_secret_end(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys	*k = self;

	(void)body;
	if (secrets_end(&k->secrets, m->h.gen,
	    m->h.type == M_CF_SECRET_PART, now))
		return (-1);
	(void)role_send(k->io, PROC_PARENT, M_K_SECRETS, m->h.gen, 0, 0, NULL);
	return (0);
}

static int
close_handle(void *self, const struct ipc_msg *m, void *body, uint64_t now)
{
	struct keys		*k = self;
	struct m_k_handle	*b = body;
	struct khandle		*h;

	(void)m;
	(void)now;
	/* closing what is gone already is no mistake */
	if ((h = khandle_find(&k->handles, b->handle)) != NULL)
		khandle_close(&k->handles, h);
	return (0);
}

static int
check(void *self, const struct conf_set *next, char *why, size_t size)
{
	struct keys	*k = self;

	return (secrets_check(&k->secrets, next, why, size));
}

static int
added(void *self, const struct conf *c, uint64_t now)
{
	struct keys	*k = self;

	(void)now;
	k->conf = c;
	secrets_commit(&k->secrets, c->now->gen);
	return (0);
}

/*
 * A tunnel whose record stayed but whose secret is another: what the old one
 * has proved must not live on.  s2sd-ike makes a new IKE SA; until that is up
 * the traffic has the keys it has.
 */
static void
renew(struct keys *k, const struct conf *c)
{
	const struct tunnel	*t;
	size_t			 i;

	for (i = 0; i < c->now->n; i++) {
		t = c->now->t[i];
		if (!secrets_changed(&k->secrets, t->name))
			continue;
		khandles_close_tunnel(&k->handles, t->id);
		role_log(k->io, LOG_NOTICE, t->id, 0, "the shared secret is "
		    "another one now: the tunnel is made anew with it");
		(void)role_send(k->io, PROC_IKE, M_K_GONE, c->now->gen, 0,
		    t->id, NULL);
	}
}

static int
removed(void *self, const struct conf *c, uint64_t now)
{
	struct keys	*k = self;
	size_t		 i;

	(void)now;
	k->conf = c;
	for (i = 0; c->old != NULL && i < c->old->n; i++)
		if (conf_is_gone(c, c->old->t[i]->id))
			khandles_close_tunnel(&k->handles, c->old->t[i]->id);
	renew(k, c);
	secrets_drop_old(&k->secrets);
	return (0);
}

/* --- life --- */

static void *
new(const struct role_io *io)
{
	struct keys	*k;

	if ((k = calloc(1, sizeof(*k))) == NULL)
		return (NULL);
	k->io = io;
	khandles_init(&k->handles);
	return (k);
}

static void
destroy(void *self)
{
	struct keys	*k = self;

	if (k == NULL)
		return;
	khandles_clear(&k->handles);
	secrets_clear(&k->secrets);
	explicit_bzero(k, sizeof(*k));
	free(k);
}

static uint64_t
tick(void *self, uint64_t now)
{
	struct keys	*k = self;
	uint64_t	 a, b;

	a = khandles_tick(&k->handles, now);
	b = secrets_tick(&k->secrets, now);
	return (a < b ? a : b);
}

/* A new s2sd-ike knows none of the handles. */
static void
died(void *self, enum proc who, uint64_t now)
{
	struct keys	*k = self;

	(void)now;
	if (who == PROC_IKE)
		khandles_close_all(&k->handles);
}

static size_t
counters(void *self, struct role_counter *c, size_t max)
{
	static const char *const	 name[] = {
		"handles", "handles-not-proved", "proved", "children", "rekeyed",
		"refused", "refused-auth", "refused-identity",
		"refused-public-value", "refused-limit"
	};
	struct keys	*k = self;
	uint64_t	 v[nitems(name)], all = 0;
	size_t		 i;

	for (i = 0; i < nitems(k->refused); i++)
		all += k->refused[i];
	v[0] = k->handles.live;
	v[1] = k->handles.half;
	v[2] = k->proved;
	v[3] = k->children;
	v[4] = k->rekeyed;
	v[5] = all;
	v[6] = k->refused[KERR_AUTH];
	v[7] = k->refused[KERR_ID];
	v[8] = k->refused[KERR_KE];
	v[9] = k->refused[KERR_LIMIT];
	for (i = 0; i < nitems(name) && i < max; i++) {
		c[i].name = name[i];
		c[i].value = v[i];
	}
	return (i);
}

static const struct role_rule rules[] = {
	{ M_CF_SECRET,		PB(PROC_CONF),	cf_secret },
	{ M_CF_SECRET_END,	PB(PROC_CONF),	cf_secret_end },
	{ M_CF_SECRET_PART,	PB(PROC_CONF),	cf_secret_end },
	{ M_K_START,		PB(PROC_IKE),	keys_start },
	{ M_K_START_R,		PB(PROC_IKE),	keys_start_r },
	{ M_K_KEYED,		PB(PROC_IKE),	keys_keyed },
	{ M_K_AUTH,		PB(PROC_IKE),	keys_auth },
	{ M_K_CSTART,		PB(PROC_IKE),	keys_cstart },
	{ M_K_CHILD,		PB(PROC_IKE),	keys_new_child },
	{ M_K_RSTART,		PB(PROC_IKE),	keys_rstart },
	{ M_K_REKEY,		PB(PROC_IKE),	keys_rekey },
	{ M_K_CLOSE,		PB(PROC_IKE),	close_handle },
	{ M_K1_KEYED,		PB(PROC_IKE),	keys1_keyed },
	{ M_K1_START_R,		PB(PROC_IKE),	keys1_start_r },
	{ M_K1_AUTH,		PB(PROC_IKE),	keys1_auth },
	{ M_K1_CHILD,		PB(PROC_IKE),	keys1_new_child },
};

const struct role role_keys = {
	.id = PROC_KEYS,
	.rules = rules,
	.nrules = nitems(rules),
	.new = new,
	.free = destroy,
	.tick = tick,
	.died = died,
	.check = check,
	.added = added,
	.removed = removed,
	.counters = counters,
};

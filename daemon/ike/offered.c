/* SPDX-License-Identifier: ISC */

/*
 * offered.c: what a peer offered that none of its tunnels allows, for people:
 * the names of what we know of it.  Anybody can send such a packet, so it is
 * a hint, said rarely, and it harms nothing that is up.
 */

#include <stdio.h>
#include <syslog.h>

#include "engine.h"

enum { SAY_MS = 60000 };

static int
kind(const struct alg *a)
{
	return (a->type == ALG_ENCR ? 0 : a->type == ALG_DH ? 2 : 1);
}

void
ike_offered_add(struct ike_offered *o, const struct alg *a)
{
	size_t	 i;
	int	 k;

	if (a == NULL)
		return;
	k = kind(a);
	for (i = 0; i < o->n[k]; i++)
		if (o->a[k][i] == a)
			return;
	if (o->n[k] < nitems(o->a[k]))
		o->a[k][o->n[k]++] = a;
}

/* "aes-128, 3des / hmac-sha1 / modp1024" */
static void
text(const struct ike_offered *o, char *b, size_t max)
{
	const char	*sep;
	size_t		 i, k, n = 0;

	b[0] = '\0';
	for (k = 0; k < nitems(o->n); k++)
		for (i = 0; i < o->n[k]; i++) {
			sep = i > 0 ? ", " : n > 0 ? " / " : "";
			if (n + strlen(sep) + strlen(o->a[k][i]->name) >= max)
				return;
			n += (size_t)snprintf(b + n, max - n, "%s%s", sep,
			    o->a[k][i]->name);
		}
}

void
ike_offered_say(struct ike *ike, const struct addr *from, int version,
    const struct ike_offered *o)
{
	struct node	*n = NULL;
	struct tun	*t;
	char		 b[sizeof(t->detail)];

	text(o, b, sizeof(b));
	while ((t = ike_tun_next_addr(ike, from, &n)) != NULL) {
		if (t->t->flags & TUN_DISABLED || t->down ||
		    (t->t->flags & TUN_IKEV1 ? 1 : 2) != version ||
		    ike_child_count(t) > 0 || (t->offered_at != 0 &&
		    ike->now - t->offered_at < SAY_MS))
			continue;
		t->offered_at = ike->now;
		ike_reason(ike, t, R_NO_PROPOSAL, b);
	}
}

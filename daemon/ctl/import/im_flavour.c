/* SPDX-License-Identifier: ISC */

/*
 * im_flavour.c: one file name, three languages.  Words that only some of the
 * three know, and spellings that only one has, are counted; the flavour
 * decides about also=, identities, secrets and the IKE version.
 */

#include <strings.h>

#include "im_int.h"

static const char *const names[IM_FLAVOURS] = {
	[IM_UNKNOWN] = "unknown", [IM_OPENSWAN] = "openswan",
	[IM_LIBRESWAN] = "libreswan", [IM_STRONGSWAN] = "strongswan"
};

const char *
im_flavour_name(enum im_flavour f)
{
	return (f == IM_STRONGSWAN ? "strongSwan" : names[f]);
}

enum im_flavour
im_flavour_of(const char *s)
{
	int	 i;

	for (i = IM_OPENSWAN; i < IM_FLAVOURS; i++)
		if (strcasecmp(s, names[i]) == 0)
			return ((enum im_flavour)i);
	return (IM_UNKNOWN);
}

void
im_score(struct im *im, enum im_flavour f, int n, const char *word,
    unsigned int line)
{
	struct im_why	*w = im->why[f], t;
	int		 i, k;

	if (n == 0)
		return;
	for (i = 0; i < 3; i++)		/* a word counts once */
		if (w[i].word != NULL && strcmp(w[i].word, word) == 0)
			return;
	im->score[f] += n;
	for (i = 0; i < 3; i++) {
		if (w[i].word != NULL && w[i].score >= n)
			continue;
		t = w[i];
		w[i].score = n;
		w[i].word = word;
		w[i].line = line;
		for (k = i + 1; k < 3 && t.word != NULL; k++) {
			struct im_why	 u = w[k];

			w[k] = t;
			t = u;
		}
		break;
	}
}

static void
score_proposal(struct im *im, const struct im_param *p)
{
	size_t	 n = strlen(p->val);

	if (n > 0 && p->val[n - 1] == '!')
		im_score(im, IM_STRONGSWAN, 4, "! behind a proposal",
		    p->at.line);
	if (strchr(p->val, ';') != NULL) {
		im_score(im, IM_OPENSWAN, 2, "; before a group", p->at.line);
		im_score(im, IM_LIBRESWAN, 1, "; before a group", p->at.line);
	}
	if (strchr(p->val, '+') != NULL)
		im_score(im, IM_LIBRESWAN, 4, "+ in a proposal", p->at.line);
}

void
im_score_param(struct im *im, const struct im_param *p)
{
	const struct im_key	*k = p->key;
	int			 f;

	if (k == NULL)
		return;
	for (f = IM_OPENSWAN; f < IM_FLAVOURS; f++)
		if (k->flavours & 1 << f)
			im_score(im, (enum im_flavour)f, k->flavours == ALL ?
			    0 : k->weight, k->name[0] != '\0' ? k->name :
			    p->word, p->at.line);
	if (k->id == K_IKE || k->id == K_ESP)
		score_proposal(im, p);
	if (k->id == K_KEYEXCHANGE && im_in(p->val, "ikev1,ikev2")) {
		im_score(im, IM_STRONGSWAN, 3, "keyexchange", p->at.line);
		im_score(im, IM_LIBRESWAN, 2, "keyexchange", p->at.line);
	}
	if (k->id == K_AUTHBY && im_in(p->val, "psk,pubkey"))
		im_score(im, IM_STRONGSWAN, 3, "authby=psk", p->at.line);
	if (k->id == K_AUTH && !im_in(p->val, "secret,rsasig,ecdsa,null"))
		im_score(im, IM_STRONGSWAN, 3, "leftauth", p->at.line);
	if (k->id == K_SUBNET && strchr(p->val, ',') != NULL)
		im_score(im, IM_STRONGSWAN, 2, "a list in leftsubnet",
		    p->at.line);
	if (k->id == K_DPDACTION && im_in(p->val, "restart_by_peer"))
		im_score(im, IM_OPENSWAN, 3, "restart_by_peer", p->at.line);
	if (k->id == K_IKEV2 && im_in(p->val, "insist,permit,propose,never"))
		im_score(im, IM_OPENSWAN, 2, "ikev2=", p->at.line);
	if (k->id == K_NEXTHOP)
		im_score(im, IM_OPENSWAN, 3, "nexthop", p->at.line);
	if (k->id == K_SOURCEIP && strstr(p->val, "%config") != NULL)
		im_score(im, IM_STRONGSWAN, 4, "%config", p->at.line);
	if (strchr(p->word, '-') != NULL)
		im_score(im, IM_LIBRESWAN, 1, "a keyword with -", p->at.line);
}

/* The flavour, and the sentence that says why. */
void
im_flavour_settle(struct im *im, const char *path)
{
	struct im_at	 at = { path, 0 };
	enum im_flavour	 f = im->o->flavour, best = IM_OPENSWAN;
	struct im_why	*w;
	char		 why[160] = "";
	size_t		 n;
	int		 i;

	for (i = IM_LIBRESWAN; i < IM_FLAVOURS; i++)
		if (im->score[i] > im->score[best])
			best = (enum im_flavour)i;
	im->fl = im->r->flavour = f != IM_UNKNOWN ? f : best;
	if (f != IM_UNKNOWN)
		(void)snprintf(why, sizeof(why), "as told by -F");
	else if (im->score[best] == 0)
		(void)snprintf(why, sizeof(why), "nothing tells; -F libreswan "
		    "or -F strongswan if it is not");
	for (w = im->why[best], i = 0; f == IM_UNKNOWN && i < 3; i++)
		if (w[i].word != NULL) {
			n = strlen(why);
			(void)snprintf(why + n, sizeof(why) - n, "%s%s%.40s in "
			    "line %u", i == 0 ? "because of " : "", i == 0 ?
			    "" : ", ", w[i].word, w[i].line);
		}
	im->reason = im_fmt(im, "%s", why);
	im_note(im, at, "read as %s, %s", im_flavour_name(im->fl), why);
}

/* The first line of the output. */
void
im_head(struct im *im, const char *path)
{
	im->r->head = im_fmt(im, "# from %s (%s style, %s)%s%s%s%s", path,
	    im_flavour_name(im->fl), im->reason != NULL ? im->reason : "",
	    im->have_secrets ? " and " : "", im->have_secrets ? im->secrets :
	    "", im->o->host_text != NULL ? ", for host " : "",
	    im->o->host_text != NULL ? im->o->host_text : "");
}

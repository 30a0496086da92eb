/* SPDX-License-Identifier: ISC */

/* u_words.c: states, algorithms and reasons in words. */

#include <ctype.h>

#include "near.h"
#include "u.h"

const char *
u_backend(const char *name)
{
	if (strcmp(name, "xfrm") == 0)
		return ("kernel ESP (XFRM)");
	if (strcmp(name, "pfkey") == 0)
		return ("kernel ESP (PF_KEY)");
	return (name[0] == '\0' ? "nobody yet" : name);
}

const char *
u_state_word(const struct u_tunnel *t)
{
	static const char *const words[] = {
		[TS_DOWN] = "DOWN", [TS_CONNECTING] = "connecting",
		[TS_UP] = "up", [TS_REKEYING] = "up (rekeying)",
		[TS_WAITING] = "waiting", [TS_OFF] = "off"
	};

	return (t->m.s.state < nitems(words) ? words[t->m.s.state] : "DOWN");
}

const char *
u_mode_word(uint32_t flags)
{
	if (flags & TUN_DISABLED)
		return ("disabled");
	return (flags & TUN_ACTIVE ? "active" : flags & TUN_ONDEMAND ?
	    "ondemand" : "passive");
}

const char *
u_after(uint16_t reason)
{
	switch (reason) {
	case R_NONE:
		return ("");
	case R_RESTARTED:
		return ("peer restarted");
	case R_DIED:
	case R_NO_ANSWER:
		return ("peer did not answer");
	case R_DELETED:
		return ("peer closed it");
	case R_UNREACHABLE:
		return ("peer was unreachable");
	case R_BY_HAND:
		return ("switched off by hand");
	case R_REKEY_GROUP:
		return ("keys could not be renewed");
	default:
		return (reason_row(reason)->id);
	}
}

const char *
u_nat_word(const struct u_tunnel *t)
{
	if (t->m.s.nat_here && t->m.s.nat_there)
		return ("both");
	return (t->m.s.nat_here ? "local" : t->m.s.nat_there ? "peer" :
	    "none");
}

const char *
u_alg_word(uint16_t num, char b[U_WORD])
{
	const struct alg	*a = alg_num(num);
	size_t			 i;

	if (a == NULL) {
		(void)snprintf(b, U_WORD, "none");
		return (b);
	}
	(void)snprintf(b, U_WORD, "%s", a->name);
	if (strncmp(b, "curve", 5) == 0)
		b[0] = 'C';
	else
		for (i = 0; b[i] != '\0'; i++)
			b[i] = (char)toupper((unsigned char)b[i]);
	return (b);
}

const char *
u_why(const struct u_tunnel *t, char *b, size_t n)
{
	char	 peer[ADDR_STRLEN];

	return (reason_text(t->m.s.reason, t->m.s.peer.af == 0 ? NULL :
	    addr_str(&t->m.s.peer, 0, peer, sizeof(peer)), t->m.s.detail, b,
	    n));
}

const char *
u_do(const struct u_tunnel *t, char *b, size_t n)
{
	char	 peer[ADDR_STRLEN];

	return (reason_action(t->m.s.reason, t->m.s.peer.af == 0 ? NULL :
	    addr_str(&t->m.s.peer, 0, peer, sizeof(peer)), t->m.name, b, n));
}

const char *
u_nearest(const char *word, const char *const *words)
{
	size_t	 n = 0;

	while (words[n] != NULL)
		n++;
	return (strlen(word) > 30 ? NULL : near_word(word, words, n));
}

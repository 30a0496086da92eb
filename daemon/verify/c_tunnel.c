/* SPDX-License-Identifier: ISC */

/* c_tunnel.c: how the tunnels are, as the daemon says. */

#include <stdio.h>

#include "verify.h"

static void
up(const struct u_tunnel *t, const char *name, struct v_list *l)
{
	unsigned int	 mtu = t->nchild > 0 ? t->child[0].m.c.mtu : 0;

	if (t->m.out_packets > 0 && t->m.in_packets == 0)
		v_add(l, V_WARN, VG_TUNNEL, "state", name,
		    "s2sctl verify at the other end", NULL, "up, but nothing "
		    "came back for %llu packets",
		    (unsigned long long)t->m.out_packets);
	else if (t->m.in_packets > 0 && t->m.out_packets == 0)
		v_add(l, V_WARN, VG_TUNNEL, "state", name,
		    "the probes below", NULL, "up, %llu packets came in and "
		    "none went out", (unsigned long long)t->m.in_packets);
	else
		v_add(l, V_OK, VG_TUNNEL, "state", name, NULL, NULL,
		    "up, %s, packets up to %u octets",
		    t->m.in_packets > 0 ? "packets in both directions" :
		    "no packet yet", mtu);
}

static void
one(const struct v_facts *f, const char *name, struct v_list *l)
{
	const struct u_tunnel	*t;
	char			 why[TEXT_MAX], act[TEXT_MAX];

	if ((t = v_state(f, name)) == NULL) {
		v_add(l, V_WARN, VG_TUNNEL, "state", name, "s2sctl reload",
		    NULL, "it stands in %s, but s2sd does not know it yet",
		    f->path);
		return;
	}
	switch (u_class(t)) {
	case U_UP:
		up(t, name, l);
		break;
	case U_WAITING:
	case U_OFF:
		v_add(l, V_OK, VG_TUNNEL, "state", name, NULL, NULL, "%s",
		    u_state_word(t));
		break;
	default:
		v_add(l, u_class(t) == U_DOWN ? V_FAIL : V_WARN, VG_TUNNEL,
		    "state", name, u_do(t, act, sizeof(act)), NULL, "%s: %s",
		    u_state_word(t), u_why(t, why, sizeof(why)));
	}
}

void
v_check_tunnels(const struct v_facts *f, struct v_list *l)
{
	size_t	 i;

	if (!f->d.running) {
		v_add(l, V_SKIP, VG_TUNNEL, "state", NULL, "start s2sd",
		    NULL, "s2sd does not run: no tunnel is made or renewed; "
		    "keys that a killed one left in the kernel carry what no "
		    "NAT rewrites until they expire");
		return;
	}
	v_add(l, V_OK, VG_TUNNEL, "backend", NULL, NULL, NULL,
	    "traffic goes through %s%s%s", f->d.st.head.backend,
	    f->d.st.head.why[0] != '\0' ? ": " : "", f->d.st.head.why);
	for (i = 0; i < f->conf.n; i++)
		if (v_wanted(f, f->conf.t[i]))
			one(f, f->conf.t[i]->t.name, l);
}

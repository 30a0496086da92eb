/* SPDX-License-Identifier: ISC */

/*
 * version.c: a peer that speaks another version of IKE than its tunnels: no
 * other version is tried in its place, but people are told which line to
 * change.  Anybody can send such a packet, so it is a hint and nothing more.
 */

#include <stdio.h>
#include <syslog.h>

#include "engine.h"

enum { SAY_MS = 60000 };

static void
say(struct ike *ike, struct tun *t, uint8_t major)
{
	const char	*what;

	if (t->version_at != 0 && ike->now - t->version_at < SAY_MS)
		return;
	t->version_at = ike->now;
	what = major == 1 ? "it speaks IKEv1, the tunnel is IKEv2: write "
	    "`ikev1' into the tunnel, or switch the peer to IKEv2" :
	    "it speaks IKEv2, the tunnel has `ikev1': remove `ikev1' from the "
	    "tunnel, or switch the peer to IKEv1";
	if (ike_child_count(t) == 0) {
		ike_reason(ike, t, R_IKE_VERSION, what);
		return;
	}
	role_log(ike->io, LOG_NOTICE, t->id, R_IKE_VERSION,
	    "%s: a packet of another version from the peer: %s", t->t->name,
	    what);
}

void
ike_other_version(struct ike *ike, const struct addr *from, uint8_t major)
{
	struct node	*n = NULL;
	struct tun	*t;

	while ((t = ike_tun_next_addr(ike, from, &n)) != NULL)
		if (!(t->t->flags & TUN_DISABLED) &&
		    !(t->t->flags & TUN_IKEV1) == (major == 1))
			say(ike, t, major);
}

void
ike_other_answer(struct ike *ike, struct sa *sa, const struct addr *from,
    uint8_t major)
{
	struct tun	*t = sa->tun;

	ike->count[CNT_BAD_VERSION]++;
	if (sa->state != S_INIT_I || t == NULL || t->t == NULL ||
	    addr_cmp(from, &sa->remote, 0) != 0)
		return;
	sa->reason = R_IKE_VERSION;
	(void)snprintf(sa->detail, sizeof(sa->detail), "it answers in IKEv%u",
	    major);
	say(ike, t, major);
}

/* SPDX-License-Identifier: ISC */

/* reason.c: the words for each reason; see reason.h. */

#include <string.h>

#include "reason.h"

/* A part in square brackets is left out when there is no detail. */
static const struct reason_row rows[R_MAX] = {
	[R_NONE] = { "none", "", NULL },
	[R_NO_ANSWER] = { "no-answer",
	    "No answer from %p on UDP 500 and 4500. A firewall on the way, "
	    "or the peer is off.",
	    "let UDP 500 and 4500 through to the peer, and see that its IKE "
	    "daemon runs" },
	[R_UNREACHABLE] = { "unreachable",
	    "The network says %p is unreachable[ (%d)].",
	    "check the route to the peer (ip route get %p), and that "
	    "something listens on UDP 500 there" },
	[R_NO_PROPOSAL] = { "no-proposal",
	    "The peer answers but rejects our algorithms.[ It wants: %d.]",
	    "write the peer's algorithms as `ikesa' and `childsa' into "
	    "s2sd.conf, or add ours at the peer" },
	[R_AUTH_PSK] = { "auth-psk",
	    "The peer is reached but the shared secrets differ (or it looks "
	    "for the secret under another name).",
	    "put the same secret at both ends (s2sctl genpsk makes one) and "
	    "compare srcid and dstid with the peer's" },
	[R_WRONG_ID] = { "wrong-id",
	    "The peer calls itself by another name than dstid[: %d].",
	    "put that name as `dstid', or fix the peer's identity" },
	[R_SELECTORS] = { "selectors",
	    "The peer knows no tunnel between these networks.[ It offered "
	    "%d.]",
	    "make `from' and `to' here the mirror of what the peer has" },
	[R_IKE_VERSION] = { "ike-version",
	    "The peer at %p speaks another version of IKE than this tunnel[: "
	    "%d].",
	    "let both ends speak the same: `ikev1' in the tunnel is IKEv1, "
	    "without it is IKEv2" },
	[R_DIED] = { "died",
	    "The peer stopped answering[ (%d)].",
	    "check the path to %p; we keep trying" },
	[R_DELETED] = { "deleted",
	    "The peer closed the tunnel[ (%d)].",
	    "see the peer's log for why" },
	[R_ONE_WAY] = { "one-way",
	    "Packets go only one way[: %d].",
	    "see that hosts here and there use their gateway for the other "
	    "network, and that no NAT changes their addresses" },
	[R_REKEY_GROUP] = { "rekey-group",
	    "The first key renewal failed: the peer wants another group for "
	    "the traffic keys[ (%d)].",
	    "give `childsa' the group that the peer has" },
	[R_REPLACED] = { "replaced",
	    "Another host logged in as the same peer[ from %d] and took "
	    "over.",
	    "give each peer an identity and a secret of its own" },
	[R_LOCAL_ADDRESS] = { "local-address",
	    "The `local' address[ %d] is not an address of this host.",
	    "correct `local' in s2sd.conf, or leave it out" },
	[R_KERNEL] = { "kernel",
	    "The system refused the keys[: %d].",
	    "see s2sctl log" },
	[R_NO_SECRET] = { "no-secret",
	    "There is no shared secret for this tunnel.",
	    "add `psk' to the tunnel (s2sctl genpsk makes one), then s2sctl "
	    "reload" },
	[R_SYNTAX] = { "syntax",
	    "The peer sent something that breaks the protocol[: %d].",
	    "update the software of one of the two ends" },
	[R_BY_HAND] = { "by-hand",
	    "Switched off by hand.",
	    "s2sctl up %t" },
	[R_NAT_REWRITE] = { "nat-rewrite",
	    "No packet goes out: NAT rewrites[ %d] before the tunnel.",
	    "leave `nat-exempt no' out of the tunnel, or except its networks "
	    "from the NAT rule (s2sctl verify finds it)" },
	[R_RESTARTED] = { "restarted",
	    "The peer was restarted.",
	    "see the peer's log for why; the tunnel comes back by itself" },
	[R_SILENT] = { "silent",
	    "The peer at %p has not answered[ for %d]; traffic may be lost, "
	    "and the tunnel is made anew if that lasts.",
	    "check the path to %p, and that the peer runs" },
	[R_OLD_KEYS] = { "old-keys",
	    "It goes on with the old keys, for the new IKE SA is refused[: "
	    "%d].",
	    "s2sctl explain %t; when the old keys end, the tunnel does" },
	[R_AH_NAT] = { "ah-nat",
	    "AH cannot pass the NAT between here and %p[: %d].",
	    "use ESP at both ends: remove `ah' from the tunnel, and `auth' "
	    "alone from its childsa" },
	[R_ESP_AH] = { "esp-or-ah",
	    "One end protects the traffic by ESP, the other by AH[: %d].",
	    "let both have the same: `ah' in the tunnel is AH, without it is "
	    "ESP" },
};

const struct reason_row *
reason_row(int reason)
{
	if (reason < 0 || reason >= R_MAX || rows[reason].id == NULL)
		return (&rows[R_NONE]);
	return (&rows[reason]);
}

/* Append n octets of s at *at, always leaving room for the NUL. */
static void
add(char *buf, size_t size, size_t *at, const char *s, size_t n)
{
	if (n > size - 1 - *at)
		n = size - 1 - *at;
	memcpy(buf + *at, s, n);
	*at += n;
	buf[*at] = '\0';
}

/* Fill in the text; `t' may be NULL where it has no %t. */
static const char *
fill(const char *p, const char *peer, const char *detail, const char *t,
    char *buf, size_t size)
{
	const char	*word;
	size_t		 at = 0;

	if (size == 0)
		return ("");
	buf[0] = '\0';
	if (p == NULL)
		return (buf);
	for (; *p != '\0'; p++) {
		if (*p == '[' && detail == NULL) {
			p += strcspn(p + 1, "]");	/* rows close what they open */
			continue;
		}
		if (*p == '[' || *p == ']')
			continue;
		if (*p != '%' || p[1] == '\0') {
			add(buf, size, &at, p, 1);
			continue;
		}
		p++;
		word = *p == 'p' ? peer : *p == 'd' ? detail : t;
		if (word != NULL)
			add(buf, size, &at, word, strlen(word));
	}
	return (buf);
}

const char *
reason_text(int reason, const char *peer, const char *detail, char *buf,
    size_t size)
{
	if (detail != NULL && detail[0] == '\0')
		detail = NULL;
	if (peer == NULL || peer[0] == '\0')
		peer = "the peer";
	return (fill(reason_row(reason)->text, peer, detail, NULL, buf, size));
}

const char *
reason_action(int reason, const char *peer, const char *tunnel, char *buf,
    size_t size)
{
	if (peer == NULL || peer[0] == '\0')
		peer = "the peer";
	return (fill(reason_row(reason)->action, peer, "", tunnel, buf, size));
}

/* SPDX-License-Identifier: ISC */

/* proto_v2.c: the versions of IKE that this build speaks: IKEv2 only. */

#include "engine.h"

const struct ike_proto *
ike_proto(uint8_t major)
{
	return (major == 2 ? &ike_v2 : NULL);
}

/* s2sd-conf refuses `ikev1' in such a build. */
const struct ike_proto *
ike_proto_of(const struct tunnel *t)
{
	return (t->flags & TUN_IKEV1 ? NULL : &ike_v2);
}

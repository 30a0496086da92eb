/* SPDX-License-Identifier: ISC */

/* proto.c: the versions of IKE that this build speaks: both. */

#include "v1/v1.h"

const struct ike_proto *
ike_proto(uint8_t major)
{
	return (major == 2 ? &ike_v2 : major == 1 ? &ike_v1 : NULL);
}

const struct ike_proto *
ike_proto_of(const struct tunnel *t)
{
	return (t->flags & TUN_IKEV1 ? &ike_v1 : &ike_v2);
}

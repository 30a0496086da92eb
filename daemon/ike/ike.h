/* SPDX-License-Identifier: ISC */

/*
 * ike.h: s2sd-ike, the engine.  A role (common/role.h) without I/O: IKE
 * datagrams, answers of s2sd-keys and s2sd-sad, orders of s2sd-ctl and time
 * go in; datagrams, requests and events come out.
 */

#ifndef IKE_H
#define IKE_H

#include "role.h"

extern const struct role	role_ike;

#endif /* IKE_H */

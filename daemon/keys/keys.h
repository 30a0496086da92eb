/* SPDX-License-Identifier: ISC */

/*
 * keys.h: s2sd-keys, owner of the shared secrets, of every Diffie-Hellman
 * secret and of the key schedule.  What s2sd-ike may ask is in msg.h
 * (M_K_*); it gets what seals IKE messages, child keys go to s2sd-sad.
 */

#ifndef KEYS_H
#define KEYS_H

#include "role.h"

extern const struct role role_keys;

#endif /* KEYS_H */

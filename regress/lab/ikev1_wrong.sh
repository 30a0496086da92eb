#!/bin/sh
# SPDX-License-Identifier: ISC
# ikev1_wrong.sh: IKEv1 against strongSwan when something is wrong: either end
# rebooted, a dead peer, another secret, proposal, network or version of IKE, and
# what `s2sctl explain' says then.  See ikev1.sh.  TAP.
PARTS="reboot dead wrong"
. "$(dirname "$0")/ikev1.sh"

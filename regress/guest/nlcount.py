#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""nlcount.py FILE: how many netlink requests a capture of nlmon holds.

One line, `KIND N', for each family: xfrm, route, netfilter and the rest by
number; of xfrm also which.  A request is a message with NLM_F_REQUEST; answers and what the
kernel says by itself are not counted.
"""
import struct
import sys
from collections import Counter

FAMILY = {0: "route", 6: "xfrm", 12: "netfilter", 16: "generic"}
XFRM = {16: "newsa", 17: "delsa", 18: "getsa", 19: "newpolicy",
        20: "delpolicy", 21: "getpolicy", 22: "allocspi", 25: "updpolicy",
        26: "updsa", 28: "flushsa", 29: "flushpolicy", 33: "migrate"}
LINK_NETLINK = 253


def records(path):
    with open(path, "rb") as f:
        head = f.read(24)
        if len(head) < 24:
            return
        end = "<" if head[:4] == b"\xd4\xc3\xb2\xa1" else ">"
        if struct.unpack(end + "I", head[20:24])[0] & 0xffff != LINK_NETLINK:
            sys.exit("nlcount: not a capture of nlmon")
        while True:
            h = f.read(16)
            if len(h) < 16:
                return
            n = struct.unpack(end + "IIII", h)[2]
            data = f.read(n)
            if len(data) < n:
                return
            yield data


def main():
    count, which = Counter(), Counter()
    for p in records(sys.argv[1]):
        if len(p) < 16 + 16:
            continue
        family = struct.unpack("!H", p[14:16])[0]
        at = 16
        while at + 16 <= len(p):
            size, type_, flags = struct.unpack("=IHH", p[at:at + 8])
            if size < 16:
                break
            count[family] += flags & 1
            if family == 6 and flags & 1:
                which[XFRM.get(type_, type_)] += 1
            at += size + 3 & ~3
    print(" ".join("%s %d" % (FAMILY.get(k, k), n)
                   for k, n in sorted(count.items()) if n) or "none",
          "(%s)" % ", ".join("%s %d" % i for i in which.items())
          if which else "")


if __name__ == "__main__":
    main()

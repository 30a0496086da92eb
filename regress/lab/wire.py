#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""wire.py FILE [esp] [ADDRESS...]: what crossed the wire between the two
gateways, by kind.

Reads a pcap of tcpdump (Ethernet).  Allowed: IKE and ESP in UDP (ports 500
and 4500), NAT keep-alives, ICMP between the gateways, ARP, neighbour
discovery, multicast listener reports; with `esp' also ESP and AH without UDP.
An ADDRESS is that of a further gateway.  Everything else is named, with the
first packet of its kind, and the exit status is 1; so is a capture in which
the kernel dropped packets, or one with no packet at all.
"""
import ipaddress
import re
import struct
import sys
from collections import Counter

GATEWAYS = {"192.168.1.3", "192.168.1.4", "fd00:1::3", "fd00:1::4"}
GATEWAYS.update(a for a in sys.argv[2:] if a != "esp")
BARE = "esp" in sys.argv[2:]
INSIDE = [ipaddress.ip_network(n) for n in
          ("10.1.0.0/16", "fd00:3::/64", "fd00:4::/64")]


def packets(path):
    with open(path, "rb") as f:
        head = f.read(24)
        if len(head) < 24:
            return
        magic = struct.unpack("<I", head[:4])[0]
        end = "<" if magic in (0xa1b2c3d4, 0xa1b23c4d) else ">"
        if struct.unpack(end + "I", head[20:24])[0] != 1:
            sys.exit("wire: not an Ethernet capture")
        while True:
            h = f.read(16)
            if len(h) < 16:
                return
            sec, usec, n, _ = struct.unpack(end + "IIII", h)
            data = f.read(n)
            if len(data) == n:
                yield sec + usec / 1e6, data


def split(frame):
    """(source, destination, protocol, payload, fragment) or None if no IP."""
    kind, p = struct.unpack("!H", frame[12:14])[0], frame[14:]
    if kind == 0x0800 and len(p) >= 20:
        src, dst = (str(ipaddress.ip_address(p[i:i + 4])) for i in (12, 16))
        return (src, dst, p[9], p[(p[0] & 15) * 4:],
                struct.unpack("!H", p[6:8])[0] & 0x1fff)
    if kind == 0x86dd and len(p) >= 40:
        src, dst = (str(ipaddress.ip_address(p[i:i + 16])) for i in (8, 24))
        proto, body, frag = p[6], p[40:], 0
        while proto in (0, 43, 44, 60) and len(body) >= 8:
            if proto == 44:
                frag = struct.unpack("!H", body[2:4])[0] >> 3
                proto, body = body[0], body[8:]
            else:
                proto, body = body[0], body[(body[1] + 1) * 8:]
        return src, dst, proto, body, frag
    return None


def inside(a):
    return any(ipaddress.ip_address(a) in n for n in INSIDE)


def kind_udp(src, dst, body):
    sport, dport = struct.unpack("!HH", body[:4])
    data = body[8:]
    if dport == 500 or (sport == 500 and dport != 4500):
        return "IKE"
    if 4500 not in (sport, dport):
        return "UDP %d to %d of %s" % (sport, dport, src)
    if data == b"\xff":
        return "keep-alive"
    if data[:4] == b"\0\0\0\0":
        return "IKE"
    return "ESP in UDP"


def kind(frame):
    """(name, allowed)"""
    ether = struct.unpack("!H", frame[12:14])[0]
    if ether == 0x0806:
        return "ARP", True
    ip = split(frame)
    if ip is None:
        return "Ethernet type %04x" % ether, False
    src, dst, proto, body, frag = ip
    if inside(src) or inside(dst):
        return "IN THE CLEAR: %s to %s" % (src, dst), False
    if proto == 58 and body and 130 <= body[0] <= 143:
        return "neighbour discovery", True
    if src not in GATEWAYS or dst not in GATEWAYS:
        return "other: %s to %s protocol %d" % (src, dst, proto), False
    if proto in (1, 58):
        return "ICMP between the gateways", True
    if frag:
        return "fragment between the gateways", True
    if proto in (50, 51):
        return "ESP" if proto == 50 else "AH", BARE
    if proto == 17 and len(body) >= 8:
        k = kind_udp(src, dst, body)
        return k, k in ("IKE", "ESP in UDP", "keep-alive")
    return "protocol %d between the gateways" % proto, False


def lost(path):
    try:
        m = re.search(r"(\d+) packets? dropped by kernel",
                      open(path + ".err").read())
    except OSError:
        return 0
    return int(m.group(1)) if m else 0


def main():
    path = sys.argv[1]
    count, bad, first = Counter(), set(), {}
    for when, frame in packets(path):
        if len(frame) < 14:
            continue
        k, good = kind(frame)
        count[k] += 1
        first.setdefault(k, when)
        if not good:
            bad.add(k)
    for k, n in count.most_common():
        print("%8d  %s%s" % (n, k, "   <-- NOT ALLOWED, first at %.3f"
                             % first[k] if k in bad else ""))
    if not count:
        print("the capture is empty")
    if lost(path):
        print("the kernel dropped %d packets of the capture" % lost(path))
    sys.exit(1 if bad or not count or lost(path) else 0)


if __name__ == "__main__":
    main()

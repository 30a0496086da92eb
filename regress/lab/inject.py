#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""inject.py DEVICE SOURCE DESTINATION PORT MAC [COUNT]

Puts UDP packets on a cable as they are, past the routes and the firewall of
this host: what somebody on the WAN can do.
"""
import ipaddress
import socket
import struct
import sys


def csum(d):
    if len(d) % 2:
        d += b"\0"
    s = sum(struct.unpack("!%dH" % (len(d) // 2), d))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def packet(src, dst, port):
    s, d = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    data = b"in the clear"
    n = 8 + len(data)
    pseudo = s.packed + d.packed
    pseudo += struct.pack("!BBH", 0, 17, n) if s.version == 4 else \
        struct.pack("!IHBB", n, 0, 0, 17)
    udp = struct.pack("!HHHH", port, port, n, 0) + data
    udp = struct.pack("!HHHH", port, port, n, csum(pseudo + udp)) + data
    if s.version == 6:
        return 0x86dd, struct.pack("!IHBB", 0x60000000, n, 17, 64) + \
            s.packed + d.packed + udp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + n, 7, 0, 64, 17, 0)
    head += s.packed + d.packed
    return 0x0800, head[:10] + struct.pack("!H", csum(head)) + head[12:] + udp


def main():
    dev, src, dst, port, mac = sys.argv[1:6]
    count = int(sys.argv[6]) if len(sys.argv) > 6 else 3
    ether, p = packet(src, dst, int(port))
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((dev, 0))
    me = s.getsockname()[4]
    frame = bytes.fromhex(mac.replace(":", "")) + me + struct.pack("!H", ether)
    for _ in range(count):
        s.send(frame + p)


if __name__ == "__main__":
    main()

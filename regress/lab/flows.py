#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""flows.py: who can reach whom, and as whom.

  flows.py serve ADDRESS...         answer UDP and TCP on the ports below with
                                    the address that was seen
  flows.py ask SECONDS SOURCE,DESTINATION[,SEEN]...   one new flow of each
                                    kind; a line for each that did not come
                                    back, or was seen as another source than
                                    SEEN, which is SOURCE if left out
"""
import os
import selectors
import socket
import struct
import sys
import time

PORTS = (9, 7777)


def fam(a):
    return socket.AF_INET6 if ":" in a else socket.AF_INET


def serve(addrs):
    sel = selectors.DefaultSelector()
    for a in addrs:
        for p in PORTS:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                s = socket.socket(fam(a), kind)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((a, p))
                if kind == socket.SOCK_STREAM:
                    s.listen(16)
                sel.register(s, selectors.EVENT_READ, kind)
    print("ready", flush=True)
    while True:
        for key, _ in sel.select():
            s = key.fileobj
            if key.data == socket.SOCK_DGRAM:
                _, who = s.recvfrom(2048)
                try:
                    s.sendto(who[0].encode(), who)
                except OSError:
                    pass        # a rule of ours forbids it
            else:
                c, who = s.accept()
                try:
                    c.send(who[0].encode())
                except OSError:
                    pass
                c.close()


def icmp(src, dst, ident):
    six = ":" in dst
    s = socket.socket(fam(dst), socket.SOCK_RAW,
                      socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
    s.bind((src, 0))
    s.setblocking(False)
    b = struct.pack("!BBHHH", 128 if six else 8, 0, 0, ident, 1) + b"flows"
    if not six:
        c = sum(struct.unpack("!%dH" % (len(b + b"\0") // 2), b + b"\0"))
        c = (c >> 16) + (c & 65535)
        b = b[:2] + struct.pack("!H", ~(c + (c >> 16)) & 65535) + b[4:]
    s.sendto(b, (dst, 0))
    return s


def start(src, dst, kind, port, ident):
    if kind == "icmp":
        return icmp(src, dst, ident)
    s = socket.socket(fam(dst), socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    s.bind((src, 0))
    s.setblocking(False)
    if kind == "udp":
        s.sendto(b"?", (dst, port))
    else:
        s.connect_ex((dst, port))
    return s


def answer(s, kind, src, dst, ident):
    """None: not yet; else what was seen."""
    b, who = s.recvfrom(2048) if kind != "tcp" else (s.recv(2048), (dst,))
    if kind != "icmp":
        return b.decode() or "nothing"
    if who[0] != dst:
        return None
    b = b if ":" in dst else b[20:]
    return src if len(b) > 6 and b[0] in (0, 129) and b[4:6] == struct.pack("!H", ident) else None


def ask(limit, flows):
    sel = selectors.DefaultSelector()
    left, ident = {}, os.getpid() & 0xffff
    for f in flows:
        src, dst, *want = f.split(",")
        want = want[0] if want else src
        for kind, ports in (("udp", PORTS), ("tcp", PORTS), ("icmp", (0,))):
            for p in ports:
                name = f"{kind} {src} -> {dst}" + (f" port {p}" if p else "")
                try:
                    s = start(src, dst, kind, p, ident)
                except OSError as e:
                    print(f"{name}: {e.strerror}")
                    continue
                left[s] = (name, kind, src, dst, want)
                sel.register(s, selectors.EVENT_READ)
    end = time.monotonic() + limit
    while left and time.monotonic() < end:
        for key, _ in sel.select(end - time.monotonic()):
            s = key.fileobj
            name, kind, src, dst, want = left[s]
            try:
                seen = answer(s, kind, src, dst, ident)
            except OSError as e:
                seen = e.strerror
            if seen is None:
                continue
            if seen != (src if kind == "icmp" else want):
                print(f"{name}: {seen}")
            sel.unregister(s)
            del left[s]
    for name, *_ in left.values():
        print(f"{name}: no answer")


if sys.argv[1] == "serve":
    serve(sys.argv[2:])
ask(float(sys.argv[2]), sys.argv[3:])

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""stream.py: new flows without an end, while somebody disturbs the gateways.

  stream.py SOURCE,DESTINATION...   until SIGTERM, every 4 ms one UDP packet
                                    from a port that was not used before to
                                    port 9 (flows.py answers there); then one
                                    line: sent answered

A flow that is there already keeps the translation that it has, whatever
becomes of the rules: what a flush does only new ones show.
"""
import select
import signal
import socket
import sys
import time


def main():
    ways = [a.split(",") for a in sys.argv[1:]]
    end = []
    signal.signal(signal.SIGTERM, lambda *_: end.append(1))
    sent = got = 0
    open_ = []
    port = 20000
    print("ready", flush=True)
    while not end:
        src, dst = ways[sent % len(ways)]
        fam = socket.AF_INET6 if ":" in dst else socket.AF_INET
        s = socket.socket(fam, socket.SOCK_DGRAM)
        s.setblocking(False)
        sent += 1
        port = port + 1 if port < 60000 else 20000
        try:
            s.bind((src, port))
            s.sendto(b"x", (dst, 9))
        except OSError:
            pass                # refused here: lost
        open_.append(s)
        got += drain(open_)
        while len(open_) > 250:
            open_.pop(0).close()
        time.sleep(0.004)
    time.sleep(0.5)
    got += drain(open_)
    print(sent, got, flush=True)


def drain(socks):
    n = 0
    for s in select.select(socks, [], [], 0)[0]:
        try:
            s.recv(2048)
            n += 1
        except OSError:
            pass                # an ICMP error: not answered
        s.close()
        socks.remove(s)
    return n


main()

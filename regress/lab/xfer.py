#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""xfer.py: copy a file over TCP, and say who came.

  xfer.py serve ADDRESS PORT FILE   take one connection, write FILE, print
                                    "from ADDRESS, N octets, SHA-256 ..."
  xfer.py send ADDRESS PORT FILE    send FILE; succeeds if the other end
                                    answers with the same SHA-256
Both give up after XFER_LIMIT (30) seconds without progress.
"""
import hashlib
import os
import socket
import sys

LIMIT = int(os.environ.get("XFER_LIMIT", "30"))


def family(a):
    return socket.AF_INET6 if ":" in a else socket.AF_INET


def serve(addr, port, path):
    s = socket.socket(family(addr), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    s.listen(1)
    s.settimeout(LIMIT)
    c, who = s.accept()
    c.settimeout(LIMIT)
    total, digest = 0, hashlib.sha256()
    with open(path, "wb") as f:
        while True:
            d = c.recv(65536)
            if not d:
                break
            f.write(d)
            digest.update(d)
            total += len(d)
    c.sendall(digest.hexdigest().encode())
    c.close()
    print("from %s, %d octets, SHA-256 %s" % (who[0], total,
                                              digest.hexdigest()))


def send(addr, port, path):
    s = socket.create_connection((addr, port), LIMIT)
    s.settimeout(LIMIT)
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        for d in iter(lambda: f.read(65536), b""):
            digest.update(d)
            s.sendall(d)
    s.shutdown(socket.SHUT_WR)
    answer = b""
    while True:
        d = s.recv(128)
        if not d:
            break
        answer += d
    if answer.decode() != digest.hexdigest():
        sys.exit("xfer: the other end received something else")


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[1] not in ("serve", "send"):
        sys.exit(__doc__)
    {"serve": serve, "send": send}[sys.argv[1]](
        sys.argv[2], int(sys.argv[3]), sys.argv[4])

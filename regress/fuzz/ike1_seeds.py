#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""ike1_seeds.py: write the seeds of the fuzz_ike1_* targets.

usage: ike1_seeds.py corpus-folder      (regress/fuzz/corpus)
"""
import os
import struct
import sys

SA, KE, ID, HASH, NONCE, N, D, V = 1, 4, 5, 8, 10, 11, 12, 13


def chain(items):
    out = b""
    for i, (_, body) in enumerate(items):
        nxt = items[i + 1][0] if i + 1 < len(items) else 0
        out += struct.pack(">BBH", nxt, 0, 4 + len(body)) + body
    return out


def tv(typ, value):
    return struct.pack(">HH", 0x8000 | typ, value)


def sa(proto, spi, *trans):
    body = b""
    for i, (ident, attrs) in enumerate(trans):
        body += struct.pack(">BBHBBH", 0 if i + 1 == len(trans) else 3, 0,
                            8 + len(attrs), i + 1, ident, 0) + attrs
    prop = struct.pack(">BBHBBBB", 0, 0, 8 + len(spi) + len(body), 1, proto,
                       len(spi), len(trans)) + spi + body
    return struct.pack(">II", 1, 1) + prop


def p1(encr=7, bits=256, hsh=4, group=19, auth=1):
    return (1, tv(1, encr) + tv(14, bits) + tv(2, hsh) + tv(4, group) +
            tv(3, auth) + tv(11, 1) + struct.pack(">HHI", 12, 4, 28800))


def p2(group=0, mode=1):
    return (12, tv(1, 1) + tv(2, 1200) + tv(4, mode) +
            (tv(3, group) if group else b"") + tv(5, 5) + tv(6, 256))


IKE = sa(1, b"", p1(), p1(bits=128), p1(hsh=2, group=31))
ESP = sa(3, b"\1\2\3\4", p2())
PFS = sa(3, b"\1\2\3\4", p2(19), p2())
NI = b"0123456789abcdef"
MINE = b"\4\0\0\0\12\2\0\0\377\377\0\0"
VIDS = [(V, bytes.fromhex("4a131c81070358455c5728f20e95452f")),
        (V, bytes.fromhex("90cb80913ebb696e086381b5ec427b1f")),
        (V, bytes.fromhex("afcad71368a1f1c96b8696fc77570100")),
        (V, bytes.fromhex("4048b7d56ebce88525e7de7f00d6c2d3")), (V, b"name")]


def net(third, mine):
    """One of the three pairs, as the peer writes it: a range."""
    base = b"\12\1" if mine else b"\12\2"
    return b"\7\0\0\0" + base + bytes([third, 0]) + base + b"\377\377"


def msg(exch, items, flags=0, mid=0, ci=b"COOKIE-I", cr=bytes(8), np=None):
    body = chain(items)
    first = np if np is not None else (items[0][0] if items else 0)
    return ci + cr + struct.pack(">BBBBII", first, 0x10, exch, flags, mid,
                                 28 + len(body)) + body


def rec(op, data):
    return struct.pack(">BH", op, len(data)) + data


def inner(op, items):
    return struct.pack(">BBH", op, items[0][0] if items else 0,
                       len(chain(items))) + chain(items)


def notify(typ, data=b"", proto=1, spi=b""):
    return struct.pack(">IBBH", 1, proto, len(spi), typ) + spi + data


def frag(ident, num, last, data):
    return [(132, struct.pack(">HBB", ident, num, last) + data)]


DATAGRAM = {
    "mm1": b"\0" + rec(0, msg(2, [(SA, IKE)] + VIDS)),
    "mm1-twice": b"\0" + rec(0, msg(2, [(SA, IKE)])) * 2,
    "mm1-stranger": b"\0" + rec(1, msg(2, [(SA, IKE)])),
    "mm1-v2-peer": b"\0" + rec(2, msg(2, [(SA, IKE)])),
    "mm1-rsa": b"\0" + rec(0, msg(2, [(SA, sa(1, b"", p1(auth=4)))])),
    "aggressive": b"\0" + rec(0, msg(4, [(SA, IKE), (KE, bytes(64)),
                                        (NONCE, NI), (ID, b"\2\0\0\0c")])),
    "mm2": b"\1" + rec(24, msg(2, [(SA, sa(1, b"", p1()))] + VIDS)),
    "mm3": b"\2" + rec(8, msg(2, [(KE, b"\7" * 64), (NONCE, NI),
                                  (20, bytes(32)), (20, bytes(32))])),
    "mm4": b"\3" + rec(24, msg(2, [(KE, b"\7" * 64), (NONCE, NI),
                                   (130, bytes(32)), (20, bytes(32))])),
    "mm5-clear": b"\4" + rec(8, msg(2, [(ID, b"\2\0\0\0c"),
                                        (HASH, bytes(32))])),
    "mm5-noise": b"\4" + rec(8, msg(2, [(ID, bytes(60))], 1)),
    "notify": b"\1" + rec(24, msg(5, [(N, notify(14))])),
    "notify5": b"\5" + rec(24, msg(5, [(N, notify(24))])),
    "frags": b"\4" + rec(8, msg(2, frag(1, 1, 0, msg(2, [(ID, bytes(28))], 1)
                                        [:30]))) +
    rec(8, msg(2, frag(1, 2, 1, msg(2, [(ID, bytes(28))], 1)[30:]))),
    "frag-bad": b"\4" + rec(8, msg(2, frag(1, 0, 0, b"x"))) +
    rec(8, msg(2, frag(1, 255, 0, b"x"))) +
    rec(8, msg(2, frag(1, 2, 1, b"x"))) + rec(8, msg(2, frag(1, 1, 1, b"y"))),
    "quick-noise": b"\6" + rec(8, msg(32, [(HASH, bytes(60))], 1, 77)),
    "v2": b"\0" + rec(0, b"COOKIE-I" + bytes(8) +
                      struct.pack(">BBBBII", 33, 0x20, 34, 8, 0, 28)),
}
Q1 = [(SA, ESP), (NONCE, NI), (ID, net(0, False)), (ID, net(0, True))]
INNER = {
    "mm5": b"\4" + inner(4, [(ID, b"\2\0\0\0c"), (HASH, bytes(32)),
                             (N, notify(24578, b"", 1, bytes(16)))]),
    "mm6": b"\5" + inner(4, [(ID, b"\2\0\0\0c"), (HASH, bytes(32))]),
    "qm": b"\6" + inner(1, Q1) + inner(3, []),
    "qm-twice": b"\6" + (inner(1, Q1) + inner(3, [])) * 2,
    "qm-pfs": b"\6" + inner(1, [(SA, PFS), (NONCE, NI), (KE, bytes(64)),
                                (ID, net(1, False)), (ID, net(1, True))]),
    "qm-two-sa": b"\6" + inner(1, [(SA, ESP)] + Q1),
    "qm-no-hash": b"\6" + inner(5, Q1),
    "qm-ids": b"\6" + inner(1, [(SA, ESP), (NONCE, NI), (ID, MINE),
                                (ID, MINE)]),
    "qm2": b"\7" + inner(3, [(SA, sa(3, b"\1\2\3\4", p2(19))), (NONCE, NI),
                             (KE, bytes(64)), (ID, net(0, True)),
                             (ID, net(0, False)),
                             (N, notify(24576, tv(1, 1) + tv(2, 300), 3,
                                        b"\1\2\3\4"))]),
    "refused": b"\7" + inner(2, [(N, notify(14, b"", 3, b""))]),
    "rekey": b"\6" + inner(1, Q1) + inner(3, []) + inner(11, Q1),
    "delete": b"\6" + inner(1, Q1) + inner(3, []) +
    inner(2, [(D, struct.pack(">IBBH", 1, 3, 4, 1) + b"\1\2\3\4")]),
    "delete-many": b"\6" + inner(2, [(D, struct.pack(">IBBH", 1, 3, 4, 65535)
                                      + bytes(8))]),
    "dpd": b"\6" + inner(2, [(N, notify(36136, b"\0\0\0\1", 1, bytes(16)))]),
    "lifetime": b"\6" + inner(2, [(N, notify(24576, tv(11, 1) + tv(12, 60),
                                             1, bytes(16)))]),
}
SESSION = {
    "join-i": b"\7\x8a\x8b\x00\x30",
    "join-r": b"\x16\x08\x0a\x18\x0a\x28\x0a\x30",
    "rekeys": b"\x16\x08\x0a\x03\x0a\x13\x16\x08\x0a\x30\x20",
    "cross": b"\x16\x08\x0a\x03\x08\x0a\x8a\x0a\x30\x20",
    "deaths": b"\x16\x08\x0a\x04\x00\x14\x10\x05\x16\x08\x0a\x30",
    "contact": b"\x16\x08\x0a\x16\x0e\x08\x0a\x30\x30",
    "deletes": b"\x16\x08\x0a\x1c\x08\x0a\x0c\x20\x01\x02\x30",
    "down-up": b"\x16\x08\x0a\x02\x20\x01\x8a\x8a\x30",
}


def main():
    for name, seeds in (("ike1_datagram", DATAGRAM), ("ike1_inner", INNER),
                        ("ike1_session", SESSION)):
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        for seed, data in seeds.items():
            with open(os.path.join(folder, seed), "wb") as f:
                f.write(data)


main()

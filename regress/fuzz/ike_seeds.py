#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""ike_seeds.py: write the seeds of the fuzz_ike_* targets.

usage: ike_seeds.py corpus-folder      (regress/fuzz/corpus)
"""
import os
import struct
import sys

SA, KE, IDI, IDR, CERT, CREQ, AUTH, NONCE, N, D, V, TSI, TSR = range(33, 46)


def gen(nxt, body):
    return struct.pack(">BBH", nxt, 0, 4 + len(body)) + body


def chain(items):
    out = b""
    for i, (_, body) in enumerate(items):
        nxt = items[i + 1][0] if i + 1 < len(items) else 0
        out += gen(nxt, body)
    return out


def tr(last, typ, ident, bits=0):
    attr = struct.pack(">HH", 0x800e, bits) if bits else b""
    return struct.pack(">BBHBBH", 0 if last else 3, 0, 8 + len(attr), typ, 0,
                       ident) + attr


def prop(num, proto, spi, trs, last=True):
    body = b"".join(tr(i == len(trs) - 1, *t) for i, t in enumerate(trs))
    return struct.pack(">BBHBBBB", 0 if last else 2, 0,
                       8 + len(spi) + len(body), num, proto, len(spi),
                       len(trs)) + spi + body


IKE_SA = prop(1, 1, b"", [(1, 20, 256), (2, 5), (4, 31)])
CBC_SA = prop(1, 1, b"", [(1, 12, 128), (2, 5), (3, 12), (4, 19)])
REKEY_SA = prop(1, 1, b"NEWSPI!!", [(1, 20, 256), (2, 5), (4, 31)])
ESP = prop(1, 3, b"\x11\x22\x33\x44", [(1, 20, 256), (5, 1)])
ESP_PFS = prop(1, 3, b"\x11\x22\x33\x55", [(1, 20, 256), (4, 31), (5, 1)])
TWO = prop(1, 3, b"\1\2\3\4", [(1, 20, 256), (5, 0)], False) + \
    prop(2, 3, b"\1\2\3\4", [(1, 12, 128), (3, 12), (5, 0)])
KE31 = struct.pack(">HH", 31, 0) + bytes(range(32))
KE19 = struct.pack(">HH", 19, 0) + bytes(64)
NI = b"0123456789abcdef" * 2


def notify(typ, data=b"", proto=0, spi=b""):
    return struct.pack(">BBH", proto, len(spi), typ) + spi + data


def sel(lo, hi, p0=0, p1=65535, proto=0):
    return struct.pack(">BBHHH", 7 if len(lo) == 4 else 8, proto,
                       8 + 2 * len(lo), p0, p1) + lo + hi


def ts(*sels):
    return struct.pack(">BBH", len(sels), 0, 0) + b"".join(sels)


L = ts(sel(b"\x0a\2\0\0", b"\x0a\2\xff\xff"))
R = ts(sel(b"\x0a\1\0\0", b"\x0a\1\xff\xff"))
R6 = ts(sel(b"\x0a\1\0\0", b"\x0a\1\xff\xff", 80, 80, 6),
        sel(b"\x20\1" + bytes(14), b"\x20\1" + b"\xff" * 14))
ID_B, ID_C = b"\2\0\0\0b", b"\2\0\0\0c"
PSK = b"\2\0\0\0" + bytes(32)


def msg(items, exch, flags, mid, spi_i=b"INITIATE", spi_r=bytes(8)):
    body = chain(items)
    return spi_i + spi_r + struct.pack(
        ">BBBBII", items[0][0] if items else 0, 0x20, exch, flags, mid,
        28 + len(body)) + body


def rec(op, d):
    return struct.pack(">BH", op, len(d)) + d


def inner(op, items):
    d = chain(items)
    return struct.pack(">BBH", op, items[0][0] if items else 0, len(d)) + d


INIT = [(SA, IKE_SA), (KE, KE31), (NONCE, NI), (N, notify(16388, bytes(20))),
        (N, notify(16389, bytes(20)))]
A_REQ = [(IDI, ID_B), (N, notify(16384)), (AUTH, PSK), (SA, ESP), (TSI, L),
         (TSR, R)]
A_RSP = [(IDR, ID_B), (AUTH, PSK), (SA, ESP), (TSI, R), (TSR, L)]
C_REQ = [(SA, ESP_PFS), (NONCE, NI), (KE, KE31), (TSI, L), (TSR, R)]
C_REK = [(N, notify(16393, b"", 3, b"\x12\x34\x56\x78"))] + C_REQ
C_RSP = [(SA, ESP_PFS), (NONCE, NI), (KE, KE31), (TSI, R), (TSR, L)]
R_REQ = [(SA, REKEY_SA), (NONCE, NI), (KE, KE31)]

DATAGRAM = {
    "init": b"\0" + rec(0, msg(INIT, 34, 8, 0)),
    "init-twice": b"\0" + rec(0, msg(INIT, 34, 8, 0)) * 2,
    "init-cbc": b"\0" + rec(1 | 2, msg([(SA, CBC_SA), (KE, KE19),
                                        (NONCE, NI)], 34, 8, 0)),
    "init-group": b"\0" + rec(0, msg([(SA, IKE_SA), (KE, KE19),
                                      (NONCE, NI)], 34, 8, 0)),
    "init-refused": b"\0" + rec(64, msg(INIT, 34, 8, 0)),
    "answer": b"\1" + rec(8 | 16, msg(INIT, 34, 0x20, 0)),
    "cookie": b"\1" + rec(8 | 16, msg([(N, notify(16390, NI))], 34, 0x20,
                                      0)),
    "ke": b"\1" + rec(8 | 16, msg([(N, notify(17, b"\0\x13"))], 34, 0x20, 0)),
    "no": b"\1" + rec(8 | 16, msg([(N, notify(14))], 34, 0x20, 0)),
    "second": b"\3" + rec(8 | 16, msg(INIT, 34, 0x20, 0)) + rec(32, b"") * 6,
    "sk": b"\4" + rec(8 | 4, msg([(46, bytes(60))], 35, 8, 1)),
    "sk-up": b"\x0c" + rec(8, msg([(46, bytes(60))], 37, 8, 2)),
    "v3": b"\0" + rec(1, msg(INIT, 34, 8, 0).replace(b"\x21\x20", b"\x21\x30",
                                                     1)),
}
INNER = {
    "auth": b"\0" + inner(1, A_REQ),
    "auth-no-child": b"\0" + inner(1, [(IDI, ID_B), (AUTH, PSK)]),
    "auth-c": b"\0" + inner(1, [(IDI, ID_C), (IDR, b"\2\0\0\0a"),
                                (AUTH, PSK), (SA, TWO), (TSI, L),
                                (TSR, R6)]),
    "auth-bad": b"\0" + inner(1 | 32, A_REQ),
    "auth-rsp": b"\1" + inner(1 | 4, A_RSP),
    "auth-rsp-no": b"\1" + inner(1 | 4, [(N, notify(24))]),
    "auth-rsp-ts": b"\1" + inner(1 | 4, [(IDR, ID_B), (AUTH, PSK),
                                         (N, notify(38))]),
    "child": b"\2" + inner(2, C_REQ),
    "rekey": b"\2" + inner(2, C_REK) + inner(3, [(D, b"\3\4\0\1\x12\x34\x56\x78")]),
    "child-rsp": b"\2" + inner(2 | 4 | 8, C_RSP),
    "child-rsp-no": b"\2" + inner(2 | 4 | 8, [(N, notify(43))]),
    "child-rsp-ke": b"\2" + inner(2 | 4 | 8, [(N, notify(17, b"\0\x13"))]),
    "ike": b"\2" + inner(2, R_REQ) + inner(3, [(D, b"\1\0\0\0")]),
    "info": b"\2" + inner(3, []) + inner(3, [(N, notify(16384))]),
    "delete": b"\2" + inner(3, [(D, b"\3\4\0\1\x12\x34\x56\x78")]),
    "delete-ike": b"\2" + inner(3, [(D, b"\1\0\0\0")]),
    "critical": b"\2\3\xc8\0\5\0\x80\0\5x",
}
PAYLOAD = {
    "sa": bytes([SA]) + IKE_SA, "sa2": bytes([SA]) + TWO,
    "ke": bytes([KE]) + KE31, "id": bytes([IDI]) + ID_B,
    "auth": bytes([AUTH]) + PSK, "nonce": bytes([NONCE]) + NI,
    "notify": bytes([N]) + notify(16393, b"", 3, b"\1\2\3\4"),
    "delete": bytes([D]) + b"\3\4\0\1\1\2\3\4", "ts": bytes([TSI]) + R6,
    "chain": b"\0" + msg(INIT, 34, 8, 0),
}


def main():
    for name, seeds in (("ike_datagram", DATAGRAM), ("ike_inner", INNER),
                        ("ike_payload", PAYLOAD)):
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        for seed, data in seeds.items():
            with open(os.path.join(folder, seed), "wb") as f:
                f.write(data)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""pfctl.py: a stand-in that parses what pf.conf(5) of two systems allows, as
far as an anchor may hold it.

  pfctl.py new|old FILE...      the dialect of OpenBSD, or the one with a
                                translation section; exit 1 and the line if
                                one is not allowed
"""
import ipaddress
import re
import sys

ORDER = {"scrub": 1, "nat": 2, "rule": 3}     # old: sections in this order


class Bad(Exception):
    pass


class Line:
    def __init__(self, text):
        self.t = re.findall(r"[{}(),!]|\"[^\"]*\"|[^\s{}(),!]+", text)

    def peek(self):
        return self.t[0] if self.t else None

    def opt(self, *words):
        if self.t and self.t[0] in words:
            return self.t.pop(0)
        return None

    def must(self, *words):
        w = self.opt(*words)
        if w is None:
            raise Bad(f"{'/'.join(words)} expected, not {self.peek()}")
        return w

    def word(self, what):
        if not self.t:
            raise Bad(f"{what} expected")
        return self.t.pop(0)


def interface(x):
    if x.opt("on"):
        x.opt("!")
        if not re.fullmatch(r"(tun|enc)\d+", x.word("interface")):
            raise Bad("interface")


def address(x, fam):
    a = x.word("address")
    net = ipaddress.ip_network(a)               # no host bits
    if fam and net.version != (4 if fam == "inet" else 6):
        raise Bad(f"{a} is not {fam}")
    if x.opt("-"):
        hi = ipaddress.ip_address(x.word("address"))
        if hi < ipaddress.ip_address(a):
            raise Bad("empty range")


def port(x):
    if x.opt("port"):
        if x.opt("{"):
            while not x.opt("}"):
                int(x.word("port"))
                x.opt(",")
        else:
            int(x.word("port"))


def hosts(x, fam, proto):
    x.must("from")
    address(x, fam)
    if x.peek() == "port" and proto not in ("tcp", "udp"):
        raise Bad("port without tcp or udp")
    port(x)
    x.must("to")
    address(x, fam)
    port(x)


def head(x):
    interface(x)
    fam = x.opt("inet", "inet6")
    proto = None
    if x.opt("proto"):
        proto = x.must("tcp", "udp", "esp", "ah")
    hosts(x, fam, proto)
    return proto


def bitmask(x, fam):
    """A network that stands for another: one pool, host bits kept."""
    a = ipaddress.ip_network(x.word("address"))
    if fam and a.version != (4 if fam == "inet" else 6):
        raise Bad(f"{a} is not {fam}")
    x.must("bitmask")


def rule(x, dialect):
    act = x.word("action")
    if act in ("nat", "rdr") and dialect == "old":
        fam = next((w for w in x.t if w in ("inet", "inet6")), None)
        if x.peek() != "on":
            raise Bad("nat without an interface")
        head(x)
        x.must("->")
        bitmask(x, fam)
        if act == "nat":
            x.opt("static-port")
        return "nat"
    if act == "scrub" and dialect == "old":
        x.opt("in", "out")
        head(x)
        x.must("max-mss")
        int(x.word("number"))
        return "scrub"
    if act == "no" and dialect == "old":
        x.must("nat", "rdr", "binat")
        head(x)
        return "nat"
    if act not in ("pass", "block") and not (act == "match" and dialect == "new"):
        raise Bad(f"{act} is no rule of this dialect")
    if act == "block":
        x.opt("drop", "return")
    way = x.opt("in", "out")
    x.opt("quick")
    fam = next((w for w in x.t if w in ("inet", "inet6")), None)
    proto = head(x)
    if act == "match" and x.peek() in ("nat-to", "rdr-to"):
        if (way == "out") != (x.word("translation") == "nat-to"):
            raise Bad("nat-to goes out, rdr-to comes in")
        bitmask(x, fam)
        if way == "out":
            x.opt("static-port")
        return "rule"
    if dialect == "new" and x.opt("scrub"):
        if proto != "tcp":
            raise Bad("max-mss without proto tcp")
        x.must("(")
        x.must("max-mss")
        int(x.word("number"))
        x.must(")")
    return "rule"


def check(dialect, path):
    at = 0
    for n, text in enumerate(open(path), 1):
        x = Line(text)
        try:
            kind = ORDER[rule(x, dialect)]
            if x.t:
                raise Bad(f"{' '.join(x.t)} is too much")
            if kind < at:
                raise Bad("order: options, normalisation, translation, filter")
            at = kind
        except (Bad, ValueError) as e:
            print(f"{path}:{n}: {e}: {text.strip()}")
            return 1
    return 0


sys.exit(max(check(sys.argv[1], f) for f in sys.argv[2:]))

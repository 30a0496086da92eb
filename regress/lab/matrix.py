#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""matrix.py: does verify say what really happens?  One ruleset after the
other is made on gateway A; real flows tell the truth, verify is asked, and
both are compared.

  matrix.py PREFIX S2SCTL SOCKET CONF with|without RULESETS [PLANE]
prints for each ruleset: ok|bad|skip TAB name TAB what was found.  RULESETS in
the environment is a regular expression: only those whose names it matches.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

PREFIX, S2SCTL, SOCK, CONF, MODE, FILE = sys.argv[1:7]
PLANE = (sys.argv[7:] or ["userland"])[0]
ONLY = os.environ.get("RULESETS", "")
HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = os.environ.get("FLOWS_LIMIT", "0.8")
HEAD = """S=10.1.3.0/24 R=10.1.4.0/24 S6=fd00:3::/64 R6=fd00:4::/64
L() { iptables-legacy "$@"; }; M() { iptables-nft "$@"; }
L6() { ip6tables-legacy "$@"; }; M6() { ip6tables-nft "$@"; }
set -e
"""


def ns(n, *cmd, stdin=None):
    return subprocess.run(["ip", "netns", "exec", f"{PREFIX}-{n}", *cmd], input=stdin, text=True,
                          capture_output=True, check=False)


def sh(text):
    return ns("ga", "sh", stdin=text)


def clean():
    """Everything an admin may have made goes; ours stays."""
    sh("""for t in $(nft list tables | grep -v ' s2sd' | sed 's/^table //; s/ /,/'); do
	nft delete table ${t%,*} ${t#*,}; done
for v in iptables ip6tables; do
	f=/proc/net/$(echo $v | sed 's/tables//')_tables_names
	for t in $(cat $f); do $v-legacy -t $t -F; $v-legacy -t $t -X; done
	if grep -q filter $f; then for c in INPUT FORWARD OUTPUT; do $v-legacy -P $c ACCEPT; done; fi
done
ip rule del pref 10; ip route flush table 77
sysctl -qw net.ipv4.ip_forward=1
conntrack -F || true
""")


def flows(n, *pairs):
    r = ns(n, "python3", f"{HERE}/flows.py", "ask", LIMIT, *pairs)
    return [x for x in (r.stdout + r.stderr).split("\n") if x]


def truth():
    with concurrent.futures.ThreadPoolExecutor() as x:
        return sum(x.map(lambda a: flows(*a), (
            ("pa", "10.1.3.2,10.1.4.2", "10.1.3.200,10.1.4.2", "fd00:3::2,fd00:4::2"),
            ("pb", "10.1.4.2,10.1.3.2", "fd00:4::2,fd00:3::2"),
            ("ga", "10.1.3.1,10.1.4.2", "fd00:3::1,fd00:4::2"))), [])


def verify():
    r = ns("ga", S2SCTL, "-s", SOCK, "verify", "-j", "-f", CONF)
    d = json.loads(r.stdout)
    return [c["text"] for c in d["checks"]
            if c["result"] in ("fail", "warn") and c["id"] in ("nat-out", "nat-in", "nat-own", "ike-in", "ike-out")]


def judge(want, broken, found):
    if want == "any":
        return "ok"
    if want == "ok":
        return "ok" if not broken and not found else "bad"
    # what stops IKE alone lets the flows of a tunnel that is up pass
    return "ok" if found and any(want in x for x in found) else "bad"


def rulesets():
    name, body = None, []
    for line in open(FILE):
        m = re.match(r"@ (.*?) ; (\S+) ; (\S+)(?: ; xfrm (\S+) ; (\S+))?$", line)
        if m:
            if name:
                yield name, body
            name, body = m.groups(), []
            if PLANE == "xfrm" and name[3]:
                name = name[:1] + name[3:]
            name = name[:3]
        elif name:
            body.append(line)
    yield name, body


clean()
for (name, with_, without), body in rulesets():
    if not re.search(ONLY, name):
        continue
    made = sh(HEAD + "".join(body))
    if made.returncode:
        print(f"skip\t{name}\t{' '.join(made.stderr.split())[:100]}", flush=True)
        clean()
        continue
    found = verify()
    ns("ga", "conntrack", "-F")
    broken = truth()
    want = with_ if MODE == "with" else without
    agree = bool(broken) == bool(found)
    res = judge(want, broken, found)
    print(f"{res}\t{name}\t{'agree' if agree else 'differ'}: flows {len(broken)} broken"
          f"{' (' + broken[0] + ')' if broken else ''}; verify: {found[0] if found else 'nothing'}", flush=True)
    clean()

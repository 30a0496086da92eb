#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# procs.py: is a process locked in as it must be, read from /proc
"""procs.py ROLE PID [nofilter]: is that process locked in as it must be?

What is right stands here a second time, apart from proc.c: ids, groups,
capabilities, root, limits, and every single descriptor.  Prints what is
wrong, a line each; exit status 1 then.
"""
import grp
import os
import pwd
import re
import sys

NAMES = "parent conf net ike keys sad esp host exec ctl".split()
CHAN = {n: 3 + i for i, n in enumerate(NAMES)}
ALIVE = 19
ADMIN = 1 << 12
#	user, talks to, capabilities, {descriptor: kind}
ROLES = {
    "net": ("_s2sd", "parent ike esp ctl", 0,
            {20: "udp 500", 21: "udp6 500", 22: "udp 4500", 23: "udp6 4500"}),
    "ike": ("_s2sd", "parent net keys sad ctl", 0, {}),
    "keys": ("_s2sdkey", "parent conf ike sad ctl", 0, {}),
    "sad": ("_s2sdsys", "parent ike keys esp host ctl", ADMIN, {}),
    "esp": ("_s2sdesp", "parent net sad ctl", 0,
            {22: "udp 4500", 23: "udp6 4500", 24: "/dev/net/tun"}),
    "host": ("_s2sdsys", "parent sad exec ctl", ADMIN, {25: "netlink"}),
    "ctl": ("_s2sd", "parent net ike keys sad esp host exec", 0,
            {26: "unix listening"}),
}
# what a role opened by itself before it was locked in
OWN = {
    # a file of /proc/net is "deleted" once somebody looks it up again
    "host": r"netlink|anon_inode:inotify|/proc/sys/net/.*"
            r"|/proc/\d+/net/(ip6?_tables_names|xfrm_stat)( \(deleted\))?"
            r"|.*/s2sd/host\.\d+|udp.*|unix",
    "ctl": r"unix",
}
EVERY = r"anon_inode:\[(eventpoll|eventfd|timerfd)\]|pipe:.*"

bad = []


def want(what, got, wanted):
    if got != wanted:
        bad.append(f"{what}: {got}, not {wanted}")


def status(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
                    if ":\t" in line)


def sockets(pid):
    """inode: what it is, in that process's network namespace"""
    kinds = {}
    for proto in ("udp", "udp6"):
        with open(f"/proc/{pid}/net/{proto}") as f:
            for line in list(f)[1:]:
                w = line.split()
                kinds[w[9]] = f"{proto} {int(w[1].split(':')[1], 16)}"
    with open(f"/proc/{pid}/net/netlink") as f:
        for line in list(f)[1:]:
            kinds[line.split()[9]] = "netlink"
    with open(f"/proc/{pid}/net/unix") as f:
        for line in list(f)[1:]:
            w = line.split()
            kinds[w[6]] = "unix listening" if w[3] == "00010000" else (
                "unix" if w[4] == "0005" else "unix of another type")
    return kinds


def descriptors(pid, role, talks, fds):
    kinds = sockets(pid)
    seen = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        to = os.readlink(f"/proc/{pid}/fd/{fd}")
        m = re.match(r"socket:\[(\d+)\]", to)
        # a socket pair of the parent may be of another namespace
        seen[int(fd)] = kinds.get(m[1], "unix") if m else to
    for n in talks.split():
        want(f"channel to {n}", seen.pop(CHAN[n], None), "unix")
    for fd, kind in fds.items():
        want(f"descriptor {fd}", seen.pop(fd, None), kind)
    if not re.fullmatch(r".*\.alive( \(deleted\))?", seen.pop(ALIVE, "")):
        bad.append("no lock")
    for fd in (0, 1, 2):
        seen.pop(fd, None)
    for fd, to in sorted(seen.items()):
        if not re.fullmatch(EVERY, to) and not re.fullmatch(
                OWN.get(role, "never"), to):
            bad.append(f"descriptor {fd}: {to}, which it must not have")


def limits(pid):
    with open(f"/proc/{pid}/limits") as f:
        rows = {l[:26].strip(): l[26:].split()[:2] for l in f}
    want("core dumps", rows["Max core file size"], ["0", "0"])
    want("processes", rows["Max processes"], ["0", "0"])
    if int(rows["Max open files"][1]) > 256:
        bad.append(f"open files: {rows['Max open files']}")


def main():
    role, pid = sys.argv[1], int(sys.argv[2])
    user, talks, caps, fds = ROLES[role]
    uid, gid = pwd.getpwnam(user)[2], grp.getgrnam(user)[2]
    for task in os.listdir(f"/proc/{pid}/task"):
        s = status(f"{pid}/task/{task}")
        want("uid", s["Uid"].split(), [str(uid)] * 4)
        want("gid", s["Gid"].split(), [str(gid)] * 4)
        want("groups", s["Groups"].split(), [str(gid)])
        for c in ("CapInh", "CapBnd", "CapAmb"):
            want(c, int(s[c], 16), 0)
        for c in ("CapEff", "CapPrm"):
            want(c, int(s[c], 16), caps)
        want("NoNewPrivs", s["NoNewPrivs"], "1")
        if "nofilter" not in sys.argv:
            want("Seccomp", s["Seccomp"], "2")
    want("root", os.readlink(f"/proc/{pid}/root"), "/var/empty/s2sd")
    # what is not dumpable belongs to root in /proc
    want("dumpable", os.stat(f"/proc/{pid}/maps").st_uid, 0)
    if "nofilter" not in sys.argv:	# a build with sanitizers hands its own on
        with open(f"/proc/{pid}/environ", "rb") as f:
            want("environment", f.read(), b"")
    limits(pid)
    descriptors(pid, role, talks, fds)
    print("\n".join(bad))
    return 1 if bad else 0


sys.exit(main())

#!/bin/sh
# SPDX-License-Identifier: ISC
# test_pages.sh: what s2sd(8) and s2sctl(8) say of options, commands, exit
# status, signals, processes, waits and files is what the programs do.  Every
# letter is tried; what stands in a table of the code is taken from there.
if ! python3 -c '' 2>/dev/null; then
	echo "SKIP: test_pages: no python3"
	exit 77
fi
ASAN_OPTIONS=detect_leaks=0; export ASAN_OPTIONS
exec python3 - "${srcdir:-.}" <<'EOF'
import re, string, subprocess, sys
src = sys.argv[1]
bad = 0

def read(path):
    return open(src + "/" + path).read()

s2sd, s2sctl = read("daemon/parent/s2sd.8"), read("daemon/ctl/s2sctl.8")

def same(what, program, page):
    global bad
    if program != page or not program:
        print("FAIL: %s: the program: %s; the page: %s" % (what, program, page))
        bad = 1

def says(name, page, sentence):
    global bad
    if sentence not in " ".join(page.split()):
        print("FAIL: %s does not say: %s" % (name, sentence))
        bad = 1

def run(*argv):
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return p.returncode, p.stdout

def letters(*argv):
    """{"d", "f Ar"}: `-X?' with `-!' behind it: of X alone `?' is the next
    letter, which is refused; what takes an argument takes it; `!' is then
    refused, so nothing is ever begun."""
    found = set()
    for c in string.ascii_letters:
        first = run(*argv, "-" + c + "?", "-!")[1].split("\n")[0]
        m = re.search(r"-- '?(.)'?$", first)
        if m and m.group(1) == "?":
            found.add(c)
        elif m and m.group(1) == "!" or "-%s ?" % c in first:
            found.add(c + " Ar")	# or says what is wrong with `?'
    return found

def macros(text):
    """The same of the page's `Fl' with one dash."""
    found = set()
    for flags, arg in re.findall(r"\bFl (\w+)( Ar)?", text):
        found |= {flags + arg} if arg else set(flags)
    return found

def synopsis(page):
    return page.split(".Sh SYNOPSIS\n")[1].split(".Sh DESCRIPTION")[0]

# --- s2sd(8) ---
have = letters("./s2sd")
same("options of s2sd", have, macros(synopsis(s2sd)))
same("options of s2sd, explained", have, {a + (b or "") for a, b in re.findall(
    r"^\.It Fl (\w)( Ar)?", s2sd, re.M)})
code, text = run("./s2sd", "-!")
same("usage of s2sd", macros(re.sub(r"-(\w+)( )?(\w+)?",
    lambda m: "Fl " + m.group(1) + (" Ar" if m.group(3) else ""),
    text.split("usage: s2sd ")[1])), have)
same("exit status of s2sd, misused", code, 1)
says("s2sd(8)", s2sd, ".Ex -std s2sd")
main = read("daemon/parent/main.c")
for name, base in (("SYSCONFDIR", "/etc"), ("RUNDIR", "/run")):
    for tail in re.findall(name + r' "(/[^"]*)"', main):
        says("s2sd(8)", s2sd, ".Pa " + base + tail)
for tail in re.findall(r'#define\s+S2SD_EMPTY\s+"([^"]*)"',
    read("daemon/common/proc.h")):
    says("s2sd(8)", s2sd, ".It Pa " + tail)
same("environment of s2sd", sorted(set(re.findall(r'getenv\("(\w+)"\)', main))),
    re.findall(r"^\.It Ev (\w+)", s2sd, re.M))
run_c = read("daemon/parent/run.c")
signals = set(re.findall(r"\{ (SIG\w+), on_(?:term|hup) \}", run_c))
same("signals", signals, set(re.findall(r"^\.Dv (SIG\w+)", s2sd, re.M)))
rows = re.findall(r'\{ PROC_\w+,\s*"([\w-]+)",\s*(?:"(\w+)"|NULL)',
    read("daemon/common/proc.c"))
same("processes and users", sorted((a, b or "root") for a, b in rows),
    sorted(re.findall(r"^\.It (s2sd\S*) Ta (\w+) Ta", s2sd, re.M)))
last = re.search(r"WAIT_MAX = (\d+)", read("daemon/parent/restart.c")).group(1)
says("s2sd(8)", s2sd, "at once, then after 1, 2, 4 and at most %s seconds" %
    last)

# --- s2sctl(8) ---
NONE = ("./s2sctl", "-s", "./nobody-listens-here")
text = run(*NONE)[1]
usage = set()
for line in re.findall(r"^  (\S.*)$", text, re.M):
    words = re.split(r"  +", line)[0].replace(" | ", "|").split()
    usage |= set(words[0].split("|"))
blocks = {}
for block in synopsis(s2sctl).split(".Nm\n")[1:]:
    block = block.replace(".Op Fl s Ar socket\n", "")
    names = re.search(r"^\.Cm (.*)$", block, re.M).group(1).split(" | ")
    for n in names:
        blocks[n] = blocks.get(n, set()) | macros(block)
        blocks.setdefault("--" + n, set()).update(
            re.findall(r"\bFl -(\w+)", block))
commands = {n for n in blocks if not n.startswith("--")}
same("commands of s2sctl", sorted(usage), sorted(commands))
table = re.findall(r'^\t\{ "([a-z-]+)",\s*c_\w+,\s*(NULL|"[^"]*")',
    read("daemon/ctl/s2sctl.c"), re.M)
same("commands of s2sctl, its table", sorted(a for a, b in table if
    b == "NULL"), sorted(commands))
says_too = s2sctl.split("For people who know other tools,")[1].split(".Pp")[0]
same("words of other tools", sorted(a for a, b in table if b != "NULL"),
    sorted(w for w in re.findall(r"^\.Cm (\w[\w-]*)", says_too, re.M)
    if w not in commands))
same("options of s2sctl", letters("./s2sctl"), {"s Ar"})
# `verify' and `report' are a program of their own, which is given the socket
for c in sorted(commands):
    own = ("./s2sd-verify", c) if c in ("verify", "report") else NONE + (c,)
    have = letters(*own) - ({"s Ar"} if own[0] == "./s2sd-verify" else set())
    if have or blocks[c]:
        same("options of s2sctl " + c, have, blocks[c])
    code = run(*own, "-!", "-!", "-!", "-!")[0]
    same("exit status of s2sctl %s, misused" % c, code,
        2 if own[0] == "./s2sd-verify" else 1)
    long = set()
    for w in ("for", "host", "path", "svg", "help", "file", "json", "socket"):
        if "requires an argument" in run(*own, "--" + w)[1]:
            long.add(w)
    if long or blocks["--" + c]:
        same("long options of s2sctl " + c, long, blocks["--" + c])
for c in ("status", "up", "reload", "stop", "log", "stats"):
    argv = NONE + ((c, "x") if c == "up" else (c,))
    same("exit status of s2sctl %s without s2sd" % c, run(*argv)[0], 2)
says("s2sctl(8)", s2sctl, "and 2 if .Xr s2sd 8 does not run")
lines = re.search(r"CTL_LINES = (\d+)", read("daemon/ctl/ctl.h")).group(1)
some = re.search(r"^c_log\(.*?struct m_u_log\s+m = \{ (\d+)",
    read("daemon/ctl/s2sctl.c"), re.M | re.S).group(1)
says("s2sctl(8)", s2sctl, "lines that the daemon wrote, %s by default, 0 for "
    "all of the %s that it keeps" % (some, "{:,}".format(int(lines))))
tail = re.search(r'S2SCTL_SOCKET\s+RUNDIR "([^"]*)"',
    read("daemon/ctl/s2sctl.h")).group(1)
says("s2sctl(8)", s2sctl, ".It Pa /run" + tail)
for flavour in re.findall(r'"(openswan|libreswan|strongswan)"',
    " ".join(re.findall(r'"\w+"', read("daemon/ctl/import/im_flavour.c")))):
    says("s2sctl(8)", s2sctl, flavour)
sys.exit(bad)
EOF

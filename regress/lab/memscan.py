#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""memscan.py: which process holds which secret in its memory.

  memscan.py text STRING NAME:PID...  a line `NAME COUNT' for each process
  memscan.py aes OWNER NAME:PID...    find the AES-256 key schedules in OWNER
                                      (a key is in use where its schedule is),
                                      then look for these keys everywhere:
                                      `keys N', then `NAME COUNT' lines
Reads /proc/PID/mem; needs root.
"""
import array
import re
import struct
import sys


def maps(pid):
    for line in open("/proc/%s/maps" % pid):
        m = re.match(r"([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \S+\s*(.*)",
                     line)
        if m.group(3)[0] == "r" and m.group(4) not in ("[vvar]", "[vsyscall]",
                                                       "[vvar_vclock]"):
            yield (int(m.group(1), 16), int(m.group(2), 16), m.group(3),
                   m.group(4))


def regions(pid, writable, constant=False):
    with open("/proc/%s/mem" % pid, "rb", 0) as f:
        for lo, hi, mode, _ in maps(pid):
            if writable and mode[1] != "w" or constant and mode[1] == "w":
                continue
            f.seek(lo)
            try:
                yield f.read(hi - lo)
            except (OSError, ValueError):
                continue


def sbox():
    p, q, s = 1, 1, [0] * 256
    rot = lambda x, n: ((x << n) | (x >> (8 - n))) & 255
    while True:
        p = (p ^ (p << 1) ^ (0x1b if p & 0x80 else 0)) & 255
        for n in (1, 2, 4):
            q = (q ^ (q << n)) & 255
        if q & 0x80:
            q ^= 9
        s[p] = q ^ rot(q, 1) ^ rot(q, 2) ^ rot(q, 3) ^ rot(q, 4) ^ 0x63
        if p == 1:
            break
    s[0] = 0x63
    return s


S = sbox()


def expand(key):
    """The 240 octets of an AES-256 key schedule, FIPS 197 section 5.2."""
    w, rcon = [key[i:i + 4] for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        t = w[-1]
        if i % 8 == 0:
            t = bytes([S[t[1]] ^ rcon, S[t[2]], S[t[3]], S[t[0]]])
            rcon <<= 1
        elif i % 8 == 4:
            t = bytes(S[b] for b in t)
        w.append(bytes(a ^ b for a, b in zip(w[i - 8], t)))
    return b"".join(w)


PAGE = 4096
ZERO = bytes(PAGE)


def schedules(data):
    found = set()
    for off in range(0, len(data), PAGE):
        if data[off:off + PAGE] == ZERO:
            continue
        part = data[off:off + PAGE + 240]
        a = array.array("I", part[:len(part) // 4 * 4])
        for i in range(min(PAGE // 4, len(a) - 60)):
            if a[i + 1] ^ a[i + 8] != a[i + 9] or \
                    a[i + 2] ^ a[i + 9] != a[i + 10] or \
                    a[i + 3] ^ a[i + 10] != a[i + 11]:
                continue
            key = part[i * 4:i * 4 + 32]
            if key not in found and \
                    expand(key) == part[i * 4:i * 4 + 240]:
                found.add(key)
    return found


def main():
    what, arg, who = sys.argv[1], sys.argv[2], \
        [w.split(":") for w in sys.argv[3:]]
    # FIPS 197 appendix A.3
    k = bytes.fromhex("603deb1015ca71be2b73aef0857d7781"
                      "1f352c073b6108d72d9810a30914dff4")
    assert struct.unpack("!I", expand(k)[-4:])[0] == 0x706c631e
    needles = [arg.encode()]
    if what == "aes":
        needles, pid = set(), dict(who)[arg]
        for r in regions(pid, True):
            needles |= schedules(r)
        # the keys of the self-test at start are constants of the program
        for r in regions(pid, False, True):
            needles = {x for x in needles if x not in r}
        print("keys %d" % len(needles))
    for name, pid in who:
        print("%s %d" % (name, sum(r.count(x) for r in regions(pid, False)
                                   for x in needles)))


if __name__ == "__main__":
    main()

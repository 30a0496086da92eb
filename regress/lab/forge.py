#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
# forge.py: write one bad frame into a channel between two live processes
"""forge.py PID CHANNEL KIND [TYPE]: write one bad frame into a channel.

Borrows the descriptor of that process (root may), so that the other end
believes it came from there.  Header: type, length, epoch, generation,
request, tunnel; 32 bits each, big-endian.
"""
import ctypes
import os
import socket
import struct
import sys

PIDFD_OPEN, PIDFD_GETFD = 434, 438


def borrow(pid, fd):
    libc = ctypes.CDLL(None, use_errno=True)
    p = libc.syscall(PIDFD_OPEN, pid, 0)
    f = libc.syscall(PIDFD_GETFD, p, fd, 0)
    if p == -1 or f == -1:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    os.close(p)
    return socket.socket(fileno=f)


def frame(type_, body=b"", length=None):
    return struct.pack(">6I", type_, len(body) if length is None else length,
                       1 << 30, 0, 0, 0) + body


def main():
    pid, chan, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    type_ = int(sys.argv[4], 0) if len(sys.argv) > 4 else 0
    data = {
        "unknown": frame(0x7777),
        "foreign": frame(type_),		# not this sender's to send
        "short": frame(type_, b"\0"),
        "long": frame(type_, b"\0" * 16000),
        "liar": frame(type_, b"\0\0", 5),	# says 5, brings 2
        "stump": b"\0" * 7,
        "huge": frame(type_, b"\0" * 20000),	# longer than any frame
    }[kind]
    with borrow(pid, chan) as s:
        s.send(data)


main()

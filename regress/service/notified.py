#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""notified.py SOCKET FILE: what is sent to a service manager's socket, a line each."""
import os
import socket
import sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.settimeout(120)
with open(sys.argv[2], "w") as f:
    while True:
        try:
            m = s.recv(4096).decode()
        except socket.timeout:
            break
        f.write(m + "\n")
        f.flush()
        if "STOPPING" in m:
            break

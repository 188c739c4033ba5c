# SPDX-License-Identifier: LGPL-2.1-only
"""A port for a program that has to be told one; as a program, prints it.

The system gives out ports by itself, for what binds to port 0 and for each
connection that somebody opens, and other tests do both all the time.  A port
that it gave out before may be gone again before our program has it: it is to
be none of these.
"""
import errno
import random
import socket

LEAST = 12000   # above those that browsers refuse


def first_of_the_system():
    """The first of those that it gives out by itself."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range") as setting:
            first = int(setting.read().split()[0])
    except OSError:
        first = 32768
    return first if first > LEAST + 1000 else 32768


def free_port(family=socket.AF_INET):
    """A port that nobody listens on at the moment."""
    while True:
        port = random.randrange(LEAST, first_of_the_system())
        with socket.socket(family) as probe:
            try:
                probe.bind(("127.0.0.1" if family == socket.AF_INET
                            else "::1", port))
                return port
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise


if __name__ == "__main__":
    print(free_port())

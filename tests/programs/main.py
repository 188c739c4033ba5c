# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the groups of program tests named on the command line, or all of them.

Only Python's own library is needed: the WebSocket side is wire.py.
"""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "..", "peers"))

from harness import Bench  # noqa: E402

GROUPS = ("options", "server", "http", "mirror", "client", "echo", "ping",
          "fraggle", "compress", "processes")
MODULES = {"http": "pages"}  # http is a module of Python's own
PROGRAMS = ("test-server", "test-server-extpoll", "test-client", "test-echo",
            "test-ping", "test-fraggle")


def main(build, names):
    """Run the groups; the exit status."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no such group: {' '.join(unknown)}", file=sys.stderr)
        return 2
    bench = Bench(build)
    if bench.has_programs(PROGRAMS):
        for name in names or GROUPS:
            bench.group(name, MODULES.get(name, name))
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

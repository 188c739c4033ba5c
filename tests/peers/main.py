# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the groups of peer tests named on the command line, or all of them."""
import sys

from harness import Bench

GROUPS = {
    "http": "over_http",
    "http-extpoll": "over_http",
    "python-client": "python_client",
    "python-extpoll": "python_client",
    "python-server": "python_server",
    "python-deflate": "compression",
    "hostile-server": "hostile_server",
    "curl-ws": "curl_peer",
    "node-client": "node_peers",
    "node-server": "node_peers",
    "node-deflate": "compression",
    "nginx": "proxies",
    "haproxy": "proxies",
}

PROGRAMS = ("test-server", "test-server-extpoll", "test-echo", "test-client",
            "test-ping")


def main(build, names):
    """Run the groups; the exit status."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no such group: {' '.join(unknown)}", file=sys.stderr)
        return 2
    bench = Bench(build)
    if bench.has_programs(PROGRAMS):
        for name in names or GROUPS:
            bench.group(name, GROUPS[name])
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

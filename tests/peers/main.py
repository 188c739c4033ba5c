# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the groups of peer tests named on the command line, or all of them."""
import importlib
import os
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
    missing = [name for name in PROGRAMS
               if not os.access(bench.program(name), os.X_OK)]
    if missing:
        bench.fails("the programs are built", "no " + ", no ".join(
            bench.program(name) for name in missing))
        return bench.finish()
    for name in names or GROUPS:
        run(bench, name)
    return bench.finish()


def run(bench, name):
    """Run one group; an accident in its preparations is a failure too."""
    try:
        module = importlib.import_module(GROUPS[name])
        getattr(module, name.replace("-", "_"))(bench)
    except ModuleNotFoundError as error:
        bench.fails(f"Python finds the module {error.name}",
                    f"install the package python3-{error.name}")
    except Exception as error:
        bench.fails(f"the group {name} can run",
                    f"{type(error).__name__} {' '.join(str(error).split())}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

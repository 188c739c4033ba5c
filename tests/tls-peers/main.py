# SPDX-License-Identifier: LGPL-2.1-only
"""Runs the groups of TLS tests named on the command line, or all of them."""
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "peers"))

from secure import SecureBench  # noqa: E402 # after the path to its parent

GROUPS = {
    "openssl-client": "openssl_client",
    "openssl-server": "openssl_server",
    "curl": "over_https",
    "python-client": "libraries",
    "python-server": "libraries",
    "node-client": "libraries",
    "node-server": "libraries",
    "programs": "programs",
    "files": "files",
    "verification": "verification",
    "tinyproxy": "connect_proxies",
    "squid": "connect_proxies",
    "refusals": "refusals",
    "haproxy": "terminator",
}

PROGRAMS = ("test-server", "test-echo", "test-client", "test-fraggle",
            "test-ping")


# groups at a time: they wait for others more than they compute
WORKERS = 3


def main(build, names):
    """Run the groups; the exit status."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no such group: {' '.join(unknown)}", file=sys.stderr)
        return 2
    bench = SecureBench(build)
    if bench.has_programs(PROGRAMS) and secure(bench):
        if len(names) == 1:
            bench.group(names[0], GROUPS[names[0]])
        else:
            run_side_by_side(bench, names or list(GROUPS))
    return bench.finish()


def secure(bench):
    """Has the build TLS, and are there certificates for it?"""
    if not bench.has_tls():
        bench.fails("the build has TLS", "configure it with --enable-openssl")
        return False
    return bench.make_certificates()


def run_side_by_side(bench, names):
    """Each group in a process of its own; what they say, one by one."""
    environment = {**os.environ,
                   "LWS_TEST_CERTIFICATES": bench.certs.folder}

    def start(name):
        return bench.run_plain([sys.executable, os.path.abspath(__file__),
                                bench.build, name], environment)

    waiting = list(names)
    running = []
    while waiting or running:
        while waiting and len(running) < WORKERS:
            name = waiting.pop(0)
            running.append((name, start(name)))
        ended = [pair for pair in running
                 if pair[1].process.poll() is not None]
        running = [pair for pair in running if pair not in ended]
        for name, program in ended:
            report(bench, name, program.said().split("\n"))
        time.sleep(0.1)


def report(bench, name, lines):
    """Count what a group has said."""
    for line in lines:
        if line.startswith("ok - "):
            bench.passes(line[5:])
        elif line.startswith("not ok - "):
            name_of_case, _, why = line[9:].partition(": ")
            bench.fails(name_of_case, why)
    if not re.search(r"^\d+ passed, \d+ failed$", "\n".join(lines), re.M):
        bench.fails(f"the group {name} runs to its end", lines[-2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

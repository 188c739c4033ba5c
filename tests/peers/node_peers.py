# SPDX-License-Identifier: LGPL-2.1-only
"""Node's ws, as client and as server.

The client is node_client.js, which prints the lines of its own cases; they
are counted here.
"""
import os
import subprocess

import server_peers
from harness import clean_environment

# where Debian puts modules, for a Node that does not come from Debian
MODULES = "/usr/share/nodejs:/usr/lib/nodejs:/usr/local/lib/node_modules"


def node(bench):
    """The path of Node, or None after a line that says what is missing."""
    path = bench.needs("node", "nodejs")
    if not path:
        return None
    os.environ["NODE_PATH"] = ":".join(
        part for part in (os.environ.get("NODE_PATH"), MODULES) if part)
    found = subprocess.run([path, "-e", "require('ws').WebSocketServer.name"],
                           cwd=bench.here, capture_output=True, timeout=20)
    if found.returncode:
        bench.fails("Node finds the module ws",
                    "install the package node-ws (or npm install --global ws)")
        return None
    return path


def node_client(bench):
    """ws as the client of test-echo and test-server."""
    path = node(bench)
    if not path:
        return
    echo, echo_port = bench.test_echo()
    server, server_port = bench.test_server()
    for how in ["deflate", ""] if bench.configured("EXTENSIONS") else [""]:
        run_cases(bench, [path, os.path.join(bench.here, "node_client.js"),
                          str(echo_port), str(server_port), how])
    bench.ends_cleanly(echo, "the echo server of the Node client")
    bench.ends_cleanly(server, "the server of the Node client")


def run_cases(bench, command):
    """Count the cases that the script prints."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True, timeout=180, env=clean_environment())
        lines = done.stdout.split("\n")
    except subprocess.TimeoutExpired as late:
        lines = (late.stdout or b"").decode("utf-8", "replace").split("\n")
    for line in lines:
        if line.startswith("ok - "):
            bench.passes(line[5:])
        elif line.startswith("not ok - "):
            name, _, why = line[9:].partition(": ")
            bench.fails(name, why)
    if "all cases have run" not in lines:
        bench.fails("the Node client runs all its cases", "it ended early")


def node_server(bench):
    """ws as the server of our clients."""
    path = node(bench)
    if path:
        server_peers.both_ways(bench, "Node", [
            path, os.path.join(bench.here, "node_server.js")])

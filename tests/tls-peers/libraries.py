# SPDX-License-Identifier: LGPL-2.1-only
"""The cases of tests/peers for two libraries, once more over TLS.

The cases stay what they are: Python's connections are replaced by ones over
TLS, and Node is given a module that does the same to its ws.
"""
import contextlib
import os
import socket
import ssl
import subprocess
import sys

import websockets

import clients
import frames
import pings
import python_client as cases
from harness import check, equal
from node_peers import node
from secure import VERSIONS, client_context

HERE = os.path.dirname(os.path.abspath(__file__))


class SecureSockets:
    """Takes the place of the module socket where frames are seen."""

    timeout = socket.timeout

    def __init__(self, context):
        self.context = context

    def create_connection(self, address, limit):
        plain = socket.create_connection(address, limit)
        return self.context.wrap_socket(plain, server_hostname=address[0])


@contextlib.contextmanager
def over_tls(context):
    """Within it, the cases connect over TLS."""
    def connect(port, **options):
        options.setdefault("max_size", None)
        options.setdefault("open_timeout", 30)
        options.setdefault("close_timeout", 30)
        return websockets.connect(f"wss://127.0.0.1:{port}/", ssl=context,
                                  **options)

    before = cases.connect, frames.socket
    cases.connect, frames.socket = connect, SecureSockets(context)
    try:
        yield
    finally:
        cases.connect, frames.socket = before


@contextlib.contextmanager
def renamed(bench, version):
    """Within it, the names of cases say which TLS it is."""
    passes, fails = bench.passes, bench.fails
    bench.passes = lambda name: passes(f"TLS {version}: {name}")
    bench.fails = lambda name, why: fails(f"TLS {version}: {name}", why)
    try:
        yield
    finally:
        del bench.passes, bench.fails


def python_client(bench):
    """python3-websockets as the client."""
    for version in VERSIONS:
        context = client_context(bench, version)
        with renamed(bench, version), over_tls(context):
            echo, port = bench.test_echo()
            with bench.case("the handshake is of that version"):
                spoken(context, port, "TLSv" + version)
            cases.echoes(bench, port)
            cases.frames(bench, port)
            cases.ends(bench, port)
            cases.crowd(bench, port)
            if version == "1.3":
                cases.slow_reader(bench, echo, port)
            bench.ends_cleanly(echo, "the echo server")
            server, port = bench.test_server()
            cases.numbers(bench, port)
            cases.mirror(bench, port)
            bench.ends_cleanly(server, "the server")


def spoken(context, port, version):
    """A bare handshake and its end."""
    with socket.create_connection(("127.0.0.1", port), 5) as plain, \
            context.wrap_socket(plain, server_hostname="127.0.0.1") as peer:
        equal(peer.version(), version, "the version")
        equal(peer.compression(), None, "the compression")
        with contextlib.suppress(ssl.SSLError, OSError):
            peer.unwrap()


def clients_against(bench, who, command):
    """Our clients against a server of somebody else's, in both versions."""
    for version in VERSIONS:
        with renamed(bench, version):
            once(bench, who, command(version))


def once(bench, who, command):
    clients.test_client(bench, who, command)
    clients.echo_client(bench, who, command)
    pings.test_ping(bench, who, command)


def python_server(bench):
    """python3-websockets as the server."""
    script = os.path.join(HERE, "python_server_tls.py")
    clients_against(bench, "Python", lambda version: [
        sys.executable, script, bench.certs.path("self"),
        bench.certs.key("self"), version])


def node_command(bench, path, version):
    """Node with ws speaking TLS of one version."""
    os.environ["LWS_TEST_CERT"] = bench.certs.path("self")
    os.environ["LWS_TEST_KEY"] = bench.certs.key("self")
    os.environ["NODE_EXTRA_CA_CERTS"] = bench.certs.path("ca")
    return [path, f"--tls-min-v{version}", f"--tls-max-v{version}",
            "--require", os.path.join(HERE, "node_tls.js")]


def node_server(bench):
    """Node's ws as the server."""
    path = node(bench)
    if path:
        script = os.path.join(bench.here, "node_server.js")
        clients_against(bench, "Node", lambda version: [
            *node_command(bench, path, version), script])


def node_client(bench):
    """Node's ws as the client."""
    path = node(bench)
    if not path:
        return
    script = os.path.join(bench.here, "node_client.js")
    for version in VERSIONS:
        with renamed(bench, version):
            echo, echo_port = bench.test_echo()
            server, server_port = bench.test_server()
            node_cases(bench, [*node_command(bench, path, version), script,
                               str(echo_port), str(server_port)])
            bench.ends_cleanly(echo, "the echo server of the Node client")
            bench.ends_cleanly(server, "the server of the Node client")


def node_cases(bench, command):
    """Count the lines that the script prints."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True, timeout=120)
        lines = done.stdout.split("\n")
    except subprocess.TimeoutExpired as late:
        lines = (late.stdout or b"").decode("utf-8", "replace").split("\n")
    for line in lines:
        if line.startswith("ok - "):
            bench.passes(line[5:])
        elif line.startswith("not ok - "):
            name, _, why = line[9:].partition(": ")
            bench.fails(name, why)
    with bench.case("Node: all its cases have run"):
        check("all cases have run" in lines, "it ended early")

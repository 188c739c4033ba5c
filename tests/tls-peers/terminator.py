# SPDX-License-Identifier: LGPL-2.1-only
"""HAProxy at TLS: it ends TLS in front of our servers, speaks TLS to them, or
passes it on untouched.
"""
import os

import proxies
import python_client as cases
from harness import accepts, check, equal, free_port
from libraries import over_tls, renamed
from secure import VERSIONS, client_context
from web import Curl

CONFIG = """
global
	maxconn 256
defaults
	mode {mode}
	timeout connect 5s
	timeout client 30s
	timeout server 30s
	timeout tunnel 60s
listen pages
	bind 127.0.0.1:{front} {bind}
	server pages 127.0.0.1:{server} {behind}
listen echo
	bind 127.0.0.1:{front_echo} {bind}
	server echo 127.0.0.1:{echo} {behind}
"""


def haproxy(bench):
    """The group."""
    path = bench.needs("haproxy", "haproxy")
    curl = bench.needs("curl", "curl")
    if not path or not curl:
        return
    with bench.unsecured():
        plain = [*bench.test_server(), *bench.test_echo()]
    ending(bench, path, curl, plain)
    secure = [*bench.test_server(), *bench.test_echo()]
    again(bench, path, curl, secure)
    passing(bench, path, curl, secure)
    for program in (plain[0], plain[2], secure[0], secure[2]):
        bench.ends_cleanly(program, "a server behind HAProxy")


class SecureCurl(Curl):
    """The cases ask for http; what they get is https."""

    def __init__(self, path, bench):
        super().__init__(path, bench.scratch)
        self.trust = ["--cacert", bench.certs.path("ca")]

    def get(self, *args, limit=15):
        return super().get(*self.trust, *(
            arg.replace("http://", "https://") for arg in args), limit=limit)


def front(bench, path, servers, **words):
    """A running HAProxy: program, port of the pages, port of the echo."""
    second = free_port()
    _, server, _, echo = servers
    conf = os.path.join(bench.scratch, f"haproxy-{second}.conf")
    words = {"mode": "http", "bind": "", "behind": "", **words}

    def command(port):
        with open(conf, "w", encoding="ascii") as file:
            file.write(CONFIG.format(front=port, front_echo=second,
                                     server=server, echo=echo, **words))
        return [path, "-db", "-f", conf]

    program, port = bench.listening(command)
    check(accepts(second), "HAProxy listens on one port only")
    return program, port, second


def pair(bench, name):
    """Certificate and key in one file, as HAProxy wants it."""
    both = os.path.join(bench.scratch, name + "-pair.pem")
    with open(both, "wb") as out:
        for part in (bench.certs.path(name), bench.certs.key(name)):
            with open(part, "rb") as file:
                out.write(file.read())
    return both


def everything(bench, curl, who, ports):
    """Pages, numbers, drawings and echoes over TLS."""
    pages, echo = ports
    proxies.page(bench, who, SecureCurl(curl, bench), pages)
    for version in VERSIONS:
        with renamed(bench, version), over_tls(client_context(bench,
                                                              version)):
            cases.numbers(bench, pages, who)
            proxies.echoes(bench, who, echo)
    our_clients(bench, who, echo)


def our_clients(bench, who, port):
    """test-echo -c believes what HAProxy shows, too."""
    with bench.case(f"{who}: test-echo -c talks through it"):
        client = bench.run([
            bench.program("test-echo"), "-c", "127.0.0.1", f"--port={port}",
            "--ratems=50", "--ssl", "--ssl-cert=" + bench.certs.path("ca")])
        client.wait_said("Client RX: hello")
        equal(client.stop(), 0, "the status")


def ending(bench, path, curl, plain):
    """TLS outside, plain inside: the usual way."""
    program, *ports = front(bench, path, plain,
                            bind="ssl crt " + pair(bench, "chain"))
    everything(bench, curl, "HAProxy ends TLS", ports)
    program.stop(15)


def again(bench, path, curl, secure):
    """TLS outside, and TLS of its own inside, verified."""
    program, *ports = front(
        bench, path, secure, bind="ssl crt " + pair(bench, "server"),
        behind="ssl verify required ca-file " + bench.certs.path("ca")
        + " sni str(localhost) verifyhost localhost alpn http/1.1 check")
    everything(bench, curl, "HAProxy speaks TLS to us", ports)
    program.stop(15)


def passing(bench, path, curl, secure):
    """TLS untouched: the handshake is ours."""
    program, *ports = front(bench, path, secure, mode="tcp")
    everything(bench, curl, "HAProxy passes TLS on", ports)
    program.stop(15)

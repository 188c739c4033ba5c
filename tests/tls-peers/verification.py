# SPDX-License-Identifier: LGPL-2.1-only
"""Whom our clients believe: every certificate against every way to check it.

With an authority to trust test-echo -c is strict; without, and in the other
clients always, a certificate may vouch for itself and has no name to fit.
"""
import os
import re
import sys
import time

from clients import Facts
from harness import check, clean_environment, equal, has_ipv6

HERE = os.path.dirname(os.path.abspath(__file__))

# what is shown, what is trusted, by which name it is reached: the reason for
# which a strict client refuses, or None
STRICT = (
    ("server", "ca", "127.0.0.1", None),
    ("server", "ca", "localhost", None),
    ("server", "ca", "LOCALHOST", None),
    ("server", "ca", "::1", None),
    ("chain", "ca", "127.0.0.1", None),
    ("curve", "ca", "127.0.0.1", None),
    ("number", "ca", "127.0.0.1", None),
    ("self", "self", "127.0.0.1", None),
    ("number", "ca", "localhost", "hostname mismatch"),
    ("wrong", "ca", "127.0.0.1", "IP address mismatch"),
    ("wrong", "ca", "localhost", "hostname mismatch"),
    ("wildcard", "ca", "localhost", "hostname mismatch"),
    ("expired", "ca", "127.0.0.1", "certificate has expired"),
    ("early", "ca", "127.0.0.1", "certificate is not yet valid"),
    ("self", "ca", "127.0.0.1", "self-signed certificate"),
    ("outdated", "outdated", "127.0.0.1", "certificate has expired"),
    ("stranger", "ca", "127.0.0.1", "unable to get local issuer"),
    ("server", "rogue", "127.0.0.1", "unable to get local issuer"),
    ("client", "ca", "127.0.0.1", "mismatch|purpose"),
)

# the same for those that take what is signed by itself
TOLERANT = (
    ("self", "127.0.0.1", None),
    ("self", "localhost", None),
    ("outdated", "127.0.0.1", "certificate has expired"),
    ("server", "127.0.0.1", "unable to get local issuer"),
    ("stranger", "127.0.0.1", "unable to get local issuer"),
    ("expired", "127.0.0.1", "certificate"),
)

COMPLAINT = re.compile(r"^\[\d+:\d+\] (?:ERR|WARN): (.*)$", re.M)


def verification(bench):
    """The group."""
    shown = {}
    try:
        for name, trust, host, why in STRICT:
            if host != "::1" or has_ipv6():
                strict(bench, port_of(bench, shown, name), name, trust, host,
                       why)
        for name, host, why in TOLERANT:
            tolerant(bench, port_of(bench, shown, name), name, host, why)
        system_store(bench, port_of(bench, shown, "server"))
    finally:
        for program, _ in shown.values():
            program.kill()
    wants_certificate(bench)


def port_of(bench, shown, name):
    """The port of a server that shows this certificate."""
    if name not in shown:
        bench.show(name)
        shown[name] = bench.test_echo()
        bench.show("server")
    return shown[name][1]


def outcome(bench, argv, env=None):
    """What came of it: what the program had said by then."""
    program = bench.run(argv, env)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        said = program.said()
        if "Client RX: hello" in said or "could not connect" in said \
                or program.process.poll() is not None:
            break
        time.sleep(0.02)
    program.stop()
    said = program.said()
    check("ERROR: " not in said, program.last_words())
    return said


def expect(said, why):
    """Connected without complaint, or refused in one line for that reason."""
    lines = COMPLAINT.findall(said)
    if why is None:
        check("Client RX: hello" in said, f"not connected: {lines}")
        equal(lines, [], "the complaints")
        return
    check("Client has connected" not in said, "it was believed")
    # it may have tried again
    equal(len(set(lines)), 1, f"the number of complaints in {lines}")
    check(re.search(why, lines[0]), f"it says {lines[0]!r}")


def strict(bench, port, name, trust, host, why):
    """test-echo -c -C AUTHORITY."""
    with bench.case(f"strict: {name} at {host}, {trust} trusted: "
                    + (why or "believed")):
        expect(outcome(bench, [
            bench.program("test-echo"), "-c", host, f"--port={port}", "--ssl",
            "--ratems=60", "--ssl-cert=" + bench.certs.path(trust)]), why)


def tolerant(bench, port, name, host, why):
    """test-echo -c without one, and test-ping."""
    with bench.case(f"tolerant: {name} at {host}: {why or 'believed'}"):
        expect(outcome(bench, [
            bench.program("test-echo"), "-c", host, f"--port={port}", "--ssl",
            "--ratems=60"]), why)
    with bench.case(f"test-ping: {name} at {host}: {why or 'believed'}"):
        program = bench.run([bench.program("test-ping"), host, "--protocol=default",
                             f"--port={port}", "--ssl", "-i=0.05"])
        if why is None:
            program.wait_said("bytes from")
            equal(program.stop(), 0, "the status")
        else:
            equal(program.wait_end(8), 1, "the status")
            said = re.findall(r"^client connection 1 failed to connect: (.*)$",
                              program.said(), re.M)
            equal(len(said), 1, f"the lines in {program.said()!r}")
            check(why in said[0], f"it says {said[0]!r}")


def system_store(bench, port):
    """Who is not told whom to trust asks the system."""
    with bench.case("the store of the system is believed"):
        env = {**clean_environment(),
               "SSL_CERT_FILE": bench.certs.path("ca")}
        expect(outcome(bench, [
            bench.program("test-echo"), "-c", "127.0.0.1", f"--port={port}",
            "--ssl", "--ratems=60"], env), None)


def wants_certificate(bench):
    """A server that demands what our programs have not."""
    script = os.path.join(HERE, "python_server_tls.py")
    for version in ("1.2", "1.3"):
        with bench.case(f"TLS {version}: a server that wants a certificate "
                        "of the client's is named"):
            facts = Facts(bench, [sys.executable, script,
                                  bench.certs.path("self"),
                                  bench.certs.key("self"), version],
                          "demand")
            program = bench.run([bench.program("test-ping"), "127.0.0.1",
                                 f"--port={facts.port}"])
            equal(program.wait_end(8), 1, "the status")
            check("failed to connect: " in program.said(), program.said())
            facts.stop()

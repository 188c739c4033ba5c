# SPDX-License-Identifier: LGPL-2.1-only
"""Certificates and keys that cannot be used, as whoever starts a program
learns of it: one line that names the file and the reason, and no server.
"""
import os
import re
import shutil
import time

from certificates import PASSPHRASE
from harness import accepts, check, equal, free_port

LINE = re.compile(r"^\[\d+:\d+\] (ERR|WARN): (.*)$", re.M)
# what every program says last when it has no context
LAST = "libwebsocket init failed"


def files(bench):
    """The group."""
    echo_server(bench)
    echo_client(bench)
    test_server(bench)
    other_programs(bench)
    dates(bench)


def problems(bench, *argv):
    """Run it to its end: the exit status and the lines that complain."""
    program = bench.run_plain(list(argv))
    status = program.wait_end(5)
    lines = [text for _, text in LINE.findall(program.said())]
    check("ERROR: " not in program.said(), program.last_words())
    return status, [line for line in lines if line != LAST]


def one_line(bench, name, argv, *words):
    """The case: a status that is not 0, and one line with all these words."""
    with bench.case(f"{name}: one line says so, and the status"):
        status, lines = problems(bench, *argv)
        check(status not in (0, None), f"the status is {status}")
        equal(len(lines), 1, f"the number of lines in {lines}")
        for word in words:
            check(word in lines[0], f"no {word!r} in {lines[0]!r}")


def make(bench, name, data, mode=0o600):
    """A file of this content."""
    path = os.path.join(bench.scratch, name)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    return path


def content(path):
    with open(path, "rb") as file:
        return file.read()


def bad_files(bench):
    """What is wrong, certificate, key, options, words of the line."""
    certs = bench.certs
    good, key = certs.path("server"), certs.key("server")
    missing = os.path.join(bench.scratch, "missing.pem")
    empty = make(bench, "empty.pem", b"")
    noise = make(bench, "noise.pem", bytes(range(256)) * 20)
    der = os.path.join(bench.scratch, "binary.der")
    certs.run("x509", "-in", good, "-outform", "DER", "-out", der)
    half = make(bench, "half.pem", content(good)[:400])
    half_key = make(bench, "half.key.pem", content(key)[:400])
    broken = make(bench, "broken.pem", content(good).replace(b"MII", b"AII"))
    folder = bench.scratch
    locked = certs.path("locked"), certs.key("locked")
    return [
        ("no certificate there", missing, key, [],
         [missing, "No such file"]),
        ("no key there", good, missing, [], [missing, "No such file"]),
        ("an empty certificate", empty, key, [], [empty]),
        ("an empty key", good, empty, [], [empty]),
        ("noise for a certificate", noise, key, [], [noise]),
        ("noise for a key", good, noise, [], [noise]),
        ("a certificate in DER", der, key, [], [der]),
        ("half a certificate", half, key, [], [half]),
        ("half a key", good, half_key, [], [half_key]),
        ("a certificate that does not parse", broken, key, [], [broken]),
        ("a folder for a certificate", folder, key, [], [folder]),
        ("a folder for a key", good, folder, [], [folder]),
        ("a key for a certificate", key, key, [], [key]),
        ("a certificate for a key", good, good, [], [good]),
        ("the key of another", good, certs.key("number"), [],
         [certs.key("number"), "does not belong"]),
        ("a key of another kind", good, certs.key("curve"), [],
         [certs.key("curve"), "does not belong"]),
        ("a locked key without passphrase", *locked, [],
         [locked[1], "passphrase"]),
        ("a locked key and a wrong passphrase", *locked,
         ["--passphrase=" + PASSPHRASE[:-1]], [locked[1], "passphrase"]),
        ("a locked key and an empty passphrase", *locked,
         ["--passphrase="], [locked[1], "passphrase"]),
        ("a locked key and a passphrase of 5000 bytes", *locked,
         ["--passphrase=" + "p" * 5000], [locked[1], "passphrase"]),
    ]


def echo_server(bench):
    """libwebsockets-test-echo with what it is given."""
    echo = bench.program("test-echo")
    for name, cert, key, options, words in bad_files(bench):
        one_line(bench, "test-echo and " + name,
                 [echo, f"--port={free_port()}", "--ssl",
                  "--ssl-cert=" + cert, "--ssl-key=" + key, *options], *words)
    if os.geteuid():
        closed = make(bench, "closed.pem",
                      content(bench.certs.key("server")), 0)
        one_line(bench, "test-echo and a key it may not read",
                 [echo, f"--port={free_port()}", "--ssl",
                  "--ssl-cert=" + bench.certs.path("server"),
                  "--ssl-key=" + closed], closed, "Permission denied")
    with bench.case("test-echo and the right passphrase: it serves"):
        program, _ = bench.listening(lambda port: [
            echo, f"--port={port}", "--ssl",
            "--ssl-cert=" + bench.certs.path("locked"),
            "--ssl-key=" + bench.certs.key("locked"),
            "--passphrase=" + PASSPHRASE])
        equal(program.stop(), 0, "the status")
        check(PASSPHRASE not in program.said(), "it told the passphrase")


def echo_client(bench):
    """What the client is told to trust."""
    echo = bench.program("test-echo")
    for name, path in (
            ("no authorities there",
             os.path.join(bench.scratch, "missing.pem")),
            ("empty authorities", make(bench, "empty.pem", b"")),
            ("noise for authorities", make(bench, "noise.pem", b"\1" * 999)),
            ("a key for an authority", bench.certs.key("server"))):
        one_line(bench, "test-echo -c and " + name,
                 [echo, "-c", "127.0.0.1", f"--port={free_port()}", "--ssl",
                  "--ssl-cert=" + path], path)


def test_server(bench):
    """libwebsockets-test-server finds its certificate beside the pages."""
    for name in ("test-server", "test-server-extpoll"):
        pages = os.path.join(bench.scratch, "bare-" + name)
        os.mkdir(pages)
        argv = [bench.program(name), f"--port={free_port()}", "--ssl",
                "--resource_path=" + pages]
        base = os.path.join(pages, "libwebsockets-test-server")
        one_line(bench, f"{name} without a certificate", argv, base + ".pem",
                 "No such file")
        shutil.copy(bench.certs.path("server"), base + ".pem")
        one_line(bench, f"{name} without a key", argv, base + ".key.pem",
                 "No such file")
        shutil.copy(bench.certs.key("number"), base + ".key.pem")
        one_line(bench, f"{name} and the key of another", argv,
                 base + ".key.pem", "does not belong")


def other_programs(bench):
    """A build that is not installed may have no certificate for this one."""
    with bench.case("test-fraggle --ssl serves, or says what it misses"):
        port = free_port()
        program = bench.run_plain([bench.program("test-fraggle"), "--ssl",
                                   f"--port={port}"])
        while program.process.poll() is None and not accepts(port):
            time.sleep(0.02)
        if program.process.poll() is None:
            equal(program.stop(), 0, "the status")
        else:
            check(program.wait_end() != 0, "the status is 0")
            lines = [text for _, text in LINE.findall(program.said())
                     if text != LAST]
            equal(len(lines), 1, f"the number of lines in {lines}")
            check("libwebsockets-test-server.pem" in lines[0], lines[0])


def dates(bench):
    """A server may have an outdated certificate, and is told."""
    for name, words in (("expired", "has expired"),
                        ("early", "not valid yet")):
        with bench.case(f"test-echo warns that its certificate is {name}"):
            bench.show(name)
            program, _ = bench.test_echo()
            said = program.said()
            equal(program.stop(), 0, "the status")
            lines = [text for tag, text in LINE.findall(said)
                     if tag == "WARN"]
            equal(len(lines), 1, f"the number of lines in {lines}")
            check(words in lines[0]
                  and bench.certs.path(name) in lines[0], lines[0])
        bench.show("server")

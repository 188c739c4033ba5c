# SPDX-License-Identifier: LGPL-2.1-only
"""Command lines: help, version, mistakes, and what this build cannot do."""
import socket
import subprocess

from harness import check, clean_environment, equal

ALL = ("test-server", "test-server-extpoll", "test-client", "test-echo")
SERVERS = ("test-server", "test-server-extpoll", "test-echo")
LICENCE = "LGPL"


def options(bench):
    """All cases of the group."""
    for name in ALL:
        helps(bench, name)
        versions(bench, name)
        mistakes(bench, name)
        cannot(bench, name)
    client_versions(bench)
    client_speaks(bench)
    client_address(bench)
    for name in SERVERS:
        trouble(bench, name)


def ended(bench, name, *args):
    """Run to the end: status, stdout, stderr."""
    done = subprocess.run([bench.program(name), *args], timeout=10,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, env=clean_environment(), check=False)
    return done.returncode, done.stdout, done.stderr


def helps(bench, name):
    """Usage that was asked for."""
    for option in ("--help", "-h"):
        with bench.case(f"{name} {option} prints the usage on stdout"):
            status, out, err = ended(bench, name, option)
            equal(status, 0, "the exit status")
            equal(err, "", "stderr")
            check("Usage: libwebsockets-" + name in out, out)
            check("--port" in out and "-d <log bitfield>" in out, out)
            check(max(map(len, out.split("\n"))) <= 80, "a line is too wide")


def versions(bench, name):
    """The version of the program."""
    for option in ("-V", "--version"):
        with bench.case(f"{name} {option} tells version and licence"):
            status, out, err = ended(bench, name, option)
            equal(status, 0, "the exit status")
            equal(err, "", "stderr")
            check("libwebsockets-" + name in out and LICENCE in out, out)
            check("library version " in out, out)


def mistakes(bench, name):
    """Usage after a mistake."""
    for args, why in ((["--no-such-option"], "no-such-option"),
                      (["-p", "http"], "'http'"), (["-p", "65536"], "65536"),
                      (["-p", "-1"], "'-1'"), (["-d", "7x"], "'7x'"),
                      (["-d", ""], "''"), (["--port"], "argument")):
        with bench.case(f"{name} {' '.join(args)} is a mistake"):
            status, out, err = ended(bench, name, *args)
            equal(status, 1, "the exit status")
            equal(out, "", "stdout")
            check(why in err, err)
            check("Usage: " in err, "no usage")


def cannot(bench, name):
    """What this version does not have ends the program with one line."""
    host = ["localhost"] if name == "test-client" else []
    wishes = [("--ssl", "no TLS")]
    if name != "test-client" and not bench.configured("DAEMONIZE"):
        wishes.append(("--daemonize", "background"))
    if name.startswith("test-server"):
        wishes.append(("--libev", "no libev"))
    for option, why in wishes:
        with bench.case(f"{name} {option} is refused in one line"):
            status, out, err = ended(bench, name, *host, option)
            equal(status, 1, "the exit status")
            equal(out, "", "stdout")
            equal(err.count("\n"), 1, f"the number of lines of {err!r} -")
            check(option in err and why in err, err)


def client_versions(bench):
    """--version has two meanings in the client."""
    for args, why in ((["--version", "12"], "no WebSocket version 12:"),
                      (["--version=14"], "no WebSocket version 14:"),
                      (["-v", "9"], "no WebSocket version 9:"),
                      (["-v3"], "no WebSocket version 3:"),
                      (["-v", "1"], "no WebSocket version 1:"),
                      (["--version=99"], "no WebSocket version 99:"),
                      (["-v", "8x"], "'8x' is not a number"),
                      (["-d", "7", "--version"], "'localhost'")):
        with bench.case(f"test-client {' '.join(args)} localhost is a "
                        "mistake"):
            status, out, err = ended(bench, "test-client", *args, "localhost")
            equal(status, 1, "the exit status")
            equal(out, "", "stdout")
            check(why in err and "Usage: " in err, err)
    for args in (["localhost", "--version"], ["--version", "-d", "7"]):
        with bench.case(f"test-client {' '.join(args)} asks for the program"):
            status, out, _ = ended(bench, "test-client", *args)
            equal(status, 0, "the exit status")
            check("library version " in out, out)


def asked(sock):
    """The fields of the request that comes there."""
    peer, _ = sock.accept()
    with peer, peer.makefile("rb") as stream:
        lines = iter(stream.readline, b"\r\n")
        next(lines)
        return {name.strip().lower(): value.strip() for name, value in
                (line.decode().split(":", 1) for line in lines)}


def client_speaks(bench):
    """-v reaches the network, or the end in a build that lacks the version."""
    for args, version in ((["--version", "8"], "8"), (["--version=7"], "7"),
                          (["-v", "6"], "6"), (["-v5"], "5"), (["-v4"], "4"),
                          (["--version=76"], None), (["-v", "0"], None),
                          (["-v", "13"], "13"), (["-v", "-1"], "13")):
        name = f"test-client {' '.join(args)}"
        if int(version or 76) not in bench.versions():
            with bench.case(f"{name} is not spoken by this build"):
                status, _, err = ended(bench, "test-client", "127.0.0.1",
                                       *args)
                equal(status, 1, "the exit status")
                check("not supported, this build speaks 13\n" in err, err)
                check("libwebsocket connect failed" in err, err)
            continue
        with bench.case(f"{name} asks for version {version or 76}"), \
                socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            program = bench.run([
                bench.program("test-client"), "127.0.0.1", "-p",
                str(listener.getsockname()[1]), *args])
            fields = asked(listener)
            equal(fields.get("sec-websocket-version"), version, "the version")
            equal("sec-websocket-key1" in fields, version is None,
                  "the presence of Sec-WebSocket-Key1")
            equal("sec-websocket-key" in fields, version is not None,
                  "the presence of Sec-WebSocket-Key")
            program.stop()


def client_address(bench):
    """The client needs exactly one address."""
    for args in ([], ["-p", "80"], ["one", "two"]):
        with bench.case("test-client wants one address, not "
                        + str(len(args) // 2 * 2 if args else 0)
                        + f" words ({' '.join(args)})"):
            status, _, err = ended(bench, "test-client", *args)
            equal(status, 1, "the exit status")
            check("address" in err and "Usage: " in err, err)


def trouble(bench, name):
    """Contexts that cannot be."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with bench.case(f"{name} ends when its port is in use"):
            status, _, err = ended(bench, name, f"--port={port}")
            equal(status, 255, "the exit status")
            check(str(port) in err, "the port is not named: " + err)
            check("libwebsocket init failed" in err, err)
    with bench.case(f"{name} ends when there is no such interface"):
        status, _, err = ended(bench, name, "--port=0", "-i", "nosuch0")
        equal(status, 255, "the exit status")
        check("nosuch0" in err, "the interface is not named: " + err)
    with bench.case(f"{name} takes no further words"):
        status, _, err = ended(bench, name, "word")
        equal(status, 1, "the exit status")
        check("'word'" in err and "Usage: " in err, err)

# SPDX-License-Identifier: LGPL-2.1-only
"""test-echo.exe, both its sides, with test-echo on both sides."""
import os
import time

from harness import PATIENCE, check, equal
from wire import BINARY, TEXT, connect, pack

MIB = 1 << 20


def win_echo(bench, wine):
    """All cases of the group."""
    program, port = start(bench, wine)
    sizes(bench, port)
    hello(bench, "the native test-echo -c", "test-echo.exe",
          lambda *args: bench.run([bench.program("test-echo"), *args]), port)
    hello(bench, "test-echo.exe -c", "its kind",
          lambda *args: wine.run("test-echo", *args), port)
    with bench.case("test-echo.exe ends on ^C, exit 0, with a word"):
        equal(program.stop(within=30), 0, "the exit status")
        check("libwebsockets-test-echo exited cleanly\n" in program.said(),
              program.last_words())
    program, port = bench.test_echo()
    hello(bench, "test-echo.exe -c", "the native test-echo",
          lambda *args: wine.run("test-echo", *args), port)
    returns(bench, wine, program, port)


def start(bench, wine, *options):
    """A running server: program, port."""
    return bench.listening(lambda port: wine.argv(
        "test-echo", f"--port={port}", *options), within=60)


def sizes(bench, port):
    """What comes back."""
    with bench.case("test-echo.exe returns every size in kind", limit=60):
        with connect(port) as peer:
            for size in (0, 1, 125, 126, 127, 4095, 4096, 65535, 65536, 65537,
                         200000, 3 * MIB):
                for opcode in (TEXT, BINARY):
                    data = (b"0123456789" * (size // 10 + 1))[:size] \
                        if opcode == TEXT else os.urandom(size)
                    peer.send(opcode, data)
                    got, back, _ = peer.message()
                    equal(got, opcode, f"the opcode of {size} bytes")
                    check(back == data, f"{size} bytes differ")
    with bench.case("test-echo.exe returns many small messages in order"):
        with connect(port) as peer:
            peer.socket.sendall(b"".join(
                pack(TEXT, b"%d" % n) for n in range(5000)))
            for n in range(5000):
                equal(peer.text(), str(n), "the message")


def hello(bench, who, whom, run, port):
    """A client that says hello and hears it again."""
    with bench.case(f"{who} says hello to {whom} and hears it again"):
        client = run("-c", "127.0.0.1", "-p", str(port), "--ratems=20")
        client.wait_said("Client TX: hello", within=30)
        client.wait_said("Client RX: hello", within=30)
        client.wait_said(" index 10\n", within=30)
        equal(client.stop(within=30), 0, "the exit status")


def returns(bench, wine, program, port):
    """A refused connection is noticed, and a new server too."""
    with bench.case("test-echo.exe -c comes back when the server does",
                    limit=60):
        client = wine.run("test-echo", "-c", "127.0.0.1", "-p", str(port),
                          "-r", "50")
        client.wait_said("Client RX: ", within=30)
        program.stop()
        client.wait_said("Client connection was closed", within=30)
        client.wait_said("could not connect", within=30)
        again = bench.run([bench.program("test-echo"), "-p", str(port)])
        end = time.monotonic() + PATIENCE * 30
        while client.said().count("Client has connected") < 2:
            check(time.monotonic() < end, "it does not")
            time.sleep(0.05)
        equal(client.stop(within=30), 0, "the exit status")
        again.stop()

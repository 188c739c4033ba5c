# SPDX-License-Identifier: LGPL-2.1-only
"""test-server in both its forms: start, numbers, close test, end."""
import os
import re
import signal

from harness import Stopwatch, check, equal
from wire import CLOSE, MIRROR, NUMBERS, TEXT, connect


def server(bench):
    """All cases of the group."""
    for name in ("test-server", "test-server-extpoll"):
        starts(bench, name)
        counts(bench, name)
        masks(bench, name)
        closes(bench, name)
        ends(bench, name)


def start(bench, name, *options):
    """A running server: program, port."""
    return bench.listening(lambda port: [
        bench.program(name), f"--port={port}",
        f"--resource_path={bench.pages}", *options])


def starts(bench, name):
    """What is printed at the start."""
    with bench.case(f"{name} prints banner, resource path and address"):
        program, port = start(bench, name)
        said = program.wait_said("Open http")
        check("libwebsockets test server\n(C) Copyright" in said, said)
        check(f'Using resource path "{bench.pages}"\n' in said, said)
        check(f"http://localhost:{port}/" in said, said)
        program.stop()
    with bench.case(f"{name} --port 0 prints the port it got"):
        program = bench.run([bench.program(name), "-p0", "-i", "127.0.0.1",
                             "-r", bench.pages])
        program.wait_said("Open http")
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", program.said())
        check(found and int(found.group(1)), program.said())
        connect(int(found.group(1)), NUMBERS).socket.close()
        equal(program.stop(), 0, "the exit status")
    with bench.case(f"{name} goes on without its resource directory"):
        program, port = start(bench, name, "-r", "/no/such/place")
        program.wait_said("/no/such/place")
        with connect(port, NUMBERS) as peer:
            equal(peer.text(), "0", "the first number")
        equal(program.stop(), 0, "the exit status")


def logs_debug(bench):
    """Was the build made with logging below NOTICE?"""
    with open(os.path.join(bench.build, "config.h"),
              encoding="ascii") as config:
        return "#define _DEBUG 1" in config.read()


def counts(bench, name):
    """dumb-increment-protocol."""
    program, port = start(bench, name)
    with bench.case(f"{name} counts from 0, about twenty times a second"):
        with connect(port, NUMBERS) as peer:
            watch = Stopwatch()
            equal([peer.text() for _ in range(20)],
                  [str(n) for n in range(20)], "the numbers")
            watch.check(0.7 - watch.slack(), 1.8)
    with bench.case(f"{name} counts for each connection by itself"):
        with connect(port, NUMBERS) as one, connect(port, NUMBERS) as two:
            for _ in range(10):
                one.text()
            one.send(TEXT, b"reset\n")
            got = [int(one.text()) for _ in range(8)]
            check(min(got) == 0, f"no 0 after the reset: {got}")
            first = [int(two.text()) for _ in range(12)]
            equal(first, list(range(12)), "the numbers of the other")
    with bench.case(f"{name} resets on nothing else"):
        with connect(port, NUMBERS) as peer:
            for data in (b"reset", b"reset\r\n", b"RESET\n", b"", b"reset\n!",
                         b"x" * 1000):
                peer.send(TEXT, data)
            equal([peer.text() for _ in range(15)],
                  [str(n) for n in range(15)], "the numbers")
    with bench.case(f"{name} shows the headers of a handshake"):
        connect(port, NUMBERS).socket.close()
        program.wait_said("    host = 127.0.0.1:")
        check("    sec-websocket-protocol = " + NUMBERS in program.said(),
              program.said())
    with bench.case(f"{name} takes clients that offer no protocol"):
        with connect(port) as peer:
            peer.send(CLOSE, b"\x03\xe8")
            equal(peer.frame()[0], CLOSE, "the opcode of the answer")
    bench.ends_cleanly(program, name)
    if not logs_debug(bench):
        return
    with bench.case(f"{name} -d 15 tells who has come"):
        program, port = start(bench, name, "-d", "15")
        with connect(port, NUMBERS), connect(port, MIRROR):
            program.wait_said("INFO: callback_dumb_increment: "
                              "LWS_CALLBACK_ESTABLISHED\n")
            program.wait_said("INFO: callback_lws_mirror: "
                              "LWS_CALLBACK_ESTABLISHED\n")
        equal(program.stop(), 0, "the exit status")


def masks(bench, name):
    """--killmask."""
    with bench.case(f"{name} refuses unmasked frames with 1002"):
        program, port = start(bench, name)
        with connect(port, MIRROR) as peer:
            peer.send(TEXT, b"bare", mask=False)
            equal(peer.ended(), [(CLOSE, True, b"\x03\xea")], "the answer")
        program.stop()
    with bench.case(f"{name} -k takes unmasked frames"):
        program, port = start(bench, name, "--killmask")
        with connect(port, MIRROR) as peer:
            peer.send(TEXT, b"bare", mask=False)
            equal(peer.text(), "bare", "the answer")
        equal(program.stop(), 0, "the exit status")


def closes(bench, name):
    """--closetest."""
    program, port = start(bench, name, "--closetest")
    with bench.case(f"{name} -c says so and closes after 50 numbers"):
        program.wait_said("lose testing mode is on")
        with connect(port, NUMBERS) as peer:
            frames = peer.ended()
        numbers = [data.decode() for op, _, data in frames if op == TEXT]
        equal(numbers, [str(n) for n in range(50)], "the numbers")
        equal([op for op, _, _ in frames][-1], CLOSE, "the last opcode")
    with bench.case(f"{name} -c mirrors nothing"):
        with connect(port, MIRROR) as peer:
            peer.send(TEXT, b"d #000000 1 1 2 2;")
            try:
                got = peer.frame(limit=1)
            except AssertionError:
                got = None
            equal(got, None, "the answer")
    with bench.case(f"{name} -c ends cleanly"):
        equal(program.stop(), 0, "the exit status")


def ends(bench, name):
    """^C in every situation."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # SIGTERM leaves a second to peers that do not answer a Close
        at_once = number == signal.SIGINT
        with bench.case(f"{name} ends "
                        + ("at once " if at_once else "in good order ")
                        + f"on {number.name}, exit 0"):
            program, port = start(bench, name)
            with connect(port, NUMBERS) as one, connect(port, MIRROR):
                one.text()
                watch = Stopwatch()
                equal(program.stop(number), 0, "the exit status")
                if at_once:
                    watch.check(0, 1)
                check("libwebsockets-test-server exited cleanly\n"
                      in program.said(), program.last_words())
                check("mirror protocol cleaning up\n" in program.said(),
                      program.last_words())
                codes = [data for op, _, data in one.ended() if op == CLOSE]
                equal(codes, [b"\x03\xe9"], "the code of its Close")

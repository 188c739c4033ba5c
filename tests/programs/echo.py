# SPDX-License-Identifier: LGPL-2.1-only
"""test-echo: what comes back, what does not pile up, and its client."""
import os
import signal
import socket
import time

from harness import Stopwatch, check, equal, free_port
from options import ended
from wire import (BINARY, CLOSE, CONT, PING, PONG, TEXT, Listener, Peer,
                  connect, pack)

MIB = 1 << 20


def echo(bench):
    """All cases of the group."""
    program, port = bench.test_echo()
    sizes(bench, port)
    fragments(bench, port)
    others(bench, port)
    pressure(bench, program, port)
    with bench.case("test-echo ends on ^C, exit 0, with a word"):
        with connect(port) as peer:
            equal(program.stop(), 0, "the exit status")
            check("libwebsockets-test-echo exited cleanly\n"
                  in program.said(), program.last_words())
            equal([data for op, _, data in peer.ended() if op == CLOSE],
                  [b"\x03\xe9"], "the code of its Close")
    with bench.case("test-echo ends on SIGTERM, exit 0"):
        program, port = bench.test_echo()
        equal(program.stop(signal.SIGTERM), 0, "the exit status")
    if bench.configured("PTHREADS"):
        threads(bench)
    talks(bench)
    versa(bench)


def threads(bench):
    """Several of them serve one port, or they say why not."""
    with bench.case("test-echo --threads serves, and ends on ^C"):
        program, port = bench.test_echo("--threads=3")
        peers = [connect(port) for _ in range(24)]
        for n, peer in enumerate(peers):
            peer.send(TEXT, b"%d" % n)
        for n, peer in enumerate(peers):
            equal(peer.text(), str(n), "what came back")
            peer.socket.close()
        equal(program.stop(), 0, "the exit status")
    with bench.case("test-echo --threads: not in a client, not 0, not 256"):
        for words in (["-T2", "-c", "127.0.0.1"], ["-T0"], ["-T256"]):
            status, out, err = ended(bench, "test-echo", *words)
            equal((status, out), (1, ""), f"the end with {words}")
            check("thread" in err, err)


def sizes(bench, port):
    """One frame in, one message of the same kind out."""
    with bench.case("test-echo returns every size in kind"):
        with connect(port, "default") as peer:
            for size in (0, 1, 125, 126, 127, 4095, 4096, 65535, 65536,
                         65537, 131072, 200000, 3 * MIB):
                for opcode in (TEXT, BINARY):
                    data = (b"0123456789" * (size // 10 + 1))[:size] \
                        if opcode == TEXT else os.urandom(size)
                    peer.send(opcode, data)
                    got, back, _ = peer.message()
                    equal(got, opcode, f"the opcode of {size} bytes")
                    check(back == data, f"{size} bytes differ")
    with bench.case("a frame of one chunk comes back as one frame"):
        with connect(port) as peer:
            for size in (0, 20, 1024, 16384, 65536):
                peer.send(BINARY, bytes(size))
                equal(peer.message()[2], 1, f"the frames of {size} bytes")
    with bench.case("many small messages come back in order"):
        with connect(port) as peer:
            peer.socket.sendall(b"".join(
                pack(TEXT, b"%d" % n) for n in range(5000)))
            for n in range(5000):
                equal(peer.text(), str(n), "the message")


def fragments(bench, port):
    """Fragment by fragment, as they come."""
    with bench.case("fragments come back one by one, empty ones too"):
        with connect(port) as peer:
            for opcode in (TEXT, BINARY):
                plan = ((opcode, b"one", False), (CONT, b"", False),
                        (CONT, b"two", False), (CONT, b"", True),
                        (opcode, b"", False), (CONT, b"three", True))
                for kind, data, fin in plan:
                    peer.send(kind, data, fin)
                    equal(peer.frame(), (kind, fin, data), "the frame")
    with bench.case("a ping between fragments is answered between them"):
        with connect(port) as peer:
            peer.send(TEXT, b"a", fin=False)
            peer.send(PING, b"now")
            peer.send(CONT, b"b")
            frames = [peer.frame() for _ in range(3)]
            check((PONG, True, b"now") in frames, frames)
            frames.remove((PONG, True, b"now"))
            equal(frames, [(TEXT, False, b"a"), (CONT, True, b"b")],
                  "the rest")


def others(bench, port):
    """Those who offer protocols, and those who want a page."""
    with bench.case("test-echo takes those who offer nothing, or default"):
        for protocol in (None, "default", "other, default"):
            with connect(port, protocol) as peer:
                peer.send(TEXT, b"?")
                equal(peer.text(), "?", f"the answer to {protocol}")
    with bench.case("test-echo refuses those who offer something else"):
        try:
            connect(port, "other").socket.close()
            raise AssertionError("it does not")
        except AssertionError as error:
            check(" 400" in str(error), error)
    with bench.case("who wants a page is told that there is none"):
        with Peer(socket.create_connection(("127.0.0.1", port), 10)) as web:
            web.socket.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            check(web.head().startswith("HTTP/1.1 404 "), "no 404")


def memory(program):
    """Bytes of it in memory."""
    with open(f"/proc/{program.pid}/statm", encoding="ascii") as text:
        return int(text.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def allowance(program):
    """What it may grow by: a sanitizer keeps what has been freed."""
    with open(f"/proc/{program.pid}/exe", "rb") as binary:
        return 40 * MIB if b"__asan_init" in binary.read() else 4 * MIB


def fill(peer, most, patience=1.5):
    """Send messages of 64 KiB without reading; how many bytes went."""
    frame = pack(BINARY, bytes(65536))
    sent, part = 0, 0
    peer.socket.settimeout(patience)
    while sent < most:
        try:
            part += peer.socket.send(frame[part:])
        except socket.timeout:
            return sent + part, frame[part:]
        if part == len(frame):
            sent, part = sent + part, 0
    return sent, b""


def pressure(bench, program, port):
    """It stops reading while its peer does not read."""
    with bench.case("test-echo does not store what nobody takes", limit=60):
        before = memory(program)
        peers = [connect(port, small=True) for _ in range(4)]
        rests = [fill(peer, 200 * MIB) for peer in peers]
        for sent, _ in rests:
            check(sent < 100 * MIB, f"it has taken {sent >> 20} MiB")
        grown = memory(program) - before
        check(grown < allowance(program), f"it has grown by {grown >> 10} KiB")
        with connect(port) as other:
            other.send(TEXT, b"still there?")
            equal(other.text(), "still there?", "the answer to another")
        drain(peers, rests)
        for peer in peers:
            peer.send(TEXT, b"over")
            equal(peer.text(), "over", "the last message")
            peer.socket.close()


def drain(peers, rests):
    """Take what waits, and send the rest of what was cut."""
    for peer, (sent, rest) in zip(peers, rests):
        due = (sent + len(rest)) // (65536 + 14)
        peer.socket.settimeout(0.01)
        while rest:
            try:
                rest = rest[peer.socket.send(rest):]
            except socket.timeout:
                peer.more(time.monotonic() + 10)
                peer.socket.settimeout(0.01)
        for _ in range(due):
            opcode, data, _ = peer.message()
            equal((opcode, len(data)), (BINARY, 65536), "the message")


def talks(bench):
    """The client of test-echo."""
    program, port = bench.test_echo()
    run = [bench.program("test-echo"), "-c", "127.0.0.1", "-p", str(port)]
    with bench.case("test-echo -c says hello and hears it again"):
        client = bench.run(run + ["--ratems=20"])
        client.wait_said(" index 5\n")
        said = client.wait_said("Client RX: hello from libwebsockets-test-"
                                f"echo client pid {client.pid} index 3")
        check("Client TX: hello from libwebsockets-test-echo client pid "
              f"{client.pid} index 0\n" in said, said)
        equal(client.stop(), 0, "the exit status")
        check("libwebsockets-test-echo exited cleanly\n" in client.said(),
              client.last_words())
    with bench.case("test-echo -c keeps to its rate"):
        client = bench.run(run + ["-r", "100"])
        client.wait_said(" index 0\n")
        watch = Stopwatch()
        client.wait_said(" index 10\n")
        watch.check(0.8 - watch.slack(), 1.6)
        client.stop()
    with bench.case("test-echo -c comes back when the server does",
                    limit=40):
        client = bench.run(run + ["-r", "50"])
        client.wait_said("Client RX: ")
        program.stop()
        client.wait_said("Client connection was closed")
        client.wait_said("could not connect")
        program = bench.run([bench.program("test-echo"), "-p", str(port)])
        heard = client.said().count("Client RX: ")
        end = time.monotonic() + 10
        while client.said().count("Client RX: ") <= heard:
            check(time.monotonic() < end, "it does not")
            time.sleep(0.05)
        equal(client.stop(), 0, "the exit status")
    with bench.case("test-echo -c waits for a server that is behind"):
        with Listener() as listener:
            client = bench.run([bench.program("test-echo"), "-c", "127.0.0.1",
                                "-p", str(listener.port), "--ratems=10"])
            peer, _, _ = listener.peer()
            client.wait_said(" index 10\n")
            client.process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            equal(peer.returns(), b"\x03\xe9", "its Close")
            peer.socket.close()
            equal(client.wait_end(), 0, "the exit status")
    with bench.case("-c sets the port to 80, wherever it stands"):
        client = bench.run([bench.program("test-echo"), "-p",
                            str(free_port()), "-c", "127.0.0.1"])
        client.wait_said("127.0.0.1:80/")
        client.stop()
    program.stop()


def versa(bench):
    """The client may be the one that echoes."""
    with bench.case("test-echo -c -v returns what the server says"):
        with Listener() as listener:
            client = bench.run([bench.program("test-echo"), "-c", "127.0.0.1",
                                "-p", str(listener.port), "-v", "-u",
                                "/some/path?x=1"])
            peer, line, fields = listener.peer()
            equal(line, "GET /some/path?x=1 HTTP/1.1", "the request")
            equal(fields["host"], f"127.0.0.1:{listener.port}", "the host")
            check("sec-websocket-protocol" not in fields, "offers protocols")
            for opcode, data in ((TEXT, b"hello"), (BINARY, bytes(1000)),
                                 (TEXT, b"")):
                peer.send(opcode, data, mask=False)
                equal(peer.message(), (opcode, data, 1), "the answer")
            peer.send(BINARY, bytes(200000), mask=False)
            equal(len(peer.message()[1]), 200000, "the length")
            equal(client.stop(), 0, "the exit status")
            peer.socket.close()

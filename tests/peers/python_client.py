# SPDX-License-Identifier: LGPL-2.1-only
"""python3-websockets as the client of test-echo and test-server."""
import asyncio
import time

import websockets

from frames import Frames
from harness import check, equal

LENGTHS = (0, 1, 2, 125, 126, 127, 4095, 4096, 4097, 65535, 65536, 1 << 20)
INCREMENT = "dumb-increment-protocol"
MIRROR = "lws-mirror-protocol"


def python_client(bench):
    """The group."""
    echo, port = bench.test_echo()
    echoes(bench, port)
    frames(bench, port)
    ends(bench, port)
    crowd(bench, port)
    slow_reader(bench, echo, port)
    bench.ends_cleanly(echo, "the echo server of the Python client")
    server, port = bench.test_server()
    numbers(bench, port)
    mirror(bench, port)
    bench.ends_cleanly(server, "the server of the Python client")
    close_testing(bench)


def python_extpoll(bench):
    """The server around a poll loop of its own."""
    server, port = bench.test_server(name="test-server-extpoll")
    numbers(bench, port, "external poll")
    mirror(bench, port, who="external poll")
    bench.ends_cleanly(server, "the server with external poll")


def connect(port, **options):
    """A connection of websockets that takes messages of any size."""
    options.setdefault("max_size", None)
    options.setdefault("open_timeout", 30)
    options.setdefault("close_timeout", 30)
    return websockets.connect(f"ws://127.0.0.1:{port}/", **options)


def take(ws, limit=60):
    """The next message, within a time limit."""
    return asyncio.wait_for(ws.recv(), limit)


def agreed(ws):
    """The extensions in the server's answer, or None."""
    answer = getattr(ws, "response_headers", None) or ws.response.headers
    return answer.get("Sec-WebSocket-Extensions")


def pattern(length):
    """Bytes in which a lost, doubled or moved part shows."""
    return bytes((n * 7 + (n >> 8) * 13) & 255 for n in range(length))


def text_pattern(length):
    """As pattern(), in letters."""
    return "".join(chr(97 + (n * 7 + n // 26) % 26) for n in range(length))


def echoes(bench, port):
    """What is sent comes back, in kind."""
    ways = {"": None}
    if bench.configured("EXTENSIONS"):
        ways[", compressed"] = "deflate"

    async def echo(message, compression):
        async with connect(port, compression=compression) as ws:
            equal(bool(agreed(ws)), bool(compression), "an extension")
            await ws.send(message)
            got = await take(ws)
            equal(type(got), type(message), "the kind")
            check(got == message, f"{len(got)} of {len(message)} came back, "
                  "or they differ")

    for way, compression in ways.items():
        for length in LENGTHS:
            with bench.case(f"Python{way}: a text of {length} bytes is "
                            "echoed"):
                asyncio.run(echo(text_pattern(length), compression))
            with bench.case(f"Python{way}: a binary of {length} bytes is "
                            "echoed"):
                asyncio.run(echo(pattern(length), compression))
        with bench.case(f"Python{way}: text of every UTF-8 length is echoed"):
            asyncio.run(echo("\u00e5\u07ff\u0800\ufffd\U00010000\U0010ffff"
                             "\0\x7f" * 5000, compression))
    with bench.case("Python: one message in many fragments is echoed"):
        asyncio.run(fragments(port))
    with bench.case("Python: 2000 messages at once come back in order"):
        asyncio.run(burst(port))


async def fragments(port):
    async with connect(port) as ws:
        for parts in ([b"a", b"", b"bc", pattern(70000), b""],
                      ["x", "", "\u00e5" * 70000, "y"]):
            await ws.send(parts)
            equal(await take(ws), type(parts[0])().join(parts), "the message")


async def burst(port):
    async with connect(port, max_queue=None) as ws:
        async def talk():
            for n in range(2000):
                await ws.send(str(n))
        talking = asyncio.ensure_future(talk())
        for n in range(2000):
            equal(await take(ws), str(n), "the next message")
        await talking


def frames(bench, port):
    """What only shows frame by frame."""
    with bench.case("fragments come back as fragments of the same kind"):
        with Frames(port) as peer:
            peer.core.send_binary(b"one", fin=False)
            peer.core.send_continuation(b"", fin=False)
            peer.core.send_continuation(b"two", fin=True)
            got = [peer.frame() for _ in range(3)]
        equal([(f.opcode.name, bytes(f.data), f.fin) for f in got],
              [("BINARY", b"one", False), ("CONT", b"", False),
               ("CONT", b"two", True)], "the frames")
    with bench.case("a ping between fragments is answered before they end"):
        with Frames(port) as peer:
            peer.core.send_text(b"half", fin=False)
            peer.core.send_ping(b"are you there")
            peer.flush()
            first = [peer.frame(), peer.frame()]
            equal({(f.opcode.name, bytes(f.data)) for f in first},
                  {("TEXT", b"half"), ("PONG", b"are you there")}, "frames")
            peer.core.send_continuation(b"", fin=True)
            equal(peer.frame().opcode.name, "CONT", "the last frame")
    for length in (0, 1, 125):
        with bench.case(f"a ping of {length} bytes has them in its pong"):
            with Frames(port) as peer:
                peer.core.send_ping(pattern(length))
                pong = peer.frame()
                equal((pong.opcode.name, bytes(pong.data)),
                      ("PONG", pattern(length)), "the answer")
    with bench.case("a message of one chunk comes back as one frame"):
        with Frames(port) as peer:
            peer.core.send_text(b"whole", fin=True)
            got = peer.frame()
            equal((got.opcode.name, bytes(got.data), got.fin),
                  ("TEXT", b"whole", True), "the frame")


def ends(bench, port):
    """Closing, properly and not."""
    async def closed(code, reason):
        async with connect(port) as ws:
            await ws.close(code, reason)
            return ws.close_code

    for code, reason in ((1000, ""), (1001, "going"), (1003, ""),
                         (3000, "\u00e5" * 61), (4999, "x" * 123)):
        with bench.case(f"Python: close {code} is answered with {code}"):
            equal(asyncio.run(closed(code, reason)), code, "the code")
    with bench.case("a close without code is answered without one"):
        with Frames(port) as peer:
            peer.core.send_close()
            answer = peer.frame()
            equal((answer.opcode.name, bytes(answer.data)), ("CLOSE", b""),
                  "the answer")
            peer.expect_end()
    with bench.case("the server ends TCP first after the closing handshake"):
        with Frames(port) as peer:
            peer.core.send_close(1000)
            peer.frame()
            peer.expect_end(within=1.5)
    for name, data, code in (
            ("text that is not UTF-8", b"\x81\x82\0\0\0\0\xc3\x28", 1007),
            ("an unmasked frame", b"\x81\x01a", 1002),
            ("a reserved opcode", b"\x83\x80\0\0\0\0", 1002),
            ("a reserved bit", b"\xc1\x80\0\0\0\0", 1002),
            ("a continuation of nothing", b"\x80\x80\0\0\0\0", 1002),
            ("a ping of 126 bytes", b"\x89\xfe\0\x7e\0\0\0\0", 1002),
            ("a close body of one byte", b"\x88\x81\0\0\0\0a", 1002),
            ("a close code of 1005", b"\x88\x82\0\0\0\0\x03\xed", 1002),
            ("a length of 2^63", b"\x82\xff\x80" + b"\0" * 11, 1002)):
        with bench.case(f"{name} is answered with close {code}"):
            with Frames(port) as peer:
                peer.raw(data)
                answer = peer.frame()
                equal(answer.opcode.name, "CLOSE", "the answer")
                equal(int.from_bytes(answer.data[:2], "big"), code, "its code")
                peer.expect_end()
    with bench.case("a promise of 2^62 bytes costs the server nothing"):
        with Frames(port) as peer:
            peer.raw(b"\x82\xff\x40" + b"\0" * 7 + b"\0\0\0\0" + b"x" * 1000)
            time.sleep(0.3)
        asyncio.run(closed(1000, ""))


def crowd(bench, port):
    """Many at once."""
    async def one(n):
        async with connect(port, open_timeout=15) as ws:
            for turn in range(5):
                message = f"{n} says {turn} " * 20
                await ws.send(message)
                equal(await take(ws), message, "the echo")

    async def all_of_them():
        await asyncio.gather(*(one(n) for n in range(200)))

    with bench.case("200 connections at once each get their own echo", 60):
        asyncio.run(all_of_them())


def slow_reader(bench, echo, port):
    """Back pressure: who does not read is not read from."""
    piece = pattern(65536)
    with bench.case("a peer that does not read soon cannot write either", 60):
        before = memory(echo)
        with Frames(port) as peer:
            # sockets alone may hold tens of MiB: tcp_rmem, tcp_wmem
            sent = peer.stuff(piece, most=3072)
            check(sent < 3072, "the server took 192 MiB without being read")
            grown = memory(echo) - before
            check(grown < 24 << 20, f"the server has grown by {grown} bytes")
            peer.finish_stuffing()
            for _ in range(sent):
                message = peer.message()
                check(message == piece, "a message came back changed")
        with Frames(port) as peer:
            peer.core.send_text(b"alive", fin=True)
            equal(bytes(peer.frame().data), b"alive", "the echo afterwards")


def memory(program):
    """Resident bytes of a program, 0 where the system does not say."""
    try:
        with open(f"/proc/{program.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:
        return 0


def numbers(bench, port, who="Python"):
    """dumb-increment-protocol, as section 1 of the programs' notes has it."""
    async def count():
        async with connect(port, subprotocols=[INCREMENT]) as ws:
            equal(ws.subprotocol, INCREMENT, "the subprotocol")
            begin = time.monotonic()
            for n in range(20):
                equal(await take(ws), str(n), "the number")
            return time.monotonic() - begin

    async def reset(words, want_reset):
        async with connect(port, subprotocols=[INCREMENT]) as ws:
            for _ in range(5):
                await take(ws)
            for word in words:
                await ws.send(word)
            got = [int(await take(ws)) for _ in range(8)]
            check((0 in got) == want_reset, f"the numbers were {got}")

    async def apart():
        async with connect(port, subprotocols=[INCREMENT]) as one:
            for _ in range(5):
                await take(one)
            async with connect(port, subprotocols=[INCREMENT]) as two:
                equal(await take(two), "0", "the newcomer's first number")
                await two.send("reset\n")
                got = [int(await take(one)) for _ in range(5)]
                check(0 not in got, f"the other's numbers were {got}")

    with bench.case(f"{who}: numbers count up from 0, about every 50 ms"):
        took = asyncio.run(count())
        check(0.4 < took < 3, f"twenty numbers took {took:.2f} s")
    with bench.case(f"{who}: reset and a newline set the number to 0"):
        asyncio.run(reset(["reset\n"], True))
    with bench.case(f"{who}: nothing else sets the number to 0"):
        asyncio.run(reset(["reset", "RESET\n", "reset\n\n"[:5], "x" * 500, "",
                           "preset\n"], False))
    with bench.case(f"{who}: every connection has its own number"):
        asyncio.run(apart())


def mirror(bench, port, other=None, who="Python"):
    """lws-mirror-protocol; with @other a second way in to the same server."""
    async def drawing():
        async with connect(port, subprotocols=[MIRROR]) as one, \
                connect(other or port, subprotocols=[MIRROR]) as two:
            for n in range(50):
                line = f"d #000000 {n} 0 {n} 299;"
                sender = two if n % 2 else one
                await sender.send(line)
                equal(await take(one), line, "what one sees")
                equal(await take(two), line, "what two sees")

    async def kinds():
        async with connect(port, subprotocols=[MIRROR]) as ws:
            for message in ("c #1A2B3C 250 100 12;", pattern(600), "\u00e5",
                            text_pattern(4096), pattern(4096)):
                await ws.send(message)
                equal(await take(ws), message, "the message")

    async def history():
        async with connect(port, subprotocols=[MIRROR]) as one:
            await one.send("d #000000 1 1 2 2;")
            await take(one)
            async with connect(port, subprotocols=[MIRROR]) as late:
                await one.send("d #000000 3 3 4 4;")
                equal(await take(late), "d #000000 3 3 4 4;", "the first")

    async def flood():
        count = 3000
        async with connect(port, subprotocols=[MIRROR], max_queue=None) as a, \
                connect(other or port, subprotocols=[MIRROR],
                        max_queue=None) as b:
            async def talk():
                for n in range(count):
                    await a.send(f"d #20ff20 {n} {n} {n} {n};")

            async def hear(ws):
                for n in range(count):
                    equal(await take(ws), f"d #20ff20 {n} {n} {n} {n};",
                          "the next drawing")
            await asyncio.gather(talk(), hear(a), hear(b))

    with bench.case(f"{who}: the mirror gives every drawing to both windows"):
        asyncio.run(drawing())
    with bench.case(f"{who}: the mirror answers in kind, up to 4096 bytes"):
        asyncio.run(kinds())
    with bench.case(f"{who}: a newcomer gets no old drawings"):
        asyncio.run(history())
    with bench.case(f"{who}: 3000 drawings in a row reach both, in order", 40):
        asyncio.run(flood())


def close_testing(bench):
    """The option -c of the server."""
    async def count(port):
        got = []
        async with connect(port, subprotocols=[INCREMENT]) as ws:
            try:
                while True:
                    got.append(await take(ws))
            except websockets.ConnectionClosed:
                return got, ws.close_code

    server, port = bench.test_server("-c")
    with bench.case("with -c the server closes after 50 numbers"):
        got, code = asyncio.run(count(port))
        equal(got, [str(n) for n in range(50)], "the numbers")
        equal(code, 1000, "the close code")
    bench.ends_cleanly(server, "the server with -c")

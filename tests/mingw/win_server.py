# SPDX-License-Identifier: LGPL-2.1-only
"""test-server.exe in both its forms, and peers that are not on Windows."""
import asyncio
import os
import socket
import struct
import subprocess
import time

from harness import PATIENCE, check, equal, has_ipv6
from wire import BINARY, CLOSE, MIRROR, NUMBERS, TEXT, connect

CROWD = 200  # connections at the same time
WAVES = 20  # of connections that come and go
KEPT = 8 << 20  # bytes that a process may hold more after them


def win_server(bench, wine):
    """All cases of the group."""
    for name in ("test-server", "test-server-extpoll"):
        program, port = start(bench, wine, name)
        pages(bench, name, port)
        numbers(bench, name, port)
        mirror(bench, name, port)
        crowd(bench, name, port)
        rude(bench, name, port)
        library(bench, name, port)
        ours(bench, name, port)
        leaks(bench, name, port, program)
        ends(bench, name, port, program)
    trouble(bench, wine)


def start(bench, wine, name, *options):
    """A running server: program, port."""
    return bench.listening(lambda port: wine.argv(
        name, f"--port={port}", f"--resource_path={bench.pages}", *options),
        within=60)


def curl(*args):
    """What curl gets, as bytes."""
    done = subprocess.run(["curl", "-s", "-m", "60", "--noproxy", "*", *args],
                          capture_output=True, check=False)
    equal(done.returncode, 0, "the exit status of curl")
    return done.stdout


def status(port, path):
    """The HTTP status of a request."""
    return curl("-o", "/dev/null", "-w", "%{http_code}", "--path-as-is",
                f"http://127.0.0.1:{port}{path}").decode()


def pages(bench, name, port):
    """What is asked by HTTP."""
    with bench.case(f"{name}.exe serves the page and its pictures to the bit"):
        for path, file in (("/", "test.html"), ("/leaf.jpg", "leaf.jpg"),
                           ("/favicon.ico", "favicon.ico"),
                           ("/libwebsockets.org-logo.png",
                            "libwebsockets.org-logo.png")):
            with open(os.path.join(bench.pages, file), "rb") as there:
                check(curl(f"http://127.0.0.1:{port}{path}") == there.read(),
                      f"{path} differs")
    with bench.case(f"{name}.exe serves no devices, and nothing elsewhere"):
        for path in ("/con.html", "/nul.png", "/com1.html", "/no.html",
                     "/aux.ico"):
            equal(status(port, path), "404", f"the status of {path}")
        for path in ("/..%5ctest.html", "/c:test.html", "/test.html::$DATA",
                     "/test.html%20", "/..\\test.html"):
            check(status(port, path) in ("403", "404", "400", "415"),
                  f"{path} is {status(port, path)}")
    with bench.case(f"{name}.exe takes what is posted"):
        equal(curl("-o", "/dev/null", "-w", "%{http_code}", "-d",
                   "x" * 20000, f"http://127.0.0.1:{port}/form").decode(),
              "200", "the status")
    if has_ipv6():
        with bench.case(f"{name}.exe serves IPv6 on the same socket"):
            with open(os.path.join(bench.pages, "test.html"), "rb") as there:
                check(curl("-g", f"http://[::1]:{port}/") == there.read(),
                      "the page differs")


def numbers(bench, name, port):
    """dumb-increment-protocol."""
    with bench.case(f"{name}.exe counts"):
        with connect(port, NUMBERS) as peer:
            equal([peer.text() for _ in range(20)],
                  [str(n) for n in range(20)], "the numbers")
            peer.send(TEXT, b"reset\n")
            end = time.monotonic() + PATIENCE * 10
            while peer.text() != "0":
                check(time.monotonic() < end, "they do not begin again")


def mirror(bench, name, port):
    """lws-mirror-protocol."""
    with bench.case(f"{name}.exe mirrors to all"):
        with connect(port, MIRROR) as one, connect(port, MIRROR) as two:
            sent = [(TEXT, b"c #1A2B3C 250 100 12;"), (BINARY, bytes(256)),
                    (TEXT, b""), (BINARY, os.urandom(4096))]
            for opcode, data in sent:
                one.send(opcode, data)
            for peer in (one, two):
                equal([peer.message()[:2] for _ in sent], sent, "what arrives")


def crowd(bench, name, port):
    """More than select() takes at a time."""
    with bench.case(f"{name}.exe serves {CROWD} at the same time", limit=60):
        peers = [connect(port, MIRROR) for _ in range(CROWD)]
        peers[0].send(TEXT, b"to all")
        for peer in peers:
            equal(peer.text(), "to all", "the text")
        for peer in peers:
            peer.socket.close()


def rude(bench, name, port):
    """Peers that leave in the ways peers leave."""
    with bench.case(f"{name}.exe goes on when peers vanish"):
        for _ in range(30):
            peer = connect(port, NUMBERS)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
            peer.socket.close()
            socket.create_connection(("127.0.0.1", port), 10).close()
        with connect(port, NUMBERS) as peer:
            equal(peer.text(), "0", "the first number")
    with bench.case(f"{name}.exe closes for who has finished sending"):
        with connect(port, NUMBERS) as peer:
            peer.text()
            peer.socket.shutdown(socket.SHUT_WR)
            peer.ended()


def library(bench, name, port):
    """A client that others wrote, with compression."""
    try:
        import websockets
    except ImportError:
        bench.fails("websockets is there", "install python3-websockets")
        return

    async def talk():
        async with websockets.connect(
                f"ws://127.0.0.1:{port}/", subprotocols=[MIRROR],
                open_timeout=60) as peer:
            equal(peer.subprotocol, MIRROR, "the protocol")
            names = [one.name for one in peer.extensions]
            if bench.compresses:
                equal(names, ["permessage-deflate"], "the extensions")
            for text in ("hello", "x" * 4000, "gr\u00fc\u00dfe"):
                await peer.send(text)
                equal(await asyncio.wait_for(peer.recv(), 60), text,
                      "what comes back")

    with bench.case(f"{name}.exe serves Python's websockets"):
        asyncio.run(talk())


def ours(bench, name, port):
    """test-client on this side."""
    with bench.case(f"the native test-client talks to {name}.exe"):
        program = bench.run([bench.program("test-client"), "127.0.0.1", "-p",
                             str(port)])
        program.wait_said("rx 2 '10'", within=30)
        program.wait_said("callback_lws_mirror: "
                          "LWS_CALLBACK_CLIENT_ESTABLISHED", within=30)
        equal(program.stop(), 0, "the exit status")


def descriptors(program):
    """Open ones of the process and of the server that keeps its handles."""
    count = len(os.listdir(f"/proc/{program.pid}/fd"))
    prefix = program.env["WINEPREFIX"]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as comm:
                mine = comm.read().startswith("wineserver")
            with open(f"/proc/{pid}/environ", "rb") as env:
                mine &= f"WINEPREFIX={prefix}".encode() in env.read()
            if mine:
                count += len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            pass
    return count


def memory(program):
    """Its private memory in bytes."""
    with open(f"/proc/{program.pid}/smaps_rollup", encoding="ascii") as maps:
        return sum(int(line.split()[1]) << 10 for line in maps
                   if line.startswith(("Private_Dirty:", "Private_Clean:")))


def wave(port):
    """Connections that come, say something, and go."""
    for _ in range(10):
        with connect(port, MIRROR) as peer:
            peer.send(TEXT, b"x")
            equal(peer.text(), "x", "the text")
            peer.send(CLOSE, b"\x03\xe8")
            peer.ended()
        curl("-o", "/dev/null", f"http://127.0.0.1:{port}/leaf.jpg")


def leaks(bench, name, port, program):
    """Whoever has gone is gone."""
    with bench.case(f"{name}.exe keeps nothing of who has gone", limit=60):
        wave(port)
        before, held = descriptors(program), memory(program)
        for _ in range(WAVES):
            wave(port)
        end = time.monotonic() + PATIENCE * 10
        while descriptors(program) > before + 2:
            check(time.monotonic() < end, f"{descriptors(program)} "
                  f"descriptors, {before} before")
            time.sleep(0.2)
        grown = memory(program) - held
        check(grown < KEPT, f"it has grown by {grown >> 10} KiB")


def ends(bench, name, port, program):
    """^C."""
    with bench.case(f"{name}.exe ends on ^C, exit 0, and says goodbye"):
        with connect(port, NUMBERS) as peer:
            peer.text()
            equal(program.stop(within=30), 0, "the exit status")
            closes = [data for opcode, _, data in peer.ended()
                      if opcode == CLOSE]
            equal([data[:2] for data in closes], [b"\x03\xe9"], "the Close")
        check("exited cleanly\n" in program.said(), program.last_words())


def trouble(bench, wine):
    """Servers that cannot be, and what this build has not."""
    program, port = start(bench, wine, "test-server")
    with bench.case("test-server.exe does not share its port"):
        code, _, err = wine.ended(wine.argv("test-server", f"-p{port}"))
        check(code != 0, "there are two")
        check(f"port {port} is in use" in err, err[-200:])
    program.stop(within=30)
    with bench.case("test-server.exe starts again on its port at once"):
        program = wine.run("test-server", f"-p{port}", "-r", bench.pages)
        program.wait_said(f"localhost:{port}/", within=30)
        equal(program.stop(within=30), 0, "the exit status")
    with bench.case("test-server.exe -i: an address, and none"):
        program = wine.run("test-server", "-p0", "-i", "127.0.0.1", "-r",
                           bench.pages)
        program.wait_said("Open http://127.0.0.1:", within=30)
        equal(program.stop(within=30), 0, "the exit status")
        code, _, err = wine.ended(wine.argv("test-server", "-p0", "-i",
                                            "nosuch0"))
        check(code != 0 and "nosuch0" in err, err[-200:])
    with bench.case("test-server.exe cannot go into the background"):
        code, _, err = wine.ended(wine.argv("test-server", "-D"))
        equal(code, 1, "the exit status")
        check("cannot go into the background" in err, err[-200:])

# SPDX-License-Identifier: LGPL-2.1-only
"""Every program of ours with --ssl against its counterpart of ours."""
import asyncio
import signal
import socket
import ssl
import time

import websockets

from harness import Stopwatch, check, equal, has_ipv6
from secure import VERSIONS, client_context


def programs(bench):
    """The group: with the kind of certificate that the programs come with."""
    bench.show("self")
    echo(bench)
    server(bench)
    fraggle(bench)
    handshakes(bench)
    bench.show("server")


def hosts():
    """Names of this machine."""
    return ["127.0.0.1", "localhost"] + (["::1"] if has_ipv6() else [])


def echo(bench):
    """test-echo and test-echo -c."""
    program, port = bench.test_echo()
    for host in hosts():
        with bench.case(f"test-echo -c --ssl echoes with test-echo at {host}"):
            client = bench.run([bench.program("test-echo"), "-c", host,
                                f"--port={port}", "--ratems=50"])
            client.wait_said("Client RX: hello from")
            equal(client.stop(), 0, "the status")
    with bench.case("test-echo -c --ssl takes port 80 unless told"):
        client = bench.run([bench.program("test-echo"), "-c", "127.0.0.1",
                            "--ssl"])
        client.wait_said("127.0.0.1:80/")
        client.stop()
    bench.ends_cleanly(program, "test-echo --ssl")


def server(bench):
    """test-server with test-client and test-ping."""
    for name in ("test-server", "test-server-extpoll"):
        program, port = bench.test_server(name=name)
        with bench.case(f"{name} --ssl names its address as https"):
            check(f"https://localhost:{port}/" in program.wait_said("Open "),
                  program.said())
        for host in hosts():
            with bench.case(f"test-client --ssl counts with {name} at {host}"):
                client = bench.run([bench.program("test-client"), host,
                                    f"--port={port}"])
                client.wait_said("rx 2 '12'")
                equal(client.stop(), 0, "the status")
        for options in ((), ("-m",), ("-m", "-s=4096"),
                        ("-f", "-r", "20", "-i", "0")):
            words = " ".join(["test-ping --ssl", *options])
            with bench.case(f"{words} and {name}: nothing is lost"):
                ping(bench, port, options)
        bench.ends_cleanly(program, f"{name} --ssl")
    with bench.case("test-client without --ssl gives up on a TLS port"):
        program, port = bench.test_echo()
        client = bench.run_plain([bench.program("test-client"), "127.0.0.1",
                                  f"--port={port}"])
        equal(client.wait_end(8), 1, "the status")
        program.stop()
    with bench.case("test-ping --ssl says that there is no TLS on the port"):
        with bench.unsecured():
            program, port = bench.test_echo()
        client = bench.run([bench.program("test-ping"), "127.0.0.1",
                            f"--port={port}"])
        equal(client.wait_end(8), 1, "the status")
        check(f"127.0.0.1:{port}" in client.said(), client.said())
        check("TLS" in client.said(), client.said())
        program.stop()


def ping(bench, port, options):
    """As it is; a flood shows no lines, so it runs for a second."""
    client = bench.run([bench.program("test-ping"), "127.0.0.1",
                        f"--port={port}", "-i=0.02", *options])
    if "-f" in options:
        client.wait_said("handshake OK")
        time.sleep(1)
    else:
        client.wait_said("req=20 ")
    equal(client.stop(signal.SIGINT), 0, "the status")
    check(" 0% packet loss" in client.said(), client.last_words())


def fraggle(bench):
    """Our server of fragments, our client and Python's."""
    program = bench.program("test-fraggle")
    bench.install_certificate("self")
    running, port = bench.listening(lambda port: [program, f"--port={port}"])
    with bench.case("test-fraggle -c --ssl adds up with test-fraggle --ssl"):
        client = bench.run([program, "-c", "127.0.0.1", f"--port={port}"])
        client.wait_said("EOM received", 15)
        equal(client.stop(), 0, "the status")
        check("**** ERROR" not in client.said(), client.last_words())
    for version in VERSIONS:
        with bench.case(f"TLS {version}: Python adds up with test-fraggle"):
            asyncio.run(sums(port, client_context(bench, version, "self")))
    bench.ends_cleanly(running, "test-fraggle --ssl")


async def sums(port, context):
    """One message and its sum."""
    async with websockets.connect(
            f"wss://127.0.0.1:{port}/", ssl=context, max_size=None,
            subprotocols=["fraggle-protocol"]) as peer:
        message = await asyncio.wait_for(peer.recv(), 10)
        total = await asyncio.wait_for(peer.recv(), 10)
        equal(int.from_bytes(total, "big"), sum(message) & 0xffffffff,
              "the sum")


def handshakes(bench):
    """Newcomers that take their time do not hold up anybody."""
    program, port = bench.test_echo()
    for version in VERSIONS:
        context = client_context(bench, version, "self")
        with bench.case(f"TLS {version}: a record byte by byte is a record"):
            slow_bytes(context, port)
    with bench.case("100 who say nothing and a storm of 200 let others in"):
        silent = [socket.create_connection(("127.0.0.1", port), 5)
                  for _ in range(100)]
        context = client_context(bench, None, "self")
        watch = Stopwatch()
        asyncio.run(storm(port, context))
        watch.check(0, 15)
        for peer in silent:
            peer.close()
    with bench.case("who never finishes a handshake is closed after 5 s", 15):
        with socket.create_connection(("127.0.0.1", port), 10) as peer:
            peer.sendall(b"\x16\x03\x01\x02\x00\x01")
            watch = Stopwatch()
            peer.settimeout(60)
            while peer.recv(100):
                pass
            watch.check(4, 8)
    bench.ends_cleanly(program, "the server of many handshakes")


def slow_bytes(context, port):
    """A whole upgrade, each byte of TLS sent alone."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), 10) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def step(function, *args):
            while True:
                try:
                    result, finished = function(*args), True
                except ssl.SSLWantReadError:
                    result, finished = None, False
                for byte in outgoing.read():
                    peer.sendall(bytes([byte]))
                if finished:
                    return result
                incoming.write(peer.recv(1))

        step(tls.do_handshake)
        step(tls.write, b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
             b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        got = b""
        while b"\r\n\r\n" not in got:
            got += step(tls.read, 1000)
        check(got.startswith(b"HTTP/1.1 101 "), got[:60])
        step(tls.write, b"\x81\x83\0\0\0\0abc")
        equal(step(tls.read, 1000), b"\x81\x03abc", "the echo")


async def storm(port, context):
    """Many at once, each with an echo."""
    async def one(n):
        async with websockets.connect(f"wss://127.0.0.1:{port}/", ssl=context,
                                      open_timeout=15) as peer:
            await peer.send(str(n))
            equal(await asyncio.wait_for(peer.recv(), 10), str(n), "the echo")

    await asyncio.gather(*(one(n) for n in range(200)))

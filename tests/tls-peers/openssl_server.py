# SPDX-License-Identifier: LGPL-2.1-only
"""openssl s_server as the TLS of a server for our clients.

s_server hands what it decrypts to us and encrypts what we say, so the
WebSocket side is played here, in a few lines.
"""
import base64
import hashlib
import os
import re
import struct
import subprocess
import threading
import time

from harness import check, equal, free_port
from secure import VERSIONS

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def openssl_server(bench):
    """The group."""
    for version in VERSIONS:
        flag = "-tls" + version.replace(".", "_")
        for name, options in (
                ("as it is", ()),
                ("without tickets", ("-no_ticket",)),
                ("ECDSA", ("curve",)),
                ("in records of 512 bytes", ("-max_send_frag", "512",
                                             "-split_send_frag", "300")),
                ("with a group to be asked for again",
                 ("-groups", "P-384:P-521")),
                ("asking for a certificate that is not needed",
                 ("-verify", "1")),
                ("with ALPN", ("-alpn", "h2,http/1.1"))):
            talks(bench, f"TLS {version}, {name}", (flag, *options))
        resumes(bench, version, flag)
        truncates(bench, version, flag)
    refused(bench)


class Server:
    """One s_server for one connection, or as many as it is told."""

    def __init__(self, bench, *options, connections=1, quiet=True):
        shown = "curve" if "curve" in options else "server"
        options = [option for option in options if option != "curve"]
        self.port = free_port()
        self.trouble = os.path.join(bench.scratch, f"s_server-{self.port}")
        with open(self.trouble, "wb") as log:
            self.process = subprocess.Popen(
                [bench.certs.openssl, "s_server", "-accept",
                 f"127.0.0.1:{self.port}", "-cert", bench.certs.path(shown),
                 *(["-quiet"] if quiet else []),
                 "-key", bench.certs.key(shown), "-naccept",
                 str(connections), *options], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log)
        end = time.monotonic() + 5
        while not listens(self.port) and time.monotonic() < end:
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def why(self):
        """What openssl said of a failure."""
        with open(self.trouble, encoding="utf-8", errors="replace") as file:
            return " | ".join(file.read().split("\n"))[-300:]

    def read(self, length):
        data = self.process.stdout.read(length)
        equal(len(data), length, f"the bytes before the end: {self.why()}")
        return data

    def say(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def upgrade(self):
        """Answer the request; it."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        key = re.search(rb"(?i)\nsec-websocket-key: *(\S+)", head)
        check(key, head)
        accept = base64.b64encode(hashlib.sha1(key.group(1) + GUID).digest())
        self.say(b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n"
                 b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept
                 + b"\r\n\r\n")
        return head

    def frame(self):
        """The next frame of the client: its first byte and its payload."""
        first, length = self.read(2)
        check(length & 0x80, "a frame without mask")
        length &= 127
        if length == 126:
            length, = struct.unpack(">H", self.read(2))
        elif length == 127:
            length, = struct.unpack(">Q", self.read(8))
        mask = self.read(4) * (length // 4 + 1)
        data = self.read(length)
        return first, bytes(a ^ b for a, b in zip(data, mask))

    def send(self, first, data):
        """A frame of the server's."""
        if len(data) < 126:
            head = bytes([first, len(data)])
        elif len(data) < 65536:
            head = struct.pack(">BBH", first, 126, len(data))
        else:
            head = struct.pack(">BBQ", first, 127, len(data))
        self.say(head + data)


def listens(port):
    """As seen from outside: a connection would use up the only one."""
    want = f"0100007F:{port:04X} 00000000:0000 0A"
    try:
        with open("/proc/net/tcp", encoding="ascii") as file:
            return want in file.read()
    except OSError:
        time.sleep(1)
        return True


def client(bench, port, *options, trust="ca"):
    return bench.run_plain([
        bench.program("test-echo"), "-c", "127.0.0.1", f"--port={port}",
        "--ratems=50", "--ssl", "--ssl-cert=" + bench.certs.path(trust),
        *options])


def talks(bench, name, options):
    """Messages of all lengths come back, and the close is a good one."""
    with bench.case(f"s_server, {name}: messages are echoed"):
        with Server(bench, *options) as server:
            program = client(bench, server.port, "--versa")
            head = server.upgrade()
            check(head.startswith(b"GET / HTTP/1.1\r\n"), head)
            for length in (0, 1, 125, 126, 5000, 65535, 65536, 300000):
                data = bytes((n * 7 + (n >> 8)) & 255 for n in range(length))
                # the echo begins before the message ends
                sender = threading.Thread(target=server.send, daemon=True,
                                          args=(0x82, data))
                sender.start()
                echo, first = b"", 0
                while not first & 0x80:
                    first, piece = server.frame()
                    echo += piece
                sender.join(5)
                check(echo == data, f"{length} bytes came back changed")
            server.send(0x89, b"well?")
            equal(server.frame(), (0x8a, b"well?"), "the pong")
            server.send(0x88, b"\x03\xe8")
            equal(server.frame(), (0x88, b"\x03\xe8"), "the close")
            server.process.wait(5)
            check("unexpected eof" not in server.why(), server.why())
            equal(program.stop(), 0, "the status")


def resumes(bench, version, flag):
    """Who comes back does not need a whole handshake."""
    with bench.case(f"s_server, TLS {version}: the next connection resumes"):
        with Server(bench, flag, connections=2, quiet=False) as server:
            program = client(bench, server.port)
            output = b""
            for _ in range(2):
                while not output.endswith(b"\r\n\r\n"):
                    output += server.read(1)
                server.say(b"HTTP/1.1 400 No\r\n\r\n")
                output += b"."
            program.kill()
        first, second = output.split(b"GET / HTTP/1.1")[:2]
        check(b"Reused session-id" not in first, "the first is resumed")
        check(b"Reused session-id" in second, "the second is not resumed")


def truncates(bench, version, flag):
    """A server that vanishes without close_notify is no clean end."""
    with bench.case(f"s_server, TLS {version}: it comes back when the server "
                    "vanishes"):
        with Server(bench, flag) as server:
            program = client(bench, server.port)
            server.upgrade()
            server.frame()
        program.wait_said("Client connection was closed")
        equal(program.stop(), 0, "the status")


def refused(bench):
    """What a client of ours has nothing to do with."""
    weak = ("-cipher", "ALL:@SECLEVEL=0")
    for name, options, words in (
            ("TLS 1.0", ("-tls1", *weak), "protocol"),
            ("TLS 1.1", ("-tls1_1", *weak), "protocol"),
            ("no authentication", ("-tls1_2", "-nocert", "-cipher",
                                   "aNULL:@SECLEVEL=0"), "handshake failure"),
            ("no encryption", ("-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"),
             "handshake failure"),
            ("ALPN of h2 alone", ("-alpn", "h2"),
             "no application protocol"),
            ("a certificate of ours", ("-Verify", "1", "-tls1_2"),
             "handshake failure|certificate required")):
        with bench.case(f"s_server that wants {name}: one line says so"):
            with Server(bench, *options, connections=9) as server:
                program = bench.run_plain([
                    bench.program("test-ping"), "127.0.0.1",
                    f"--port={server.port}", "--ssl"],
                    {**os.environ, "SSL_CERT_FILE": bench.certs.path("ca")})
                equal(program.wait_end(8), 1, "the status")
                said = re.findall(r"^client connection 1 failed to connect: "
                                  r"(.*)$", program.said(), re.M)
                equal(len(said), 1, program.said())
                check(re.search(words, said[0]), said[0])

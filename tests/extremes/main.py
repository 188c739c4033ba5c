# SPDX-License-Identifier: LGPL-2.1-only
"""Servers of a build whose constants have unusual values.

How much they serve is up to the values: a server that understands headers of
one byte can only refuse.  So it is worked out from the values, by what
README.build says of them, how each request has to end: with the answer that
everybody gets, or with which refusal.  A limit is tried from both sides.  At
last the server is still there and ends cleanly.
"""
import os
import re
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "peers"),
             os.path.join(HERE, "..", "programs")]

from harness import Bench, check, equal  # noqa: E402
from wire import BINARY, CLOSE, NUMBERS, Peer, accept_of  # noqa: E402
from wire import field, pack  # noqa: E402

LIMIT = 60  # seconds for one request
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
# constants of old that have no effect any more
GONE = {"LWS_LISTEN_SERVICE_MODULO", "FD_HASHTABLE_MODULUS", "MAX_CLIENTS"}
TOO_MANY = "but LWS_MAX_PROTOCOLS is"
PROTOCOLS = 3  # that the test server has
SIZES = (0, 1, 2, 125, 126, 1000, 4095, 4096, 4097, 65535, 65536, 200000)

# what is asked, and what a build says whose limits are wide enough
REQUESTS = {
    "a short request": ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "200"),
    "a name that nobody knows":
        ("GET /none.html HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
    "a long target":
        (f"GET /{'x' * 3000} HTTP/1.1\r\nHost: a\r\n\r\n", "415"),
    "a long value": ("GET / HTTP/1.1\r\nHost: a\r\n"
                     f"Cookie: {'c' * 3000}\r\n\r\n", "200"),
    "a long name":
        (f"GET / HTTP/1.1\r\nHost: a\r\n{'N' * 3000}: v\r\n\r\n", "200"),
    "many headers": ("GET / HTTP/1.1\r\nHost: a\r\n"
                     + "".join(f"X-{n}: {n}\r\n" for n in range(100))
                     + "\r\n", "200"),
    "what is no HTTP": ("\x16\x03\x01\r\n\r\n\r\n", "400"),
}


def ask(port, request):
    """A connection of which every wait has an end, and which has asked.

    A peer may have no more than a second for its request; so one that the
    machine has held up for long on the way asks anew.
    """
    for attempt in range(3):
        sock = socket.create_connection(("127.0.0.1", port), LIMIT)
        begin = time.monotonic()
        sock.sendall(request.encode("latin-1"))
        if attempt == 2 or time.monotonic() - begin < 0.5:
            break
        sock.close()
    return Peer(sock, LIMIT)


class Limits:
    """The values that decide what a request is answered."""

    def __init__(self, constants):
        given = {name: value for name, value in constants
                 if value.isdecimal()}

        def value(name, default):
            return int(given.get(name, default))

        self.name = value("LWS_MAX_HEADER_NAME_LENGTH", 64)
        self.value = value("LWS_MAX_HEADER_LEN", 4096)
        self.protocols = value("LWS_MAX_PROTOCOLS", 10)
        self.latest = value("SPEC_LATEST_SUPPORTED", 13)

    def refusal(self, request):
        """The status that a head gets for itself, or None if it is heard."""
        head = request[:request.index("\r\n\r\n")]
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        most = 16 * self.value
        if len(first) + 2 > most or len(words[1:] and words[1]) > self.value:
            return "414"
        if len(head) + 4 > most:
            return "431"
        if len(words) != 3:
            return "400"
        fields = [line.split(": ", 1) for line in lines]
        if any(len(value) > self.value for _, value in fields):
            return "431"
        known = [name for name, _ in fields if len(name) <= self.name]
        return None if "Host" in known else "400"

    def upgrade(self, request, page):
        """The same of a handshake; @page is for who asks for no upgrade."""
        status = self.refusal(request)
        if status:
            return status
        if self.name < len("Upgrade"):
            return page
        if self.name < len("Connection"):
            return "400"
        # with 21 it would know all but Sec-WebSocket-Protocol; no row has that
        if self.name < len("Sec-WebSocket-Version") or self.latest < 13:
            return "426"
        return "101"


def everything(peer):
    """All that comes up to the end of the connection."""
    peer.socket.shutdown(socket.SHUT_WR)
    peer.socket.settimeout(LIMIT)
    data = b""
    while more := peer.socket.recv(1 << 16):
        data += more
    return data


def status_of(head):
    """The status of an answer, which has to be one."""
    status = re.match(r"HTTP/1\.[01] (\d\d\d)( |$)", head)
    check(status, f"this is no answer: {head[:60]!r}")
    return status.group(1)


def answered(port, request, want):
    """Ask; the answer has this status, and its body is all there."""
    with ask(port, request) as peer:
        said = everything(peer)
    check(said, "there is no answer")
    head, _, body = said.partition(b"\r\n\r\n")
    head = head.decode("latin-1")
    equal(status_of(head), want, "the status")
    equal(str(len(body)), field(head, "Content-Length"), "bytes of the body")
    return body


def handshake(protocol=None):
    """What a client of version 13 asks."""
    lines = ["GET / HTTP/1.1", "Host: a", "Upgrade: websocket",
             "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}",
             "Sec-WebSocket-Version: 13"]
    if protocol:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    return "\r\n".join(lines + ["", ""])


def upgraded(port, protocol=None):
    """A WebSocket connection."""
    peer = ask(port, handshake(protocol))
    head = peer.head()
    equal(status_of(head), "101", "the status")
    equal(field(head, "Sec-WebSocket-Accept"), accept_of(KEY),
          "the answer to the key")
    equal(field(head, "Sec-WebSocket-Protocol"), protocol, "the protocol")
    return peer


def echoes(port, size):
    """Send so much; it comes back as it was."""
    sent = os.urandom(size)
    with upgraded(port) as peer:
        peer.socket.sendall(pack(BINARY, sent))
        opcode, got, _ = peer.message()
        equal(opcode, BINARY, "the opcode of what comes back")
        check(got == sent, f"{len(got)} bytes came back of {size}, or others")
        peer.send(CLOSE, struct.pack(">H", 1000))
        equal(peer.frame()[0], CLOSE, "the answer to a Close")


def counts(port):
    """The page's number, three of them."""
    with upgraded(port, NUMBERS) as peer:
        equal([peer.text() for _ in range(3)], ["0", "1", "2"], "the numbers")


def head_of(size):
    """A request whose head has so many bytes, in lines that are short."""
    head = "GET / HTTP/1.1\r\nHost: a\r\n"
    left = size - len(head) - 2
    while left:
        line = 60 if left >= 70 else left
        head += "X: " + "v" * (line - 5) + "\r\n"
        left -= line
    return head + "\r\n"


def edges(bench, port, limits):
    """Both sides of LWS_MAX_HEADER_LEN, where there is room to see them."""
    most = limits.value
    if limits.name < len("Host") or not 64 <= most <= 1 << 20:
        return
    for what, name in ("a known", "Cookie"), ("an unknown", "X"):
        head = f"GET / HTTP/1.1\r\nHost: a\r\n{name}: "
        with bench.case(f"{most} bytes may be the value of {what} header"):
            answered(port, head + "v" * most + "\r\n\r\n", "200")
        with bench.case(f"{most + 1} of them are refused"):
            answered(port, head + "v" * (most + 1) + "\r\n\r\n", "431")
    for size, want in (16 * most, "200"), (16 * most + 1, "431"):
        if most <= 1 << 16:
            with bench.case(f"a head of {size} bytes is answered with {want}"):
                answered(port, head_of(size), want)
    tail = " HTTP/1.1\r\nHost: a\r\n\r\n"
    with bench.case(f"a target may have {most} bytes"):
        answered(port, "GET /?" + "t" * (most - 2) + tail, "200")
    with bench.case(f"a target of {most + 1} is refused"):
        answered(port, "GET /?" + "t" * (most - 1) + tail, "414")


def told(bench, server, constants):
    """What was given to the compiler is what the library says it has."""
    for name, value in constants:
        want = [] if name in GONE else [value]
        with bench.case(f"it says of {name}: {' '.join(want) or 'nothing'}"):
            said = re.findall(rf" {name}: (.*)", server.said())
            equal(said, want, f"what is said of {name}")


def backlog(bench, port, constants):
    """LWS_SOMAXCONN is what listen() was told, as far as the kernel goes."""
    wanted = dict(constants).get("LWS_SOMAXCONN")
    tool = bench.needs("ss", "iproute2") if wanted else None
    if not tool:
        return
    with bench.case("as many may wait to be accepted as LWS_SOMAXCONN says"):
        with open("/proc/sys/net/core/somaxconn", encoding="ascii") as cap:
            most = int(cap.read())
        said = subprocess.run([tool, "-Hltn", f"sport = :{port}"], check=True,
                              capture_output=True, text=True).stdout
        equal([int(line.split()[2]) for line in said.splitlines()],
              [min(int(wanted), most)], "the backlog of each listener")


def page_server(bench, constants, limits):
    """Requests of every kind at the test server."""
    enough = limits.protocols >= PROTOCOLS
    try:
        server, port = bench.test_server("--debug=15")
    except AssertionError as error:
        if not enough and TOO_MANY in str(error):
            bench.passes("the test server says why it does not start")
        else:
            bench.fails("the test server starts", str(error))
        return
    with bench.case("it has no more protocols than it may"):
        check(enough, f"LWS_MAX_PROTOCOLS is {limits.protocols}")
    told(bench, server, constants)
    backlog(bench, port, constants)
    with open(os.path.join(bench.pages, "test.html"), "rb") as page:
        text = page.read()
    for what, (request, usual) in REQUESTS.items():
        want = limits.refusal(request) or usual
        with bench.case(f"{what} is answered with {want}", LIMIT + 20):
            body = answered(port, request, want)
            check(want != "200" or body == text, "it is another page")
    edges(bench, port, limits)
    request = handshake(NUMBERS)
    want = limits.upgrade(request, "200")
    if want == "101":
        with bench.case("the number counts", LIMIT + 20):
            counts(port)
    else:
        with bench.case(f"who would see it count is answered with {want}"):
            answered(port, request, want)
    bench.ends_cleanly(server, "test-server")


def echo_server(bench, limits):
    """Messages of every size at the echo server."""
    try:
        server, port = bench.test_echo()
    except AssertionError as error:
        bench.fails("the echo server starts", str(error))
        return
    want = limits.upgrade(handshake(), "404")
    if want == "101":
        for size in SIZES:
            with bench.case(f"{size} bytes come back", LIMIT + 20):
                echoes(port, size)
    else:
        with bench.case(f"who would have an echo is answered with {want}"):
            answered(port, handshake(), want)
    bench.ends_cleanly(server, "test-echo")


def main(build, defined):
    """Try both; the exit status."""
    bench = Bench(build)
    constants = [word[2:].split("=", 1) for word in defined]
    limits = Limits(constants)
    page_server(bench, constants, limits)
    echo_server(bench, limits)
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

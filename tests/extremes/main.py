# SPDX-License-Identifier: LGPL-2.1-only
"""Servers of a build whose constants have unusual values.

How much they serve is up to the values: a server that understands headers of
one byte can only refuse.  So every request has one of two good ends, the right
answer or a refusal in good form; nobody may be told something wrong, or be left
without an end, and at last the server is still there and ends cleanly.
"""
import os
import re
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "peers"),
             os.path.join(HERE, "..", "programs")]

from harness import Bench, check, equal  # noqa: E402
from wire import BINARY, CLOSE, TEXT, accept_of, field, pack  # noqa: E402
from wire import Peer  # noqa: E402

LIMIT = 60  # seconds for one request
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
REFUSALS = {"400", "403", "404", "414", "415", "426", "431", "501", "503"}
# constants of old that have no effect any more
GONE = {"LWS_LISTEN_SERVICE_MODULO", "FD_HASHTABLE_MODULUS", "MAX_CLIENTS"}
TOO_MANY = "but LWS_MAX_PROTOCOLS is"
SIZES = (0, 1, 2, 125, 126, 1000, 4095, 4096, 4097, 65535, 65536, 200000)

REQUESTS = {
    "a short request": "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a name that nobody knows": "GET /none HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long target": f"GET /{'x' * 3000} HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long value": "GET / HTTP/1.1\r\nHost: a\r\n"
                    f"Cookie: {'c' * 3000}\r\n\r\n",
    "a long name": f"GET / HTTP/1.1\r\nHost: a\r\n{'N' * 3000}: v\r\n\r\n",
    "many headers": "GET / HTTP/1.1\r\nHost: a\r\n"
                    + "".join(f"X-{n}: {n}\r\n" for n in range(100)) + "\r\n",
    "what is no HTTP": "\x16\x03\x01\r\n\r\n\r\n",
}


def dial(port):
    """A connection of which every wait has an end."""
    sock = socket.create_connection(("127.0.0.1", port), LIMIT)
    return Peer(sock, LIMIT)


def everything(peer):
    """All that comes up to the end of the connection."""
    peer.socket.shutdown(socket.SHUT_WR)
    peer.socket.settimeout(LIMIT)
    data = b""
    try:
        while more := peer.socket.recv(1 << 16):
            data += more
    except ConnectionResetError:
        pass
    return data


def answered(port, request):
    """Ask; the end has to be an answer in good form, or none."""
    with dial(port) as peer:
        peer.socket.sendall(request.encode("latin-1"))
        said = everything(peer)
    if not said:
        return "no answer"
    head, _, body = said.partition(b"\r\n\r\n")
    head = head.decode("latin-1")
    status = re.match(r"HTTP/1\.[01] (\d\d\d)( |$)", head)
    check(status, f"this is no answer: {head[:60]!r}")
    status = status.group(1)
    check(status == "200" or status in REFUSALS, f"the status is {status}")
    length = field(head, "Content-Length")
    if status == "200" and length:
        equal(len(body), int(length), "bytes of the page")
    return status


def upgraded(port, protocol=None):
    """A WebSocket connection, or None when that was refused."""
    peer = dial(port)
    lines = ["GET / HTTP/1.1", "Host: a", "Upgrade: websocket",
             "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}",
             "Sec-WebSocket-Version: 13"]
    if protocol:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    peer.socket.sendall("\r\n".join(lines + ["", ""]).encode())
    try:
        head = peer.head()
    except (EOFError, ConnectionResetError):
        return None
    status = head.split(" ")[1]
    if status == "101":
        equal(field(head, "Sec-WebSocket-Accept"), accept_of(KEY),
              "the answer to the key")
        return peer
    check(status == "200" or status in REFUSALS, f"the status is {status}")
    return None


def echoes(port, size):
    """Send so much; it comes back as it was, or the connection is closed."""
    peer = upgraded(port)
    if not peer:
        return "refused"
    sent = os.urandom(size)
    got = b""
    fin = False
    with peer:
        try:
            peer.socket.sendall(pack(BINARY, sent))
            while not fin:
                opcode, fin, data = peer.frame()
                if opcode == CLOSE:
                    return "closed"
                got += data
        except (EOFError, ConnectionResetError, BrokenPipeError):
            check(sent.startswith(got), "what came back before the end")
            return "ended"
    check(got == sent, f"{len(got)} bytes came back of {size}, or others")
    return "echoed"


def counts(port):
    """The page's number, three of them."""
    peer = upgraded(port, "dumb-increment-protocol")
    if not peer:
        return
    with peer:
        for want in range(3):
            try:
                opcode, _, data = peer.frame()
            except (EOFError, ConnectionResetError):
                return
            if opcode == CLOSE:
                return
            equal(opcode, TEXT, "the opcode of a number")
            check(int(data) >= want, f"{data!r} comes too late")


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


def page_server(bench, constants):
    """Requests of every kind at the test server."""
    try:
        server, port = bench.test_server("--debug=15")
    except AssertionError as error:
        if TOO_MANY in str(error):
            bench.passes("the test server says why it does not start")
        else:
            bench.fails("the test server starts", str(error))
        return
    told(bench, server, constants)
    backlog(bench, port, constants)
    for what, request in REQUESTS.items():
        with bench.case(f"{what} is answered or refused", LIMIT + 20):
            answered(port, request)
    with bench.case("the number counts, or nobody is let in", LIMIT + 20):
        counts(port)
    bench.ends_cleanly(server, "test-server")


def echo_server(bench):
    """Messages of every size at the echo server."""
    try:
        server, port = bench.test_echo()
    except AssertionError as error:
        bench.fails("the echo server starts", str(error))
        return
    for size in SIZES:
        with bench.case(f"{size} bytes come back, or nothing wrong does",
                        LIMIT + 20):
            echoes(port, size)
    bench.ends_cleanly(server, "test-echo")


def main(build, defined):
    """Try both; the exit status."""
    bench = Bench(build)
    page_server(bench, [word[2:].split("=", 1) for word in defined])
    echo_server(bench)
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

# SPDX-License-Identifier: LGPL-2.1-only
"""Servers that are not there, or answer our client wrongly, or slowly."""
import base64
import hashlib
import re
import socket
import threading
import time

import clients
from harness import check, equal

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PROTOCOL = b"Sec-WebSocket-Protocol: dumb-increment-protocol\r\n"


def head(status=b"101 Switching Protocols", upgrade=b"websocket",
         connection=b"Upgrade", accept=b"%s", fields=PROTOCOL):
    """An answer with %s where the accept value belongs."""
    lines = [b"HTTP/1.1 " + status + b"\r\n"]
    for name, value in ((b"Upgrade", upgrade), (b"Connection", connection),
                        (b"Sec-WebSocket-Accept", accept)):
        if value is not None:
            lines.append(name + b": " + value + b"\r\n")
    return b"".join(lines) + fields + b"\r\n"


# what the server says, all of which the client must refuse
REFUSED = (
    ("nothing at all", b""),
    ("half an answer", head()[:40]),
    ("noise", bytes(range(1, 200)) + b"\r\n\r\n"),
    ("200 and a page", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    ("a redirection", head(b"301 Moved", fields=b"Location: /there\r\n")),
    ("401", head(b"401 Unauthorized")),
    ("no Upgrade", head(upgrade=None)),
    ("an Upgrade to something else", head(upgrade=b"h2c")),
    ("no Connection", head(connection=None)),
    ("a Connection without the token", head(connection=b"keep-alive")),
    ("no accept value", head(accept=None)),
    ("a wrong accept value", head(accept=b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
    ("two accept values", head(fields=PROTOCOL
                               + b"Sec-WebSocket-Accept: %s\r\n")),
    ("two subprotocols", head(fields=PROTOCOL + PROTOCOL)),
    ("an extension nobody asked for",
     head(fields=PROTOCOL + b"Sec-WebSocket-Extensions: foo\r\n")),
    ("a header value of 100 KB", head(fields=b"X: " + b"a" * 100000
                                      + b"\r\n")),
    ("headers without end", head(fields=b"X-Y: z\r\n" * 20000)),
)

# what it must take
TAKEN = (
    ("in one piece with the first frame", head(), 0),
    ("byte by byte", head(), 1),
    ("with names and values in other letters",
     head(upgrade=b"WebSocket", connection=b"keep-alive, UPGRADE")
     .replace(b"Sec-WebSocket-Accept", b"SEC-WEBSOCKET-ACCEPT"), 0),
    ("with a reason of its own", head(b"101 Why Not"), 0),
    ("with fields nobody knows", head(fields=PROTOCOL + b"X-Powered-By: tea"
                                      b"\r\nServer: pot\r\n"), 0),
)


class Once:
    """Answers the first connection with these bytes; later ones with none."""

    def __init__(self, answer, slowly=False, then=b""):
        self.answer, self.slowly, self.then = answer, slowly, then
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        try:
            peer, _ = self.listener.accept()
            with peer:
                peer.settimeout(10)
                self.reply(peer)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass
        except OSError:
            pass

    def reply(self, peer):
        request = b""
        while b"\r\n\r\n" not in request:
            request += peer.recv(65536)
        key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request).group(1)
        value = base64.b64encode(hashlib.sha1(key + GUID).digest())
        data = self.answer.replace(b"%s", value) + self.then
        if not self.slowly:
            peer.sendall(data)
            return
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(len(data)):
            peer.sendall(data[n:n + 1])
            time.sleep(0.002)


def hostile_server(bench):
    """The group."""
    clients.test_client_alone(bench)
    clients.at_home(bench)
    answers(bench)


def answers(bench):
    """Each answer in its turn."""
    def start(server):
        return bench.run([bench.program("test-client"), "127.0.0.1",
                          f"--port={server.port}"])

    for name, answer in REFUSED:
        with bench.case(f"test-client refuses {name}"):
            with Once(answer) as server:
                client = start(server)
                equal(client.wait_end(8), 1, "the status")
                check("CONNECTION_ERROR" in client.said(),
                      client.last_words())
                check("ESTABLISHED" not in client.said(), "it was let in")
    for name, answer, slowly in TAKEN:
        with bench.case(f"test-client takes an answer {name}"):
            with Once(answer, slowly, b"\x81\x02ok") as server:
                client = start(server)
                client.wait_said("rx 2 'ok'")
                equal(client.wait_end(8), 0, "the status")
    for name, frames in (
            ("a masked frame", b"\x81\x82\0\0\0\0no"),
            ("text that is no UTF-8", b"\x81\x02\xc3\x28"),
            ("a reserved opcode", b"\x83\x02no"),
            ("a length of 2^63", b"\x82\x7f\x80" + b"\0" * 7),
            ("half a frame, then the end", b"\x81\x05no")):
        with bench.case(f"test-client survives {name}"):
            with Once(head(), False, b"\x81\x02ok" + frames) as server:
                client = start(server)
                client.wait_said("rx 2 'ok'")
                equal(client.wait_end(8), 0, "the status")
                check("'no'" not in client.said(), "the frame was delivered")

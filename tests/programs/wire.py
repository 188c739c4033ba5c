# SPDX-License-Identifier: LGPL-2.1-only
"""A small WebSocket peer on a plain socket: every frame seen, none hidden."""
import base64
import hashlib
import os
import socket
import struct
import time

from harness import check, equal

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
NUMBERS = "dumb-increment-protocol"
MIRROR = "lws-mirror-protocol"


def accept_of(key):
    """The answer that a key wants."""
    digest = hashlib.sha1((key + GUID).encode()).digest()
    return base64.b64encode(digest).decode()


def pack(opcode, data, fin=True, mask=True):
    """One frame as bytes."""
    head = bytes([(0x80 if fin else 0) | opcode])
    bit = 0x80 if mask else 0
    if len(data) < 126:
        head += bytes([bit | len(data)])
    elif len(data) < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", len(data))
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", len(data))
    if not mask:
        return head + data
    key = os.urandom(4)
    long = (key * (len(data) // 4 + 1))[:len(data)]
    masked = int.from_bytes(data, "big") ^ int.from_bytes(long, "big")
    return head + key + masked.to_bytes(len(data), "big")


class Peer:
    """One end of a connection; every wait has an end."""

    def __init__(self, sock, limit=60):
        self.socket = sock
        self.limit = limit
        self.buffer = b""
        self.key = None  # of the last frame
        self.rsv = 0  # of the last frame
        self.extensions = None  # what the server answered

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self, deadline):
        """Read once."""
        left = deadline - time.monotonic()
        check(left > 0, f"nothing came within {self.limit} s")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 18)
        except socket.timeout:
            raise AssertionError(
                f"nothing came within {self.limit} s") from None
        if not data:
            raise EOFError("the connection has ended")
        self.buffer += data

    def take(self, count, deadline):
        """Exactly so many bytes."""
        while len(self.buffer) < count:
            self.more(deadline)
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def head(self):
        """Everything up to an empty line, as text."""
        deadline = time.monotonic() + self.limit
        while b"\r\n\r\n" not in self.buffer:
            self.more(deadline)
        text, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return text.decode("latin-1")

    def frame(self, limit=None):
        """The next frame: opcode, fin, data."""
        deadline = time.monotonic() + (limit or self.limit)
        first, second = self.take(2, deadline)
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack(">H", self.take(2, deadline))
        elif length == 127:
            length, = struct.unpack(">Q", self.take(8, deadline))
        key = self.take(4, deadline) if second & 0x80 else None
        data = self.take(length, deadline)
        self.key = key
        self.rsv = first & 0x70
        if key:
            data = bytes(byte ^ key[n % 4] for n, byte in enumerate(data))
        return first & 15, bool(first & 0x80), data

    def message(self):
        """The next message: opcode, data, number of its frames."""
        opcode, fin, data = self.frame()
        check(opcode in (TEXT, BINARY), f"opcode {opcode} begins a message")
        parts = [data]
        while not fin:
            more, fin, data = self.frame()
            equal(more, CONT, "the opcode of a later fragment")
            parts.append(data)
        return opcode, b"".join(parts), len(parts)

    def text(self):
        """The next message, which has to be text."""
        opcode, data, _ = self.message()
        equal(opcode, TEXT, "the opcode")
        return data.decode()

    def send(self, opcode, data, fin=True, mask=True):
        """Send one frame."""
        self.socket.settimeout(self.limit)
        self.socket.sendall(pack(opcode, data, fin, mask))

    def returns(self):
        """A server that returns each frame, at last the Close: its data."""
        while True:
            opcode, fin, data = self.frame()
            self.send(opcode, data, fin, mask=False)
            if opcode == CLOSE:
                return data

    def ended(self):
        """Read up to the end of the connection: the frames on the way."""
        frames = []
        try:
            while True:
                frames.append(self.frame())
        except (EOFError, ConnectionResetError):
            return frames


def field(head, name):
    """The value of a field in a request or an answer, or None."""
    for line in head.split("\r\n")[1:]:
        key, value = line.split(":", 1)
        if key.strip().lower() == name.lower():
            return value.strip()
    return None


def connect(port, protocol=None, path="/", small=False, offer=None):
    """A client that has shaken hands."""
    sock = socket.socket()
    if small:  # so that a server soon feels that we do not read
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(60)
    sock.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    request = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}",
               "Upgrade: websocket", "Connection: Upgrade",
               f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    if protocol:
        request.append(f"Sec-WebSocket-Protocol: {protocol}")
    if offer:
        request.append(f"Sec-WebSocket-Extensions: {offer}")
    sock.sendall("\r\n".join(request + ["", ""]).encode())
    peer = Peer(sock)
    head = peer.head()
    check(head.startswith("HTTP/1.1 101 "), head.split("\r\n")[0])
    check(accept_of(key) in head, "the answer has another key")
    peer.extensions = field(head, "Sec-WebSocket-Extensions")
    return peer


class Listener:
    """A server for one client at a time."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.socket.settimeout(60)
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def peer(self):
        """The next client, hands shaken, and what it asked."""
        sock, _ = self.socket.accept()
        peer = Peer(sock)
        head = peer.head()
        fields = {}
        for line in head.split("\r\n")[1:]:
            name, value = line.split(":", 1)
            fields[name.strip().lower()] = value.strip()
        answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket",
                  "Connection: Upgrade", "Sec-WebSocket-Accept: "
                  + accept_of(fields["sec-websocket-key"])]
        if "sec-websocket-protocol" in fields:
            answer.append("Sec-WebSocket-Protocol: "
                          + fields["sec-websocket-protocol"].split(",")[0])
        sock.sendall("\r\n".join(answer + ["", ""]).encode())
        return peer, head.split("\r\n")[0], fields

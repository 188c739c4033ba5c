# SPDX-License-Identifier: LGPL-2.1-only
"""A relay that counts: what really travels between two peers.

It changes nothing.  For every connection it keeps both heads of the handshake
and, of each direction, how many octets went by and the data messages: the
length of each on the wire, and whether RSV1 marks it as compressed.
"""
import contextlib
import socket
import threading
import time

from harness import PATIENCE, check

MARK = 0x40
RESERVED = 0x70


class Direction:
    """What goes one way: a head of HTTP, then frames."""

    def __init__(self):
        self.head = b""
        self.octets = 0     # of frames, their heads included
        self.messages = []  # (length on the wire, marked) of data messages
        self.misplaced = 0  # frames with a reserved bit where none belongs
        self.frames = self.parse()
        next(self.frames)

    def take(self, data):
        """This has just gone by."""
        if not self.head.endswith(b"\r\n\r\n"):
            head, end, data = (self.head + data).partition(b"\r\n\r\n")
            self.head = head + end
        self.octets += len(data)
        self.frames.send(data)

    def parse(self):
        """Reads frames from what is sent to it."""
        held = bytearray()
        length, marked = 0, False
        while True:
            while len(held) < 2:
                held += yield
            first, size = held[0], held[1] & 127
            start = 2 + {126: 2, 127: 8}.get(size, 0)
            while len(held) < start:
                held += yield
            if start > 2:
                size = int.from_bytes(held[2:start], "big")
            left = start + 4 * (held[1] >> 7) + size
            while len(held) < left:
                left -= len(held)
                held = bytearray((yield))
            del held[:left]
            opcode = first & 15
            if first & RESERVED not in ((0, MARK) if opcode in (1, 2)
                                        else (0,)):
                self.misplaced += 1
            if opcode & 8:
                continue
            if opcode:
                length, marked = 0, bool(first & MARK)
            length += size
            if first & 128:
                self.messages.append((length, marked))

    def field(self, name):
        """A field of the head; None when there is none."""
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class Passage:
    """One connection: up from the client to the server, and down."""

    def __init__(self):
        self.up = Direction()
        self.down = Direction()
        self.over = threading.Event()

    @property
    def agreed(self):
        """The extensions in the answer, or None."""
        return self.down.field("Sec-WebSocket-Extensions")


class Relay:
    """Listens on a port of its own and connects on to @port."""

    def __init__(self, port):
        self.target = port
        self.passages = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # a thread in accept() keeps the socket alive: shut it down as well
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def passage(self, number=0, within=10):
        """A connection, when it is over and all is counted."""
        end = time.monotonic() + PATIENCE * within
        while len(self.passages) <= number:
            check(time.monotonic() < end, "nobody came to the relay")
            time.sleep(0.02)
        found = self.passages[number]
        check(found.over.wait(max(0, end - time.monotonic())),
              "the connection through the relay has not ended")
        return found

    def listen(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            passage = Passage()
            self.passages.append(passage)
            threading.Thread(target=self.carry, daemon=True,
                             args=(client, passage)).start()

    def carry(self, client, passage):
        """Both directions, until both have ended."""
        with client, contextlib.suppress(OSError), \
                socket.create_connection(("127.0.0.1", self.target)) as server:
            back = threading.Thread(target=self.pump, daemon=True, args=(
                server, client, passage.down))
            back.start()
            self.pump(client, server, passage.up)
            back.join()
        passage.over.set()

    @staticmethod
    def pump(source, sink, direction):
        """One direction, until it ends."""
        with contextlib.suppress(OSError):
            while True:
                data = source.recv(1 << 16)
                if not data:
                    break
                direction.take(data)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_WR if end is sink
                             else socket.SHUT_RD)

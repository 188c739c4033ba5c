# SPDX-License-Identifier: LGPL-2.1-only
"""The protocol core of python3-websockets on a plain socket.

Its high-level client hides frames; here every one can be seen and sent, also
bytes that no decent client would send.
"""
import socket
import time

import websockets.client
from websockets.uri import parse_uri

from harness import Stopwatch, check, equal

# the name has changed between releases 10 and 11
ClientCore = getattr(websockets.client, "ClientProtocol", None) or \
    websockets.client.ClientConnection


class Frames:
    """One connection, frame by frame; every wait has an end."""

    def __init__(self, port, limit=60):
        self.limit = limit
        self.core = ClientCore(parse_uri(f"ws://127.0.0.1:{port}/"),
                               max_size=None)
        self.socket = socket.create_connection(("127.0.0.1", port), limit)
        self.waiting = []
        self.left_over = b""
        self.core.send_request(self.core.connect())
        self.flush()
        while self.core.state.name == "CONNECTING":
            self.receive()
            self.waiting = self.waiting[1:]  # the answer is no frame
        equal(self.core.state.name, "OPEN", "the state after the handshake")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        """Send what the core has to say."""
        for data in self.core.data_to_send():
            if data:
                self.socket.sendall(data)

    def raw(self, data):
        """Send these very bytes."""
        self.flush()
        self.socket.sendall(data)

    def receive(self):
        """Read once and collect the frames."""
        self.socket.settimeout(self.limit)
        data = self.socket.recv(1 << 18)
        check(data, "the connection has ended")
        self.core.receive_data(data)
        self.waiting += self.core.events_received()

    def frame(self):
        """The next frame."""
        self.flush()
        while not self.waiting:
            self.receive()
        return self.waiting.pop(0)

    def message(self):
        """The payload of the next message."""
        parts = [self.frame()]
        while not parts[-1].fin:
            parts.append(self.frame())
        return b"".join(part.data for part in parts)

    def expect_end(self, within=5):
        """Nothing more comes, and the other side closes."""
        watch = Stopwatch()
        while True:
            left = watch.begin + within + watch.slack() - time.monotonic()
            check(left > 0, f"TCP is still open after {within} s")
            self.socket.settimeout(left)
            try:
                if not self.socket.recv(65536):
                    return
            except socket.timeout:
                continue
            except ConnectionResetError:
                return

    def stuff(self, piece, most, patience=2):
        """Send messages without reading; how many, the last perhaps cut."""
        self.socket.settimeout(patience)
        for n in range(most):
            self.core.send_binary(piece, fin=True)
            data = b"".join(self.core.data_to_send())
            sent = 0
            while sent < len(data):
                try:
                    sent += self.socket.send(data[sent:])
                except socket.timeout:
                    self.left_over = data[sent:]
                    return n + 1
        return most

    def finish_stuffing(self):
        """Read until the rest of the last message has been taken."""
        self.socket.settimeout(0.05)
        end = time.monotonic() + self.limit
        while self.left_over:
            check(time.monotonic() < end, "the server never reads again")
            try:
                sent = self.socket.send(self.left_over)
                self.left_over = self.left_over[sent:]
            except socket.timeout:
                self.receive()
                self.socket.settimeout(0.05)

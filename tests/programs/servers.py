# SPDX-License-Identifier: LGPL-2.1-only
"""Little servers for test-ping: how they shake hands, what they return.

A Server runs a behaviour, a function of a peer and the server, in a thread of
its own for each client, and remembers what was asked and heard.
"""
import re
import socket
import threading
import time

from harness import PATIENCE, check
from wire import BINARY, CLOSE, CONT, PING, PONG, Peer, accept_of


def spoken(port):
    """The WebSocket versions that the server there speaks, 76 included."""
    with Peer(socket.create_connection(("127.0.0.1", port), 10)) as peer:
        peer.socket.sendall(
            b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 99\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
        head = peer.head()
    found = re.search(r"^sec-websocket-version: *([0-9, ]+)", head,
                      re.I | re.M)
    check(head.startswith("HTTP/1.1 426 ") and found, head)
    numbers = sorted(int(one) for one in found[1].split(","))
    # the oldest version has no number of its own in a handshake
    return ([76] if 8 in numbers else []) + numbers


def answer(sock, fields, protocol):
    """The answer that agrees."""
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket",
             "Connection: Upgrade", "Sec-WebSocket-Accept: "
             + accept_of(fields["sec-websocket-key"])]
    if protocol:
        lines.append("Sec-WebSocket-Protocol: " + protocol)
    sock.sendall("\r\n".join(lines + ["", ""]).encode())
    return True


def agree(sock, fields):
    """Takes the first protocol that is offered."""
    offered = fields.get("sec-websocket-protocol", "")
    return answer(sock, fields, offered.split(",")[0].strip())


def plain(sock, fields):
    """Knows nothing of protocols."""
    return answer(sock, fields, None)


def refusing(how, always=False):
    """Refuses who offers a protocol: with a status, silence, another name."""
    def shake(sock, fields):
        if not always and "sec-websocket-protocol" not in fields:
            return answer(sock, fields, None)
        if isinstance(how, str):
            return answer(sock, fields, how)
        if how:
            sock.sendall(f"HTTP/1.1 {how} No\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n".encode())
        return False
    return shake


class Server:
    """Many clients, each in its thread, until the end of the with."""

    def __init__(self, behaviour, handshake=agree, family=socket.AF_INET):
        self.behaviour = behaviour
        self.handshake = handshake
        self.asked = []  # request line and fields of each client
        self.heard = []  # opcode, data and key of each frame
        self.peers = []
        self.socket = socket.socket(family)
        self.socket.bind(("::1" if family == socket.AF_INET6
                          else "127.0.0.1", 0))
        self.socket.listen(300)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def accept(self):
        """Until the socket is closed."""
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,),
                             daemon=True).start()

    def serve(self, sock):
        """One client."""
        with Peer(sock) as peer:
            try:
                line, *rest = peer.head().split("\r\n")
                fields = {name.lower(): value.strip() for name, value in
                          (field.split(":", 1) for field in rest)}
                self.asked.append((line, fields))
                if self.handshake(sock, fields):
                    self.peers.append(peer)
                    self.behaviour(peer, self)
            except (EOFError, OSError, AssertionError):
                pass  # it is gone, or we have waited long enough

    def frame(self, peer):
        """The next frame, remembered."""
        opcode, fin, data = peer.frame()
        self.heard.append((opcode, data, peer.key))
        return opcode, fin, data

    def wait_heard(self, count, opcode=None, within=10):
        """Until so many frames have come."""
        end = time.monotonic() + PATIENCE * within
        while True:
            came = sum(opcode in (None, one) for one, _, _ in self.heard)
            if came >= count:
                return
            check(time.monotonic() < end, f"{came} of {count} frames")
            time.sleep(0.01)


def silent(peer, server):
    """Hears and says nothing."""
    while True:
        server.frame(peer)


def number_of(data):
    """What a ping begins with."""
    return int.from_bytes(data[:8], "big")


def pings(decide=None, delay=0):
    """Answers pings: decide(number, data) lists payloads or (opcode, data)."""
    def run(peer, server):
        while True:
            opcode, _, data = server.frame(peer)
            if opcode == CLOSE:
                return
            if opcode != PING:
                continue
            time.sleep(delay)
            for one in decide(number_of(data), data) if decide else [data]:
                what, payload = one if isinstance(one, tuple) else (PONG, one)
                peer.send(what, payload, mask=False)
    return run


def mirror(kind=BINARY, piece=0, fragments=False, broadcast=False,
           decide=None):
    """Returns messages: in pieces, in fragments, to all."""
    def back(peer, data):
        size = piece or len(data)
        for at in range(0, len(data), size):
            last = at + size >= len(data)
            peer.send(CONT if fragments and at else kind, data[at:at + size],
                      fin=last or not fragments, mask=False)

    def run(peer, server):
        while True:
            opcode, _, data = server.frame(peer)
            if opcode == CLOSE:
                return
            if decide:
                for what, payload in decide(number_of(data), data):
                    peer.send(what, payload, mask=False)
            elif broadcast:
                for other in list(server.peers):
                    back(other, data)
            else:
                back(peer, data)
    return run

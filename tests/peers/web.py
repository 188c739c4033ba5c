# SPDX-License-Identifier: LGPL-2.1-only
"""HTTP from the outside: curl, raw requests, and a directory with traps."""
import os
import re
import shutil
import socket
import subprocess
import time

from harness import check, clean_environment

SECRET = b"nobody may ever read this line\n"


class Answer:
    """What curl brought home."""

    def __init__(self, status, heads, body, connects, noise):
        self.status = status
        self.heads = heads
        self.body = body
        self.connects = connects
        self.noise = noise

    def header(self, name):
        """The value of a field of the last head, or None."""
        found = re.search(rf"(?im)^{re.escape(name)}:[ \t]*(.*?)[ \t]*\r?$",
                          self.heads[-1] if self.heads else "")
        return found.group(1) if found else None


class Curl:
    """Runs curl with a time limit and no configuration of the user."""

    def __init__(self, path, scratch):
        self.path = path
        self.head = os.path.join(scratch, "curl-head")
        self.body = os.path.join(scratch, "curl-body")

    def command(self, *args, limit=15):
        return [self.path, "-q", "-sS", "-g", "--max-time", str(limit), *args]

    def get(self, *args, limit=15):
        """One request; the Answer.  A transfer that fails has status 0."""
        for name in (self.head, self.body):
            if os.path.exists(name):
                os.unlink(name)
        done = subprocess.run(
            self.command("-D", self.head, "-o", self.body, "-w",
                         "%{http_code} %{num_connects}", *args, limit=limit),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=limit + 5, env=clean_environment())
        words = done.stdout.split() or ["0", "0"]
        return Answer(int(words[0]), heads(read(self.head).decode("latin-1")),
                      read(self.body), int(words[1]), done.stderr)


def heads(text):
    """The heads in a dump, interim answers included."""
    return [part for part in re.split(r"\r?\n\r?\n", text) if part]


def read(path):
    """A whole file, b"" when there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def trapped_directory(bench, name):
    """A copy of the pages with everything beside them one might steal."""
    outside = os.path.join(bench.scratch, "outside-of-" + name)
    inside = os.path.join(outside, "www")
    os.makedirs(os.path.join(inside, "sub"))
    for place in (bench.pages, os.path.join(bench.build, "test-server")):
        for name in os.listdir(place):
            if name.endswith((".html", ".ico", ".png", ".jpg")):
                shutil.copy(os.path.join(place, name), inside)
    write(os.path.join(outside, "secret.html"), SECRET)
    for name in (".hidden.html", "note.txt", "sub/page.html",
                 "libwebsockets-test-server.key.pem"):
        write(os.path.join(inside, name), SECRET)
    os.symlink("../secret.html", os.path.join(inside, "link.html"))
    os.symlink(os.path.join(outside, "secret.html"),
               os.path.join(inside, "absolute-link.html"))
    os.symlink("..", os.path.join(inside, "up.html"))
    os.mkdir(os.path.join(inside, "directory.html"))
    os.mkfifo(os.path.join(inside, "fifo.html"))
    write(os.path.join(inside, "empty.html"), b"")
    write(os.path.join(inside, "large.png"), os.urandom(1 << 20) * 24)
    return inside


def say(port, data, limit=60, host="127.0.0.1"):
    """Send raw bytes and read until the server closes: everything it said."""
    with socket.create_connection((host, port), limit) as peer:
        peer.sendall(data)
        return hear(peer, limit)


def hear(peer, limit):
    """Everything that arrives until the other side closes."""
    got = b""
    end = time.monotonic() + limit
    while True:
        left = end - time.monotonic()
        check(left > 0, f"the connection is still open after {limit} s")
        peer.settimeout(left)
        try:
            piece = peer.recv(65536)
        except socket.timeout:
            continue
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece


def hear_answer(peer, limit=60):
    """One whole answer with a Content-Length from a connection that stays."""
    peer.settimeout(limit)
    got = b""
    while b"\r\n\r\n" not in got:
        piece = peer.recv(65536)
        check(piece, f"closed after {got[:80]!r}")
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\ncontent-length:[ \t]*(\d+)", head)
    check(length, f"no Content-Length in {head[:120]!r}")
    while len(body) < int(length.group(1)):
        piece = peer.recv(65536)
        check(piece, "closed within the body")
        body += piece
    return head, body


def status_of(raw):
    """The status of a raw answer, 0 when there is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", raw)
    return int(found.group(1)) if found else 0

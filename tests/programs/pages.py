# SPDX-License-Identifier: LGPL-2.1-only
"""What test-server serves over HTTP, and what it does not."""
import contextlib
import os
import socket

from harness import check, equal
from wire import Peer


def http(bench):
    """All cases of the group."""
    pages = os.path.join(bench.scratch, "pages")
    os.mkdir(pages)
    for name, data in (("test.html", b"<p>hello"), ("empty.html", b""),
                       ("favicon.ico", b"icon"), ("text.txt", b"text"),
                       ("leaf.jpg", os.urandom(3 << 20)),
                       ("libwebsockets-test-server.key.pem", b"secret"),
                       (".hidden.html", b"secret"), ("a b.html", b"secret")):
        with open(os.path.join(pages, name), "wb") as out:
            out.write(data)
    os.mkdir(os.path.join(pages, "folder.html"))
    os.symlink("/etc/passwd", os.path.join(pages, "outside.html"))
    os.symlink("test.html", os.path.join(pages, "inside.html"))
    program, port = bench.test_server(pages=pages)
    whitelist(bench, port)
    refusals(bench, port)
    by_hand(bench, port, pages)
    posts(bench, program, port)
    bench.ends_cleanly(program, "test-server of pages")


class Web(Peer):
    """An HTTP client with a connection that is kept."""

    def __init__(self, port):
        super().__init__(socket.create_connection(("127.0.0.1", port), 10))

    def ask(self, target, method="GET", more="", body=b""):
        """Status, headers as text, body."""
        self.socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: here\r\n"
                            f"{more}\r\n".encode("latin-1") + body)
        head = self.head()
        length = 0
        for line in head.lower().split("\r\n"):
            if line.startswith("content-length:"):
                length = int(line.split(":")[1])
        if method == "HEAD":
            length = 0
        data = b""
        while len(data) < length:
            if not self.buffer:
                with contextlib.suppress(EOFError):
                    self.buffer = self.socket.recv(1 << 16)
            check(self.buffer, "the body is cut")
            data += self.buffer[:length - len(data)]
            self.buffer = self.buffer[len(data):] if len(data) == length \
                else b""
        return int(head.split()[1]), head.lower(), data


def whitelist(bench, port):
    """Files that are served."""
    with bench.case("the page comes as /, /test.html and by a link inside"):
        with Web(port) as web:
            for target in ("/", "/test.html", "/inside.html", "/?x=1"):
                status, head, data = web.ask(target)
                equal((status, data), (200, b"<p>hello"), target)
                check("content-type: text/html" in head, head)
    with bench.case("an empty file is a file"):
        with Web(port) as web:
            equal(web.ask("/empty.html")[::2], (200, b""), "the answer")
    with bench.case("pictures have their types"):
        with Web(port) as web:
            status, head, _ = web.ask("/favicon.ico")
            equal(status, 200, "the status")
            check("content-type: image/x-icon" in head, head)
    with bench.case("who comes to / without a cookie gets one"):
        with Web(port) as web:
            head = web.ask("/")[1]
            check("set-cookie: test=lws_" in head, head)
            check("_cookie;max-age=360000\r\n" in head + "\r\n", head)
            head = web.ask("/", more="Cookie: test=1\r\n")[1]
            check("set-cookie" not in head, head)


def refusals(bench, port):
    """Names that get no file."""
    for target, want in (
            ("/nothing.html", 404), ("/folder.html", 404),
            ("/libwebsockets.org-logo.png", 404), ("/text.txt", 415),
            ("/libwebsockets-test-server.key.pem", 415), ("/test", 415),
            ("/.hidden.html", 403), ("/a%20b.html", 403),
            ("/outside.html", 403), ("/folder/test.html", 403),
            ("/..%5ctest.html", 403), ("/%2e%2e/%2e%2e/etc/passwd", 403),
            ("/test.html%00", 400), ("/test.html%00.png", 400),
            ("/" + "x" * 300 + ".html", 404), ("/%zz", 400)):
        with bench.case(f"GET {target[:40]} gets {want}"):
            with Web(port) as web:
                status, _, data = web.ask(target)
                equal(status, want, "the status")
                check(b"secret" not in data and b"root:" not in data,
                      "it shows what it must not")
    for target in ("/../test.html", "/%2e%2e/test.html", "//test.html",
                   "/./test.html"):
        with bench.case(f"GET {target} means /test.html"):
            with Web(port) as web:
                equal(web.ask(target)[::2], (200, b"<p>hello"), "the answer")
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        with bench.case(f"{method} is not allowed, and says what is"):
            with Web(port) as web:
                status, head, _ = web.ask("/test.html", method)
                equal(status, 405, "the status")
                check("allow: get, head, post" in head, head)
    with bench.case("after a refusal the connection goes on"):
        with Web(port) as web:
            for target, want in (("/nothing.html", 404), ("/", 200),
                                 ("/text.txt", 415), ("/", 200)):
                equal(web.ask(target)[0], want, target)


def by_hand(bench, port, pages):
    """leaf.jpg, which the program sends itself."""
    with open(os.path.join(pages, "leaf.jpg"), "rb") as leaf:
        want = leaf.read()
    with bench.case("a large picture arrives whole, twice over"):
        with Web(port) as web:
            for _ in range(2):
                status, head, data = web.ask("/leaf.jpg")
                equal(status, 200, "the status")
                check("content-type: image/jpeg" in head, head)
                check(data == want, f"{len(data)} bytes, or others")
            equal(web.ask("/")[0], 200, "the status after it")
    with bench.case("HEAD of it has no body"):
        with Web(port) as web:
            status, head, _ = web.ask("/leaf.jpg", "HEAD")
            equal(status, 200, "the status")
            check(f"content-length: {len(want)}" in head, head)
            equal(web.ask("/")[::2], (200, b"<p>hello"), "what follows")
    with bench.case("who goes away in the middle harms nobody"):
        for _ in range(20):
            with Web(port) as web:
                web.socket.sendall(b"GET /leaf.jpg HTTP/1.1\r\n"
                                   b"Host: here\r\n\r\n")
                web.head()
        with Web(port) as web:
            equal(web.ask("/")[0], 200, "the status")


def posts(bench, program, port):
    """Bodies are read, shown in part, and answered."""
    with bench.case("POST is answered with 200, and its start is logged"):
        with Web(port) as web:
            body = b"name=value&more=" + b"m" * 100
            equal(web.ask("/form", "POST",
                          f"Content-Length: {len(body)}\r\n", body)[0], 200,
                  "the status")
            program.wait_said("LWS_CALLBACK_HTTP_BODY: name=value&more=mmmm"
                              "... len ")
            equal(web.ask("/form", "POST", "Content-Length: 0\r\n")[0], 200,
                  "the status of an empty one")
            equal(web.ask("/")[0], 200, "the status after it")
    with bench.case("what is posted cannot steer the terminal"):
        with Web(port) as web:
            body = b"\x1b[2J\x07evil"
            equal(web.ask("/form", "POST",
                          f"Content-Length: {len(body)}\r\n", body)[0], 200,
                  "the status")
            program.wait_said("BODY: ?[2J?evil... len 9")
    with bench.case("neither can headers"):
        with Web(port) as web:
            web.ask("/", more="User-Agent: a\x1b[31mb\r\n")
        check("\x1b" not in program.said(), "an escape came through")

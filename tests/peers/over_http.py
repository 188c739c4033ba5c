# SPDX-License-Identifier: LGPL-2.1-only
"""The HTTP side of the test server, as curl sees it."""
import os
import re
import socket
import subprocess
import threading
import time

import hostile_http
from harness import Stopwatch, check, clean_environment, equal, has_ipv6
from web import (Curl, hear, hear_answer, read, say, status_of,
                 trapped_directory)

KINDS = {
    "test.html": "text/html",
    "favicon.ico": "image/x-icon",
    "libwebsockets.org-logo.png": "image/png",
}


def http(bench):
    """The group."""
    everything(bench, "test-server")


def http_extpoll(bench):
    """The same with the server that does its own waiting."""
    everything(bench, "test-server-extpoll")


def everything(bench, name):
    """All cases, on one server that must survive them."""
    path = bench.needs("curl", "curl")
    if not path:
        return
    curl = Curl(path, bench.scratch)
    pages = trapped_directory(bench, name)
    server, port = bench.test_server(pages=pages, name=name)
    url = f"http://127.0.0.1:{port}"
    patience = Patience(port)
    files(bench, curl, url, port, pages)
    methods(bench, curl, url)
    bodies(bench, curl, url, server)
    connections(bench, curl, url, port, pages)
    hostile_http.paths(bench, curl, url)
    hostile_http.heads(bench, curl, url, port)
    hostile_http.upgrades(bench, curl, url)
    patience.report(bench)
    with bench.case("after all of this the page is still served"):
        equal(curl.get(url + "/").status, 200, "the status")
    bench.ends_cleanly(server, f"the {name} that curl talked to")


def files(bench, curl, url, port, pages):
    """Names that are there."""
    for name, kind in KINDS.items():
        with bench.case(f"GET /{name} brings the file as {kind}"):
            answer = curl.get(f"{url}/{name}")
            equal(answer.status, 200, "the status")
            check((answer.header("Content-Type") or "").startswith(kind),
                  f"the type is {answer.header('Content-Type')}")
            equal(answer.body, read(os.path.join(pages, name)), "the body")
            equal(answer.header("Content-Length"), str(len(answer.body)),
                  "Content-Length")
            check(answer.heads[0].startswith("HTTP/1.1 200"),
                  "not an answer in HTTP/1.1")
    with bench.case("GET / is the page, and gives a cookie the first time"):
        answer = curl.get(url + "/")
        equal(answer.body, read(os.path.join(pages, "test.html")), "the body")
        check((answer.header("Set-Cookie") or "").startswith("test=LWS_"),
              f"the cookie is {answer.header('Set-Cookie')}")
        again = curl.get("-H", "Cookie: test=LWS_1_1_COOKIE", url + "/")
        equal(again.header("Set-Cookie"), None, "the second cookie")
    with bench.case("a query behind the name does not change the file"):
        answer = curl.get(url + "/test.html?a=b&c=%00")
        equal(answer.body, read(os.path.join(pages, "test.html")), "the body")
    with bench.case("GET /leaf.jpg brings every byte, or 404 without one"):
        leaf = os.path.join(pages, "leaf.jpg")
        answer = curl.get(url + "/leaf.jpg")
        if os.path.exists(leaf):
            equal(answer.status, 200, "the status")
            equal(answer.header("Content-Type"), "image/jpeg", "the type")
            equal(answer.body, read(leaf), "the body")
        else:
            equal(answer.status, 404, "the status")
    with bench.case("a file of 24 MiB arrives whole"):
        answer = curl.get(url + "/large.png")
        equal(answer.status, 200, "the status")
        check(answer.body == read(os.path.join(pages, "large.png")),
              f"{len(answer.body)} bytes that differ")
    with bench.case("an empty file is 200 with length 0"):
        answer = curl.get(url + "/empty.html")
        equal((answer.status, answer.header("Content-Length"), answer.body),
              (200, "0", b""), "the answer")
    with bench.case("HEAD gives the length of the page and no body"):
        answer = curl.get("-I", url + "/test.html")
        equal(answer.status, 200, "the status")
        equal(answer.header("Content-Length"),
              str(os.path.getsize(os.path.join(pages, "test.html"))),
              "Content-Length")
    with bench.case("HEAD of a file written by hand has no body either"):
        got = say(port, b"HEAD /leaf.jpg HTTP/1.1\r\nHost: here\r\n"
                  b"Connection: close\r\n\r\n")
        check(got.endswith(b"\r\n\r\n") and got.count(b"\r\n\r\n") == 1,
              f"{len(got)} bytes came")
    with bench.case("a file that is not there is 404"):
        equal(curl.get(url + "/nothing-here.html").status, 404, "the status")
    with bench.case("a suffix that is not known is 415 or 404"):
        answer = curl.get(url + "/note.txt")
        check(answer.status in (404, 415), f"the status is {answer.status}")


def methods(bench, curl, url):
    """Methods beside GET, HEAD and POST."""
    for method in ("BREW", "TRACE", "PROPFIND", "get"):
        with bench.case(f"the method {method} is refused"):
            answer = curl.get("-X", method, url + "/")
            check(answer.status in (405, 501)
                  or method == "get" and answer.status == 400,
                  f"the status is {answer.status}")
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
        with bench.case(f"the method {method} gets a final answer"):
            answer = curl.get("-X", method, "-H", "Content-Length: 0",
                              url + "/test.html", limit=4)
            check(answer.status >= 200, f"no answer: {answer.noise.strip()}")


def bodies(bench, curl, url, server):
    """Request bodies of every length and framing."""
    shapes = {
        "a form of 23 bytes": b"text=hello&send=webform",
        "a body of 1 MiB": os.urandom(1 << 20),
    }
    body = os.path.join(bench.scratch, "post-body")
    for name, data in shapes.items():
        with open(body, "wb") as file:
            file.write(data)
        for how, extra in (("with a length", ()),
                           ("chunked", ("-H", "Transfer-Encoding: chunked"))):
            with bench.case(f"POST of {name}, {how}, is answered with 200"):
                answer = curl.get("-H", "Expect:", *extra, "--data-binary",
                                  "@" + body, url + "/form")
                equal(answer.status, 200, "the status")
    with bench.case("the server logs the pieces of a body"):
        check("LWS_CALLBACK_HTTP_BODY: text=hello&send=webf... len 23"
              in server.said(), "no such line")
    with bench.case("POST of an empty body is answered with 200"):
        answer = curl.get("-X", "POST", "-H", "Content-Length: 0", url + "/x")
        equal(answer.status, 200, "the status")
        answer = curl.get("-X", "POST", url + "/x")
        equal(answer.status, 200, "the status without a length")
    with bench.case("Expect: 100-continue is answered before the body comes"):
        answer = curl.get("-H", "Expect: 100-continue", "--expect100-timeout",
                          "10", "--data-binary", "@" + body, url + "/form",
                          limit=5)
        equal(answer.status, 200, "the status")
        check(answer.heads[0].startswith("HTTP/1.1 100"),
              f"the first head is {answer.heads[0][:40]!r}")


def connections(bench, curl, url, port, pages):
    """How connections are kept, shared and ended."""
    page = read(os.path.join(pages, "test.html"))
    with bench.case("two requests share one connection"):
        done = subprocess.run(
            curl.command("-w", "%{num_connects} ", "-o", os.devnull,
                         url + "/", "-o", os.devnull, url + "/favicon.ico",
                         "-o", os.devnull, url + "/nothing.html",
                         "-o", os.devnull, url + "/test.html"),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=20, env=clean_environment())
        equal(done.stdout.split(), ["1", "0", "0", "0"],
              "new connections per request")
    with bench.case("Connection: close is obeyed and announced"):
        answer = curl.get("-H", "Connection: close", url + "/test.html")
        equal((answer.header("Connection") or "").lower(), "close",
              "Connection")
        equal(answer.body, page, "the body")
    with bench.case("HTTP/1.0 gets the page and the end of the connection"):
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            peer.sendall(b"GET /test.html HTTP/1.0\r\n\r\n")
            got = hear(peer, 5)
        equal(status_of(got), 200, "the status")
        check(got.endswith(page), "the body is not the page")
    with bench.case("requests sent in one go are answered in order"):
        one = b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            peer.sendall(one % b"test.html" + one % b"nothing.html"
                         + (one % b"empty.html").replace(
                             b"here\r\n", b"here\r\nConnection: close\r\n"))
            got = hear(peer, 5)
        equal(statuses(got), [200, 404, 200], "the statuses")
        check(page in got, "the page is not in the answer")
    with bench.case("a request that comes byte by byte is understood"):
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"GET /test.html HTTP/1.1\r\nHost: here\r\n\r\n":
                peer.sendall(bytes([byte]))
                time.sleep(0.002)
            _, body = hear_answer(peer)
        equal(body, page, "the body")
    with bench.case("a slow reader of a large file holds up nobody"):
        slow = subprocess.Popen(
            curl.command("--limit-rate", "2M", "-o", os.devnull,
                         url + "/large.png"), stdin=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            watch = Stopwatch()
            for _ in range(10):
                equal(curl.get(url + "/test.html").status, 200, "the status")
            watch.check(0, 3)
        finally:
            slow.kill()
            slow.wait()
    ipv6(bench, curl, port, page)


def ipv6(bench, curl, port, page):
    """The same listener answers both families, where there are two."""
    if not has_ipv6():
        print("# this machine has no IPv6", flush=True)
        return
    with bench.case("the page is served on [::1] by the same server"):
        answer = curl.get(f"http://[::1]:{port}/test.html")
        equal(answer.status, 200, "the status")
        equal(answer.body, page, "the body")


def statuses(raw):
    """The statuses of several answers in a row."""
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", raw)]


class Patience:
    """Connections that do nothing, or nearly: when does the server hang up?

    They run beside the other cases, which shows as well that they bother
    nobody.
    """

    def __init__(self, port):
        self.port = port
        self.ended = {}
        self.threads = [threading.Thread(target=self.time, args=row,
                                         daemon=True)
                        for row in (("silent", self.silent),
                                    ("drip", self.drip),
                                    ("post", self.post),
                                    ("kept", self.kept))]
        for thread in self.threads:
            thread.start()

    def time(self, name, body):
        watch = Stopwatch()
        try:
            with socket.create_connection(("127.0.0.1", self.port),
                                          30) as peer:
                begin = body(peer)
                self.ended[name] = time.monotonic() - begin, watch.slack()
        except Exception as error:
            self.ended[name] = error

    @staticmethod
    def silent(peer):
        begin = time.monotonic()
        hear(peer, 20)
        return begin

    @staticmethod
    def drip(peer):
        begin = time.monotonic()
        peer.settimeout(1)
        for byte in b"GET /test.html HTTP/1.1\r\nHost: here\r\n\r\n":
            try:
                peer.sendall(bytes([byte]))
                peer.recv(1000)
                return begin
            except socket.timeout:
                pass
            except OSError:
                return begin
        return begin

    @staticmethod
    def post(peer):
        begin = time.monotonic()
        peer.sendall(b"POST /form HTTP/1.1\r\nHost: here\r\n"
                     b"Content-Length: 1000\r\n\r\nonly this")
        hear(peer, 20)
        return begin

    @staticmethod
    def kept(peer):
        peer.sendall(b"GET /test.html HTTP/1.1\r\nHost: here\r\n\r\n")
        hear_answer(peer)
        begin = time.monotonic()
        hear(peer, 45)
        return begin

    def report(self, bench):
        for name, low, high, what in (
                ("silent", 4, 6.5, "a connection that says nothing"),
                ("drip", 4, 6.5, "a request of one byte a second"),
                ("post", 4, 6.5, "a body that stops coming"),
                ("kept", 25, 32, "a kept connection without a request")):
            with bench.case(f"{what} is ended after {low} to {high:g} s",
                            limit=60):
                while name not in self.ended:
                    time.sleep(0.05)
                if isinstance(self.ended[name], Exception):
                    raise self.ended[name]
                took, slack = self.ended[name]
                check(low <= took <= high + slack, f"it took {took:.1f} s")

# SPDX-License-Identifier: LGPL-2.1-only
"""Requests that want what they may not have, and requests that are none."""
from harness import check, equal
from web import SECRET, say, status_of

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade",
           "Sec-WebSocket-Version: 13", KEY)

# what is asked for, and the statuses that may refuse it
PATHS = (
    ("/../secret.html", (400, 403, 404)),
    ("/../../../../../../etc/passwd", (400, 403, 404, 415)),
    ("/sub/../../secret.html", (400, 403, 404)),
    ("/%2e%2e/secret.html", (400, 403, 404)),
    ("/%2e%2e%2fsecret.html", (400, 403, 404)),
    ("/..%2fsecret.html", (400, 403, 404)),
    ("/%252e%252e/secret.html", (400, 403, 404)),
    ("/..\\secret.html", (400, 403, 404)),
    ("/..%5csecret.html", (400, 403, 404)),
    ("/%2e%2e%5csecret.html", (400, 403, 404)),
    ("//etc/passwd", (400, 403, 404, 415)),
    ("/test.html%00", (400,)),
    ("/%00", (400,)),
    ("/..%00/secret.html", (400,)),
    ("/test.html%0d%0aSet-Cookie:x", (400,)),
    ("/test%0a.html", (400,)),
    ("/%zz", (400,)),
    ("/%", (400,)),
    ("/a/b", (403,)),
    ("/sub/page.html", (403,)),
    ("/.hidden.html", (403, 404)),
    ("/libwebsockets-test-server.key.pem", (403, 404, 415)),
    ("/link.html", (403, 404)),
    ("/absolute-link.html", (403, 404)),
    ("/up.html/secret.html", (403, 404)),
    ("/up.html", (403, 404)),
    ("/directory.html", (403, 404)),
    ("/fifo.html", (403, 404)),
)


def paths(bench, curl, url):
    """No path leads out of the directory, or to what is no plain file."""
    for path, allowed in PATHS:
        with bench.case(f"GET {path} gets no file"):
            answer = curl.get("--path-as-is", url + path, limit=5)
            check(SECRET not in answer.body, "the secret came back")
            check(b"root:" not in answer.body, "a system file came back")
            check(answer.status in allowed,
                  f"the status is {answer.status}, none of {allowed}")


def heads(bench, curl, url, port):
    """Heads that are too long, or against the grammar."""
    long_target = url + "/" + "a" * 6000
    with bench.case("a request target of 6000 bytes is 414"):
        equal(curl.get(long_target).status, 414, "the status")
    with bench.case("a header value of 6000 bytes is 431"):
        answer = curl.get("-H", "Cookie: " + "a" * 6000, url + "/")
        equal(answer.status, 431, "the status")
    with bench.case("a head of 100 KiB in small fields is 431"):
        fields = [word for number in range(1000)
                  for word in ("-H", f"X-Field-{number}: " + "a" * 85)]
        equal(curl.get(*fields, url + "/").status, 431, "the status")
    with bench.case("a header value of 3000 bytes is fine"):
        answer = curl.get("-H", "Cookie: " + "a" * 3000, url + "/")
        equal(answer.status, 200, "the status")
    for name, fields in (
            ("a Content-Length that is no number", ("Content-Length: abc",)),
            ("a negative Content-Length", ("Content-Length: -1",)),
            ("a Content-Length beyond 64 bits",
             ("Content-Length: 99999999999999999999",)),
            ("two Content-Lengths that differ",
             ("Content-Length: 1", "Content-Length: 2")),
            ("a length beside chunks",
             ("Content-Length: 5", "Transfer-Encoding: chunked")),
            ("a blank before the colon", ("Cookie : a",)),
            ("a second Host", ("Host: there",)),
            ("a folded line", ("Cookie: a", " b")),
            ("a NUL in a value", ("Cookie: a\0b",))):
        with bench.case(f"{name} is 400"):
            equal(raw(port, "POST /form HTTP/1.1", *fields), 400, "the status")
    with bench.case("a transfer coding we do not have is 501 or 400"):
        got = raw(port, "POST /form HTTP/1.1", "Transfer-Encoding: gzip")
        check(got in (400, 501), f"the status is {got}")
    with bench.case("a chunk size that is no number ends the request"):
        got = say(port, b"POST /form HTTP/1.1\r\nHost: here\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 8)
        check(status_of(got) in (0, 400), f"the status is {status_of(got)}")
    with bench.case("HTTP/2.0 in the request line is 505 or 400"):
        got = raw(port, "GET / HTTP/2.0")
        check(got in (400, 505), f"the status is {got}")
    for name, line in (("a line without version", b"GET /\r\n\r\n"),
                       ("noise", bytes(range(1, 256)) + b"\r\n\r\n"),
                       ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"
                        b"\x03\x03" + b"\x2a" * 64 + b"\r\n\r\n")):
        with bench.case(f"{name} instead of a request gets no page"):
            got = say(port, line, 8)
            check(status_of(got) in (0, 400, 405, 501, 505),
                  f"the status is {status_of(got)}")


def raw(port, line, *fields):
    """The status of a request made of these lines, to the letter."""
    head = "\r\n".join((line, "Host: here", "Connection: close") + fields)
    return status_of(say(port, head.encode("latin-1") + b"\r\n\r\n", 8))


def upgrades(bench, curl, url):
    """Upgrades that are refused before anything is agreed."""
    def ask(*args, drop="", extra=()):
        fields = [field for field in UPGRADE + tuple(extra)
                  if not drop or not field.startswith(drop)]
        return curl.get("--http1.1", *args,
                        *(word for field in fields for word in ("-H", field)),
                        url + "/", limit=5)

    with bench.case("version 99 is 426 and the answer names 13"):
        answer = ask(drop="Sec-WebSocket-Version",
                     extra=("Sec-WebSocket-Version: 99",))
        equal(answer.status, 426, "the status")
        check("13" in (answer.header("Sec-WebSocket-Version") or ""),
              f"it names {answer.header('Sec-WebSocket-Version')}")
    with bench.case("an upgrade without a key is 400"):
        equal(ask(drop="Sec-WebSocket-Key").status, 400, "the status")
    with bench.case("an upgrade with a key of 3 bytes is 400"):
        equal(ask(drop="Sec-WebSocket-Key",
                  extra=("Sec-WebSocket-Key: YWJj",)).status, 400,
              "the status")
    with bench.case("an upgrade without a Host is 400"):
        equal(ask("-H", "Host:").status, 400, "the status")
    with bench.case("an upgrade by POST is 405 or 400"):
        answer = ask("-X", "POST")
        check(answer.status in (400, 405), f"the status is {answer.status}")
    with bench.case("an upgrade in HTTP/1.0 is 400 or 505"):
        answer = ask("-0")
        check(answer.status in (400, 505), f"the status is {answer.status}")
    with bench.case("a subprotocol nobody knows is 400"):
        equal(ask(extra=("Sec-WebSocket-Protocol: no-such-protocol",)).status,
              400, "the status")

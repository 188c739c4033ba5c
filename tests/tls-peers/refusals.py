# SPDX-License-Identifier: LGPL-2.1-only
"""Proxies that refuse, or answer as no proxy should, and settings that cannot
be meant: what the user is told.
"""
import contextlib
import re
import socket
import threading
import time

from harness import Stopwatch, check, clean_environment, equal

FAILED = re.compile(r"^client connection 1 failed to connect: (.*)$", re.M)

# what the proxy answers, words of the reason
ANSWERS = (
    ("407", b"HTTP/1.1 407 Proxy Authentication Required\r\n"
     b"Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n", ["407", "password"]),
    ("407 with a body", b"HTTP/1.0 407 No\r\nContent-Length: 5\r\n\r\nno no",
     ["407"]),
    ("403", b"HTTP/1.1 403 Forbidden\r\n\r\n", ["403"]),
    ("404", b"HTTP/1.1 404 Not Found\r\n\r\n", ["404"]),
    ("500", b"HTTP/1.1 500 Oops\r\n\r\n", ["500"]),
    ("502", b"HTTP/1.1 502 Bad Gateway\r\n\r\n" + b"<html>" * 5000, ["502"]),
    ("503", b"HTTP/1.1 503 Service Unavailable\r\n\r\n", ["503"]),
    ("504", b"HTTP/1.1 504 Gateway Timeout\r\n\r\n", ["504"]),
    ("a redirection", b"HTTP/1.1 302 Found\r\nLocation: http://a/\r\n\r\n",
     ["302"]),
    ("no reason", b"HTTP/1.0 403\r\n\r\n", ["403"]),
    ("what is no HTTP", b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n", ["not HTTP"]),
    ("binary noise", bytes(range(128, 256)) + b"\r\n\r\n", ["not HTTP"]),
    ("nothing, and closes", b"", ["without an answer"]),
    ("half an answer, and closes", b"HTTP/1.1 200 Conn",
     ["without an answer"]),
    ("headers without end", b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 20000,
     ["too long"]),
)

# settings of http_proxy, words of the warning
SETTINGS = (
    ("http://", "user:password@"),
    ("proxy.example.org", "no port"),
    ("proxy.example.org:0", "user:password@|no port"),
    ("proxy.example.org:99999", "user:password@|no port"),
    ("proxy.example.org:port", "user:password@|no port"),
    ("https://127.0.0.1:3128", "only http://"),
    ("socks5://127.0.0.1:1080", "only http://"),
    ("a:%zz@127.0.0.1:3128", "decoded"),
    ("a:b%0d%0aX:c@127.0.0.1:3128", "decoded"),
    ("127.0.0.1:3128/path", "user:password@"),
    ("a b:3128", "user:password@"),
)


def refusals(bench):
    """The group."""
    for name, answer, words in ANSWERS:
        for secure in (False, True):
            scheme = "wss" if secure else "ws"
            with bench.case(f"a proxy answers {name} to {scheme}: one line "
                            "says so, status 1"):
                with proxy(lambda peer, data=answer: say(peer, data)) as port:
                    refused(bench, port, secure, *words)
    with bench.case("a proxy that is silent is given up after 5 s", 25):
        with proxy(lambda _: time.sleep(12)) as port:
            watch = Stopwatch()
            refused(bench, port, True, "no answer", "5 seconds")
            watch.check(4, 8)
    with bench.case("a proxy that is not there is named"):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            refused(bench, closed.getsockname()[1], True, "refused")
    requests(bench)
    spared(bench)
    tunnels(bench)
    settings(bench)


def say(peer, data):
    with contextlib.suppress(OSError):
        read_head(peer)
        peer.sendall(data)


def read_head(peer):
    """The request of the client."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = peer.recv(65536)
        if not piece:
            break
        head += piece
    return head


@contextlib.contextmanager
def proxy(behave):
    """The port of a proxy that does this with whoever comes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)

        def one(peer):
            with peer, contextlib.suppress(OSError):
                behave(peer)

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=one, daemon=True,
                                     args=(listener.accept()[0],)).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def ping(bench, setting, secure, host="host.example.org", port=7,
         no_proxy=""):
    return bench.run_plain(
        [bench.program("test-ping"), host, f"--port={port}", "-i=0.05",
         "--protocol=default", *(["--ssl"] if secure else [])],
        {**clean_environment(), "http_proxy": setting,
         "no_proxy": no_proxy})


def refused(bench, port, secure, *words):
    """Status 1, and one line that names the proxy and the reason."""
    client = ping(bench, f"127.0.0.1:{port}", secure)
    equal(client.wait_end(10), 1, "the status")
    said = FAILED.findall(client.said())
    equal(len(said), 1, f"the lines in {client.said()!r}")
    for word in (f"127.0.0.1:{port}", *words):
        check(word in said[0], f"no {word!r} in {said[0]!r}")


def requests(bench):
    """What the proxy is asked for."""
    heads = []

    def behave(peer):
        heads.append(read_head(peer))
        peer.sendall(b"HTTP/1.1 403 No\r\n\r\n")

    for login, field in (
            ("", None),
            ("Aladdin:open%20sesame@",
             b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("%C3%A5:%3A%40%2F@", b"Basic w6U6OkAv"),
            ("alone@", b"Basic YWxvbmU6")):
        with bench.case(f"the proxy is asked with {login or 'no password'}"):
            heads.clear()
            with proxy(behave) as port:
                client = ping(bench, f"http://{login}127.0.0.1:{port}/", True)
                equal(client.wait_end(10), 1, "the status")
                check("sesame" not in client.said(), "it told the password")
            first, *lines = heads[0].split(b"\r\n")
            check(re.fullmatch(rb"CONNECT host\.example\.org:7 HTTP/1\.[01]",
                               first), first)
            fields = dict(line.split(b": ", 1) for line in lines if line)
            equal(fields.get(b"Proxy-Authorization"), field, "the field")


def spared(bench):
    """Where clients go without the proxy, which would be in their way."""
    with bench.unsecured():
        server, port = bench.test_echo()
    with proxy(lambda peer: say(peer, b"HTTP/1.1 403 No\r\n\r\n")) as front:
        for host, no_proxy in (("127.0.0.1", ""), ("localhost", ""),
                               ("0.0.0.0", "0.0.0.0"), ("0.0.0.0", "*"),
                               ("0.0.0.0", "a.example, 0.0.0.0/8"),
                               ("0.0.0.0", f"a.example,0.0.0.0:{port}")):
            with bench.case(f"{host} is not asked of the proxy, "
                            f"no_proxy={no_proxy}"):
                client = ping(bench, f"127.0.0.1:{front}", False, host, port,
                              no_proxy)
                client.wait_said("req=3 ")
                equal(client.stop(), 0, "the status")
        with bench.case("another port than no_proxy has is asked of it"):
            client = ping(bench, f"127.0.0.1:{front}", False, "0.0.0.0", port,
                          "a.example,0.0.0.0:9")
            equal(client.wait_end(10), 1, "the status")
            check("403" in client.said(), client.said())
    bench.ends_cleanly(server, "the server that is spared a proxy")


def tunnels(bench):
    """Answers that must be taken, and what comes through."""
    with bench.unsecured():
        plain = bench.test_echo()
    bench.show("self")
    secure = bench.test_echo()
    bench.show("server")
    for name, answer in (
            ("200", b"HTTP/1.1 200 Connection established\r\n\r\n"),
            ("HTTP/1.0 200", b"HTTP/1.0 200 OK\r\nProxy-agent: x\r\n\r\n"),
            ("another 2xx", b"HTTP/1.1 299 Well\r\n\r\n"),
            ("no reason", b"HTTP/1.1 200\r\n\r\n"),
            ("a length that means nothing",
             b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
            ("many headers", b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 100
             + b"\r\n")):
        for scheme, (_, target) in (("ws", plain), ("wss", secure)):
            for slow in (False, True):
                if slow and len(answer) > 100:
                    continue
                how = ", byte by byte" if slow else ""
                with bench.case(f"{scheme} goes through: {name}{how}"):
                    with proxy(lambda peer, target=target, answer=answer,
                               slow=slow: tunnel(peer, target, answer,
                                                 slow)) as port:
                        client = ping(bench, f"127.0.0.1:{port}",
                                      scheme == "wss", port=target)
                        client.wait_said("req=5 ")
                        equal(client.stop(), 0, "the status")
    for program, _ in (plain, secure):
        bench.ends_cleanly(program, "the server behind the tunnels")


def tunnel(peer, target, answer, slow):
    """To our own server, whatever host was asked for."""
    read_head(peer)
    for n in range(0, len(answer), 1 if slow else len(answer)):
        peer.sendall(answer[n:n + (1 if slow else len(answer))])
        time.sleep(0.01 if slow else 0)
    with socket.create_connection(("127.0.0.1", target), 5) as server:
        server.settimeout(None)
        other = threading.Thread(target=pump, args=(server, peer),
                                 daemon=True)
        other.start()
        pump(peer, server)
        other.join(10)


def pump(source, sink):
    """Everything, and its end."""
    with contextlib.suppress(OSError):
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def settings(bench):
    """What is written into http_proxy and cannot be meant."""
    for setting, words in SETTINGS:
        with bench.case(f"http_proxy={setting}: one warning, no proxy"):
            client = ping(bench, setting, False, "127.0.0.1", 9)
            equal(client.wait_end(10), 1, "the status")
            lines = [line for line in client.said().split("\n")
                     if "WARN" in line]
            equal(len(lines), 1, f"the warnings in {client.said()!r}")
            check("http_proxy" in lines[0], lines[0])
            check(re.search(words, lines[0]), lines[0])

# SPDX-License-Identifier: LGPL-2.1-only
"""The HTTP side of the test server over TLS, as curl sees it."""
import os
import subprocess

from harness import check, clean_environment, equal
from secure import VERSIONS
from web import Curl, read, say, status_of

FILES = {
    "test.html": "text/html; charset=utf-8",
    "favicon.ico": "image/x-icon",
    "libwebsockets.org-logo.png": "image/png",
    "leaf.jpg": "image/jpeg",
}


def curl(bench):
    """The group."""
    path = bench.needs("curl", "curl")
    if not path:
        return
    tool = Curl(path, bench.scratch)
    for name in ("test-server", "test-server-extpoll"):
        server, port = bench.test_server(name=name)
        for version in VERSIONS:
            files(bench, tool, port, f"{name}, TLS {version}",
                  ("--cacert", bench.certs.path("ca"), "--tls-max", version,
                   "--tlsv" + version))
        bench.ends_cleanly(server, f"the {name} that curl talked to")
    server, port = bench.test_server()
    protocols(bench, tool, port, ("--cacert", bench.certs.path("ca")))
    bench.ends_cleanly(server, "the server of many requests")
    both(bench, tool)


def files(bench, tool, port, who, trust):
    """Everything there is to get, whole."""
    url = f"https://127.0.0.1:{port}"
    for name, kind in FILES.items():
        with bench.case(f"curl: {who}: /{name} comes whole"):
            answer = tool.get(*trust, f"{url}/{name}")
            equal(answer.status, 200, f"the status after {answer.noise}")
            equal(answer.header("Content-Type"), kind, "its type")
            equal(answer.body, read(os.path.join(bench.pages, name)),
                  "the body")
    with bench.case(f"curl: {who}: the names in the certificate fit"):
        answer = tool.get(*trust, "--resolve", f"localhost:{port}:127.0.0.1",
                          f"https://localhost:{port}/")
        equal(answer.status, 200, f"the status after {answer.noise}")
    with bench.case(f"curl: {who}: the keys are not served"):
        for name in ("libwebsockets-test-server.key.pem",
                     "libwebsockets-test-server.pem"):
            answer = tool.get(*trust, f"{url}/{name}")
            check(answer.status >= 400, f"{name} is {answer.status}")
    with bench.case(f"curl: {who}: bodies go up, of 0 bytes and of 4 MiB"):
        for length in (0, 4 << 20):
            body = os.path.join(bench.scratch, "upload")
            with open(body, "wb") as file:
                file.write(b"u" * length)
            answer = tool.get(*trust, "--data-binary", "@" + body,
                              f"{url}/form")
            equal(answer.status, 200, f"the status after {answer.noise}")


def protocols(bench, tool, port, trust):
    """Connections, and HTTP on top."""
    url = f"https://127.0.0.1:{port}"
    with bench.case("curl: 30 requests share one connection"):
        wanted = [part for n in range(30) for part in (
            "-o", os.devnull, f"{url}/test.html?{n}")]
        done = subprocess.run(
            tool.command(*trust, "-w", "%{http_code} %{num_connects}\n",
                         *wanted),
            capture_output=True, text=True, timeout=30,
            env=clean_environment())
        lines = done.stdout.split("\n")[:-1]
        equal(len(lines), 30, "the answers")
        check(all(line.startswith("200 ") for line in lines), lines)
        equal(sum(int(line.split()[1]) for line in lines), 1,
              "the connections")
    with bench.case("curl: who would like HTTP/2 gets 1.1"):
        answer = tool.get(*trust, "--http2", f"{url}/")
        equal(answer.status, 200, f"the status after {answer.noise}")
        check(answer.heads[-1].startswith("HTTP/1.1 "), answer.heads[-1])
    with bench.case("curl: an upload that waits for 100 Continue goes up"):
        body = os.path.join(bench.scratch, "upload")
        answer = tool.get(*trust, "-H", "Expect: 100-continue",
                          "--data-binary", "@" + body, f"{url}/form")
        equal(answer.status, 200, f"the status after {answer.noise}")
    with bench.case("curl: what it does not trust it does not talk to"):
        answer = tool.get(f"{url}/")
        equal(answer.status, 0, "the status")
        check("certificate" in answer.noise, answer.noise)
    with bench.case("plain HTTP on the TLS port is not answered"):
        heard = say(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        equal(status_of(heard), 0, "the status")
    with bench.case("after garbage and half a greeting it is served"):
        say(port, b"\x16\x03\x01\x00\x05abcde" * 50)
        say(port, b"\0" * 5000)
        equal(tool.get(*trust, f"{url}/").status, 200, "the status")


def both(bench, tool):
    """The option -a."""
    server, port = bench.test_server("--allow-non-ssl")
    with bench.case("curl: with -a one port takes http and https"):
        for scheme in ("http", "https", "http"):
            answer = tool.get("--cacert", bench.certs.path("ca"),
                              f"{scheme}://127.0.0.1:{port}/test.html")
            equal(answer.status, 200, f"the status of {scheme}")
            equal(answer.body, read(os.path.join(bench.pages, "test.html")),
                  "the body")
    bench.ends_cleanly(server, "the server of both")

# SPDX-License-Identifier: LGPL-2.1-only
"""curl as a WebSocket client, where it was built to be one.

It compresses nothing, and prints the payloads of what it receives.
"""
import re
import subprocess

from harness import check, clean_environment, equal
from web import Curl, read


def curl_ws(bench):
    """The group."""
    path = bench.needs("curl", "curl")
    if not path:
        return
    about = subprocess.run([path, "-q", "--version"], capture_output=True,
                           text=True, timeout=20).stdout
    version = about.partition(" (")[0]
    if not re.search(r"^Protocols:.* ws( |$)", about, re.M):
        bench.skips("curl counts along", f"{version} knows no ws: protocol")
        return
    server, port = bench.test_server()
    curl = Curl(path, bench.scratch)
    for offer in (), ("-H", "Sec-WebSocket-Extensions: unheard-of"):
        with bench.case(f"{version} counts along" + (
                " with an extension that nobody knows" if offer else "")):
            done = subprocess.run(
                curl.command("-N", "-D", curl.head, *offer, "-H",
                             "Sec-WebSocket-Protocol: dumb-increment-protocol",
                             f"ws://127.0.0.1:{port}/", limit=2),
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=15, env=clean_environment())
            equal(done.returncode, 28, f"after {done.stderr!r} its status")
            numbers = "".join(map(str, range(100)))
            check(len(done.stdout) > 20 and numbers.startswith(done.stdout),
                  f"it printed {done.stdout!r}")
            head = read(curl.head).decode("latin-1")
            check(head.startswith("HTTP/1.1 101 "), head)
            check("extensions" not in head.lower(), head)
    bench.ends_cleanly(server, "the server of curl")

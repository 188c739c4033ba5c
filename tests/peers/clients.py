# SPDX-License-Identifier: LGPL-2.1-only
"""Our test-client and test-echo -c against a server that others wrote.

The server is server_python.py or node_server.js: the same behaviour on two
libraries, each telling what happens as lines of JSON.
"""
import base64
import json
import re
import signal
import socket
import time

from harness import PATIENCE, Stopwatch, check, equal, free_port, has_ipv6

INCREMENT = "dumb-increment-protocol"
MIRROR = "lws-mirror-protocol"
CIRCLE = re.compile(r"c #([0-9A-F]{6}) (\d+) (\d+) (\d+);$")
HELLO = re.compile(r"hello from libwebsockets-test-echo client "
                   r"pid (\d+) index (\d+)\n$")


class Facts:
    """What a server of somebody else's tells about its connections."""

    def __init__(self, bench, command, mode=""):
        self.program = bench.run(command + ([mode] if mode else []))
        self.compresses = any(word.startswith("--deflate") for word in command)
        self.port = self.wait("listening")["port"]

    def all(self, event=None, **like):
        """All events so far that look like this."""
        lines = [line for line in self.program.said().split("\n")[:-1]
                 if line.startswith("{")]
        return [fact for fact in map(json.loads, lines)
                if (event is None or fact["event"] == event)
                and all(fact.get(key) == like[key] for key in like)]

    def wait(self, event, count=1, within=10, **like):
        """Wait for the @count-th such event."""
        end = time.monotonic() + PATIENCE * within
        while True:
            found = self.all(event, **like)
            if len(found) >= count:
                return found[count - 1]
            check(self.program.process.poll() is None,
                  f"the server has ended: {self.program.last_words()}")
            trouble = self.all("trouble")
            check(time.monotonic() < end,
                  f"{len(found)} of {count} events {event!r} in {within} s "
                  + (f"{trouble[-1]}" if trouble else ""))
            time.sleep(0.02)

    def check_agreed(self, opened):
        """Compression is in use where the server has it."""
        agreed = opened["agreed"] or ""
        equal(agreed.startswith("permessage-deflate"), self.compresses,
              f"compression, in {agreed!r},")

    def stop(self):
        self.program.stop()


def test_client(bench, who, command):
    """libwebsockets-test-client."""
    facts = Facts(bench, command)
    client = bench.run([bench.program("test-client"), "127.0.0.1",
                        f"--port={facts.port}"])
    with bench.case(f"test-client and {who}: the numbers are printed"):
        client.wait_said("rx 2 '25'")
        got = re.findall(r"rx (\d+) '(\d+)'", client.said())
        equal([int(text) for _, text in got], list(range(len(got))),
              "the numbers")
        check(all(int(n) == len(text) for n, text in got), "wrong lengths")
    with bench.case(f"test-client and {who}: the request is in order"):
        opened = facts.wait("open", protocol=INCREMENT)
        equal((opened["path"], opened["version"]), ("/", "13"), "the request")
        check(opened["host"].startswith("127.0.0.1"),
              f"Host is {opened['host']}")
        check("127.0.0.1" in opened["origin"],
              f"Origin is {opened['origin']}")
        equal(len(base64.b64decode(opened["key"], validate=True)), 16,
              "the length of the key")
        facts.check_agreed(opened)
    with bench.case(f"test-client and {who}: circles are drawn"):
        facts.wait("drawing", count=10)
        drawings = [fact["text"] for fact in facts.all("drawing")]
        found = [CIRCLE.match(text) for text in drawings]
        check(all(found), f"no circle: {drawings[:3]}")
        check(all(int(m[2]) < 500 and int(m[3]) < 250 and int(m[4]) < 24
                  for m in found), "a circle is out of bounds")
        check(len({m[1] for m in found}) > 3, "always the same colour")
    with bench.case(f"test-client and {who}: a mirror that is over is opened "
                    "again, with a new key", 90):
        first = facts.wait("close", within=80, protocol=MIRROR)
        again = facts.wait("open", count=2, protocol=MIRROR)
        check(first["code"] in (1000, 1001), f"closed with {first['code']}")
        keys = [fact["key"] for fact in facts.all("open")]
        equal(len(set(keys)), len(keys), "the number of different keys")
        check(again["id"] > first["id"], "the order of connections is wrong")
    with bench.case(f"test-client and {who}: ^C ends it with status 0"):
        equal(client.stop(signal.SIGINT), 0, "the status")
    client = bench.run([bench.program("test-client"), "127.0.0.1",
                        f"--port={facts.port}"])
    with bench.case(f"test-client and {who}: it ends when the server ends"):
        client.wait_said("rx 1 '3'")
        facts.stop()
        equal(client.wait_end(), 0, "the status")
        check("LWS_CALLBACK_CLOSED" in client.said(), client.last_words())
    for mode in ("refuse", "wrong-protocol"):
        facts = Facts(bench, command, mode)
        with bench.case(f"test-client and {who}: {mode} ends it with 1"):
            client = bench.run([bench.program("test-client"), "127.0.0.1",
                                f"--port={facts.port}"])
            equal(client.wait_end(8), 1, "the status")
            check("CONNECTION_ERROR" in client.said(), client.last_words())
        facts.stop()


def at_home(bench):
    """Our own client and server, by every name of this machine."""
    server, port = bench.test_server()
    for address in ("127.0.0.1", "localhost", "::1"):
        if address == "::1" and not has_ipv6():
            continue
        with bench.case(f"test-client finds the test server at {address}"):
            client = bench.run([bench.program("test-client"), address,
                                f"--port={port}"])
            client.wait_said("rx 1 '5'")
            equal(client.stop(), 0, "the status")
    bench.ends_cleanly(server, "the server of our own client")


def test_client_alone(bench):
    """libwebsockets-test-client where nobody answers properly."""
    def start(address, port):
        return bench.run([bench.program("test-client"), address,
                          f"--port={port}"])

    with bench.case("test-client without a server ends with 1"):
        equal(start("127.0.0.1", free_port()).wait_end(8), 1, "the status")
    with bench.case("test-client with a name that does not exist ends with 1"):
        equal(start("no-such-host.invalid", free_port()).wait_end(15), 1,
              "the status")
    with bench.case("test-client gives up on a silent server after 5 s"):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(8)
            watch = Stopwatch()
            status = start("127.0.0.1", silent.getsockname()[1]).wait_end(12)
            watch.check(4, 8)
        equal(status, 1, "the status")
    with bench.case("test-client without an address shows usage, status 1"):
        program = bench.run([bench.program("test-client")])
        equal(program.wait_end(), 1, "the status")
        check("usage" in program.said().lower(), program.last_words())


def echo_client(bench, who, command):
    """libwebsockets-test-echo -c."""
    facts = Facts(bench, command)

    def start(*options):
        return bench.run([bench.program("test-echo"), "-c", "127.0.0.1",
                          f"--port={facts.port}", *options])

    client = start("--ratems=100", "--uri=/hello")
    with bench.case(f"test-echo -c and {who}: it says hello, again and again"):
        facts.wait("hello", count=10)
        found = [HELLO.match(fact["text"]) for fact in facts.all("hello")]
        check(all(found), f"it said {facts.all('hello')[0]['text']!r}")
        equal({int(m[1]) for m in found}, {client.pid}, "its pid")
        index = [int(m[2]) for m in found]
        equal(index, list(range(index[0], index[0] + len(index))),
              "the indices")
    with bench.case(f"test-echo -c and {who}: it logs both directions"):
        client.wait_said("Client TX: hello")
        client.wait_said("Client RX: hello")
    with bench.case(f"test-echo -c and {who}: the request is in order"):
        opened = facts.wait("open")
        equal((opened["path"], opened["version"], opened["protocol"]),
              ("/hello", "13", None), "the request")
        facts.check_agreed(opened)
    bench.ends_cleanly(client, f"test-echo -c and {who}: the client")
    client = start("--versa", "--uri=/versa")
    with bench.case(f"test-echo -c and {who}: with --versa it echoes "
                    "everything", 40):
        result = facts.wait("versa", within=35)
        check(result["ok"], result.get("why", "it failed"))
        equal(result["code"], 3001, "the code of its close")
    client.kill()
    client = start("--ratems=50", "--uri=/leave")
    with bench.case(f"test-echo -c and {who}: it comes back when closed"):
        facts.wait("open", count=3, within=15, path="/leave")
    client.kill()
    client = start("--versa", "--uri=/masked")
    with bench.case(f"test-echo -c and {who}: a masked frame is answered "
                    "with 1002"):
        equal(facts.wait("masked")["code"], 1002, "the code")
    client.kill()
    facts.stop()

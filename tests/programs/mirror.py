# SPDX-License-Identifier: LGPL-2.1-only
"""The mirror: one sends, all get, nobody has to wait for ever."""
import os
import threading
import time

from harness import Stopwatch, check, equal
from server import start
from wire import BINARY, CONT, MIRROR, PING, PONG, TEXT, connect

CHUNK = 4096
PATIENCE = 5  # seconds that a reader who takes nothing is waited for


def mirror(bench):
    """All cases of the group."""
    for name in ("test-server", "test-server-extpoll"):
        program, port = start(bench, name)
        copies(bench, name, port)
        cuts(bench, name, port)
        everybody(bench, name, port)
        slow(bench, name, port)
        stuck(bench, name, port, program)
        bench.ends_cleanly(program, name + " of the mirror")


def copies(bench, name, port):
    """What is sent comes to all, as it was."""
    with bench.case(f"{name} mirrors to all, the sender too, in kind"):
        with connect(port, MIRROR) as one, connect(port, MIRROR) as two:
            sent = ((TEXT, b"c #1A2B3C 250 100 12;"), (BINARY, bytes(256)),
                    (TEXT, b""), (BINARY, os.urandom(CHUNK)),
                    (TEXT, "dru\u0308ber \U0001f600".encode()))
            for opcode, data in sent:
                one.send(opcode, data)
            for peer in (one, two):
                equal([peer.message() for _ in sent],
                      [(opcode, data, 1) for opcode, data in sent],
                      "what arrives")
    with bench.case(f"{name} has no history for newcomers"):
        with connect(port, MIRROR) as one:
            one.send(TEXT, b"old")
            equal(one.text(), "old", "the text")
            with connect(port, MIRROR) as two:
                one.send(TEXT, b"new")
                equal(two.text(), "new", "the text")


def collect(peer, length, opcode):
    """Whole messages of that kind until so many bytes are there."""
    parts = []
    while sum(map(len, parts)) < length:
        got, data, _ = peer.message()
        equal(got, opcode, "the opcode")
        parts.append(data)
    return parts


def cuts(bench, name, port):
    """Frames longer than a chunk come in several messages."""
    with bench.case(f"{name} cuts long binary frames at {CHUNK} bytes"):
        with connect(port, MIRROR) as peer:
            data = os.urandom(3 * CHUNK + 100)
            peer.send(BINARY, data)
            parts = collect(peer, len(data), BINARY)
            equal([len(part) for part in parts], [CHUNK] * 3 + [100],
                  "the lengths")
            check(b"".join(parts) == data, "the bytes differ")
    with bench.case(f"{name} never cuts text inside a character"):
        with connect(port, MIRROR) as peer:
            for start_at in range(4):
                text = "x" * start_at + "\U0001f600\u20ac\u00e4" * 1500
                data = text.encode()
                peer.send(TEXT, data)
                parts = collect(peer, len(data), TEXT)
                equal("".join(part.decode() for part in parts), text,
                      "the text")
    with bench.case(f"{name} mirrors fragments cut anywhere as valid text"):
        with connect(port, MIRROR) as peer:
            data = "a\U0001f600b\u20acc".encode()
            for n, byte in enumerate(data):
                peer.send(CONT if n else TEXT, bytes([byte]),
                          fin=n == len(data) - 1)
            parts = collect(peer, len(data), TEXT)
            equal("".join(part.decode() for part in parts), data.decode(),
                  "the text")


def send_all(peer, count, make):
    """Send from a thread, so that we can read meanwhile."""
    def work():
        for n in range(count):
            peer.send(TEXT, make(n))
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def everybody(bench, name, port):
    """As long as everyone reads, everyone gets everything once."""
    with bench.case(f"{name} loses nothing between five who draw at once",
                    limit=60):
        peers = [connect(port, MIRROR) for _ in range(5)]
        each = 3000
        for who, peer in enumerate(peers):
            peer.limit = 40
            send_all(peer, each, lambda n, who=who: b"%d %d" % (who, n))
        heard = {}

        def listen(who):
            last = [-1] * len(peers)
            for _ in range(each * len(peers)):
                sender, n = map(int, peers[who].text().split())
                if n != last[sender] + 1:
                    heard[who] = f"{n} follows {last[sender]}"
                    return
                last[sender] = n
            heard[who] = "everything"

        threads = [threading.Thread(target=listen, args=(who,), daemon=True)
                   for who in range(len(peers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(50)
        equal([heard.get(who) for who in range(len(peers))],
              ["everything"] * len(peers), "what each has heard")
        for peer in peers:
            peer.socket.close()


def slow(bench, name, port):
    """A slow reader slows the sender, and loses nothing."""
    with bench.case(f"{name} waits for a reader that is slow but reads",
                    limit=60):
        count = 6000
        with connect(port, MIRROR) as sender, \
                connect(port, MIRROR, small=True) as reader:
            def drain():
                try:
                    while True:
                        sender.frame(limit=40)
                except Exception:
                    pass
            threading.Thread(target=drain, daemon=True).start()
            sender.limit = 50
            send_all(sender, count, lambda n: b"%06d" % n * 300)
            for n in range(count):
                got = reader.text()
                equal(got[:6], "%06d" % n, "the entry")
                if n % 500 == 0:
                    time.sleep(0.3)


def stuck(bench, name, port, program):
    """One that does not read at all is left behind after a while."""
    with bench.case(f"{name} waits {PATIENCE} s for one who takes nothing",
                    limit=60), \
            connect(port, MIRROR) as sender, \
            connect(port, MIRROR, small=True) as reader:
        count = 8000
        sender.limit = 40
        watch = Stopwatch()
        send_all(sender, count, lambda n: b"%06d" % n * 600)
        longest, before = 0, watch.begin
        for n in range(count):
            equal(sender.text()[:6], "%06d" % n, "the entry of the sender")
            longest = max(longest, time.monotonic() - before)
            before = time.monotonic()
        check(PATIENCE - 1.5 < longest < PATIENCE + 1.5 + watch.slack(),
              f"the longest pause was {longest:.1f} s")
        check("dropping!" not in program.said(), "something was dropped")
        last = -1
        skipped = 0
        while last < count - 1:
            n = int(reader.text()[:6])
            check(n > last, f"{n} follows {last}")
            skipped += n - last - 1
            last = n
        check(skipped > 0, "nothing was skipped")
        sender.send(PING, b"well?")
        equal(sender.frame(), (PONG, True, b"well?"), "the answer")

# SPDX-License-Identifier: LGPL-2.1-only
"""test-ping: what it prints, counts and returns, on servers good and bad."""
import fcntl
import re
import signal
import socket
import struct
import subprocess
import termios
import time
import pty
import os

from harness import PATIENCE, Stopwatch, check, clean_environment, equal
from harness import free_port, has_ipv6
from options import ended, helps, mistakes, versions
from servers import Server, mirror, pings, plain, refusing, silent, spoken
from wire import BINARY, CLOSE, MIRROR, PING, PONG, TEXT

LINE = re.compile(r"^(DUP! )?(\d+) bytes from (\S+): req=(\d+) "
                  r"time=(\d+\.\dms|\(unknown\))$", re.M)
END = re.compile(
    r"\n--- (?P<peer>\S+) websocket ping statistics"
    r"( using (?P<links>\d+) connections)? ---\n"
    r"(?P<sent>\d+) packets transmitted, (?P<received>\d+) received, "
    r"(?P<loss>\d+)% packet loss, time (?P<time>\d+)ms\n"
    r"((?P<dup>\d+) duplicates, (?P<unknown>\d+) unknown\n)?"
    r"rtt min/avg/max = (?P<min>\d+\.\d{3})/(?P<avg>\d+\.\d{3})/"
    r"(?P<max>\d+\.\d{3}) ms\n"
    r"payload bandwidth average (?P<rate>\d+\.\d{3}) KiBytes/sec\n\Z")


def ping(bench):
    """All cases of the group."""
    command_line(bench)
    addresses(bench)
    program, port = bench.test_server()
    speaks(bench, port)
    forms(bench, port)
    floods(bench, port)
    mirrors(bench, port)
    paces(bench, port)
    old_and_new(bench, port)
    bench.ends_cleanly(program, "the server of the pings")
    asks(bench)
    counts(bench)
    pieces(bench)
    ends(bench)
    handshakes(bench)
    fails(bench)


def start(bench, port, *args, host="127.0.0.1"):
    """A ping under way."""
    return bench.run([bench.program("test-ping"), host, "-p", str(port),
                      *args])


def finish(program, status=0, number=signal.SIGINT):
    """^C: the statistics, as numbers where they are."""
    equal(program.stop(number), status, "the exit status after "
          + program.last_words() + " -")
    return statistics(program)


def statistics(program):
    """The end of what it has said."""
    found = END.search(program.said())
    check(found, f"no statistics at the end: {program.said()[-400:]!r}")
    return {name: value if name == "peer" else value and float(value)
            for name, value in found.groupdict().items()}


def wait_lines(program, count, within=10):
    """Its first @count lines about answers."""
    end = time.monotonic() + PATIENCE * within
    while True:
        found = LINE.findall(program.said())
        if len(found) >= count:
            return found[:count]
        check(program.process.poll() is None, program.last_words())
        check(time.monotonic() < end,
              f"{len(found)} of {count} lines: {program.last_words()}")
        time.sleep(0.02)


# ---- the command line ----

def command_line(bench):
    """Mistakes, limits, and what this build cannot do."""
    helps(bench, "test-ping")
    versions(bench, "test-ping")
    mistakes(bench, "test-ping")
    for args in ([], ["-p", "80"], ["one", "two"], ["here", "-i", "x"],
                 ["here", "-i", "-1"], ["here", "-i", "nan"],
                 ["here", "-i", "inf"], ["here", "-i", ""],
                 ["here", "-i=1s"], ["here", "-s", "big"], ["here", "-s="],
                 ["here", "-r", "0"], ["here", "-v", "9"],
                 ["here", "--version", "1"], ["here", "-s", "1e2"]):
        with bench.case(f"test-ping {' '.join(args)} is a mistake"):
            status, out, err = ended(bench, "test-ping", *args)
            equal((status, out), (1, ""), "exit status and stdout")
            check("Usage: " in err, err)
    for args, why in (
            (["-s", "126"], "Max ping opcode payload size 125\n"),
            (["-s=4096"], "Max ping opcode payload size 125\n"),
            (["-m", "-s", "4097"], "Max mirror payload size 4096\n"),
            (["-s", "4097", "-m"], "Max mirror payload size 4096\n"),
            (["-s", "7"], "Min payload size 8\n"),
            (["-r", "257"], "Max clients supported = 256\n"),
            (["-t"], "libwebsockets-test-ping: --ssl: this build has no "
             "TLS\n"),
            (["--ssl"], "libwebsockets-test-ping: --ssl: this build has no "
             "TLS\n")):
        with bench.case(f"test-ping {' '.join(args)} is refused in one line"):
            equal(ended(bench, "test-ping", "localhost", *args),
                  (1, "", why), "what happens")
    with bench.case("test-ping refuses wss: in one line"):
        status, out, err = ended(bench, "test-ping", "wss://localhost/")
        equal((status, out, err.count("\n")), (1, "", 1), "what happens")
        check("no TLS" in err, err)
    for args in (["localhost", "--version"], ["--version", "-s", "9"]):
        with bench.case(f"test-ping {' '.join(args)} asks for the program"):
            status, out, _ = ended(bench, "test-ping", *args)
            equal(status, 0, "the exit status")
            check("library version " in out, out)


def addresses(bench):
    """Words that are no address."""
    for word in ("", ":80", "ws://", "ws:///path", "[::1", "[::1]x",
                 "host:port", "host:0", "host:65536", "[::1]:", "[]",
                 "x" * 256, "ws://host/" + "p" * 1024):
        with bench.case(f"'{word[:20]}' ({len(word)}) is no address"):
            status, out, err = ended(bench, "test-ping", word)
            equal((status, out), (1, ""), "exit status and stdout")
            check("Usage: " in err, err)


# ---- against our own server ----

def speaks(bench, port):
    """What a user sees."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with bench.case(f"test-ping pings until {number.name}"):
            program = start(bench, port, "-i", "0.02")
            lines = wait_lines(program, 10)
            got = finish(program, 0, number)
            said = program.said()
            order = ["handshake OK for protocol lws-mirror-protocol\n",
                     "Websocket PING ", "64 bytes from 127.0.0.1: req=1 "
                     "time=", "\n\n--- "]
            places = [said.find(word) for word in order]
            equal(places, sorted(places), "the order")
            check(min(places) >= 0, f"something is missing: {places}")
            check(re.search(r"^Websocket PING \S+ \(127\.0\.0\.1\) 64 bytes "
                            r"of data\.$", said, re.M), "no header line")
            equal([line[3] for line in lines], [str(n) for n in range(1, 11)],
                  "the numbers")
            check(all(not dup and size == "64" and host == "127.0.0.1"
                      for dup, size, host, _, _ in lines), lines)
            equal(got["received"], got["sent"], "received")
            equal((got["loss"], got["dup"], got["links"]), (0, None, None),
                  "loss, duplicates and connections")
            check("LWS_CALLBACK_CLOSED" not in said, "tells of its own end")
    with bench.case("the times are those of the lines, to a tenth"):
        program = start(bench, port, "-i", "0.01")
        lines = wait_lines(program, 20)
        got = finish(program)
        times = [float(line[4][:-2]) for line in
                 LINE.findall(program.said())]
        check(got["min"] <= got["avg"] <= got["max"], got)
        check(abs(min(times) - got["min"]) <= 0.1, f"{min(times)} {got}")
        check(abs(max(times) - got["max"]) <= 0.1, f"{max(times)} {got}")
        want = got["received"] * 64 / (got["time"] / 1000) / 1024
        check(abs(got["rate"] - want) <= want * 0.02, f"{want} {got}")
        check(lines, "no lines")


def forms(bench, port):
    """Options and addresses, in all the ways in which they are written."""
    for args, size in ((["-s=100"], 100), (["-s100"], 100),
                       (["--size=125"], 125), (["--size", "8"], 8),
                       (["-s", "=9"], 9), (["--si", "10"], 10)):
        with bench.case(f"test-ping takes {' '.join(args)}"):
            program = start(bench, port, "-i=0.01", *args)
            equal({line[1] for line in wait_lines(program, 3)}, {str(size)},
                  "the sizes")
            check(f" {size} bytes of data.\n" in program.said(),
                  program.said())
            finish(program)
    words = [("localhost", "localhost"), (f"localhost:{port}", "localhost"),
             (f"ws://localhost:{port}", "localhost"),
             (f"WS://127.0.0.1:{port}/some/path?a=b#c", "127.0.0.1")]
    if has_ipv6():
        words += [("::1", "::1"), ("[::1]", "::1"), (f"[::1]:{port}", "::1"),
                  (f"ws://[::1]:{port}/", "::1")]
    for word, shown in words:
        with bench.case(f"test-ping understands {word.split(str(port))[0]}"
                        f"{'' if str(port) not in word else '...'}"):
            args = [] if str(port) in word else ["-p", str(port)]
            program = bench.run([bench.program("test-ping"), word, *args])
            equal({line[2] for line in wait_lines(program, 1)}, {shown},
                  "the address")
            check(f"({shown})" in program.said() or shown == "localhost",
                  program.said())
            finish(program)


def floods(bench, port):
    """-f."""
    with bench.case("test-ping -f shows dots, taken back by answers"):
        program = start(bench, port, "-f", "-i", "0.005")
        while program.said().count(".\b \b") < 50:
            check(program.process.poll() is None, program.last_words())
            time.sleep(0.02)
        got = finish(program)
        body = program.said().split("bytes of data.\n")[1].split("\n---")[0]
        equal(body.replace("\b \b", "").strip("."), "", "all but the dots")
        equal(body.count("."), got["sent"], "the number of dots")
        equal(body.count("\b \b"), got["received"], "the number taken back")
    with bench.case("lost pings leave as many dots as fit in a line"):
        with Server(silent) as server:
            program = start(bench, server.port, "-f", "-i", "0.005")
            server.wait_heard(90)
            got = finish(program, 1)
            body = program.said().split("data.\n")[1].split("\n---")[0]
            equal(body, "." * 79, "the line")
            equal((got["received"], got["loss"]), (0, 100), "the answers")
    with bench.case("the line is as wide as the terminal"):
        with Server(silent) as server:
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 25, 21, 0, 0))
            with subprocess.Popen(
                    [bench.program("test-ping"), f"127.0.0.1:{server.port}",
                     "-f", "-i.005"], stdin=subprocess.DEVNULL,
                    stdout=theirs, stderr=subprocess.PIPE,
                    env=clean_environment()) as process:
                server.wait_heard(40)
                process.send_signal(signal.SIGINT)
                said = process.stderr.read().decode()
            os.close(ours)
            os.close(theirs)
            equal(said.split("data.\n")[1].split("\n---")[0], "." * 20,
                  "the line")


def mirrors(bench, port):
    """-m and -r."""
    for size in (8, 64, 125, 126, 4095, 4096):
        with bench.case(f"test-ping -m -s {size} gets its messages back"):
            program = start(bench, port, "-m", "-s", str(size), "-i.01")
            lines = wait_lines(program, 20)
            equal({line[1] for line in lines}, {str(size)}, "the sizes")
            equal([line[3] for line in lines],
                  [str(n) for n in range(1, 21)], "the numbers")
            got = finish(program)
            equal((got["loss"], got["dup"]), (0, None), "loss, duplicates")
    with bench.case("test-ping -r 256 pings over as many connections"):
        program = start(bench, port, "-r", "256", "-i", "0.2")
        wait_lines(program, 600)
        got = finish(program)
        equal(got["links"], 256, "the connections")
        equal(program.said().count("handshake OK"), 256, "the handshakes")
        equal(program.said().count("Websocket PING"), 1, "the header lines")
        equal((got["loss"], got["dup"]), (0, None), "loss, duplicates")
        equal(len(re.findall(r"req=1 ", program.said())), 256,
              "the first pings")
    with bench.case("who shares a mirror sees the other's messages too"):
        with Server(mirror(broadcast=True)) as server:
            program = start(bench, server.port, "-m", "-i=0.05", "-r", "2")
            wait_lines(program, 20)
            got = finish(program)
            check(got["dup"] + got["unknown"] > 0, got)
            check(got["received"] <= got["sent"], got)
            equal(got["loss"], 0, "loss")


def paces(bench, port):
    """-i."""
    for interval, low, high in (("0.1", 9, 11), ("0.01", 85, 105),
                                ("0.001", 600, 1050)):
        with bench.case(f"test-ping -i {interval} keeps to it"):
            program = start(bench, port, "-i", interval)
            wait_lines(program, 1)
            time.sleep(1)
            got = finish(program)
            rate = got["sent"] / (got["time"] / 1000)
            check(low <= rate <= high * 1.12, f"{rate} in a second")
    with bench.case("test-ping -i 0 is fast and loses nothing"):
        program = start(bench, port, "-i=0", "-f")
        time.sleep(0.7)
        got = finish(program)
        check(got["sent"] > 500, f"only {got['sent']}")
        equal(got["loss"], 0, "the loss")
    with bench.case("test-ping -i 0 goes on when answers are lost"):
        with Server(silent) as server:
            program = start(bench, server.port, "-i", "0")
            server.wait_heard(50)
            got = finish(program, 1)
            check(50 <= got["sent"] <= 3 + got["time"] / 9, got)


def old_and_new(bench, port):
    """-v, for each version of this build."""
    for version in spoken(port):
        for args in ([], ["-m", "-s=4096"]):
            with bench.case(f"test-ping -v {version} {' '.join(args)}"):
                program = start(bench, port, "-v", str(version), "-i=.004",
                                *args)
                # numbers that one byte of text cannot carry, too
                lines = wait_lines(program, 150)
                equal([line[3] for line in lines],
                      [str(n) for n in range(1, 151)], "the numbers")
                got = finish(program)
                equal((got["received"], got["dup"]), (got["sent"], None),
                      "received, duplicates")
                equal("has no pings" in program.said(),
                      version == 76 and not args, "the line about it")
    with bench.case("test-ping -v 76 is a mirror's with its limits"):
        said = ("WebSocket version 76 has no pings: sending to the mirror, "
                "as --mirror does\n")
        equal(ended(bench, "test-ping", "here", "--version", "76", "-s4097"),
              (1, "", said + "Max mirror payload size 4096\n"), "the end")


# ---- against servers of all kinds ----

def asks(bench):
    """What goes over the wire."""
    with bench.case("test-ping asks for /, its address, origin, protocol"):
        with Server(pings()) as server:
            program = start(bench, server.port, "-i=.01")
            wait_lines(program, 5)
            finish(program)
            line, fields = server.asked[0]
            equal(line, "GET / HTTP/1.1", "the request")
            equal(fields["host"], "127.0.0.1", "the host")
            equal(fields["origin"], "http://origin", "the origin")
            equal(fields["sec-websocket-protocol"], MIRROR, "the protocol")
            heard = [data for op, data, _ in server.heard if op == PING]
            equal(heard[:5], [struct.pack(">Q", n) + bytes(56)
                              for n in range(1, 6)], "the pings")
            check(all(key and any(key) for op, _, key in server.heard[:3]),
                  "a ping without a key")
            server.wait_heard(1, CLOSE)
    with bench.case("test-ping asks for what a URL says"):
        with Server(pings()) as server:
            program = bench.run([bench.program("test-ping"), "-p", "1",
                                 f"ws://localhost:{server.port}/a/b?c=d#e",
                                 "-n=chat"])
            wait_lines(program, 1)
            finish(program)
            line, fields = server.asked[0]
            equal(line, "GET /a/b?c=d HTTP/1.1", "the request")
            equal(fields["host"], f"localhost:{server.port}", "the host")
            equal(fields["sec-websocket-protocol"], "chat", "the protocol")
            check("handshake OK for protocol chat\n" in program.said(),
                  program.said())
    with bench.case("test-ping -m sends binary messages, -k bare keys"):
        with Server(mirror()) as server:
            program = start(bench, server.port, "-m", "-k", "-s9", "-i.01")
            wait_lines(program, 3)
            finish(program)
            equal(server.heard[:2], [(BINARY, struct.pack(">Q", n) + b"\0",
                                      bytes(4)) for n in (1, 2)],
                  "the messages")
    if has_ipv6():
        with bench.case("an IPv6 address has brackets in the request"):
            with Server(pings(), family=socket.AF_INET6) as server:
                program = start(bench, server.port, host="::1")
                wait_lines(program, 1)
                finish(program)
                equal(server.asked[0][1]["host"], "[::1]", "the host")


def counts(bench):
    """Losses, duplicates, answers to what nobody asked."""
    odd = pings(lambda n, data: [data] if n % 2 else [])
    with bench.case("every other ping is lost: 50 % and no more"):
        with Server(odd) as server:
            program = start(bench, server.port, "-i=.01")
            server.wait_heard(20, PING)
            got = finish(program)
            equal(got["received"], (got["sent"] + 1) // 2, "received")
            lost = got["sent"] - got["received"]
            equal(got["loss"], lost * 100 // got["sent"], "loss")
            equal({int(line[3]) % 2 for line in LINE.findall(program.said())},
                  {1}, "the numbers")
    with bench.case("duplicates are shown, and not received twice"):
        with Server(pings(lambda n, data: [data] * 3)) as server:
            program = start(bench, server.port, "-i=.01")
            lines = wait_lines(program, 30)
            got = finish(program)
            equal([line[0] for line in lines[:6]],
                  ["", "DUP! ", "DUP! "] * 2, "the marks")
            equal((got["received"], got["loss"]), (got["sent"], 0), "received")
            equal((got["dup"], got["unknown"]), (got["sent"] * 2, 0),
                  "duplicates and unknown")
    with bench.case("numbers nobody sent are unknown"):
        other = [struct.pack(">Q", n) for n in (0, 10 ** 6, 2 ** 64 - 1)]
        with Server(pings(lambda n, data: [*other, data])) as server:
            program = start(bench, server.port, "-i=.01")
            lines = wait_lines(program, 8)
            got = finish(program)
            equal([(line[1], line[3], line[4]) for line in lines[:3]],
                  [("8", "0", "(unknown)"), ("8", "1000000", "(unknown)"),
                   ("8", str(2 ** 64 - 1), "(unknown)")], "the lines")
            equal((got["received"], got["unknown"]),
                  (got["sent"], got["sent"] * 3), "received and unknown")
    with bench.case("answers shorter than a number are ignored"):
        with Server(pings(lambda n, data: [b"", data[:7], data])) as server:
            program = start(bench, server.port, "-i=.01")
            wait_lines(program, 5)
            got = finish(program)
            equal((got["received"], got["dup"]), (got["sent"], None),
                  "received")
    with bench.case("the latest 256 pings are remembered"):
        def late(number, data):
            if number != 300:
                return []
            return [struct.pack(">Q", n) + data[8:] for n in range(1, 301)]
        with Server(pings(late)) as server:
            program = start(bench, server.port, "-i=.001")
            lines = wait_lines(program, 300)
            got = finish(program)
            # more may have been sent while the answer was on its way
            unknown = [line[3] for line in lines if line[4] == "(unknown)"]
            check(44 <= len(unknown) < 200, len(unknown))
            equal(unknown, [str(n + 1) for n in range(len(unknown))],
                  "the unknown ones")
            equal((got["received"], got["unknown"]),
                  (300 - len(unknown), len(unknown)), "received and unknown")
    with bench.case("messages are no answers to pings"):
        with Server(pings(lambda n, data: [(TEXT, data), data])) as server:
            program = start(bench, server.port, "-i=.01")
            wait_lines(program, 5)
            got = finish(program)
            equal((got["received"], got["dup"]), (got["sent"], None),
                  "received")
    with bench.case("in a flood duplicates and unknown ones are marked"):
        with Server(pings(lambda n, data: [data, data])) as server:
            program = start(bench, server.port, "-f", "-i=.01")
            server.wait_heard(10, PING)
            got = finish(program)
            body = program.said().split("data.\n")[1].split("\n---")[0]
            equal(body.count("DUP! \b \b"), got["dup"], "the marks")
            equal(body.count("\b \b"), got["sent"] + got["dup"],
                  "the number taken back")
    with bench.case("a slow answer takes its time"):
        with Server(pings(delay=0.06)) as server:
            program = start(bench, server.port, "-i=.1")
            lines = wait_lines(program, 5)
            got = finish(program)
            times = [float(line[4][:-2]) for line in lines]
            check(60 <= min(times) and got["min"] >= 60, got)
            check(60 <= got["avg"] <= got["max"] < 600, got)


def pieces(bench):
    """Mirrors that return a message in other pieces than it had."""
    for name, how in (("messages", mirror(piece=128)),
                      ("fragments", mirror(piece=128, fragments=True)),
                      ("text", mirror(kind=TEXT))):
        with bench.case(f"a mirror may answer in {name}"):
            with Server(how) as server:
                program = start(bench, server.port, "-m", "-s=1000", "-i.01")
                lines = wait_lines(program, 10)
                got = finish(program)
                equal([line[1:4:2] for line in lines],
                      [("1000", str(n)) for n in range(1, 11)], "the lines")
                equal((got["received"], got["loss"], got["dup"]),
                      (got["sent"], 0, None), "received, loss, duplicates")
    with bench.case("a mirror may be used by others who draw"):
        def draw(_, data):
            return [(TEXT, b"d #000000 1 1 2 2;" * 10), (BINARY, b"short"),
                    (BINARY, data)]
        with Server(mirror(decide=draw)) as server:
            program = start(bench, server.port, "-m", "-s=100", "-i.01")
            lines = wait_lines(program, 10)
            got = finish(program)
            equal([line[4] == "(unknown)" for line in lines],
                  [True, False] * 5, "which are unknown")
            equal((got["received"], got["dup"], got["unknown"]),
                  (got["sent"], 0, got["sent"]), "the numbers")
    with bench.case("a mirror that returns a part has lost the message"):
        with Server(mirror(decide=lambda n, data:
                           [(BINARY, data[:-1] if n < 4 else data)])
                    ) as server:
            program = start(bench, server.port, "-m", "-s=4096", "-i.01")
            lines = wait_lines(program, 3)
            got = finish(program)
            equal([line[3] for line in lines], ["4", "5", "6"], "the numbers")
            equal(got["sent"] - got["received"], 3, "the lost ones")
    with bench.case("a drawing larger than a chunk disturbs nobody"):
        def large(_, data):
            return [(BINARY, b"\xff" * 20000), (BINARY, data)]
        with Server(mirror(decide=large)) as server:
            program = start(bench, server.port, "-m", "-s=4096", "-i.01")
            wait_lines(program, 10)
            got = finish(program)
            equal((got["received"], got["dup"], got["unknown"]),
                  (got["sent"], 0, got["sent"]), "the numbers")


def ends(bench):
    """^C and the last answers; servers that leave."""
    with bench.case("^C waits 250 ms for answers that do not come"):
        with Server(silent) as server:
            program = start(bench, server.port, "-i=.05")
            server.wait_heard(3)
            watch = Stopwatch()
            got = finish(program, 1)
            watch.check(0.24, 0.8)
            equal((got["received"], got["loss"], got["min"], got["max"],
                   got["avg"], got["rate"]), (0, 100, 0, 0, 0, 0),
                  "the numbers")
    with bench.case("^C counts the answers that come in time"):
        with Server(pings(delay=0.15)) as server:
            program = start(bench, server.port)
            server.wait_heard(1)
            got = finish(program)
            equal((got["sent"], got["received"]), (1, 1), "the numbers")
            check(got["min"] >= 150, got)
    with bench.case("^C waits for nothing when all is answered"):
        with Server(pings()) as server:
            program = start(bench, server.port, "-i=30")
            wait_lines(program, 1)
            watch = Stopwatch()
            finish(program)
            watch.check(0, 0.2)
    with bench.case("after ^C nothing more is sent"):
        with Server(silent) as server:
            program = start(bench, server.port, "-i=.01")
            server.wait_heard(10)
            got = finish(program, 1)
            server.wait_heard(1, CLOSE)
            heard = [op for op, _, _ in server.heard]
            equal(heard.count(PING), got["sent"], "the pings heard")
    with bench.case("test-ping ends with its last connection, exit 0"):
        def two(peer, server):
            for _ in range(2):
                _, _, data = server.frame(peer)
                peer.send(PONG, data, mask=False)
            peer.send(CLOSE, b"\x03\xe9", mask=False)
        with Server(two) as server:
            program = start(bench, server.port, "-i=.01", "-r", "3")
            equal(program.wait_end(), 0, "the exit status")
            got = statistics(program)
            equal((got["received"], got["links"]), (6, 3), "the numbers")
            equal(len(re.findall(r"^LWS_CALLBACK_CLOSED on 0x[0-9a-f]+$",
                                 program.said(), re.M)), 3, "the closed ones")
    with bench.case("one of two connections may go"):
        def first_goes(peer, server):
            if len(server.asked) == 1:
                peer.socket.close()
            else:
                pings()(peer, server)
        with Server(first_goes) as server:
            program = start(bench, server.port, "-i=.01", "-r=2")
            wait_lines(program, 10)
            got = finish(program)
            check(got["received"] > 9 and got["links"] == 2, got)


def handshakes(bench):
    """Servers that do not know our protocol."""
    for name, behaviour in (("refuses it", refusing(400)),
                            ("hangs up on it", refusing(None)),
                            ("agrees to another", refusing("other"))):
        with bench.case(f"a server that {name} is asked without protocol"):
            with Server(pings(), handshake=behaviour) as server:
                program = start(bench, server.port, "-r", "2", "-i=.01")
                wait_lines(program, 10)
                finish(program)
                said = program.said()
                equal(said.count("no handshake for protocol " + MIRROR), 1,
                      "the lines about it")
                equal(said.count("handshake OK for protocol (none)\n"), 2,
                      "the handshakes")
                asked = [fields.get("sec-websocket-protocol")
                         for _, fields in server.asked]
                equal(sorted(map(str, asked)),
                      ["None", "None", MIRROR, MIRROR], "what was asked")
        with bench.case(f"a server that {name} may have been asked for more"):
            with Server(pings(), handshake=behaviour) as server:
                program = start(bench, server.port, "-n", "chat")
                equal(program.wait_end(), 1, "the exit status")
                check("client connection 1 failed to connect: "
                      in program.said(), program.said())
                check("(asked for path /, protocol chat)\n"
                      in program.said(), program.said())
                equal(statistics(program)["sent"], 0, "the pings")
                equal(len(server.asked), 1, "the attempts")
    with bench.case("a server that agrees to no protocol is pinged"):
        with Server(pings(), handshake=plain) as server:
            program = start(bench, server.port)
            wait_lines(program, 1)
            finish(program)
            check("handshake OK for protocol (none)\n" in program.said(),
                  program.said())
            equal(len(server.asked), 1, "the attempts")
    with bench.case("test-ping -n '' asks for no protocol"):
        with Server(pings()) as server:
            program = start(bench, server.port, "-n", "")
            wait_lines(program, 1)
            finish(program)
            check("sec-websocket-protocol" not in server.asked[0][1],
                  server.asked[0])
    with bench.case("of several protocols the server takes one"):
        with Server(pings()) as server:
            program = start(bench, server.port, "-n", "two,one")
            wait_lines(program, 1)
            finish(program)
            check("handshake OK for protocol two\n" in program.said(),
                  program.said())


def fails(bench):
    """Exit status 1, with the reason and empty statistics."""
    with bench.case("test-ping fails when nobody listens"):
        program = start(bench, free_port(), "-r", "3")
        equal(program.wait_end(), 1, "the exit status")
        equal(len(re.findall(r"^client connection \d failed to connect: .",
                             program.said(), re.M)), 3, "the lines")
        got = statistics(program)
        equal((got["peer"], got["sent"], got["received"], got["loss"],
               got["min"], got["rate"]), ("127.0.0.1", 0, 0, 0, 0, 0),
              "the statistics")
    with bench.case("test-ping fails when a name does not exist"):
        program = bench.run([bench.program("test-ping"),
                             "no-such-host.invalid"])
        equal(program.wait_end(15), 1, "the exit status")
        check("no-such-host.invalid" in program.said().split("---")[0],
              program.said())
    with bench.case("test-ping fails when a server refuses everything"):
        with Server(pings(), handshake=refusing(403, always=True)) as server:
            program = start(bench, server.port)
            equal(program.wait_end(), 1, "the exit status")
            check("403" in program.said(), program.said())
            equal(len(server.asked), 2, "the attempts")
    with bench.case("^C ends test-ping that has no connection yet"):
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen()
            program = start(bench, deaf.getsockname()[1])
            time.sleep(0.3)
            got = finish(program, 1)
            equal((got["sent"], got["time"]), (0, 0), "the numbers")
            check("failed" not in program.said(), program.said())

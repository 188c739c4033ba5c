# SPDX-License-Identifier: LGPL-2.1-only
"""test-fraggle: its server and its client, together and with others."""
import os
import re
import signal
import socket
import struct
import time

from harness import PATIENCE, check, equal, free_port, has_ipv6
from options import ended, helps, mistakes, versions
from servers import Server, agree, plain, refusing, spoken
from wire import BINARY, CLOSE, CONT, PING, PONG, TEXT, connect

FRAGGLE = "fraggle-protocol"
EOM = re.compile(r"^EOM received (\d+) correctly from (\d+) fragments$", re.M)
ERROR = re.compile(r"^\*\*\*\* ERROR at EOM: length (\d+), rx sum = 0x([0-9A-F]"
                   r"+), server says it sent 0x([0-9A-F]+)$", re.M)
SPAM = re.compile(r"^Spamming (\d+) random fragments$", re.M)
OVER = re.compile(r"^Spamming session over, len = (\d+)\. sum = 0x([0-9A-F]+)$",
                  re.M)


def fraggle(bench):
    """All cases of the group."""
    command_line(bench)
    program, port = server(bench)
    together(bench, program, port)
    sends(bench, program, port)
    old_and_new(bench, program, port)
    serves(bench, program, port)
    masks(bench)
    sums(bench)
    shapes(bench)
    ends(bench)


def server(bench, *args):
    """A running server: program, port."""
    return bench.listening(lambda port: [
        bench.program("test-fraggle"), f"--port={port}", *args])


def start(bench, port, *args, host="127.0.0.1"):
    """A client under way."""
    return bench.run([bench.program("test-fraggle"), "-c", host, "-p",
                      str(port), *args])


def wait_count(program, pattern, count, within=15):
    """Its first @count matches."""
    end = time.monotonic() + PATIENCE * within
    while True:
        found = pattern.findall(program.said())
        if len(found) >= count:
            return found[:count]
        check(time.monotonic() < end,
              f"{len(found)} of {count}: {program.last_words()}")
        time.sleep(0.02)


def in_order(program, *words):
    """All are there, one behind the other."""
    said, at = program.said(), 0
    for word in words:
        found = said.find(word, at)
        check(found >= 0, f"no {word!r} behind {said[:at][-60:]!r}")
        at = found + len(word)


def command_line(bench):
    """Mistakes, and what this build cannot do."""
    helps(bench, "test-fraggle")
    versions(bench, "test-fraggle")
    mistakes(bench, "test-fraggle")
    trouble(bench)
    for args, why in ((["-c"], "Must give address of server\n"),
                      (["--client", "-p", "80"],
                       "Must give address of server\n"),
                      (["-c", "one", "two"], "'two'"), (["word"], "'word'"),
                      (["-c", "here", "-v", "9"], "version"),
                      (["-p", "0"], "'0'")):
        with bench.case(f"test-fraggle {' '.join(args)} is a mistake"):
            status, out, err = ended(bench, "test-fraggle", *args)
            equal((status, out), (1, ""), "exit status and stdout")
            check(why in err and "Usage: " in err, err)
    for args in (["-v", "76"], ["--version=0"], ["--version", "76"]):
        with bench.case(f"test-fraggle -c {' '.join(args)} has no fragments"):
            status, out, err = ended(bench, "test-fraggle", "-c", "localhost",
                                     *args)
            equal((status, out, err.count("\n")), (1, "", 1), "what happens")
            check("76" in err and "fragments" in err and "binary" in err, err)
    for args in (["-s"], ["--ssl"], ["-c", "localhost", "--ssl"]):
        with bench.case(f"test-fraggle {' '.join(args)} is refused"):
            status, out, err = ended(bench, "test-fraggle", *args)
            equal((status, out, err.count("\n")), (1, "", 1), "what happens")
            check("--ssl: this build has no TLS" in err, err)


def trouble(bench):
    """Contexts that cannot be."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for args in ([f"--port={port}"], ["-i", "nosuch0"]):
            with bench.case(f"test-fraggle {args[0][:6]} in trouble ends"):
                status, _, err = ended(bench, "test-fraggle", *args)
                equal(status, 255, "the exit status")
                check("libwebsocket init failed" in err, err)


def together(bench, program, port):
    """Server and client of ours."""
    with bench.case("test-fraggle understands itself", limit=40):
        one = start(bench, port)
        got = wait_count(one, EOM, 20, within=30)
        equal(one.stop(), 0, "the exit status")
        in_order(one, "libwebsockets test fraggle\n",
                 "Compiled without SSL support\n", "Client mode\n",
                 f"Connecting to 127.0.0.1:{port}\n",
                 f"handshake OK for protocol {FRAGGLE}\n",
                 "client connects to server\n", "EOM received ",
                 "Terminating...\n")
        check("ERROR" not in one.said(), one.last_words())
        in_order(program, "libwebsockets test fraggle\n",
                 "Compiled without SSL support\n",
                 f"Listening on port {port}\n", "server sees client connect\n",
                 "accepted v13 connection\n", "Spamming ", "session over")
        sent = [(total, count) for count, (total, _) in zip(
            SPAM.findall(program.said()), OVER.findall(program.said()))]
        equal(got, sent[:20], "what was received and sent")
        check(all(1 <= int(count) <= 1024 for _, count in got), got)
        check(len({count for _, count in got}) > 10, got)
    hosts = ["localhost"] + (["::1"] if has_ipv6() else [])
    for host in hosts:
        with bench.case(f"test-fraggle -c finds its server at {host}"):
            one = start(bench, port, host=host)
            wait_count(one, EOM, 1)
            equal(one.stop(signal.SIGTERM), 0, "the exit status")
    with bench.case("ten clients at once get what is right", limit=60):
        many = [start(bench, port) for _ in range(10)]
        for one in many:
            wait_count(one, EOM, 3, within=50)
        for one in many:
            equal(one.stop(), 0, "the exit status")
            check("ERROR" not in one.said(), one.last_words())


def sends(bench, program, port):
    """What the server sends, frame by frame."""
    with bench.case("the server sends fragments and their sum"):
        with connect(port, FRAGGLE) as peer:
            for _ in range(5):
                opcode, fin, data = peer.frame()
                equal(opcode, BINARY, "the first opcode")
                parts = [data]
                while not fin:
                    opcode, fin, data = peer.frame()
                    equal(opcode, CONT, "a later opcode")
                    parts.append(data)
                check(len(parts) <= 1024, f"{len(parts)} fragments")
                check(all(1 <= len(one) <= 2000 for one in parts),
                      "the size of a fragment")
                whole = b"".join(parts)
                equal(peer.frame(), (BINARY, True,
                                     struct.pack(">I", sum(whole))), "the sum")
                check(f"len = {len(whole)}. sum = 0x{sum(whole):X}\n"
                      in program.said(), program.last_words())


def old_and_new(bench, program, port):
    """-v, for each version of this build."""
    for version in spoken(port):
        if version == 76:
            with bench.case("who has no fragments is accepted, and closed"):
                one = bench.run([bench.program("test-ping"), "127.0.0.1", "-p",
                                 str(port), "-v76", "-n", FRAGGLE])
                equal(one.wait_end(), 1, "the exit status")
                check("accepted v00 connection\n" in program.said(),
                      program.last_words())
            continue
        with bench.case(f"test-fraggle -c -v {version}", limit=40):
            one = start(bench, port, "-v", str(version))
            wait_count(one, EOM, 5, within=30)
            equal(one.stop(), 0, "the exit status")
            check("ERROR" not in one.said(), one.last_words())
            check(f"accepted v{version:02} connection\n" in program.said(),
                  program.last_words())


def serves(bench, program, port):
    """The server goes on whatever clients do."""
    with bench.case("the server goes on when clients leave"):
        for _ in range(3):
            with connect(port, FRAGGLE) as peer:
                peer.frame()
        one = start(bench, port)
        wait_count(one, EOM, 1)
        equal(one.stop(), 0, "the exit status")
    with bench.case("the server takes clients that offer no protocol"):
        with connect(port) as peer:
            equal(peer.frame()[0], BINARY, "the opcode")
    with bench.case("who does not read is waited for"):
        with connect(port, FRAGGLE, small=True) as peer:
            before = program.said().count("Spamming")
            time.sleep(1)
            check(program.said().count("Spamming") - before < 60,
                  "it goes on sending")
            opcode, _, _ = peer.message()
            equal(opcode, BINARY, "the opcode")
    with bench.case("the server ends on ^C, exit 0, with a word"):
        with connect(port, FRAGGLE) as peer:
            peer.frame()
            equal(program.stop(), 0, "the exit status")
        check(program.said().endswith("Terminating...\n")
              or "Terminating...\n" in program.said(), program.last_words())


def masks(bench):
    """--killmask."""
    with bench.case("test-fraggle -c -k sends without mask"):
        def hear(peer, server):
            peer.send(PING, b"?", mask=False)
            server.frame(peer)
        with Server(hear) as other:
            one = start(bench, other.port, "-k")
            other.wait_heard(1)
            equal(other.heard, [(PONG, b"?", None)], "what it says")
            equal(one.wait_end(), 1, "the exit status")
    for option, opcodes in (("-k", {PONG}), (None, {CLOSE})):
        with bench.case(f"the server {option or 'without -k'} and a client "
                        "that does not mask"):
            program, port = server(bench, *([option] if option else []))
            with connect(port, FRAGGLE) as peer:
                peer.send(PING, b"?", mask=False)
                while True:
                    opcode, _, _ = peer.frame()
                    if opcode in (CLOSE, PONG):
                        break
                equal({opcode}, opcodes, "the answer")
            equal(program.stop(), 0, "the exit status")


def message(peer, parts, total=None):
    """A message in these fragments and its sum, or another."""
    for n, data in enumerate(parts):
        peer.send(CONT if n else BINARY, data, fin=n == len(parts) - 1,
                  mask=False)
    if total is None:
        total = sum(map(sum, parts)) % (1 << 32)
    peer.send(BINARY, struct.pack(">I", total), mask=False)


def sums(bench):
    """Sums that are wrong."""
    with bench.case("a wrong sum is told and costs the exit status"):
        def lies(peer, _):
            message(peer, [b"\x01\x02", b"\x03"])
            message(peer, [b"\x10\x20", b"\x30\xff"], 0xDEADBEEF)
            message(peer, [b"good"])
            peer.send(CLOSE, b"\x03\xe8", mask=False)
        with Server(lies) as other:
            one = start(bench, other.port)
            equal(one.wait_end(), 1, "the exit status")
            equal(ERROR.findall(one.said()), [("4", "15F", "DEADBEEF")],
                  "the lines about errors")
            equal(EOM.findall(one.said()), [("3", "2"), ("4", "1")],
                  "the good ones")
    for data in (b"", b"\x06", b"\0\0\0\0\x06"):
        with bench.case(f"a sum of {len(data)} bytes is none"):
            def short(peer, _, data=data):
                peer.send(BINARY, b"\x01\x02\x03", mask=False)
                peer.send(BINARY, data, mask=False)
                message(peer, [b"and on"])
                peer.send(CLOSE, b"\x03\xe8", mask=False)
            with Server(short) as other:
                one = start(bench, other.port)
                equal(one.wait_end(), 1, "the exit status")
                check("**** ERROR at EOM: length 3, " in one.said(),
                      one.last_words())
                equal(EOM.findall(one.said()), [("6", "1")], "the good one")
    with bench.case("one flipped bit in a large message is found"):
        def flipped(peer, _):
            parts = [os.urandom(2000) for _ in range(200)]
            total = sum(map(sum, parts))
            parts[77] = bytes([parts[77][0] ^ 1]) + parts[77][1:]
            message(peer, parts, total)
            peer.send(CLOSE, b"\x03\xe8", mask=False)
        with Server(flipped) as other:
            one = start(bench, other.port)
            equal(one.wait_end(), 1, "the exit status")
            equal([line[0] for line in ERROR.findall(one.said())],
                  ["400000"], "the lines about errors")


def shapes(bench):
    """Messages of every shape."""
    cases = {
        "one frame": [b"alone"],
        "empty fragments": [b"", b"x", b"", b""],
        "an empty message": [b""],
        "fragments of 8000 bytes": [os.urandom(8000) for _ in range(50)],
        "fragments of 4096 and 4097": [os.urandom(n) for n in
                                       (4095, 4096, 4097, 8192, 8193)],
        "one fragment of a MiB": [os.urandom(1 << 20), b"end"],
        "5000 fragments of a byte": [os.urandom(1) for _ in range(5000)],
        "bytes that are all 255": [b"\xff" * 100000] * 3,
    }
    for name, parts in cases.items():
        with bench.case(f"test-fraggle -c adds up {name}"):
            def run(peer, _, parts=parts):
                message(peer, parts)
                message(peer, parts)
                peer.send(CLOSE, b"\x03\xe8", mask=False)
            with Server(run) as other:
                one = start(bench, other.port)
                equal(one.wait_end(), 0, "the exit status")
                equal(EOM.findall(one.said()),
                      [(str(sum(map(len, parts))), str(len(parts)))] * 2,
                      "the lines")
    with bench.case("pings between fragments are no fragments"):
        def pinging(peer, server):
            for n in range(10):
                peer.send(CONT if n else BINARY, b"abc", fin=n == 9,
                          mask=False)
                peer.send(PING, b"%d" % n, mask=False)
            for n, byte in enumerate(struct.pack(">I", 10 * sum(b"abc"))):
                peer.send(CONT if n else BINARY, bytes([byte]), fin=n == 3,
                          mask=False)
                peer.send(PING, b"", mask=False)
            for _ in range(14):
                equal(server.frame(peer)[0], PONG, "the answer")
            peer.send(CLOSE, b"\x03\xe8", mask=False)
        with Server(pinging) as other:
            one = start(bench, other.port)
            equal(one.wait_end(), 0, "the exit status")
            equal(EOM.findall(one.said()), [("30", "10")], "the line")
    with bench.case("the type of the message does not matter"):
        def text(peer, _):
            peer.send(TEXT, b"hello", mask=False)
            peer.send(BINARY, struct.pack(">I", sum(b"hello")), mask=False)
            peer.socket.close()
        with Server(text, handshake=plain) as other:
            one = start(bench, other.port)
            equal(one.wait_end(), 0, "the exit status")
            equal(EOM.findall(one.said()), [("5", "1")], "the line")


def ends(bench):
    """Exit status 1 when nothing was received."""
    with bench.case("test-fraggle -c fails when nobody listens"):
        one = start(bench, free_port())
        equal(one.wait_end(), 1, "the exit status")
        in_order(one, "Client connect to server failed", "Terminating...\n")
    with bench.case("test-fraggle -c fails when the server refuses"):
        with Server(None, handshake=refusing(403)) as other:
            one = start(bench, other.port)
            equal(one.wait_end(), 1, "the exit status")
            in_order(one, "Client connect to server failed: ", "403",
                     "Terminating...\n")
            fields = other.asked[0][1]
            equal((fields["host"], fields["origin"],
                   fields["sec-websocket-protocol"]),
                  ("127.0.0.1", "http://origin", FRAGGLE), "the request")
    with bench.case("test-fraggle -c fails when no sum has come"):
        def leaves(peer, _):
            peer.send(BINARY, b"no sum", mask=False)
        with Server(leaves, handshake=agree) as other:
            one = start(bench, other.port)
            equal(one.wait_end(), 1, "the exit status")
            in_order(one, "client connects to server\n", "Terminating...\n")
    with bench.case("^C before the first sum is a failure"):
        def waits(peer, server):
            peer.send(BINARY, b"no sum", mask=False)
            server.frame(peer)
        with Server(waits) as other:
            one = start(bench, other.port)
            one.wait_said("client connects to server\n")
            equal(one.stop(), 1, "the exit status")
    with bench.case("test-fraggle -c hears a server out"):
        heard = []

        def goes_on(peer, server):
            message(peer, [b"\x01\x02"])
            for n in range(4):
                time.sleep(0.1)
                message(peer, [b"\x03"])
                heard.append(n)
            opcode, _, data = server.frame(peer)
            heard.append(opcode)
            peer.send(opcode, data, mask=False)
        with Server(goes_on) as other:
            one = start(bench, other.port)
            one.wait_said("EOM received 2 ")
            equal(one.stop(), 0, "the exit status")
            equal(heard, [0, 1, 2, 3, CLOSE], "what went well")

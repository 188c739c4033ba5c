# SPDX-License-Identifier: LGPL-2.1-only
"""Compression: who offers and accepts what, and what the options change."""
import os
import zlib

from harness import check, equal
from options import ended
from wire import BINARY, MIRROR, NUMBERS, TEXT, Listener, connect

OFFER = "permessage-deflate; client_max_window_bits"
COMPRESSED = 0x40
SAMPLE = b"".join(b'{"id":%d,"name":"sample","on":true}\n' % (n * 7919 % 9973)
                  for n in range(60))


def compress(bench):
    """All cases of the group."""
    command_line(bench)
    servers(bench)
    clients(bench)
    if bench.configured("EXTENSIONS"):
        echoes(bench)
        negotiates(bench)
        says(bench)


def command_line(bench):
    """--deflate is a list of words."""
    if not bench.configured("EXTENSIONS"):
        with bench.case("test-echo --deflate needs a build with extensions"):
            status, out, err = ended(bench, "test-echo", "--deflate=keep")
            equal((status, out, err.count("\n")), (1, "", 1), "what happens")
            check("--deflate" in err and "no extensions" in err, err)
    for text, why in (("", "''"), ("level", "level ''"),
                      ("level=0", "'0'"), ("level=10", "'10'"),
                      ("mem=10", "mem '10'"), ("window=8", "window '8'"),
                      ("keep,peer-window=16", "peer-window '16'"),
                      ("min=0", "min '0'"), ("min=x", "min 'x'"),
                      ("keep=1", "keep takes no value"),
                      ("depth=3", "'depth=3'"), ("keep,,reset", "''"),
                      ("reset,keep", "exclude each other")):
        with bench.case(f"test-echo --deflate={text} is a mistake"):
            status, out, err = ended(bench, "test-echo", f"--deflate={text}")
            equal((status, out), (1, ""), "exit status and stdout")
            check("--deflate: " in err and why in err and "Usage: " in err,
                  err)
    with bench.case("test-echo --deflate and --no-compress are too much"):
        status, _, err = ended(bench, "test-echo", "--no-compress",
                               "--deflate=keep")
        equal((status, err.count("\n")), (1, 1), "what happens")


def servers(bench):
    """What the servers accept."""
    has = bench.configured("EXTENSIONS")
    for name in ("test-server", "test-server-extpoll", "test-echo"):
        for options, wanted in (((), has), (("--no-compress",), False)):
            with bench.case(" ".join((name,) + options)
                            + (" compresses" if wanted else " is plain")):
                program, port = bench.test_echo(*options) \
                    if name == "test-echo" \
                    else bench.test_server(*options, name=name)
                protocol = None if name == "test-echo" else MIRROR
                with connect(port, protocol, offer=OFFER) as peer:
                    said = peer.extensions
                    equal(bool(said), wanted, f"the presence of {said!r}")
                    peer.send(TEXT, SAMPLE)
                    opcode, _, data = peer.frame()
                    equal(opcode, TEXT, "the opcode")
                    equal(peer.rsv, COMPRESSED if wanted else 0, "RSV")
                    equal(unpacked(data) if wanted else data, SAMPLE,
                          "the message")
                equal(program.stop(), 0, "the exit status")


def unpacked(data):
    """The text of a message that stands for itself."""
    return zlib.decompressobj(-15).decompress(data + b"\0\0\xff\xff")


def asked(bench, name, *options):
    """What a client offers, and what it has said by then."""
    with Listener() as listener:
        program = bench.run([bench.program(name), *options, "-p",
                             str(listener.port)])
        peer, _, fields = listener.peer()
        with peer:
            said = program.said()
            program.stop()
        return fields.get("sec-websocket-extensions"), said


def clients(bench):
    """What the clients offer."""
    has = bench.configured("EXTENSIONS")
    here = ["127.0.0.1"]
    for name, options, wanted in (
            ("test-client", here, has), ("test-echo", ["-c"] + here, has),
            ("test-fraggle", ["-c"] + here, has), ("test-ping", here, False),
            ("test-client", here + ["--no-compress"], False),
            ("test-client", here + ["--undeflated"], False),
            ("test-echo", ["--no-compress", "-c"] + here, False)):
        with bench.case(f"{name} {' '.join(options)} offers "
                        + ("to compress" if wanted else "nothing")):
            offer, _ = asked(bench, name, *options)
            equal(bool(offer), wanted, f"the presence of {offer!r}")
            check(not wanted or "permessage-deflate" in offer, offer)
    if not has:
        return
    stream = ("deflate-stream",) if bench.configured("DEFLATE_STREAM") else ()
    for name, options, denied in (
            ("test-client", here + ["-u"],
             ("permessage-deflate", "deflate-frame") + stream),
            ("test-fraggle", ["-c"] + here, stream),
            ("test-client", here + ["--no-compress", "-u"], ())):
        with bench.case(f"{name} {' '.join(options)} denies "
                        + (", ".join(denied) or "nothing")):
            offer, said = asked(bench, name, *options)
            for word in ("permessage-deflate", "deflate-frame",
                         "deflate-stream"):
                equal(f"denied {word} extension\n" in said, word in denied,
                      f"the denial of {word}")
                check(word not in denied or word not in (offer or ""), offer)
    undeflated(bench)


def undeflated(bench):
    """Vetoes do no harm to what is left."""
    with bench.case("test-client counts and draws with and without"):
        _, port = bench.test_server("-d", "15")
        for options in ([], ["-u"], ["--no-compress"], ["-n"]):
            one = bench.run([bench.program("test-client"), "127.0.0.1", "-p",
                             str(port), *options])
            one.wait_said("rx 2 '10'")
            one.wait_said("closing mirror session")
            equal(one.stop(), 0, "the exit status")


def echo_sizes(bench, *options, offer=OFFER):
    """Sizes on the wire of three answers to one text, and the agreement."""
    program, port = bench.test_echo(*options)
    sizes = []
    with connect(port, offer=offer) as peer:
        for _ in range(3):
            peer.send(TEXT, SAMPLE)
            _, _, data = peer.frame()
            equal(peer.rsv, COMPRESSED, "RSV")
            sizes.append(len(data))
        agreed = peer.extensions
    equal(program.stop(), 0, "the exit status")
    return sizes, agreed


def echoes(bench):
    """What the words of --deflate do."""
    with bench.case("test-echo forgets each message unless told to keep"):
        sizes, agreed = echo_sizes(bench)
        equal(len(set(sizes)), 1, f"the number of sizes in {sizes}")
        check("server_no_context_takeover" in agreed, agreed)
        sizes, agreed = echo_sizes(bench, "--deflate=keep")
        check(sizes[1] < sizes[0] // 4, f"the sizes are {sizes}")
        check("server_no_context_takeover" not in agreed, agreed)
    with bench.case("level, mem and window change what is sent"):
        usual, _ = echo_sizes(bench)
        better, _ = echo_sizes(bench, "--deflate=level=9,mem=9")
        check(better[0] < usual[0], f"{better} with level 9, else {usual}")
        small, _ = echo_sizes(bench, "--deflate=window=9,mem=1,level=9")
        check(small[0] > better[0], f"{small} with little memory")
    with bench.case("min leaves what is shorter as it is"):
        for options, edge in ((), 32), (("--deflate=min=100",), 100):
            program, port = bench.test_echo(*options)
            with connect(port, offer=OFFER) as peer:
                for length in (0, 1, edge - 1, edge, edge + 1, 5 * edge):
                    peer.send(BINARY, bytes(length))
                    _, _, data = peer.frame()
                    equal(peer.rsv, COMPRESSED if length >= edge else 0,
                          f"RSV of {length} bytes")
                    equal(unpacked(data) if peer.rsv else data,
                          bytes(length), "the message")
            equal(program.stop(), 0, "the exit status")


def negotiates(bench):
    """The words of --deflate that the peer is told."""
    for word, answer in (("window=10", "server_max_window_bits=10"),
                         ("peer-window=11", "client_max_window_bits=11"),
                         ("peer-reset", "client_no_context_takeover"),
                         ("reset", "server_no_context_takeover")):
        with bench.case(f"--deflate={word} is answered {answer}"):
            _, agreed = echo_sizes(bench, f"--deflate={word}")
            parts = [part.strip() for part in agreed.split(";")]
            check(answer in parts, agreed)
    for word, part in (("peer-window=11", "server_max_window_bits=11"),
                       ("peer-reset", "server_no_context_takeover"),
                       ("reset", "client_no_context_takeover")):
        with bench.case(f"--deflate={word} -c offers {part}"):
            offer, _ = asked(bench, "test-echo", f"--deflate={word}", "-c",
                             "127.0.0.1")
            first = offer.split(",")[0]
            parts = [text.strip() for text in first.split(";")]
            check(part in parts, offer)


def says(bench):
    """A line at INFO names what was agreed on."""
    with open(os.path.join(bench.build, "config.h"), encoding="utf-8") as text:
        if "#define _DEBUG 1\n" not in text.read():
            return
    with bench.case("both ends say at INFO what they have agreed on"):
        program, port = bench.test_server("-d", "15")
        with connect(port, NUMBERS, offer=OFFER) as peer:
            program.wait_said(f": {peer.extensions}\n")
        one = bench.run([bench.program("test-client"), "127.0.0.1", "-p",
                         str(port), "-d", "15"])
        one.wait_said("permessage-deflate")
        equal(one.stop(), 0, "the exit status")

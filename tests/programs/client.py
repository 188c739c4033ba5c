# SPDX-License-Identifier: LGPL-2.1-only
"""test-client: against our server, against nobody, against a rude one."""
import re
import signal
import socket
import time

from harness import Stopwatch, check, equal, free_port
from wire import CLOSE, MIRROR, NUMBERS, TEXT, Listener, connect

CIRCLE = re.compile(r"c #[0-9A-F]{6} (\d+) (\d+) (\d+);$")


def client(bench):
    """All cases of the group."""
    program, port = bench.test_server()
    talks(bench, port)
    circles(bench, port)
    lives(bench, port)
    with bench.case("test-client ends with its server, exit 0"):
        one = run(bench, port)
        one.wait_said("rx 1 '3'")
        equal(program.stop(), 0, "the exit status of the server")
        equal(one.wait_end(), 0, "the exit status")
        said = one.said().replace("mirror: LWS_CALLBACK_CLOSED", "")
        check("LWS_CALLBACK_CLOSED\n" in said, said[-200:])
        check("Exiting\n" in said, said[-200:])
    fails(bench)
    requests(bench)
    parts(bench)
    masks(bench)


def run(bench, port, *options):
    """A client under way."""
    return bench.run([bench.program("test-client"), "127.0.0.1", "-p",
                      str(port), *options])


def talks(bench, port):
    """What is printed when all is well."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with bench.case("test-client prints what comes until "
                        + number.name):
            program = run(bench, port)
            said = program.wait_said("rx 2 '10'")
            order = ["libwebsockets test client\n", "Waiting for connect...",
                     "callback_dumb_increment: LWS_CALLBACK_CLIENT_"
                     "ESTABLISHED", "rx 1 '0'\n", "rx 1 '9'\n", "rx 2 '10'"]
            places = [said.find(word) for word in order]
            equal(places, sorted(places), "the order")
            check(min(places) >= 0, f"something is missing: {places}")
            equal(program.stop(number), 0, "the exit status")
            check("Exiting\n" in program.said(), program.last_words())


def circles(bench, port):
    """What is drawn on the mirror."""
    with bench.case("test-client draws circles within the bounds"):
        with connect(port, MIRROR) as watcher:
            program = run(bench, port)
            for _ in range(500):
                text = watcher.text()
                found = CIRCLE.match(text)
                check(found, text)
                x, y, radius = map(int, found.groups())
                check(x < 500 and y < 250 and radius < 24, text)
            equal(program.stop(), 0, "the exit status")


def lives(bench, port):
    """The mirror connection is closed and opened again."""
    with bench.case("test-client opens the mirror again and again"):
        program = run(bench, port)
        program.wait_said("closing mirror session")
        said = program.wait_said("mirror: LWS_CALLBACK_CLOSED "
                                 "mirror_lifetime=0")
        first = said.find("opened mirror connection with")
        while program.said().count("opened mirror connection with") < 3:
            check(first >= 0, "never opened")
            time.sleep(0.02)
        for life in re.findall(r"with (\d+) lifetime", program.said()):
            check(10 <= int(life) <= 10 + 1023, f"lifetime {life}")
        equal(program.stop(), 0, "the exit status")
    with bench.case("test-client -l has more to draw"):
        program = run(bench, port, "-l")
        said = program.wait_said(" lifetime")
        life = int(re.search(r"with (\d+) lifetime", said).group(1))
        check(50010 <= life <= 50010 + 1023, f"lifetime {life}")
        equal(program.stop(), 0, "the exit status")


def fails(bench):
    """Exit status 1."""
    with bench.case("test-client fails when nobody listens"):
        program = run(bench, free_port())
        equal(program.wait_end(), 1, "the exit status")
        check("LWS_CALLBACK_CLIENT_CONNECTION_ERROR\n" in program.said()
              or "libwebsocket connect failed" in program.said(),
              program.last_words())
        check("Exiting\n" in program.said(), program.last_words())
    with bench.case("test-client fails when a name does not exist"):
        program = bench.run([bench.program("test-client"),
                             "no-such-host.invalid"])
        equal(program.wait_end(15), 1, "the exit status")
    with bench.case("test-client fails when the answer is no handshake"):
        with socket.socket() as web:
            web.bind(("127.0.0.1", 0))
            web.listen()
            program = run(bench, web.getsockname()[1])
            for _ in range(2):
                peer, _ = web.accept()
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 404 Not Found\r\n"
                             b"Content-Length: 0\r\n\r\n")
                peer.close()
            equal(program.wait_end(), 1, "the exit status")
            check("LWS_CALLBACK_CLIENT_CONNECTION_ERROR\n"
                  in program.said(), program.last_words())


def requests(bench):
    """What the client asks of a server that is not ours."""
    with bench.case("test-client asks for / with host and origin as typed"):
        with Listener() as listener:
            program = run(bench, listener.port)
            asked = {}
            peers = []
            for _ in range(2):
                peer, line, fields = listener.peer()
                peers.append(peer)
                equal(line, "GET / HTTP/1.1", "the request")
                equal(fields["host"], "127.0.0.1", "the host")
                equal(fields["origin"], "http://127.0.0.1", "the origin")
                equal(fields["sec-websocket-version"], "13", "the version")
                asked[fields["sec-websocket-protocol"]] = peer
            equal(sorted(asked), [NUMBERS, MIRROR], "the protocols")
            asked[NUMBERS].send(TEXT, b"4\x1b2", mask=False)
            program.wait_said("rx 3 '4?2'")
            asked[MIRROR].socket.close()
            program.wait_said("mirror: LWS_CALLBACK_CLOSED")
            peer, _, fields = listener.peer()
            equal(fields["sec-websocket-protocol"], MIRROR, "the protocol")
            asked[NUMBERS].send(CLOSE, b"\x03\xe8", mask=False)
            equal(program.wait_end(), 0, "the exit status")
            peer.socket.close()


def parts(bench):
    """The last words of a client."""
    with bench.case("test-client waits for a server that is behind"):
        with Listener() as listener:
            program = run(bench, listener.port)
            peers = [listener.peer()[0] for _ in range(2)]
            program.wait_said("opened mirror connection with")
            time.sleep(0.2)
            program.process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            for peer in peers:
                equal(peer.returns(), b"\x03\xe9", "its Close")
                peer.socket.close()
            equal(program.wait_end(), 0, "the exit status")
    with bench.case("test-client waits for nobody after a second signal"):
        with Listener() as listener:
            program = run(bench, listener.port)
            peers = [listener.peer()[0] for _ in range(2)]
            program.wait_said("LWS_CALLBACK_CLIENT_ESTABLISHED")
            program.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
            watch = Stopwatch()
            equal(program.stop(), 0, "the exit status")
            watch.check(0, 0.5)
            for peer in peers:
                peer.socket.close()


def masks(bench):
    """--killmask."""
    for options, bare in (([], False), (["--killmask"], True)):
        with bench.case("test-client " + " ".join(options)
                        + (" sends keys that change nothing" if bare
                           else "masks with keys that differ")):
            with Listener() as listener:
                program = run(bench, listener.port, *options)
                peers = [listener.peer() for _ in range(2)]
                peer, = (peer for peer, _, fields in peers
                         if fields["sec-websocket-protocol"] == MIRROR)
                keys = set()
                for _ in range(10):
                    equal(peer.frame()[0], TEXT, "the opcode")
                    keys.add(peer.key)
                equal(keys == {bytes(4)}, bare, f"no key in {keys}")
                check(bare or len(keys) > 5, f"the keys are {keys}")
                equal(program.stop(), 0, "the exit status")
                for peer, _, _ in peers:
                    peer.socket.close()

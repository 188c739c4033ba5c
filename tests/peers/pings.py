# SPDX-License-Identifier: LGPL-2.1-only
"""Our test-ping against a server that others wrote; see clients.py."""
import re
import signal
import time

from clients import MIRROR, Facts
from harness import PATIENCE, check, equal

LINE = re.compile(r"^(\d+) bytes from 127\.0\.0\.1: req=(\d+) "
                  r"time=\d+\.\dms$", re.M)
COUNTS = re.compile(r"^(\d+) packets transmitted, (\d+) received, (\d+)% "
                    r"packet loss, time \d+ms$", re.M)


def test_ping(bench, who, command):
    """libwebsockets-test-ping."""
    facts = Facts(bench, command)
    answers(bench, who, facts)
    with bench.case(f"test-ping and {who}: it ends when the server ends"):
        program = start(bench, facts)
        wait_lines(program, 2)
        facts.stop()
        equal(program.wait_end(), 0, "the status")
        check("LWS_CALLBACK_CLOSED on " in program.said(),
              program.last_words())
        check(COUNTS.search(program.said()), program.last_words())
    for mode, name in (("plain", "(none)"), ("strict", "(none)")):
        facts = Facts(bench, command, mode)
        with bench.case(f"test-ping and {who}: {mode} about protocols"):
            program = start(bench, facts)
            wait_lines(program, 5)
            finish(program)
            # who has no opinion may take the first that is offered
            check(f"handshake OK for protocol {name}\n" in program.said()
                  or mode == "plain" and f"protocol {MIRROR}\n"
                  in program.said(), program.said())
        facts.stop()
    for mode, why, args in (("refuse", "403", []),
                            ("wrong-protocol", "protocol", ["-n", MIRROR])):
        facts = Facts(bench, command, mode)
        with bench.case(f"test-ping and {who}: {mode} ends it with 1"):
            program = start(bench, facts, *args)
            equal(program.wait_end(8), 1, "the status")
            found = re.search(r"^client connection 1 failed to connect: (.*)$",
                              program.said(), re.M)
            check(found and why in found[1], program.said())
        facts.stop()


def start(bench, facts, *args):
    """A ping under way."""
    return bench.run([bench.program("test-ping"), "127.0.0.1",
                      f"--port={facts.port}", "-i=0.02", *args])


def wait_lines(program, count, within=10):
    """Its first @count lines about answers: size, number."""
    end = time.monotonic() + PATIENCE * within
    while len(LINE.findall(program.said())) < count:
        check(program.process.poll() is None, program.last_words())
        check(time.monotonic() < end, program.last_words())
        time.sleep(0.02)
    return LINE.findall(program.said())[:count]


def finish(program):
    """^C: status 0 and nothing lost."""
    equal(program.stop(signal.SIGINT), 0, "the status")
    found = COUNTS.search(program.said())
    check(found, f"no statistics: {program.last_words()}")
    equal((found[2], found[3]), (found[1], "0"), "received, loss")


def answers(bench, who, facts):
    """Pings and messages, one by one and many at once."""
    for args, size in (([], 64), (["-s=8"], 8), (["-s=125"], 125),
                       (["-m"], 64), (["-m", "-s=4096"], 4096)):
        name = " ".join(["test-ping", *args])
        with bench.case(f"{name} and {who}: every answer is shown"):
            program = start(bench, facts, *args)
            equal(wait_lines(program, 10),
                  [(str(size), str(n)) for n in range(1, 11)], "the lines")
            finish(program)
            check(f"handshake OK for protocol {MIRROR}\n" in program.said(),
                  program.said())
    with bench.case(f"test-ping and {who}: it leaves with a Close"):
        closed = facts.wait("close")
        check(closed["code"] in (1000, 1001), closed)
        opened = facts.wait("open")
        equal((opened["path"], opened["origin"]), ("/", "http://origin"),
              "the request")
    with bench.case(f"test-ping -r 20 -f -i 0 and {who}: nothing is lost"):
        program = start(bench, facts, "-r", "20", "-f", "-i", "0")
        time.sleep(1)
        finish(program)
        check("using 20 connections" in program.said(), program.last_words())

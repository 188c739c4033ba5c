# SPDX-License-Identifier: LGPL-2.1-only
"""permessage-deflate with libraries that others wrote, in both roles.

Every row of the tables is one connection through a relay on which every kind
and size of message goes up and comes down.  The relay tells what was agreed
on, which messages were marked as compressed, and how long they were: the
last two are the same 8000 octets of noise, so the second is short if and only
if that direction keeps its context and a window that goes back so far.
"""
import asyncio
import json
import os
import subprocess
import sys
import typing

from websockets.extensions.permessage_deflate import \
    ClientPerMessageDeflateFactory

import node_peers
import python_client
from clients import Facts
from harness import check, clean_environment, equal
from relay import Relay
from samples import samples, whole

NAME = "permessage-deflate"
S_RESETS = "server_no_context_takeover"
C_RESETS = "client_no_context_takeover"
S_WINDOW = "server_max_window_bits"
C_WINDOW = "client_max_window_bits"
TEXTS = [(n, len(sample)) for n, sample in enumerate(samples())
         if isinstance(sample, str) and len(sample) > 100]
COUNT = len(list(samples()))
PLAIN = sum(len(whole(sample)) for sample in samples())


class Row(typing.NamedTuple):
    """One connection, and what has to become of it."""
    theirs: dict    # the peer's settings by the names of RFC 7692
    ours: str       # of test-echo
    agreed: str     # the parameters; None when there shall be no extension
    up: bool = False    # messages to the server build on earlier ones
    down: bool = False  # messages to the client do


CLIENTS = (
    Row({}, "", S_RESETS, True, False),
    Row({}, "keep", "", True, True),
    Row({S_RESETS: True}, "keep", S_RESETS, True, False),
    Row({C_RESETS: True}, "keep", C_RESETS, False, True),
    Row({S_RESETS: True, C_RESETS: True}, "", f"{S_RESETS}; {C_RESETS}"),
    Row({S_WINDOW: 12, C_WINDOW: 12}, "",
        f"{S_RESETS}; {S_WINDOW}=12; {C_WINDOW}=12"),
    Row({S_WINDOW: 9, C_WINDOW: 9}, "keep", f"{S_WINDOW}=9; {C_WINDOW}=9"),
    Row({S_WINDOW: 15}, "keep", f"{S_WINDOW}=15", True, True),
    Row({S_WINDOW: 8}, "keep", f"{S_WINDOW}=8", True, False),
    Row({}, "keep,window=10", f"{S_WINDOW}=10", True, False),
    Row({}, "keep,peer-window=10", f"{C_WINDOW}=10", False, True),
    Row({C_WINDOW: None}, "keep,peer-window=10", "", True, True),
    Row({}, "keep,peer-reset", C_RESETS, False, True),
    Row({S_WINDOW: 14},
        "reset,peer-reset,window=11,peer-window=11,level=9,mem=9,min=1",
        f"{S_RESETS}; {C_RESETS}; {S_WINDOW}=11; {C_WINDOW}=11"),
    Row({}, "keep,min=4097", "", True, True),
    Row({}, "no", None),
)

SERVERS = (
    Row({}, "", "", True, True),
    Row({S_RESETS: True}, "", S_RESETS, True, False),
    Row({C_RESETS: True}, "", C_RESETS, False, True),
    Row({S_WINDOW: 9, C_WINDOW: 9}, "", f"{S_WINDOW}=9; {C_WINDOW}=9"),
    Row({S_WINDOW: 10}, "peer-window=12", f"{S_WINDOW}=10", True, False),
    Row({C_WINDOW: 8}, "", f"{C_WINDOW}=8", False, True),
    Row({C_WINDOW: 15}, "keep,window=9", f"{C_WINDOW}=15", False, True),
    Row({}, "peer-window=12", f"{S_WINDOW}=12", True, False),
    Row({}, "reset", C_RESETS, False, True),
    Row({}, "reset,peer-reset", f"{S_RESETS}; {C_RESETS}"),
    Row({}, "keep,level=9,mem=9,min=4097", "", True, True),
    Row({}, "no", None),
    Row(None, "", None),
)


def options(row):
    """What test-echo is started with."""
    if row.ours == "no":
        return ["--no-compress", "-d15"]
    return ([f"--deflate={row.ours}"] if row.ours else []) + ["-d15"]


def title(row, who, role):
    """A row in words."""
    theirs = "no compression" if row.theirs is None else ", ".join(
        name if value is True else f"{name}={value or 'no'}"
        for name, value in row.theirs.items()) or "no wishes"
    ours = {"": "", "no": " --no-compress"}.get(row.ours,
                                                f" --deflate={row.ours}")
    return (f"{who} as {role} with {theirs}, test-echo{ours}: "
            f"{full(row) or 'nothing'} agreed")


def full(row):
    """The whole extension that a row wants; None when there shall be none."""
    if row.agreed is None:
        return None
    return "; ".join(part for part in (NAME, row.agreed) if part)


def same(agreed, wanted, whose):
    """Compare two extensions; parameters have no order."""
    equal(*(text and sorted(text.replace(" ", "").split(";"))
            for text in (agreed, wanted)), f"what {whose}")


def judge(row, role, passage, said):
    """What the relay has seen, and the line of our program."""
    same(passage.agreed, full(row), "the answer says")
    check(row.agreed is None or "extensions agreed on" in said
          and passage.agreed in said, "test-echo does not say at INFO what "
          "was agreed on")
    theirs, ours = passage.up, passage.down
    if role == "server":
        theirs, ours = ours, theirs
    for name, way in (("up", passage.up), ("down", passage.down)):
        equal(way.misplaced, 0, f"misplaced reserved bits {name}")
        equal(len(way.messages), COUNT, f"messages {name}")
    if row.agreed is None:
        check(passage.up.octets > PLAIN < passage.down.octets, "it shrank")
        check(not any(marked for way in (theirs, ours)
                      for _, marked in way.messages), "a message is marked")
        return
    check(all(marked for _, marked in theirs.messages),
          "the peer does not compress everything")
    # what is small, and what compressing makes no smaller, goes as it is
    least = int(row.ours.partition("min=")[2] or 32)
    for n, length in TEXTS:
        equal(ours.messages[n][1], length >= least,
              f"the mark of a text of {length} bytes")
    for name, way, keeps in (("up", passage.up, row.up),
                             ("down", passage.down, row.down)):
        first, second = (length for length, _ in way.messages[-2:])
        check(first > 7900, f"noise {name} took {first} octets")
        check((second < 500) == keeps, f"noise again {name} took {second}")
        check(way.octets < PLAIN * 0.6, f"{way.octets} octets {name}")


def as_client(bench, who, row, run):
    """Their client through the relay to test-echo; @run has it talk."""
    with bench.case(title(row, who, "client"), 40):
        program, port = bench.test_echo(*options(row))
        with Relay(port) as relay:
            same(run(relay.port, row.theirs), full(row), who + " has")
            passage = relay.passage()
        equal(program.stop(), 0, "the status of test-echo")
        judge(row, "client", passage, program.said())


def as_server(bench, who, row, command):
    """test-echo as a client that echoes, through the relay to their server."""
    with bench.case(title(row, who, "server"), 40):
        facts = Facts(bench, command)
        with Relay(facts.port) as relay:
            program = bench.run([bench.program("test-echo"), "-c", "127.0.0.1",
                                 f"--port={relay.port}", "--versa",
                                 "--uri=/versa", *options(row)])
            result = facts.wait("versa", within=30)
            check(result["ok"], result.get("why", "it failed"))
            equal(result["code"], 3001, "the code of its close")
            passage = relay.passage()
        equal(program.stop(), 0, "the status of test-echo")
        opened = facts.wait("open")
        facts.stop()
        same(opened["agreed"], full(row), who + " has")
        equal(opened["offered"] is None, row.ours == "no",
              "the absence of an offer")
        judge(row, "server", passage, program.said())


def without(bench, who):
    """Say that a build cannot compress, if so."""
    if bench.configured("EXTENSIONS"):
        return False
    bench.skips(f"{who} and compression", "this build has no extensions")
    return True


def talk(port, theirs):
    """python3-websockets as the client."""
    async def exchange():
        async with python_client.connect(port, compression=None, extensions=[
                ClientPerMessageDeflateFactory(**theirs)]) as ws:
            for sample in samples():
                await ws.send(sample)
                want, got = whole(sample), await python_client.take(ws)
                check(type(got) is type(want) and got == want,
                      f"{len(want)} came back as {len(got)}, or changed")
            return python_client.agreed(ws)
    return asyncio.run(exchange())


def python_deflate(bench):
    """The group."""
    if without(bench, "Python"):
        return
    for row in CLIENTS:
        as_client(bench, "Python", row, talk)
    script = os.path.join(bench.here, "server_python.py")
    for row in SERVERS:
        as_server(bench, "Python", row, [sys.executable, script] + (
            [] if row.theirs is None
            else ["--deflate=" + json.dumps(row.theirs)]))


def for_node(theirs):
    """Settings by the names that ws has for them, as JSON."""
    named = {"threshold": 0}
    for name, value in theirs.items():
        first, *rest = name.split("_")
        named[first + "".join(part.title() for part in rest)] = \
            False if value is None else value
    return json.dumps(named)


def node_deflate(bench):
    """The group."""
    path = node_peers.node(bench)
    if not path or without(bench, "Node"):
        return

    def run(port, theirs):
        script = os.path.join(bench.here, "node_deflate.js")
        done = subprocess.run(
            [path, script, str(port), for_node(theirs)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=35, env=clean_environment())
        check(not done.returncode, done.stderr)
        end = json.loads(done.stdout)
        check(not end.get("why"), end)
        return end.get("agreed")

    for row in CLIENTS:
        as_client(bench, "Node", row, run)
    script = os.path.join(bench.here, "node_server.js")
    for row in SERVERS:
        as_server(bench, "Node", row, [path, script] + (
            [] if row.theirs is None
            else ["--deflate=" + for_node(row.theirs)]))

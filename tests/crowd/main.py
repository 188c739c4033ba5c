# SPDX-License-Identifier: LGPL-2.1-only
"""A crowd of clients, crowd.c, on the mirror of one test server.

The server is asked which versions it speaks, so that a build without the old
ones is tried with what it has.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "peers"),
             os.path.join(HERE, "..", "programs")]

from harness import Bench, check, equal  # noqa: E402
from servers import spoken  # noqa: E402

LIMIT = 300  # seconds; ten and a few are what it takes


def draw(bench, crowd, port):
    """Let them draw; every line of the crowd's is a case of its own."""
    with bench.case("the server speaks every version of its build"):
        versions = spoken(port)
        equal(sorted(versions), bench.versions(), "what it speaks")
    with bench.case("a crowd comes, draws and leaves", LIMIT + 20):
        program = bench.run([crowd, str(port), *map(str, versions)])
        status = program.wait_end(LIMIT)
        lines = program.said().splitlines()
        good = [line[5:] for line in lines if line.startswith("ok - ")]
        bad = [line[9:] for line in lines if line.startswith("not ok - ")]
        for what in good:
            bench.passes(what)
        said = [line for line in lines if "ok - " not in line]
        for what in bad:
            bench.fails(what, " | ".join(said[:3]) or "nothing else is said")
        equal(status, 1 if bad else 0, "the exit status after: "
              + program.last_words() + " -")
        # connected, sent, and what the clients of each version have got
        check(bad or len(good) == 2 + len(versions), f"only {good}")


def main(build):
    """Start, draw, end; the exit status."""
    bench = Bench(build)
    crowd = os.path.join(bench.build, "tests", "crowd", "crowd")
    for program in (bench.program("test-server"), crowd):
        if not os.access(program, os.X_OK):
            bench.fails("the programs are built", "no " + program)
            return bench.finish()
    try:
        server, port = bench.test_server()
    except AssertionError as error:
        bench.fails("the test server starts", str(error))
        return bench.finish()
    draw(bench, crowd, port)
    with bench.case("the mirror has dropped nothing"):
        check("dropping!" not in server.said(), server.last_words())
    bench.ends_cleanly(server, "test-server")
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

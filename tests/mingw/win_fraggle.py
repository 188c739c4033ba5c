# SPDX-License-Identifier: LGPL-2.1-only
"""test-fraggle.exe, both its sides, with test-fraggle on both sides."""
from harness import check, equal
from fraggle import EOM, wait_count


def win_fraggle(bench, wine):
    """All cases of the group."""
    def windows(*args):
        return wine.argv("test-fraggle", *args)

    def native(*args):
        return [bench.program("test-fraggle"), *args]

    for server, whose in ((windows, "test-fraggle.exe"),
                          (native, "the native test-fraggle")):
        program, port = bench.listening(
            lambda port, argv=server: argv(f"--port={port}"), within=60)
        for client, who in ((windows, "test-fraggle.exe"),
                            (native, "the native test-fraggle")):
            if client is native and server is native:
                continue
            talks(bench, f"{who} -c understands {whose}",
                  client("-c", "127.0.0.1", "-p", str(port)))
        with bench.case(f"{whose} ends on ^C, exit 0"):
            equal(program.stop(within=30), 0, "the exit status")
            check("Terminating...\n" in program.said(), program.last_words())


def talks(bench, name, argv):
    """Sums of many fragments agree."""
    with bench.case(name, limit=60):
        client = bench.run(argv)
        wait_count(client, EOM, 10, within=30)
        equal(client.stop(within=30), 0, "the exit status")
        check("ERROR" not in client.said(), client.last_words())

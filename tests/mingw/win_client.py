# SPDX-License-Identifier: LGPL-2.1-only
"""test-client.exe: to servers here, to one of its kind, to nobody."""
from harness import check, equal, free_port
from win_server import start


def win_client(bench, wine):
    """All cases of the group."""
    program, port = bench.test_server()
    for host in ("127.0.0.1", "localhost"):
        talks(bench, wine, "the native test-server", host, port)
    with bench.case("test-client.exe ends with its server, exit 0"):
        client = wine.run("test-client", "127.0.0.1", "-p", str(port))
        client.wait_said("rx 1 '3'", within=30)
        program.stop()
        equal(client.wait_end(30), 0, "the exit status")
    program, port = start(bench, wine, "test-server")
    talks(bench, wine, "test-server.exe", "127.0.0.1", port)
    program.stop(within=30)
    fails(bench, wine)


def talks(bench, wine, name, host, port):
    """Numbers come, circles go, and ^C is the end."""
    with bench.case(f"test-client.exe talks to {name} at {host}"):
        client = wine.run("test-client", host, "-p", str(port))
        client.wait_said("callback_lws_mirror: "
                         "LWS_CALLBACK_CLIENT_ESTABLISHED", within=30)
        client.wait_said("rx 2 '10'", within=30)
        equal(client.stop(within=30), 0, "the exit status")
        check("Exiting\n" in client.said(), client.last_words())


def fails(bench, wine):
    """Nobody there."""
    with bench.case("test-client.exe fails when nobody listens, and why"):
        port = free_port()
        code, _, err = wine.ended(wine.argv("test-client", "127.0.0.1", "-d15",
                                            f"-p{port}"))
        equal(code, 1, "the exit status")
        check("LWS_CALLBACK_CLIENT_CONNECTION_ERROR" in err, err[-200:])
        check(f"connection refused by 127.0.0.1:{port}" in err, err[-300:])
    with bench.case("test-client.exe fails when the host has no address"):
        code, _, err = wine.ended(wine.argv("test-client", "no-host.invalid",
                                            "-d15"))
        equal(code, 1, "the exit status")
        check("no-host.invalid" in err, err[-300:])

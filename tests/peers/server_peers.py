# SPDX-License-Identifier: LGPL-2.1-only
"""A server of somebody else's for our clients, compressing and not."""
import clients
import pings


def both_ways(bench, who, command):
    """All clients; test-ping offers no compression."""
    if bench.configured("EXTENSIONS"):
        deflate = command + ["--deflate={}"]
        clients.test_client(bench, f"{who} with compression", deflate)
        clients.echo_client(bench, f"{who} with compression", deflate)
    clients.test_client(bench, who, command)
    clients.echo_client(bench, who, command)
    pings.test_ping(bench, who, command)

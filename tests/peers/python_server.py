# SPDX-License-Identifier: LGPL-2.1-only
"""python3-websockets as the server of our clients."""
import os
import sys

import clients
import pings


def python_server(bench):
    """The group."""
    command = [sys.executable, os.path.join(bench.here, "server_python.py")]
    clients.test_client(bench, "Python", command)
    clients.echo_client(bench, "Python", command)
    pings.test_ping(bench, "Python", command)

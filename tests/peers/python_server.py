# SPDX-License-Identifier: LGPL-2.1-only
"""python3-websockets as the server of our clients."""
import os
import sys

import server_peers


def python_server(bench):
    """The group."""
    server_peers.both_ways(bench, "Python", [
        sys.executable, os.path.join(bench.here, "server_python.py")])

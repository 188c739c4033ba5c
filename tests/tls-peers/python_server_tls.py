# SPDX-License-Identifier: LGPL-2.1-only
"""The server of tests/peers on python3-websockets, over TLS.

Usage: python_server_tls.py CERTIFICATE KEY VERSION [MODE]

In the mode "demand" clients have to show a certificate.
"""
import asyncio
import functools
import os
import ssl
import sys

import websockets

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "peers"))

import server_python  # noqa: E402 # after the path to it


def main(certificate, key, version, mode=""):
    """Serve until somebody ends us."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    number = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    context.minimum_version = context.maximum_version = number[version]
    if mode == "demand":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate)
        mode = ""
    websockets.serve = functools.partial(websockets.serve, ssl=context)
    asyncio.run(server_python.main(mode))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        pass

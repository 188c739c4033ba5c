# SPDX-License-Identifier: LGPL-2.1-only
"""The bench of tests/peers with every program of ours told to use TLS.

Servers of ours show a certificate that an authority has signed; those of
others show one that is signed by itself, as the test certificate that comes
with the programs is, since that is what --ssl of the clients lets pass.
"""
import contextlib
import os
import re
import shutil
import ssl

from certificates import Certificates
from harness import Bench

VERSIONS = ("1.2", "1.3")


class SecureBench(Bench):
    """Adds --ssl, and the certificate where a program takes one."""

    certs = None
    shown = "server"    # by servers of ours
    securing = True

    def has_tls(self):
        """Was the build configured with TLS?"""
        path = os.path.join(self.build, "lib", "lws_config.h")
        try:
            with open(path, encoding="utf-8") as header:
                return any(line.split()[:2] == ["#define",
                                                "LWS_OPENSSL_SUPPORT"]
                           for line in header)
        except OSError:
            return False

    def make_certificates(self):
        """Certificates for all groups; False when there are none."""
        openssl = self.needs("openssl", "openssl")
        if not openssl:
            return False
        folder = os.environ.get("LWS_TEST_CERTIFICATES") or os.path.join(
            self.scratch, "certificates")
        try:
            self.certs = Certificates(openssl, folder)
        except AssertionError as error:
            self.fails("certificates can be made", str(error))
            return False
        # the pages and, beside them, what test-server takes its own from
        pages = os.path.join(self.scratch, "pages")
        shutil.copytree(self.pages, pages, ignore=lambda _, names: [
            name for name in names if not name.endswith(
                (".html", ".ico", ".png", ".jpg"))])
        self.pages = pages
        self.show("server")
        return True

    def show(self, name):
        """Servers of ours started from now on show this certificate."""
        self.shown = name
        base = os.path.join(self.pages, "libwebsockets-test-server")
        shutil.copy(self.certs.path(name), base + ".pem")
        shutil.copy(self.certs.key(name), base + ".key.pem")

    def secured(self, argv):
        """The command line with TLS in it, if it is one of our programs."""
        name = os.path.basename(argv[0])
        if not name.startswith("libwebsockets-test-") or "--ssl" in argv:
            return argv
        if name.endswith("-echo") and "-c" not in argv:
            return [*argv, "--ssl", "--ssl-cert=" + self.certs.path(self.shown),
                    "--ssl-key=" + self.certs.key(self.shown)]
        return [*argv, "--ssl"]

    def run(self, argv, env=None):
        return super().run(self.secured(argv) if self.securing else argv, env)

    def run_plain(self, argv, env=None):
        """As it is, without a word about TLS."""
        return super().run(argv, env)

    @contextlib.contextmanager
    def unsecured(self):
        """Within it, programs are started as they are."""
        self.securing = False
        try:
            yield
        finally:
            self.securing = True

    def install_certificate(self, name):
        """Put one where programs look that cannot be told, if that is ours."""
        with open(os.path.join(self.build, "config.status"),
                  encoding="utf-8") as file:
            prefix = re.search(r'^S\["prefix"\]="(.*)"$', file.read(),
                               re.M)[1]
        folder = os.path.join(prefix, "share", "libwebsockets-test-server")
        if os.path.commonpath([self.build, prefix]) == self.build:
            os.makedirs(folder, exist_ok=True)
            base = os.path.join(folder, "libwebsockets-test-server")
            shutil.copy(self.certs.path(name), base + ".pem")
            shutil.copy(self.certs.key(name), base + ".key.pem")


def client_context(bench, version=None, trust="ca"):
    """What a Python client needs for the servers of ours."""
    context = ssl.create_default_context(cafile=bench.certs.path(trust))
    return pinned(context, version)


def server_context(bench, version=None, show="self"):
    """What a Python server needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bench.certs.path(show), bench.certs.key(show))
    return pinned(context, version)


def pinned(context, version):
    """Speak this version of TLS and no other."""
    if version:
        number = {"1.2": ssl.TLSVersion.TLSv1_2,
                  "1.3": ssl.TLSVersion.TLSv1_3}[version]
        context.minimum_version = context.maximum_version = number
    return context

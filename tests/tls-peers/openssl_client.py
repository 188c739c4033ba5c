# SPDX-License-Identifier: LGPL-2.1-only
"""openssl s_client against our servers."""
import os
import re
import subprocess

from certificates import PASSPHRASE
from harness import check, equal
from secure import VERSIONS
from web import read

REQUEST = b"GET /test.html HTTP/1.1\r\nHost: localhost\r\n" \
          b"Connection: close\r\n\r\n"


def openssl_client(bench):
    """The group."""
    server, port = bench.test_server()
    for version in VERSIONS:
        handshakes(bench, port, version)
        resumption(bench, port, version)
    choices(bench, port)
    refusals(bench, port)
    renegotiation(bench, port)
    bench.ends_cleanly(server, "the server that s_client talked to")
    for shown in ("chain", "curve", "locked"):
        certificates(bench, shown)


class Talk:
    """One s_client from its start to its end."""

    def __init__(self, bench, port, *options, say=b"", limit=15):
        done = subprocess.run(
            [bench.certs.openssl, "s_client", "-connect", f"127.0.0.1:{port}",
             "-CAfile", bench.certs.path("ca"), "-verify_return_error",
             *options], input=say, capture_output=True, timeout=limit)
        self.status = done.returncode
        self.out = done.stdout
        self.text = (done.stdout + done.stderr).decode("utf-8", "replace")

    def field(self, pattern):
        """What the first group of the pattern has found, or None."""
        found = re.search(pattern, self.text, re.M)
        return found.group(1) if found else None

    def why(self):
        """What openssl said of a failure."""
        return " | ".join(line for line in self.text.split("\n")
                          if "error" in line or "alert" in line)[-300:]


def flag(version):
    return "-tls" + version.replace(".", "_")


def handshakes(bench, port, version):
    """What has been agreed, and that a page comes through."""
    with bench.case(f"s_client: TLS {version} is spoken, the chain verifies"):
        talk = Talk(bench, port, flag(version), "-verify_hostname",
                    "localhost", "-alpn", "http/1.1")
        equal(talk.status, 0, f"the status after {talk.why()}")
        equal(talk.field(r"^Verification: (\w+)"), "OK", "the verification")
        equal(talk.field(r"^New, (TLSv1\.\d)"), "TLSv" + version,
              "the version")
        equal(talk.field(r"^Compression: (\w+)"), "NONE", "the compression")
        equal(talk.field(r"^ALPN protocol: (\S+)"), "http/1.1", "ALPN")
    ways = [("in one record", ()),
            ("in records of 64 bytes", ("-max_send_frag", "512",
                                        "-split_send_frag", "64")),
            ("to a client that reads little", ("-read_buf", "1"))]
    if version == "1.3":  # with 1.2 s_client stops, with s_server as well
        ways.append(("through a BIO that splits everything",
                     ("-nbio_test",)))
    for name, options in ways:
        with bench.case(f"s_client: TLS {version}, a request {name} brings "
                        "the page whole"):
            talk = Talk(bench, port, flag(version), "-quiet", *options,
                        say=REQUEST)
            _, _, body = talk.out.partition(b"\r\n\r\n")
            equal(body, read(os.path.join(bench.pages, "test.html")),
                  "the body")
            equal(talk.status, 0, f"the status after {talk.why()}")
            check("unexpected eof" not in talk.text,
                  "the server left without close_notify")


def resumption(bench, port, version):
    """Sessions, by ticket and by id."""
    kept = os.path.join(bench.scratch, "session")

    def again(*options):
        first = Talk(bench, port, flag(version), "-sess_out", kept, *options,
                     "-ign_eof", say=REQUEST)
        equal(first.field(r"^(New|Reused), "), "New", "the first handshake")
        second = Talk(bench, port, flag(version), "-sess_in", kept, *options,
                      "-ign_eof", say=REQUEST)
        equal(second.field(r"^(New|Reused), "), "Reused",
              "the second handshake")
        equal(second.field(r"^Verification: (\w+)"), "OK", "the verification")

    with bench.case(f"s_client: TLS {version} is resumed by a ticket"):
        again()
    with bench.case(f"s_client: TLS {version} is resumed without tickets"):
        again("-no_ticket")


def choices(bench, port):
    """What the client offers and what the server makes of it."""
    cases = (
        ("ALPN of h2 and http/1.1 ends in http/1.1",
         ("-alpn", "h2,http/1.1"), r"^ALPN protocol: (\S+)", "http/1.1"),
        ("without ALPN there is none", (), r"^(No ALPN) negotiated",
         "No ALPN"),
        ("one old cipher is enough",
         ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"),
         r"^\s+Cipher\s*: (\S+)", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("one new cipher is enough",
         ("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),
         r"^New, TLSv1.3, Cipher is (\S+)", "TLS_CHACHA20_POLY1305_SHA256"),
        ("the order of the server decides",
         ("-tls1_2", "-cipher",
          "AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384"),
         r"^\s+Cipher\s*: (\S+)", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("a group that has to be asked for again",
         ("-tls1_3", "-groups", "P-384:X25519"),
         r"^Verification: (\w+)", "OK"),
        ("a name it does not know is answered",
         ("-servername", "somebody.example.org"), r"^Verification: (\w+)",
         "OK"),
        ("a status request does no harm", ("-status",),
         r"^OCSP response: (no response)", "no response"),
    )
    for name, options, pattern, want in cases:
        with bench.case(f"s_client: {name}"):
            talk = Talk(bench, port, *options)
            equal(talk.status, 0, f"the status after {talk.why()}")
            equal(talk.field(pattern), want, "what has been agreed")


def refusals(bench, port):
    """What has to fail, with the alert that says why."""
    weak = "ALL:@SECLEVEL=0"
    cases = (
        ("TLS 1.0 is refused", ("-tls1", "-cipher", weak),
         "alert protocol version"),
        ("TLS 1.1 is refused", ("-tls1_1", "-cipher", weak),
         "alert protocol version"),
        ("ALPN of h2 alone is refused", ("-alpn", "h2"),
         "no application protocol"),
        ("a cipher without authentication is refused",
         ("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"),
         "alert handshake failure"),
        ("a cipher without encryption is refused",
         ("-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"),
         "alert handshake failure"),
    )
    for name, options, want in cases:
        with bench.case(f"s_client: {name}"):
            talk = Talk(bench, port, *options)
            check(talk.status != 0, "it was let in")
            check(want in talk.text, f"openssl says {talk.why()}")
    with bench.case("s_client: after all that it is served"):
        equal(Talk(bench, port).status, 0, "the status")


def renegotiation(bench, port):
    """A line with R alone makes s_client ask for it, while it may read."""
    with bench.case("s_client: renegotiation is refused"):
        program = subprocess.Popen(
            [bench.certs.openssl, "s_client", "-connect", f"127.0.0.1:{port}",
             "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        try:
            program.stdin.write(b"R\n")
            program.stdin.flush()
            said = program.stdout.read().decode("utf-8", "replace")
        finally:
            program.kill()
            program.wait()
            program.stdin.close()
            program.stdout.close()
        check("RENEGOTIATING" in said, said[-200:])
        check("no renegotiation" in said, said[-200:])


def certificates(bench, shown):
    """Other kinds of certificates on the server's side."""
    options = []
    if shown == "locked":
        options = ["--passphrase=" + PASSPHRASE]
    bench.show(shown)
    echo, port = bench.test_echo(*options)
    for version in VERSIONS:
        with bench.case(f"s_client: TLS {version}, the certificate {shown} "
                        "verifies"):
            talk = Talk(bench, port, flag(version), "-verify_ip", "127.0.0.1")
            equal(talk.status, 0, f"the status after {talk.why()}")
            equal(talk.field(r"^Verification: (\w+)"), "OK",
                  "the verification")
    bench.ends_cleanly(echo, f"the echo server with the certificate {shown}")
    bench.show("server")

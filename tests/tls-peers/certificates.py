# SPDX-License-Identifier: LGPL-2.1-only
"""Certificates for one run of the tests, made by the openssl command.

Everything is new each time and worth nothing elsewhere.  X.pem begins with the
certificate, X.key.pem has its key:

    ca         the authority that tests trust
    middle     an authority below it
    server     good: localhost, 127.0.0.1, ::1, 0.0.0.0
    chain      the same names, signed by middle, which is in the file as well
    curve      the same names, ECDSA
    wildcard   *.example.org
    number     127.0.0.1 alone
    wrong      host.example.net
    expired    was valid on two days long ago
    early      will be valid in two years
    self       the same names as server, signed by itself
    outdated   signed by itself and expired
    stranger   signed by an authority that nobody trusts, rogue
    client     a client's
    locked     good; the key has the passphrase PASSPHRASE
"""
import os
import subprocess
import time

PASSPHRASE = "a secret with blanks"
HERE = "DNS:localhost,IP:127.0.0.1,IP:::1,IP:0.0.0.0"
PAST = ("20200101000000Z", "20200103000000Z")

# name: signed by, alternative names, dates
SIGNED = {
    "server": ("ca", HERE, None),
    "wildcard": ("ca", "DNS:*.example.org", None),
    "number": ("ca", "IP:127.0.0.1", None),
    "wrong": ("ca", "DNS:host.example.net", None),
    "expired": ("ca", HERE, PAST),
    "early": ("ca", HERE, "later"),
    "chain": ("middle", HERE, None),
    "curve": ("ca", HERE, None),
    "stranger": ("rogue", HERE, None),
    "client": ("ca", "DNS:a-client.example.org", None),
    "locked": ("ca", HERE, None),
}

# what openssl ca wants to be told
CONFIG = """
[ca]
default_ca = here
[here]
database = {folder}/{name}.index
serial = {folder}/{name}.serial
new_certs_dir = {folder}
certificate = {folder}/{name}.pem
private_key = {folder}/{name}.key.pem
default_md = sha256
default_days = 30
policy = anything
copy_extensions = copy
unique_subject = no
[anything]
commonName = supplied
"""


class Certificates:
    """A folder of them."""

    def __init__(self, openssl, folder):
        self.openssl = openssl
        self.folder = folder
        if os.path.isdir(folder):   # they are there already
            return
        os.makedirs(folder)
        for name, signed_by in (("ca", None), ("rogue", None),
                                ("middle", "ca")):
            self.make_authority(name, signed_by)
        for name, (authority, names, dates) in SIGNED.items():
            self.make(name, authority, names, dates)
        self.make_selfsigned("self", None)
        self.make_selfsigned("outdated", PAST)

    def path(self, name):
        """The certificate of this name."""
        return os.path.join(self.folder, name + ".pem")

    def key(self, name):
        """The key of this name."""
        return os.path.join(self.folder, name + ".key.pem")

    def run(self, *args):
        """Have openssl do something."""
        done = subprocess.run([self.openssl, *args], cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"openssl {args[0]}: {done.stderr[-300:]}")

    def request(self, name, *extensions):
        """A new key and a request to sign it; the request's path."""
        key = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] \
            if name == "curve" else ["rsa:2048"]
        lock = ["-passout", "pass:" + PASSPHRASE] if name == "locked" \
            else ["-nodes"]
        more = [part for text in extensions for part in ("-addext", text)]
        self.run("req", "-new", "-newkey", *key, *lock, "-keyout",
                 self.key(name), "-subj", f"/CN={name}", *more, "-out",
                 name + ".csr")
        return name + ".csr"

    def sign(self, name, authority, dates):
        """Turn the request into a certificate."""
        if dates == "later":
            year = time.gmtime().tm_year
            dates = (f"{year + 2}0101000000Z", f"{year + 3}0101000000Z")
        when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else []
        who = ["-selfsign", "-keyfile", self.key(name)] \
            if authority == name else []
        if not os.path.exists(os.path.join(self.folder, authority + ".conf")):
            self.write(authority + ".conf", CONFIG.format(
                folder=self.folder, name=authority))
            self.write(authority + ".index", "")
            self.write(authority + ".serial",
                       os.urandom(16).hex().replace("0", "1") + "\n")
        self.run("ca", "-batch", "-notext", "-config", authority + ".conf",
                 *who, *when, "-in", name + ".csr", "-out", name + ".pem")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w",
                  encoding="ascii") as file:
            file.write(text)

    def make_authority(self, name, signed_by):
        self.request(name, "basicConstraints=critical,CA:TRUE",
                     "keyUsage=critical,keyCertSign,cRLSign")
        self.sign(name, signed_by or name, None)

    def make(self, name, authority, names, dates):
        use = "clientAuth" if name == "client" else "serverAuth"
        self.request(name, f"subjectAltName={names}",
                     "basicConstraints=CA:FALSE", f"extendedKeyUsage={use}")
        self.sign(name, authority, dates)
        if authority == "middle":
            with open(self.path("middle"), encoding="ascii") as file:
                above = file.read()
            with open(self.path(name), "a", encoding="ascii") as file:
                file.write(above)

    def make_selfsigned(self, name, dates):
        self.request(name, f"subjectAltName={HERE}")
        self.sign(name, name, dates)

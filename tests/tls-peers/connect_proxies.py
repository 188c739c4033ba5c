# SPDX-License-Identifier: LGPL-2.1-only
"""tinyproxy and squid between our clients and servers: ws and wss by CONNECT.

Clients go to 127.0.0.1 and to localhost directly, whatever proxy there is.
0.0.0.0 is this machine as well and not spared, so it takes the way through the
proxy; names beyond this machine are in a hosts file of squid's.
"""
import atexit
import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time

from harness import check, clean_environment, equal, free_port

USER = "some body"
PASSWORD = "p@ss:w/rd%"
ENCODED = "some%20body:p%40ss%3Aw%2Frd%25@"

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 100
LogFile "{log}"
LogLevel Connect
PidFile "{scratch}/tinyproxy.pid"
DisableViaHeader Yes
"""

SQUID = """
http_port 127.0.0.1:{port}
pid_filename none
cache_log {folder}/log
access_log stdio:{folder}/access
cache deny all
cache_mem 8 MB
netdb_filename none
coredump_dir {folder}
hosts_file {folder}/hosts
shutdown_lifetime 0 seconds
max_filedescriptors 1024
cache_effective_user {user}
"""

SQUID_LOGIN = """
auth_param basic program {helper} {folder}/passwords
auth_param basic children 2 startup=1
auth_param basic realm tests
acl known proxy_auth REQUIRED
http_access deny !known
"""

FAILED = re.compile(r"^client connection 1 failed to connect: (.*)$", re.M)


class Proxy:
    """A running proxy and what it has logged."""

    def __init__(self, program, port, log):
        self.program = program
        self.port = port
        self.log = log

    def connects(self):
        """How often it was asked for a tunnel."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return len(re.findall(r"\bCONNECT \S", file.read()))
        except FileNotFoundError:
            return 0

    def environment(self, login="", prefix="http://", **more):
        """What a user sets to have it used."""
        return {**clean_environment(),
                "http_proxy": f"{prefix}{login}127.0.0.1:{self.port}", **more}


def tinyproxy(bench):
    """The group."""
    path = bench.needs("tinyproxy", "tinyproxy")
    if not path:
        return
    closed = free_port()
    for login in (False, True):
        def start(more="", login=login):
            return start_tinyproxy(bench, path, login, more)

        through(bench, "tinyproxy", start(), login)
        narrow = start(f"ConnectPort {closed}\n")
        denied(bench, "tinyproxy", narrow, login, closed + 1)
        unreachable(bench, "tinyproxy", narrow, login, closed)
        narrow.program.stop(15)


def start_tinyproxy(bench, path, login, more):
    log = os.path.join(bench.scratch, f"tinyproxy-log-{free_port()}")
    # it knows letters and digits only
    text = TINYPROXY + more + ("BasicAuth somebody Secret7\n" if login
                               else "")

    def command(port):
        conf = os.path.join(bench.scratch, "tinyproxy.conf")
        with open(conf, "w", encoding="ascii") as file:
            file.write(text.format(port=port, log=log, scratch=bench.scratch))
        return [path, "-d", "-c", conf]

    return Proxy(*bench.listening(command), log)


def squid(bench):
    """The group."""
    path = bench.needs("squid", "squid")
    if not path:
        return
    helper = find_helper()
    if not helper:
        bench.fails("squid can ask for passwords", "no basic_ncsa_auth")
        return
    closed = free_port()
    for login in (False, True):
        def start(more, login=login):
            return start_squid(bench, path, helper, login, more)

        proxy = start("http_access allow all\n")
        through(bench, "squid", proxy, login)
        named(bench, proxy, login)
        proxy.program.stop(15)
        proxy = start(f"acl port port {closed}\n"
                      "http_access allow port\nhttp_access deny all\n")
        denied(bench, "squid", proxy, login, closed + 1)
        unreachable(bench, "squid", proxy, login, closed)
        proxy.program.stop(15)


def find_helper():
    """Where distributions put it."""
    for folder in ("/usr/lib/squid", "/usr/lib64/squid", "/usr/libexec/squid",
                   "/usr/local/libexec/squid", "/opt/homebrew/opt/squid/"
                   "libexec"):
        path = os.path.join(folder, "basic_ncsa_auth")
        if os.access(path, os.X_OK):
            return path
    return None


def squid_folder():
    """A folder for it alone: started by root, it goes on as nobody."""
    folder = tempfile.mkdtemp(prefix="lws-squid-")
    atexit.register(leave, folder)
    user = pwd.getpwuid(os.geteuid())
    if user.pw_uid == 0:
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder, user.pw_name


def leave(folder):
    """Remove what it leaves behind, shared memory if it was killed."""
    shutil.rmtree(folder, True)
    for path in glob.glob(f"/dev/shm/{service(folder)}-*"):
        os.unlink(path)


def service(folder):
    """A name of its own, which squid wants to be letters and digits."""
    return "lws" + os.path.basename(folder)[-8:].encode().hex()


def start_squid(bench, path, helper, login, more):
    folder, user = squid_folder()
    files = {"hosts": "127.0.0.1 host.example.org other.example.net\n",
             "passwords": ""}
    if login:
        done = subprocess.run([bench.certs.openssl, "passwd", "-apr1",
                               PASSWORD], capture_output=True, text=True,
                              timeout=20)
        files["passwords"] = f"{USER}:{done.stdout}"
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(content)
    text = SQUID + (SQUID_LOGIN if login else "") + more
    conf = os.path.join(folder, "conf")

    def command(port):
        with open(conf, "w", encoding="ascii") as file:
            file.write(text.format(port=port, folder=folder, helper=helper,
                                   user=user))
        return [path, "-N", "-n", service(folder), "-f", conf]

    program, port = bench.listening(command, 30)
    return Proxy(program, port, os.path.join(folder, "access"))


def login_for(who, login):
    """user:password@ as it is written into http_proxy."""
    if not login:
        return ""
    return ENCODED if who == "squid" else "somebody:%53ecret7@"


def title(who, login):
    return who + (" with a password" if login else "")


def schemes(bench):
    """ws and wss: a name, options of the client, a running test-echo."""
    with bench.unsecured():
        plain = bench.test_echo()
    return [("ws", [], *plain),
            ("wss", ["--ssl", "--ssl-cert=" + bench.certs.path("ca")],
             *bench.test_echo())]


def echo_client(bench, host, port, options, env):
    return bench.run_plain([
        bench.program("test-echo"), "-c", host, f"--port={port}",
        "--ratems=50", *options], env)


def ping(bench, host, port, env, secure=False):
    return bench.run_plain([
        bench.program("test-ping"), host, f"--port={port}", "-i=0.05",
        "--protocol=default", *(["--ssl"] if secure else [])], env)


def through(bench, who, proxy, login):
    """Everything that gets there."""
    name = title(who, login)
    env = proxy.environment(login_for(who, login))
    for scheme, options, server, port in schemes(bench):
        with bench.case(f"{name}: {scheme} goes through and echoes"):
            before = proxy.connects()
            client = echo_client(bench, "0.0.0.0", port, options, env)
            client.wait_said("Client RX: hello")
            equal(client.stop(), 0, "the status")
            # squid writes of a tunnel when it ends, and of others late
            end = time.monotonic() + 5
            while proxy.connects() == before:
                check(time.monotonic() < end, "it was not asked for a tunnel")
                time.sleep(0.02)
        with bench.case(f"{name}: {scheme}, 20 connections and long messages"):
            running, other = mirror(bench, scheme)
            client = bench.run_plain([
                bench.program("test-ping"), "0.0.0.0", f"--port={other}",
                "-m", "-s=4096", "-r", "20", "-i=0.05",
                *(["--ssl"] if scheme == "wss" else [])], env)
            client.wait_said("req=30 ")
            equal(client.stop(), 0, "the status")
            running.stop()
        server.stop()
    if login:
        wrong_login(bench, who, proxy)


def mirror(bench, scheme):
    """A test-server for one scheme, with a certificate for either client."""
    if scheme == "ws":
        with bench.unsecured():
            return bench.test_server()
    bench.show("self")
    running = bench.test_server()
    bench.show("server")
    return running


def wrong_login(bench, who, proxy):
    """407, in words."""
    for what, login, hint in (("no", "", "user:password@"),
                              ("a wrong", "some:thing@", "another")):
        for secure in (False, True):
            scheme = "wss" if secure else "ws"
            with bench.case(f"{who}: {scheme} with {what} password is told so"):
                said = expect(ping(bench, "0.0.0.0", 9,
                                   proxy.environment(login), secure), proxy,
                              hint)
                # what tinyproxy says to a password it does not know
                check("407" in said or login and who == "tinyproxy"
                      and "401" in said, said)


def denied(bench, who, proxy, login, port):
    """403: not that port."""
    with bench.case(f"{title(who, login)}: a port it denies says 403"):
        expect(ping(bench, "0.0.0.0", port,
                    proxy.environment(login_for(who, login))), proxy, "403")


def unreachable(bench, who, proxy, login, port):
    """5xx: nobody is there."""
    with bench.case(f"{title(who, login)}: a server that is not there "
                    "says 5xx"):
        said = expect(ping(bench, "0.0.0.0", port,
                           proxy.environment(login_for(who, login)), True),
                      proxy)
        check(re.search(r"\b5\d\d\b", said), said)


def expect(client, proxy, *words):
    """It ends with 1 and one line with the proxy's name and these words."""
    equal(client.wait_end(10), 1, "the status")
    said = FAILED.findall(client.said())
    equal(len(said), 1, f"the lines in {client.said()!r}")
    for word in (f"127.0.0.1:{proxy.port}", *words):
        check(word in said[0], f"no {word!r} in {said[0]!r}")
    return said[0]


def named(bench, proxy, login):
    """Names that only the proxy knows, and certificates for them."""
    env = proxy.environment(login_for("squid", login), prefix="")
    for shown, host, why in (("wildcard", "host.example.org", None),
                             ("wrong", "other.example.net", "mismatch"),
                             ("wildcard", "other.example.net", "mismatch")):
        bench.show(shown)
        server, port = bench.test_echo()
        bench.show("server")
        with bench.case(f"{title('squid', login)}: {host} shows {shown}: "
                        + (why or "believed")):
            client = echo_client(
                bench, host, port,
                ["--ssl", "--ssl-cert=" + bench.certs.path("ca")], env)
            client.wait_said(why or "Client RX: hello")
            client.stop()
            check(why is None or "has connected" not in client.said(),
                  "it was believed")
        server.stop()
    with bench.case(f"{title('squid', login)}: a name nobody knows says 5xx"):
        said = expect(ping(bench, "nobody.invalid", 80, env), proxy)
        check(re.search(r"answered 5\d\d\b", said), said)

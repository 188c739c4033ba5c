# SPDX-License-Identifier: LGPL-2.1-only
"""Servers in the background, sockets from a service manager, good ends."""
import os
import shutil
import signal
import socket
import sys
import time

from harness import accepts, check, clean_environment, equal, free_port
from wire import CLOSE, MIRROR, NUMBERS, connect

SERVERS = ("test-server", "test-server-extpoll", "test-echo")

# Opens the port it is told, as descriptor 3, and becomes the program.
OPEN = """
import os, socket, sys
sock = socket.socket({family})
sock.bind({address})
{listen}
os.dup2(sock.fileno(), 3)
os.set_inheritable(3, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid() + {other})
os.execv(sys.argv[1], sys.argv[1:])
"""


def processes(bench):
    """All cases of the group."""
    if bench.configured("DAEMONIZE"):
        for name in SERVERS:
            daemons(bench, name)
    for name in SERVERS[:2]:
        given(bench, name)
        systemd(bench, name)
        told(bench, name)
        drains(bench, name)


# ---- in the background ----

def wait(what, condition, within=20):
    """Until the condition holds."""
    end = time.monotonic() + within
    while not condition():
        check(time.monotonic() < end, f"still not: {what}")
        time.sleep(0.02)


def contents(path):
    """Of a file, or None."""
    try:
        with open(path, encoding="ascii") as lock:
            return lock.read()
    except FileNotFoundError:
        return None


def daemon(bench, name, port, lock, *more):
    """Start one: the process it was started as."""
    argv = [bench.program(name), "-D", f"--lock={lock}", f"--port={port}",
            *more]
    if name != "test-echo":
        argv.append(f"--resource_path={bench.pages}")
    return bench.run(argv)


def daemons(bench, name):
    """--daemonize."""
    lock = os.path.join(bench.scratch, f"lock-{name}")
    port = free_port()
    pid = None
    try:
        with bench.case(f"{name} -D goes on in the background, exit 0"):
            program = daemon(bench, name, port, lock)
            equal(program.wait_end(), 0, "the exit status")
            pid = int(contents(lock))
            check(pid != program.pid, "it is the same process")
            wait("it listens", lambda: accepts(port))
            with connect(port):
                pass
        with bench.case(f"{name} -D refuses to run twice"):
            second = daemon(bench, name, free_port(), lock)
            equal(second.wait_end(), 1, "the exit status")
            check(f"Daemon already running from pid {pid}\n"
                  in second.said(), second.said())
        with bench.case(f"{name} -D ends on SIGTERM and its lock goes"):
            os.kill(pid, signal.SIGTERM)
            wait("the lock is gone", lambda: contents(lock) is None)
            wait("nobody listens", lambda: not accepts(port))
            pid = None
        with bench.case(f"{name} -D replaces the lock of a dead process"):
            dead = bench.run(["true"])
            dead.wait_end()
            with open(lock, "w", encoding="ascii") as stale:
                stale.write(str(dead.pid))
            program = daemon(bench, name, port, lock)
            equal(program.wait_end(), 0, "the exit status")
            check("Removing stale lock" in program.said(), program.said())
            pid = int(contents(lock))
            os.kill(pid, signal.SIGTERM)
            wait("the lock is gone", lambda: contents(lock) is None)
            pid = None
        with bench.case(f"{name} -D leaves other files alone"):
            with open(lock, "w", encoding="ascii") as other:
                other.write("a letter")
            program = daemon(bench, name, port, lock)
            equal(program.wait_end(), 1, "the exit status")
            check("holds no process id" in program.said(), program.said())
            equal(contents(lock), "a letter", "the contents")
            os.unlink(lock)
        with bench.case(f"{name} -D says where it may not write"):
            where = "/nonexistent/place/lock"
            program = daemon(bench, name, port, where)
            equal(program.wait_end(), 1, "the exit status")
            check(where in program.said(), program.said())
    finally:
        if pid:
            os.kill(pid, signal.SIGKILL)


# ---- a service manager ----

def activated(bench, name, address, family="socket.AF_INET", other=0,
              listen="sock.listen(8)", env=None):
    """Start it with a socket of that address."""
    code = OPEN.format(address=repr(address), family=family, other=other,
                       listen=listen)
    return bench.run([sys.executable, "-c", code, bench.program(name),
                      f"--port={free_port()}", "-r", bench.pages], env=env)


def given(bench, name):
    """LISTEN_FDS."""
    with bench.case(f"{name} serves the socket that it is given"):
        port = free_port()
        program = activated(bench, name, ("127.0.0.1", port))
        program.wait_said(f"http://localhost:{port}/")
        with connect(port, NUMBERS) as peer:
            equal(peer.text(), "0", "the first number")
        equal(program.stop(), 0, "the exit status")
    with bench.case(f"{name} serves a local socket that it is given"):
        path = os.path.join(bench.scratch, f"socket-{name}")
        program = activated(bench, name, path, "socket.AF_UNIX")
        program.wait_said("Serving the socket that was given")
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(10)
            peer.connect(path)
            peer.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            check(peer.recv(64).startswith(b"HTTP/1.1 200 "), "no page")
        equal(program.stop(), 0, "the exit status")
    with bench.case(f"{name} leaves alone what is for another process"):
        port = free_port()
        program = activated(bench, name, ("127.0.0.1", port), other=1)
        program.wait_said("Open http")
        check(f":{port}/" not in program.said(), program.said())
        equal(program.stop(), 0, "the exit status")
    with bench.case(f"{name} says when what it is given does not listen"):
        program = activated(bench, name, ("127.0.0.1", free_port()),
                            listen="")
        equal(program.wait_end(), 255, "the exit status")
        check("descriptor 3 is no stream socket" in program.said(),
              program.said())


def systemd(bench, name):
    """Its own tool, which starts the server when somebody comes."""
    activator = shutil.which("systemd-socket-activate")
    if not activator:
        print(f"# {name} is not started by systemd: its package is not here")
        return
    with bench.case(f"systemd's own tool starts {name}"):
        port = free_port()
        program = bench.run([activator, "-l", f"127.0.0.1:{port}",
                             bench.program(name), "-r", bench.pages])
        program.wait_said("Listening on ")
        with connect(port, NUMBERS) as peer:
            equal(peer.text(), "0", "the first number")
        check(f"http://localhost:{port}/" in program.said(), program.said())
        equal(program.stop(signal.SIGTERM), 0, "the exit status")


def told(bench, name):
    """NOTIFY_SOCKET, as a file and as a name."""
    path = os.path.join(bench.scratch, f"notify-{name}")
    for spelt, real in ((path, path),
                        (f"@lws-test-{os.getpid()}-{name}",
                         f"\0lws-test-{os.getpid()}-{name}")):
        with bench.case(f"{name} tells {spelt[0]}... that it is ready and "
                        "when it stops"), \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(real)
            manager.settimeout(10)
            program = bench.run(
                [bench.program(name), "-p0", "-r", bench.pages],
                env={**clean_environment(), "NOTIFY_SOCKET": spelt})
            equal(manager.recv(64), b"READY=1", "the first message")
            equal(program.stop(signal.SIGTERM), 0, "the exit status")
            equal(manager.recv(64), b"STOPPING=1", "the last message")


# ---- ends ----

def listening(bench, name):
    """A running server: program, port."""
    return bench.listening(lambda port: [
        bench.program(name), f"--port={port}", "-r", bench.pages])


def drains(bench, name):
    """SIGTERM."""
    with bench.case(f"{name} answers what has begun before SIGTERM"):
        program, port = listening(bench, name)
        with connect(port, MIRROR) as peer, \
                socket.create_connection(("127.0.0.1", port), 10) as late:
            late.sendall(b"GET /test.html HTTP/1.1\r\nHo")
            time.sleep(0.2)
            program.process.send_signal(signal.SIGTERM)
            opcode, _, data = peer.frame()
            equal((opcode, data), (CLOSE, b"\x03\xe9"), "the last frame")
            peer.send(CLOSE, data)
            wait("nobody listens", lambda: not accepts(port))
            check(program.process.poll() is None, "it has ended already")
            late.sendall(b"st: here\r\n\r\n")
            answer = b""
            while True:
                more = late.recv(65536)
                if not more:
                    break
                answer += more
            check(answer.startswith(b"HTTP/1.1 200 "), answer[:100])
            check(answer.rstrip().endswith(b"</html>"), answer[-100:])
        equal(program.wait_end(), 0, "the exit status")
    with bench.case(f"{name} is held up by nobody for ever"):
        program, port = listening(bench, name)
        with socket.create_connection(("127.0.0.1", port), 10) as stuck:
            stuck.sendall(b"POST / HTTP/1.1\r\nHost: here\r\n"
                          b"Content-Length: 1000000\r\n\r\n")
            time.sleep(0.2)
            equal(program.stop(signal.SIGTERM, 15), 0, "the exit status")
    for number in (signal.SIGTERM, signal.SIGINT):
        with bench.case(f"{name} does not wait after {number.name} again"):
            program, port = listening(bench, name)
            with socket.create_connection(("127.0.0.1", port), 10) as stuck:
                stuck.sendall(b"POST / HTTP/1.1\r\nHost: here\r\n"
                              b"Content-Length: 1000000\r\n\r\n")
                time.sleep(0.2)
                program.process.send_signal(signal.SIGTERM)
                wait("nobody listens", lambda: not accepts(port))
                equal(program.stop(number), 0, "the exit status")

# SPDX-License-Identifier: LGPL-2.1-only
"""What all groups share: cases, programs that are always stopped, free ports.

A case is one sentence that is true or not.  It prints one line, and it has a
time limit: nothing here can wait for ever.  Programs write into a log file of
their own, so that a case can look at what they said.
"""
import atexit
import contextlib
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from ports import free_port

SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"


# How much more time everybody has than a machine that is idle needs.
PATIENCE = 6

LATE = [0.0]  # seconds that we were kept waiting, in all


def watch_the_clock():
    """Note for how long this process does not get to run when it wants to."""
    while True:
        begin = time.monotonic()
        time.sleep(0.02)
        late = time.monotonic() - begin - 0.02
        if late > 0.005:
            LATE[0] += late


threading.Thread(target=watch_the_clock, daemon=True).start()

# What a shell starts in the background ignores ^C, and so does what that starts
# in turn; what we catch is back at its default in other programs.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Stopwatch:
    """How long something took, and whether it is the machine that was slow."""

    def __init__(self):
        self.begin = time.monotonic()
        self.late = LATE[0]

    def slack(self):
        """What a program may have lost, to whom we have lost some."""
        return 10 * (LATE[0] - self.late)

    def check(self, low, high):
        """It took at least @low seconds, and @high but for lost ones."""
        took = time.monotonic() - self.begin
        check(low <= took <= high + self.slack(), f"it took {took:.2f} s")


class Late(Exception):
    """A case has used up its time."""


def check(condition, why):
    """Fail the running case, with a reason, unless @condition holds."""
    if not condition:
        raise AssertionError(why)


def equal(got, want, what):
    """Fail the running case unless both are the same."""
    if got != want:
        raise AssertionError(f"{what} is {shown(got)}, not {shown(want)}")


def shown(value):
    """A value on one line, short enough to read."""
    text = repr(value)
    return text if len(text) <= 120 else text[:100] + f"... ({len(value)})"


def one_line(error):
    """An exception as the end of a 'not ok' line."""
    text = " ".join(str(error).split())
    name = type(error).__name__
    return text if text and name == "AssertionError" else f"{name} {text}"


def clean_environment():
    """Our own environment without proxies: everything here is local."""
    return {name: value for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")}


class Program:
    """A running program; stop() says how it ended."""

    def __init__(self, argv, log, env=None):
        self.argv = argv
        self.log = log
        self.env = env or clean_environment()
        self.status = None
        with open(log, "wb") as out:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env=self.env)

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        """Everything it has printed."""
        with open(self.log, "rb") as text:
            return text.read().decode("utf-8", "replace")

    def wait_said(self, word, within=10):
        """Wait until it has printed @word; what it has printed by then."""
        end = time.monotonic() + PATIENCE * within
        while word not in self.said():
            check(self.process.poll() is None or word in self.said(),
                  f"it ended before it said {word!r}: {self.last_words()}")
            check(time.monotonic() < end,
                  f"it has not said {word!r}: {self.last_words()}")
            time.sleep(0.02)
        return self.said()

    def wait_end(self, within=10):
        """Wait until it ends by itself; its exit status."""
        try:
            self.status = self.process.wait(PATIENCE * within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {within} s: "
                                 + self.last_words()) from None
        return self.status

    def stop(self, number=signal.SIGINT, within=10):
        """Ask it to end, then make it; its exit status."""
        if self.status is None and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.status = self.process.wait(PATIENCE * within)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"did not end within {within} s of "
                                     f"signal {int(number)}") from None
        self.status = self.process.returncode
        return self.status

    def kill(self):
        """End it whatever it takes; for the way out."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def last_words(self):
        lines = self.said().split("\n")
        return " | ".join(line for line in lines[-6:] if line)[-300:]


def has_ipv6():
    """Does this machine have an IPv6 loopback address?"""
    try:
        free_port(socket.AF_INET6)
    except OSError:
        return False
    return True


def accepts(port):
    """Does somebody accept connections there?"""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Bench:
    """The programs under test, a scratch directory, and the score."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        here = os.path.dirname(os.path.abspath(__file__))
        self.here = here
        self.source = os.path.dirname(os.path.dirname(here))
        self.pages = os.path.join(self.source, "test-server")
        self.passed = 0
        self.failed = 0
        self.programs = []
        self.scratch = tempfile.mkdtemp(prefix="lws-peers-")
        atexit.register(self.clean_up)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        signal.signal(signal.SIGALRM, self.on_alarm)

    @staticmethod
    def on_alarm(*_):
        raise Late("took too long")

    def clean_up(self):
        for program in self.programs:
            program.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def passes(self, name):
        self.passed += 1
        print(f"ok - {name}", flush=True)

    def fails(self, name, why):
        self.failed += 1
        print(f"not ok - {name}: {why}", flush=True)

    @staticmethod
    def skips(name, why):
        """What cannot be tried here; it counts as neither."""
        print(f"skip - {name}: {why}", flush=True)

    @contextlib.contextmanager
    def case(self, name, limit=20):
        """One test: passes when its body ends, fails when it raises."""
        signal.setitimer(signal.ITIMER_REAL, PATIENCE * limit)
        try:
            yield
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.passes(name)
        except Exception as error:  # every failure is a line, not an end
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.fails(name, one_line(error))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def needs(self, command, package):
        """The path of a tool, or None after a line that names its package."""
        path = shutil.which(command, path=SEARCH)
        if path is None:
            self.fails(f"{command} is there", f"install the package {package}")
        return path

    def program(self, name):
        """The path of a program of the build, whatever libtool did to it."""
        return os.path.join(self.build, "test-server", "libwebsockets-" + name)

    def has_programs(self, names):
        """Are these built?  It is a failure if not."""
        missing = [self.program(name) for name in names
                   if not os.access(self.program(name), os.X_OK)]
        if missing:
            self.fails("the programs are built", "no " + ", no ".join(missing))
        return not missing

    def group(self, name, module):
        """Run it; an accident in its preparations is a failure too."""
        try:
            function = name.replace("-", "_")
            getattr(importlib.import_module(module), function)(self)
        except ModuleNotFoundError as error:
            self.fails(f"Python finds the module {error.name}",
                       f"install the package python3-{error.name}")
        except Exception as error:  # a failure, not an end
            self.fails(f"the group {name} can run",
                       f"{type(error).__name__} {one_line(error)}")

    def configured(self, conditional):
        """Was the build configured to have this?"""
        with open(os.path.join(self.build, "config.status"),
                  encoding="utf-8") as status:
            return f'S["{conditional}_TRUE"]=""' in status.read()

    def versions(self):
        """The WebSocket versions that the build was configured to speak."""
        old = self.configured("OLD_DRAFTS")
        return [4, 5, 6, 7, 8, 13, 76] if old else [13]

    def run(self, argv, env=None):
        """Start a program whose end we look after."""
        log = os.path.join(self.scratch, f"log-{len(self.programs)}")
        program = Program(argv, log, env)
        self.programs.append(program)
        return program

    def listening(self, argv_for, within=15):
        """Start argv_for(port) and wait for it to accept: program, port."""
        for attempt in range(3):
            port = free_port()
            program = self.run(argv_for(port))
            end = time.monotonic() + PATIENCE * within
            while time.monotonic() < end:
                if program.process.poll() is not None:
                    break
                if accepts(port):
                    return program, port
                time.sleep(0.02)
            program.kill()
            if attempt == 2 or program.process.returncode in (126, 127):
                break
        raise AssertionError(f"{os.path.basename(argv_for(0)[0])} does not "
                             f"listen: {program.last_words()}")

    def test_server(self, *options, pages=None, name="test-server"):
        """A running libwebsockets-test-server: program, port."""
        return self.listening(lambda port: [
            self.program(name), f"--port={port}",
            f"--resource_path={pages or self.pages}", *options])

    def test_echo(self, *options):
        """A running libwebsockets-test-echo server: program, port."""
        return self.listening(lambda port: [
            self.program("test-echo"), f"--port={port}", *options])

    def ends_cleanly(self, program, name):
        """The case that ends a server: ^C, status 0, no sanitizer report."""
        with self.case(f"{name} ends cleanly on ^C"):
            equal(program.stop(), 0, "its exit status after: "
                  + program.last_words() + " -")
            check("ERROR: " not in program.said(), program.last_words())

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0

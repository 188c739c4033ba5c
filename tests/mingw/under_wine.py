# SPDX-License-Identifier: LGPL-2.1-only
"""A Windows in a scratch directory, and programs that run in it.

wine runs as if nothing of the user's were there: a prefix of its own, no
display, no debugging output.  ^C is a signal to wine, which makes of it what
Windows makes of the key.
"""
import os
import re
import shutil
import subprocess

from harness import Bench, Program, clean_environment

# what Windows itself has
SYSTEM = {"bcrypt.dll", "iphlpapi.dll", "kernel32.dll", "msvcrt.dll",
          "ws2_32.dll", "advapi32.dll", "user32.dll"}
OBJDUMP = "x86_64-w64-mingw32-objdump"


def imports(path):
    """The DLLs that a file wants."""
    said = subprocess.run([OBJDUMP, "-p", path], capture_output=True,
                          text=True, check=True).stdout
    return re.findall(r"DLL Name: (\S+)", said)


def windows_lines(text):
    """What a program printed, with line ends as they are here."""
    return text.replace("\r\n", "\n")


class WineProgram(Program):
    """One that runs in wine."""

    def said(self):
        return windows_lines(super().said())


class Wine:
    """The Windows: where programs lie, and how to start them."""

    def __init__(self, bench, build):
        self.bench = bench
        self.folder = os.path.join(bench.scratch, "bin")
        self.env = clean_environment()
        self.env.update(WINEPREFIX=os.path.join(bench.scratch, "wine"),
                        WINEDEBUG="-all", WINEDLLOVERRIDES="mscoree,mshtml=",
                        LC_ALL="C.UTF-8")  # or files have no such names
        self.env.pop("DISPLAY", None)
        self.gather(build)

    def gather(self, build):
        """Programs and their DLLs, side by side as on a Windows."""
        os.mkdir(self.folder)
        for part in ("test-server", "lib", "tests/mingw"):
            for place in (part, os.path.join(part, ".libs")):
                self.copy(os.path.join(build, place))
        gcc = subprocess.run(
            ["x86_64-w64-mingw32-gcc", "-print-file-name=zlib1.dll"],
            capture_output=True, text=True, check=True).stdout.strip()
        if os.path.isabs(gcc):
            shutil.copy(gcc, self.folder)

    def copy(self, place):
        """What is for Windows; what libtool keeps in .libs is the better."""
        for name in os.listdir(place) if os.path.isdir(place) else ():
            if name.endswith((".exe", ".dll")):
                shutil.copy(os.path.join(place, name), self.folder)

    def boot(self):
        """Make the prefix; once."""
        return subprocess.run(["wineboot", "-i"], env=self.env, timeout=300,
                              stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode

    def shut(self):
        """Nothing of it goes on."""
        subprocess.run(["wineserver", "-k"], env=self.env, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def path(self, name):
        """Of a file in the folder of the programs."""
        return os.path.join(self.folder, name)

    def argv(self, name, *args):
        """How to start one of ours."""
        return ["wine", self.path(f"libwebsockets-{name}.exe"), *args]

    def run(self, name, *args):
        """Start it; its end is looked after."""
        return self.bench.run_in(self, self.argv(name, *args))

    def ended(self, argv):
        """Run to the end: status, stdout, stderr."""
        done = subprocess.run(argv, env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=100, check=False)
        return (done.returncode, windows_lines(done.stdout.decode()),
                windows_lines(done.stderr.decode()))


class Both(Bench):
    """Programs of a native build, and those that run in wine."""

    def run_in(self, wine, argv):
        """A program in wine whose end we look after."""
        log = os.path.join(self.scratch, f"log-{len(self.programs)}")
        program = WineProgram(argv, log, wine.env)
        self.programs.append(program)
        return program

    def run(self, argv, env=None):
        """wine is told where its Windows is."""
        if argv[0] == "wine":
            return self.run_in(self.wine, argv)
        return super().run(argv, env)

    def start_wine(self, build):
        """The Windows with the programs of @build."""
        self.wine = Wine(self, build)
        return self.wine

    def clean_up(self):
        if hasattr(self, "wine"):
            self.wine.shut()
        super().clean_up()

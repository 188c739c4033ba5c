# SPDX-License-Identifier: LGPL-2.1-only
"""What a mingw build promises, tried under wine."""
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("peers", "programs"):
    sys.path.append(os.path.join(HERE, "..", folder))

from harness import Bench, check, equal  # noqa: E402
from under_wine import SYSTEM, Both, imports  # noqa: E402

PROGRAMS = ("test-server", "test-server-extpoll", "test-client", "test-echo",
            "test-fraggle")
GROUPS = ("win_server", "win_client", "win_echo", "win_fraggle")


def built(bench, wine):
    """What lies there is what was promised."""
    with bench.case("the programs are there, but for test-ping"):
        there = os.listdir(wine.folder)
        for name in PROGRAMS:
            check(f"libwebsockets-{name}.exe" in there, f"no {name}.exe")
        check("libwebsockets-test-ping.exe" not in there, "test-ping is there")
    zlib = {"zlib1.dll"} if bench.compresses else set()
    with bench.case("the DLL wants nothing but the system"
                    + " and zlib" * len(zlib)):
        wanted = imports(wine.path("libwebsockets.dll"))
        equal([name for name in wanted
               if name.lower() not in SYSTEM | zlib], [], "the rest")
    for name in PROGRAMS:
        with bench.case(f"{name}.exe wants our DLL and the system"):
            wanted = imports(wine.path(f"libwebsockets-{name}.exe"))
            check("libwebsockets.dll" in wanted, f"it wants {wanted}")
            equal([one for one in wanted if one.lower() not in
                   SYSTEM | {"libwebsockets.dll"}], [], "the rest")


def system(bench, wine):
    """The functions that the library wants of a system, each by itself."""
    program = wine.path("plat.exe")
    if not os.path.exists(program):
        bench.fails("plat.exe is there", "make builds it in tests/")
        return
    status, out, err = wine.ended(["wine", program])
    for line in out.splitlines():
        word, _, name = line.partition(" - ")
        if word == "ok":
            bench.passes(name)
        elif word == "not ok":
            bench.fails(*name.split(": ", 1) if ": " in name else (name, ""))
    with bench.case("plat.exe comes to its end"):
        equal(status, 0, f"the exit status after {out[-200:]}{err[-200:]}")


def main(windows, native):
    """Run all of it; the exit status."""
    bench = Both(native)
    bench.compresses = Bench(windows).configured("EXTENSIONS")
    wine = bench.start_wine(windows)
    built(bench, wine)
    with bench.case("wine begins", limit=60):
        equal(wine.boot(), 0, "the exit status of wineboot")
    system(bench, wine)
    for name in GROUPS:
        try:
            module = importlib.import_module(name)
            getattr(module, name)(bench, wine)
        except Exception as error:  # an accident is a failure, not an end
            bench.fails(f"the group {name} can run", f"{type(error).__name__} "
                        + " ".join(str(error).split()))
    return bench.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))

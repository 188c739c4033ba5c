# SPDX-License-Identifier: LGPL-2.1-only
"""Messages, or lists of fragments, that must come back as they are."""
import random


def samples():
    """Every kind and size."""
    for length in (0, 1, 125, 126, 127, 4096, 65535, 65536, 1 << 20):
        yield "t" * length
        yield bytes(n & 255 for n in range(length))
    yield random.Random(1).randbytes(65537)
    yield "\u00e5\u20ac\U0001f600" * 3000
    yield ["one", "", "\u00e5" * 50000, "three"]
    yield [b"one", b"", b"\0" * 50000, b"three"]
    # short only for who remembers 8000 octets of earlier messages
    for _ in range(2):
        yield random.Random(2).randbytes(8000)


def whole(sample):
    """The message that is sent in these fragments."""
    return type(sample[0])().join(sample) if isinstance(sample, list) \
        else sample

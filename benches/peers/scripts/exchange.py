"""Roaring files both ways with pyroaring: `exchange.py write FOLDER` writes the files that tests/stores holds, and
`exchange.py read FILE` prints what is in a file that the crate wrote, as its size and a sum that depends on order."""

import sys
from pathlib import Path

from pyroaring import BitMap


def sparse() -> BitMap:
    """Arrays: every 97th row of a million."""
    return BitMap(range(0, 1_000_000, 97))


def dense() -> BitMap:
    """Bitmaps: two of three rows."""
    return BitMap(row for row in range(300_000) if row % 3)


def runs() -> BitMap:
    """Runs: whole blocks, the last row of 32 bits among them."""
    found = BitMap(range(10, 70_000)) | BitMap(range(131_072, 262_144)) | BitMap([2**32 - 1])
    found.run_optimize()
    return found


def summed(bitmap: BitMap) -> int:
    total = 0
    for row in bitmap:
        total = (total * 31 + row) % 2**64
    return total


match sys.argv[1:]:
    case ["write", folder]:
        for make in (sparse, dense, runs):
            (Path(folder) / f"pyroaring-{make.__name__}.bin").write_bytes(make().serialize())
    case ["read", *files]:
        for file in files:
            found = BitMap.deserialize(Path(file).read_bytes())
            print(Path(file).name, len(found), summed(found))
    case _:
        sys.exit(__doc__)

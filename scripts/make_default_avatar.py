"""Draws the default avatar and writes its bundle: `python -m scripts.make_default_avatar`.

Needs the extra `avatar`; takes a few minutes on one core. The same code writes the same bytes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2

from scripts.default_avatar.bundle import write
from scripts.default_avatar.contact import write_sheet

_DEFAULT = Path(__file__).parent.parent / "data" / "avatars" / "default"


def main() -> None:
    """Read the command line, write the folder, say how large it became."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=_DEFAULT)
    parser.add_argument("--sheet", type=Path, help="also paint a contact sheet into this picture file")
    arguments = parser.parse_args()
    folder = arguments.folder
    cv2.setNumThreads(1)
    begin = time.monotonic()
    write(folder)
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size / 1e6:8.3f} MB  {file.name}")
    print(f"{time.monotonic() - begin:8.1f} s")
    if arguments.sheet:
        write_sheet(folder, arguments.sheet)


if __name__ == "__main__":
    main()

"""The program that makes one avatar: `python -m livetalk.creation.worker`, spoken to through its pipes.

It draws previews of avatars, too. Foreign media are decoded here and nowhere else: what crashes, hangs or
grows is this process.

    in    an `Order` as one line of JSON, once; the end of the input ends the program at once
    out   lines of JSON, one `Told` each, until `done` or `failed`

Whatever libraries print goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import cv2
from pydantic import BaseModel, ConfigDict

from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import write_thumbnail
from livetalk.creation.acting import add_action
from livetalk.creation.create import create
from livetalk.creation.limits import Limits
from livetalk.creation.preview import preview
from livetalk.creation.watch import Doubt, DoubtKind, Step, Watch
from livetalk.creation.workshop import Workshop
from livetalk.errors import LivetalkError

NICE = 10
"""live sessions come first"""
EVERY_SHARE = 0.01
"""of a step, after which it is told again"""


class Order(BaseModel):
    """What is to be made of what, where."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Path
    folder: Path
    """exists, empty; its name becomes the avatar's id"""
    scratch: Path
    """exists, empty; pictures of doubts stay in it"""
    recipe: Recipe
    models: Path
    device: str
    limits: Limits
    action: str = ""
    """the name of an action that the bundle in `folder` is to get; "" for a bundle made anew"""
    sound: bool = False
    """keep the action's own"""
    preview: bool = False
    """draw what would be redrawn of the face, as a picture in `folder`, and make nothing"""


class Told(BaseModel):
    """One line of what comes back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["step", "doubt", "done", "failed"]
    step: Step | None = None
    share: float = 0.0
    doubt: DoubtKind | None = None
    text: str = ""
    """of a doubt, or why it failed"""
    picture: str = ""
    """of a doubt: a file's name in the scratch folder"""


class _Teller:
    """The worker's watch: writes lines."""

    def __init__(self, out: IO[str], scratch: Path) -> None:
        self._out = out
        self._scratch = scratch
        self._told: dict[Step, float] = {}
        self._doubts = 0

    def step(self, step: Step, share: float) -> None:
        if step != "convert":  # what is foreign was read
            lift_memory_limit()
        if share >= 1 or share - self._told.get(step, -1.0) >= EVERY_SHARE:
            self._told[step] = share
            self.tell(Told(kind="step", step=step, share=share))

    def doubt(self, doubt: Doubt) -> None:
        name = ""
        if doubt.picture is not None:
            self._doubts += 1
            name = f"doubt-{self._doubts}.jpg"
            write_thumbnail(self._scratch / name, doubt.picture)
        self.tell(Told(kind="doubt", doubt=doubt.kind, text=doubt.text, picture=name))

    def tell(self, told: Told) -> None:
        self._out.write(told.model_dump_json(exclude_defaults=True) + "\n")
        self._out.flush()


def main() -> int:
    """Make what the first line of standard input orders; the exit status is 0 where it was made."""
    line = sys.stdin.readline()
    if not line:
        return 1
    order = Order.model_validate(json.loads(line))
    threading.Thread(target=_end_with_input, name="input", daemon=True).start()
    with _own_output() as out:
        teller = _Teller(out, order.scratch)
        cv2.setNumThreads(1)
        limit(order.limits)
        try:
            shop = Workshop(order.scratch, order.models, order.device, order.limits)
            _do(order, shop, teller)
        except LivetalkError as error:
            teller.tell(Told(kind="failed", text=str(error)))
        except MemoryError:
            teller.tell(
                Told(kind="failed", text="it takes more memory than making an avatar may; scale it down")
            )
        except OSError as error:
            teller.tell(Told(kind="failed", text=f"its files cannot be written: {error.strerror or error}"))
        else:
            teller.tell(Told(kind="done"))
            return 0
    return 1


def _do(order: Order, shop: Workshop, watch: Watch) -> None:
    source, folder, recipe = order.source, order.folder, order.recipe
    if order.preview:
        preview(source, folder, recipe, shop, watch)
    elif order.action:
        add_action(source, folder, order.action, recipe, shop, watch, sound=order.sound)
    else:
        create(source, folder, recipe, shop, watch)


def _end_with_input() -> None:
    """Who ordered this is gone, or wants it no more."""
    while sys.stdin.read(1):
        pass
    os._exit(1)


@contextmanager
def _own_output() -> Iterator[IO[str]]:
    """Standard output for our lines alone: what libraries print there goes to stderr."""
    own = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(own, "w", encoding="utf-8") as out:
        yield out


if sys.platform == "win32":

    def limit(limits: Limits) -> None:
        """Windows has no such limits; the time is kept by who ordered it."""

    def lift_memory_limit() -> None:
        """Nothing was limited."""

else:
    import resource

    def limit(limits: Limits) -> None:
        """Keep within memory and disk, and behind those who are talked with."""
        os.nice(NICE)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limits.media_memory, hard))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.disk, limits.disk))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def lift_memory_limit() -> None:
        """Networks take address space by the dozen gigabytes; no foreign media are read beside them."""
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())

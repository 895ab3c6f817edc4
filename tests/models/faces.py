"""A set of models as small as can be, shaped as those of MuseTalk."""

from __future__ import annotations

import io
import json

import torch

from livetalk.models.catalogue import File, ModelSet, Need
from tests.models.hub_server import HubServer

CONFIG = json.dumps({"act_fn": "silu"}).encode()


def checkpoint(seed: int, count: int = 3000) -> bytes:
    """A file of random weights, some kilobytes of them."""
    file = io.BytesIO()
    weights = torch.randn(count, generator=torch.Generator().manual_seed(seed))
    torch.save({"weight": weights}, file)
    return file.getvalue()


UNET, WHISPER = checkpoint(1), checkpoint(2)


def publish(server: HubServer) -> ModelSet:
    """The set, its files on the server; the sum of one is known to the hub alone."""
    config = server.add("musetalkV15/musetalk.json", CONFIG)
    unet = server.add("musetalkV15/unet.pth", UNET)
    whisper = server.add("whisper/pytorch_model.bin", WHISPER, known=False)
    own = (Need((config,)), Need((File("musetalkV15/unet.safetensors"), unet)))
    return ModelSet("musetalk", "MuseTalk", own, (Need((whisper,)),))

"""The face parser with random numbers, in a file such as is published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from livetalk.engines.musetalk.bisenet import FILE, BiSeNet, Parser
from livetalk.engines.musetalk.boxes import Box
from livetalk.errors import ModelError
from tests.engines.musetalk import mira

CPU = torch.device("cpu")
PUBLISHED_BYTES = 53_289_463
HEAD = 128 * 64 * 9 + 4 * 64 + 64 * 19
"""numbers in each of the two outputs that only training needs"""
AROUND = Box(120, 90, 400, 370)


def published(seed: int = 4) -> dict[str, torch.Tensor]:
    """A state dict with what training leaves in it."""
    torch.manual_seed(seed)
    state = dict(BiSeNet().state_dict())
    for name in [name for name in state if name.endswith("running_var")]:
        state[name.replace("running_var", "num_batches_tracked")] = torch.tensor(79_999)
    for part in ("conv_out16", "conv_out32"):
        state[f"{part}.conv_out.weight"] = torch.zeros(19, 64, 1, 1)
    return state


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / FILE
    path.parent.mkdir()
    torch.save(published(), path, _use_new_zipfile_serialization=False)
    return path


def test_it_is_as_large_as_the_published_network() -> None:
    state = BiSeNet().state_dict()
    assert {"cp.resnet.layer4.0.downsample.1.running_mean", "cp.arm16.bn_atten.weight"} < state.keys()
    assert {"cp.conv_avg.conv.weight", "ffm.conv1.weight", "conv_out.conv_out.weight"} < state.keys()
    numbers = sum(tensor.numel() for tensor in state.values()) + 2 * HEAD
    assert 0 < PUBLISHED_BYTES - 4 * numbers < 50_000  # names and shapes


def test_each_pixel_is_what_scores_most(path: Path) -> None:
    parser, picture = Parser(path, CPU), mira.colours(mira.footage(1).pictures[0])
    labels = parser.parse(picture, AROUND)
    assert labels.shape == (512, 512)
    assert labels.max() < 19
    assert len(np.unique(labels)) > 1
    moved = np.roll(picture, (7, -5), (0, 1))
    assert np.array_equal(parser.parse(moved, AROUND.moved(5, -7)), labels)


def test_beyond_the_picture_is_black(path: Path) -> None:
    parser, picture = Parser(path, CPU), mira.colours(mira.footage(1).pictures[0])
    framed = np.zeros((712, 712, 3), np.uint8)
    framed[100:612, 100:612] = picture
    outside = Box(-60, 300, 250, 610)
    assert np.array_equal(parser.parse(picture, outside), parser.parse(framed, outside.moved(-100, -100)))


def test_red_is_not_blue(path: Path) -> None:
    parser, picture = Parser(path, CPU), mira.colours(mira.footage(1).pictures[0])
    swapped = np.ascontiguousarray(picture[..., ::-1])
    assert not np.array_equal(parser.parse(picture, AROUND), parser.parse(swapped, AROUND))


def test_a_file_that_is_another_networks_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.parent.mkdir()
    state = published()
    del state["ffm.conv1.weight"]
    torch.save(state, path)
    with pytest.raises(ModelError, match=r"ffm\.conv1\.weight is missing.*move it away"):
        Parser(path, CPU)
    path.write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be read as weights"):
        Parser(path, CPU)

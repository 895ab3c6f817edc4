"""The face parser with random numbers, in a file such as is published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from livetalk.engines.musetalk.bisenet import BiSeNet, Parser
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.files import PARSER as FILE
from livetalk.errors import ModelError
from tests.engines.musetalk import mira

CPU = torch.device("cpu")
PUBLISHED_BYTES = 53_289_463
HEAD = 128 * 64 * 9 + 4 * 64 + 64 * 19
"""numbers in each of the two outputs that only training needs"""
SCORES = [
    [-0.001118, 0.008134, 0.028736],
    [0.030974, 0.031968, -0.000477],
    [-0.017165, -0.04596, -0.037548],
    [-0.111981, -0.115114, -0.099941],
    [0.115809, 0.1042, 0.069762],
    [-0.03768, -0.051619, -0.032716],
    [0.004407, -0.006714, -0.009404],
]
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


def test_scores_are_those_of_the_published_code() -> None:
    """Its outputs with these weights: face-parsing.PyTorch's `model.py`, run once."""
    network = BiSeNet().eval()
    state = published()
    drawing = torch.Generator().manual_seed(5)
    for name, tensor in network.state_dict().items():
        if ".bn" in name or "downsample.1" in name:
            drawn = torch.rand(tensor.shape, generator=drawing)
            state[name] = drawn + 0.5 if name.endswith(("weight", "var")) else drawn * 0.2 - 0.1
    network.load_state_dict({name: state[name] for name in network.state_dict()})
    rows, columns = torch.meshgrid(torch.arange(96.0), torch.arange(64.0), indexing="ij")
    pictures = torch.stack((torch.sin(rows / 7), torch.cos(columns / 5), torch.sin(rows * columns / 90)))
    with torch.inference_mode():
        scores = network(pictures[None])[0]
    assert scores.shape == (19, 96, 64)
    assert torch.allclose(scores[::3, 10::40, 50], torch.tensor(SCORES), atol=1e-5)


def test_a_picture_is_normalized_as_imagenets_are(path: Path) -> None:
    picture = mira.colours(mira.footage(1).pictures[0])
    network = BiSeNet().eval()
    network.load_state_dict({name: published()[name] for name in network.state_dict()})
    levels = torch.from_numpy(picture[..., ::-1].copy()).permute(2, 0, 1).contiguous() / 255
    mean, deviation = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    with torch.inference_mode():
        scores = network(((levels - mean[:, None, None]) / deviation[:, None, None])[None])
    expected = scores[0].argmax(0).numpy()
    assert (Parser(path, CPU).parse(picture, Box(0, 0, 512, 512)) == expected).mean() > 0.999


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

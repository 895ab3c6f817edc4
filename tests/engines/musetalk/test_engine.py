"""The engine with small random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from livetalk.avatar.bundle import open_bundle
from livetalk.engines.musetalk.engine import CONTEXT_MS, MuseTalkAvatar, MuseTalkEngine
from livetalk.engines.musetalk.hearing import CONTEXT_MS as NEEDED_MS
from livetalk.engines.musetalk.importing import import_folder
from livetalk.errors import AvatarError, EngineError, ModelError
from livetalk.protocols import LipJob
from livetalk.types import FRAME_SAMPLES

FOLDER = Path(__file__).parent / "goldens" / "avatar_livetalking_syn"


@pytest.fixture(scope="module")
def avatars(engine: MuseTalkEngine, tmp_path_factory: pytest.TempPathFactory) -> list[MuseTalkAvatar]:
    folder = tmp_path_factory.mktemp("avatars")
    opened = []
    for name in ("one", "other"):
        import_folder(FOLDER, folder / name, folder / "cache")
        opened.append(engine.open_avatar(open_bundle(folder / name, folder / "cache")))
    opened[1].latents.mul_(-1)
    return opened


def windows(engine: MuseTalkEngine, pictures: int) -> list[torch.Tensor]:
    stream = engine.features()
    pcm = np.random.default_rng(3).normal(0, 2500, pictures * FRAME_SAMPLES).astype(np.int16)
    return [*stream.push(pcm), *stream.flush()]


def test_sound_becomes_faces_that_are_pasted_into_the_body(
    engine: MuseTalkEngine, avatars: list[MuseTalkAvatar]
) -> None:
    heard = windows(engine, 3)
    faces = engine.infer([LipJob(window, pose, avatars[0]) for pose, window in enumerate(heard)])
    assert len(faces) == len(heard) == 3
    for pose, face in enumerate(faces):
        body, picture = avatars[0].bundle.picture(pose), engine.paste(face, pose, avatars[0])
        assert picture.shape == body.shape
        assert (picture != body).any()
        assert np.array_equal(engine.paste(engine.ease(face, 0.0), pose, avatars[0]), body)


def test_a_whole_recording_has_a_window_for_each_started_picture(engine: MuseTalkEngine) -> None:
    pcm = np.random.default_rng(3).normal(0, 2500, 3 * FRAME_SAMPLES).astype(np.int16)
    whole = torch.stack([*engine.listen(pcm)])
    assert whole.shape == (3, 50, 384)
    started = torch.stack([*engine.listen(pcm[: 2 * FRAME_SAMPLES + 1])])
    filled = torch.stack([*engine.listen(np.where(np.arange(len(pcm)) > 2 * FRAME_SAMPLES, 0, pcm))])
    assert torch.equal(started, filled.to(started.dtype))


def test_two_avatars_share_a_batch_and_get_their_own_faces(
    engine: MuseTalkEngine, avatars: list[MuseTalkAvatar]
) -> None:
    (window,) = windows(engine, 1)
    alone = [engine.infer([LipJob(window, 0, avatar)])[0].picture for avatar in avatars]
    together = [face.picture for face in engine.infer([LipJob(window, 0, avatar) for avatar in avatars])]
    for one, other in zip(alone, together, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1
    assert np.abs(together[0].astype(int) - together[1]).mean() > 1


def test_numbers_that_are_no_picture_end_the_batch_with_a_clear_error(
    engine: MuseTalkEngine, avatars: list[MuseTalkAvatar]
) -> None:
    (window,) = windows(engine, 1)
    with pytest.raises(EngineError, match="no picture"):
        engine.infer([LipJob(window * float("nan"), 0, avatars[0])])
    assert len(engine.infer([LipJob(window, 0, avatars[0])])) == 1


def test_an_avatar_of_another_version_is_refused(engine: MuseTalkEngine, tmp_path: Path) -> None:
    import_folder(FOLDER, tmp_path / "old", tmp_path / "cache", "v10")
    with pytest.raises(AvatarError, match=r"made for MuseTalk v10, v15 is loaded"):
        engine.open_avatar(open_bundle(tmp_path / "old", tmp_path / "cache"))


def test_without_weights_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing; bring it with"):
        MuseTalkEngine().load(tmp_path, "cpu")


def test_a_device_that_there_is_not_is_named(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(ModelError, match="device cuda cannot be used"):
        MuseTalkEngine().load(tmp_path, "cuda")


def test_before_it_is_loaded_it_says_so() -> None:
    with pytest.raises(ModelError, match="not loaded"):
        MuseTalkEngine().features()


def test_it_promises_the_context_that_it_needs() -> None:
    assert CONTEXT_MS == NEEDED_MS

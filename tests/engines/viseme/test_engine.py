from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.engines.viseme.shape import JAW, PARAMETERS, REST
from livetalk.errors import AvatarError, ModelError
from livetalk.protocols import LipJob
from livetalk.types import FRAME_SAMPLES
from tests.fakes import bundle as fake_bundle

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> AvatarBundle:
    return open_bundle(ROOT / "data" / "avatars" / "default", tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def engine() -> VisemeEngine:
    engine = VisemeEngine()
    engine.load(ROOT / "models", "cpu")
    return engine


def test_silence_infers_a_mouth_at_rest_that_paints_the_idle_picture(
    engine: VisemeEngine, bundle: AvatarBundle
) -> None:
    avatar = engine.open_avatar(bundle)
    stream = engine.features()
    windows = [*stream.push(np.zeros(20 * FRAME_SAMPLES, np.int16)), *stream.flush()]
    mouths = engine.infer([LipJob(window, pose, avatar) for pose, window in enumerate(windows)])
    assert [mouth.shape for mouth in mouths] == [(len(PARAMETERS),)] * 20
    assert max(float(mouth[JAW]) for mouth in mouths[5:]) < 0.05
    assert np.array_equal(engine.paste(REST, 7, avatar), bundle.picture(7))


@pytest.mark.parametrize("samples", [1, FRAME_SAMPLES, 7 * FRAME_SAMPLES + 1, 50_000])
def test_a_whole_recording_has_the_windows_of_the_stream_one_for_each_started_picture(
    engine: VisemeEngine, samples: int
) -> None:
    pcm = np.random.default_rng(5).normal(0, 3000, samples).astype(np.int16)
    stream = engine.features()
    streamed = [*stream.push(pcm), *stream.flush()]
    assert len(streamed) == -(-samples // FRAME_SAMPLES)
    for one, other in zip(engine.listen(pcm), streamed, strict=True):
        assert np.array_equal(one, other)


def test_an_eased_mouth_is_between_itself_and_rest(engine: VisemeEngine) -> None:
    mouth = np.full(len(PARAMETERS), 0.8, np.float32)
    assert np.array_equal(engine.ease(mouth, 1.0), mouth)
    assert np.array_equal(engine.ease(mouth, 0.0), REST)
    assert np.allclose(engine.ease(mouth, 0.5), 0.4)


def test_an_avatar_that_was_prepared_for_others_is_refused(engine: VisemeEngine) -> None:
    with pytest.raises(AvatarError, match="but for: fake"):
        engine.open_avatar(fake_bundle())


def test_an_engine_that_was_not_loaded_says_so(bundle: AvatarBundle) -> None:
    engine = VisemeEngine()
    avatar = engine.open_avatar(bundle)
    window = next(iter(engine.features().push(np.zeros(20 * FRAME_SAMPLES, np.int16))))
    with pytest.raises(ModelError, match="load"):
        engine.infer([LipJob(window, 0, avatar)])


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lips\.onnx"):
        VisemeEngine().load(tmp_path, "cpu")

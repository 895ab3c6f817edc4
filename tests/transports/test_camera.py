from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from livetalk.errors import OutputError
from livetalk.protocols import OutputOptions, VideoFormat
from livetalk.registry import make_output
from livetalk.transports.camera import CameraOutput
from livetalk.types import planes
from tests.transports.local.cast import OPTIONS, WHITE, NotedCamera, Tones, broadcast
from tests.waiting import until

pyvirtualcam = pytest.importorskip("pyvirtualcam")


@pytest.fixture(autouse=True)
def _camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The only camera of this machine is one that notes what it is sent."""
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("noted", NotedCamera)
    monkeypatch.setattr("livetalk.transports.local.again.FIRST_S", 0.05)
    NotedCamera.sent, NotedCamera.opened, NotedCamera.closed, NotedCamera.broken = [], [], 0, ""
    yield
    assert NotedCamera.closed == len(NotedCamera.opened), "each camera that was opened is closed"


def test_the_camera_gets_the_pictures_as_they_are() -> None:
    timeline = Tones(bursts=False)
    with broadcast(timeline) as cast:
        output = make_output("camera:studio", OPTIONS)
        assert isinstance(output, CameraOutput)
        output.start(cast)
        until(lambda: len(NotedCamera.sent) >= 5)
        assert output.status().state == "live"
        output.stop()
    expected = timeline.commit(0).picture.reshape(-1)
    assert all(np.array_equal(frame, expected) for _, frame in NotedCamera.sent)
    assert (output.status().state, output.status().ticks) == ("stopped", len(NotedCamera.sent))


def test_it_is_sent_each_tick_when_it_is_due() -> None:
    timeline = Tones(bursts=False)
    with broadcast(timeline) as cast:
        output = make_output("camera", OPTIONS)
        output.start(cast)
        until(lambda: len(NotedCamera.sent) >= 30)
        output.stop()
    late = [(at - timeline.start_time()) % 0.04 for at, _ in NotedCamera.sent]
    assert np.median(late) < 0.01


def test_a_face_of_another_shape_gets_bars_since_a_camera_keeps_its_size() -> None:
    timeline = Tones(bursts=False)
    with broadcast(timeline) as cast:
        output = make_output("camera", OPTIONS)
        output.start(cast)
        until(lambda: len(NotedCamera.sent) >= 3)
        timeline.size = (96, 128)
        at = len(NotedCamera.sent)
        until(lambda: len(NotedCamera.sent) >= at + 5)
        output.stop()
    assert set(NotedCamera.opened[1:]) == {(64, 48)}
    luma = planes(NotedCamera.sent[-1][1].reshape(72, 64))[0]
    assert set(np.unique(luma[:, :12])) == set(np.unique(luma[:, -12:])) == {16}
    assert set(np.unique(luma[:, 16:48])) == {WHITE}


@pytest.mark.parametrize(
    ("target", "video", "size"),
    [
        ("camera", VideoFormat("h264", 1, height=24), (32, 24)),
        ("camera", VideoFormat("h264", 1, size=(128, 128)), (128, 128)),
        ("camera?size=1280x720", VideoFormat("h264", 1, height=24), (1280, 720)),
    ],
)
def test_the_size_can_be_chosen(target: str, video: VideoFormat, size: tuple[int, int]) -> None:
    with broadcast(Tones(bursts=False)) as cast:
        output = make_output(target, OutputOptions(video, 48_000))
        output.start(cast)
        until(lambda: len(NotedCamera.sent) >= 2)
        output.stop()
    assert NotedCamera.opened[-1] == size


def test_a_camera_that_vanishes_is_waited_for_and_opened_again() -> None:
    with broadcast(Tones(bursts=False)) as cast:
        output = make_output("camera", OPTIONS)
        output.start(cast)
        until(lambda: output.status().state == "live")
        NotedCamera.broken = "the device is gone"
        until(lambda: output.status().state == "waiting")
        assert "the device is gone" in output.status().detail
        NotedCamera.broken = ""
        until(lambda: output.status().state == "live")
        output.stop()
    status = output.status()
    assert (status.reconnects, status.detail, status.dropped > 0) == (1, "", True)


@pytest.mark.parametrize(
    ("system", "advice"),
    [
        ("Linux", "sudo modprobe v4l2loopback"),
        ("Windows", "OBS Virtual Camera, or Unity Capture"),
        ("Darwin", "allow its camera extension"),
    ],
)
def test_where_there_is_no_camera_it_says_what_to_install(
    system: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    NotedCamera.broken = "no such device"
    with broadcast(Tones(bursts=False)) as cast, pytest.raises(OutputError, match=advice) as raised:
        make_output("camera:studio", OPTIONS).start(cast)
    assert "cannot open the virtual camera 'studio'" in str(raised.value)
    assert "no such device" in str(raised.value)


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with broadcast(Tones(bursts=False)) as cast, pytest.raises(OutputError, match=r"livetalk\[camera\]"):
        make_output("camera", OPTIONS).start(cast)

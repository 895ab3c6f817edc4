from __future__ import annotations

import pytest

from livetalk.errors import OutputError
from livetalk.transports.local.target import Target, parse


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("camera", Target("camera")),
        ("Camera:", Target("camera")),
        ("camera:/dev/video2?sound=pulse", Target("camera", "/dev/video2", "pulse")),
        (
            "camera:OBS Virtual Camera?size=1280x720&sound=CABLE Input (VB-Audio Virtual Cable)",
            Target("camera", "OBS Virtual Camera", "CABLE Input (VB-Audio Virtual Cable)", (1280, 720)),
        ),
        ("preview?sound=none", Target("preview", None, "")),
        ("sound:hw:1,0", Target("sound", "hw:1,0")),
    ],
)
def test_a_target_is_read(text: str, target: Target) -> None:
    assert parse(text, "sound", "size") == target


@pytest.mark.parametrize("option", ["zoom=2", "sound", "sound=", "", "sound=a&sound=b"])
def test_an_option_that_there_is_not_is_refused_with_those_there_are(option: str) -> None:
    with pytest.raises(OutputError, match=r"after \? may stand sound=NAME or sound=none, size=1280x720"):
        parse(f"camera?{option}", "sound", "size")


def test_what_takes_no_options_says_so() -> None:
    with pytest.raises(OutputError, match="nothing may stand after"):
        parse("sound:pulse?sound=pulse")


@pytest.mark.parametrize("size", ["1280", "1281x720", "8x8", "9000x9000", "x", "-2x20"])
def test_a_size_that_no_camera_can_have_is_refused(size: str) -> None:
    with pytest.raises(OutputError, match="a size is WIDTHxHEIGHT"):
        parse(f"camera?size={size}", "size")

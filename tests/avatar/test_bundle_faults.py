from __future__ import annotations

import io
import os
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livetalk.avatar.manifest import read_manifest
from livetalk.errors import AvatarError
from tests.avatar.test_bundle import SIZE, Maker
from tests.avatar.test_frames import SHAPE, mapped_frames, pictures, write_video


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def test_a_sound_file_is_no_video(tmp_path: Path) -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(3200))
    (tmp_path / "body.wav").write_bytes(out.getvalue())
    with pytest.raises(AvatarError):
        mapped_frames(tmp_path / "body.wav", tmp_path / "c", SHAPE)


def test_a_video_that_is_a_list_of_other_files_is_refused(maker: Maker) -> None:
    secret = maker.folder / "unlisted.mkv"
    write_video(secret, pictures(5, SIZE, SIZE))
    playlist = maker.folder / "body.ffconcat"
    playlist.write_text("ffconcat version 1.0\nfile unlisted.mkv\n")
    maker.list("body.ffconcat", playlist)
    with pytest.raises(AvatarError):
        maker.open(video="body.ffconcat")


def test_a_video_that_is_an_hls_list_of_other_files_is_refused(maker: Maker) -> None:
    write_video(maker.folder / "unlisted.ts", pictures(5, SIZE, SIZE), "mpeg2video")
    playlist = maker.folder / "body.m3u8"
    playlist.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:0.2,\nunlisted.ts\n#EXT-X-ENDLIST\n"
    )
    maker.list("body.m3u8", playlist)
    with pytest.raises(AvatarError):
        maker.open(video="body.m3u8")


def test_a_manifest_that_turns_the_picture_does_not_read_the_cache_of_another_shape(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    write_video(maker.folder / "body.mkv", pictures(5, 64, 128))
    maker.list("body.mkv", maker.folder / "body.mkv")
    maker.open(width=64, height=128)
    with pytest.raises(AvatarError, match="expected"):
        maker.open(width=128, height=64)


def test_a_manifest_that_is_nested_too_deep_is_refused(maker: Maker) -> None:
    (maker.folder / "avatar.json").write_bytes(b"[" * 200_000)
    with pytest.raises(AvatarError):
        read_manifest(maker.folder)


def test_a_manifest_that_cannot_be_read_is_refused(maker: Maker) -> None:
    (maker.folder / "avatar.json").mkdir()
    with pytest.raises(AvatarError):
        read_manifest(maker.folder)


def test_a_name_that_no_file_can_have_is_refused(maker: Maker) -> None:
    with pytest.raises(AvatarError):
        maker.open(checksums={**maker.manifest["checksums"], "x" * 300: "0"})


def test_a_cache_folder_that_cannot_be_made_is_an_avatar_error(tmp_path: Path) -> None:
    video = write_video(tmp_path / "body.mkv", pictures())
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    with pytest.raises(AvatarError):
        mapped_frames(video, tmp_path / "cache" / "body.i420", SHAPE)


def test_a_video_that_goes_on_and_on_is_refused_at_its_first_frame_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write_video(tmp_path / "body.mkv", pictures(50))
    written: list[int] = []

    class Out(io.FileIO):
        def write(self, content: Any) -> int:
            written.append(len(bytes(content)))
            return super().write(content)

    monkeypatch.setattr(os, "fdopen", Out)
    with pytest.raises(AvatarError):
        mapped_frames(video, tmp_path / "cache" / "body.i420", (5, *SHAPE[1:]))
    assert sum(written) <= int(np.prod(SHAPE))

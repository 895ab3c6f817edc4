from __future__ import annotations

import io
import struct
import wave
import zipfile
import zlib
from pathlib import Path

import av
import pytest
from av.stream import Disposition

from livetalk.creation.limits import Limits
from livetalk.creation.source import photos_in, probe
from livetalk.errors import AvatarError
from tests.clips import grey, mira, write_clip, write_photo

LIMITS = Limits()


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.avi"])
def test_a_clip_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    source = probe(write_clip(tmp_path / name, mira(), 25), LIMITS)
    assert (source.kind, source.width, source.height) == ("clip", 512, 512)
    assert source.seconds == pytest.approx(1, abs=0.1)


def test_a_webm_that_tells_its_opacity_in_capitals_is_transparent(tmp_path: Path) -> None:
    """As older FFmpegs write it; the one here has an element of its own for it."""
    with av.open(str(tmp_path / "clip.webm"), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.metadata["ALPHA_MODE"] = "1"
        stream.width = stream.height = 64
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    assert b"ALPHA_MODE" in (tmp_path / "clip.webm").read_bytes()
    assert probe(tmp_path / "clip.webm", LIMITS).transparent


def test_a_webm_is_a_clip(tmp_path: Path) -> None:
    source = probe(write_clip(tmp_path / "clip.webm", mira(5), codec="libvpx"), LIMITS)
    assert (source.kind, source.codec) == ("clip", "vp8")


@pytest.mark.parametrize("name", ["face.jpg", "face.png", "face.webp"])
def test_a_photo_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = write_photo(tmp_path / name, mira()[0]).rename(tmp_path / "no ending")
    source = probe(path, LIMITS)
    assert (source.kind, source.width, source.height) == ("photo", 512, 512)


def test_a_folders_photos_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("10.png", "9.png", "2.png"):
        write_photo(tmp_path / name, grey(80))
    (tmp_path / "notes.txt").write_text("not one of them")
    assert probe(tmp_path, LIMITS).kind == "folder"
    assert [path.name for path in photos_in(tmp_path)] == ["2.png", "9.png", "10.png"]


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def png_of(width: int, height: int) -> bytes:
    """One that speaks of more pixels than it brings."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", len(body))
        + b"IDAT"
        + body
        + struct.pack(">I", zlib.crc32(b"IDAT" + body))
    )


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20_000_000))
    return packed.getvalue()


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(32_000))
    return made.getvalue()


FOREIGN = {
    "empty": b"",
    "text": b"not a clip at all, whatever it is called\n" * 50,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="9"/></svg>',
    "page": b"<!doctype html><title>sign in</title>",
    "zip bomb": zip_bomb(),
    "sound": sound(),
    "list of other files": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concatenation": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "head of a png": b"\x89PNG\r\n\x1a\n",
    "head of a jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("name", ["clip.mp4", "face.png"])
def test_what_is_neither_clip_nor_photo_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AvatarError, match=r"this is not a clip|the file is empty|too few|at least 64"):
        probe(path, LIMITS)


def test_a_sparse_file_of_two_gigabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(AvatarError, match="this is not a clip"):
        probe(path, LIMITS)


def test_a_clip_whose_index_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", mira())
    path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(AvatarError, match="cut, damaged"):
        probe(path, LIMITS)


def test_a_clip_of_sound_alone_says_so(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
        frame.sample_rate = 16_000
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(AvatarError, match="sound alone"):
        probe(path, LIMITS)


def test_a_clip_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", [grey(90, 400, 300)] * 3)
    with pytest.raises(AvatarError, match=r"400x300; at most 0\.1 million pixels .* scale it down"):
        probe(path, Limits(clip_pixels=100_000))


def test_eight_k_is_too_many_pixels(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", [grey(90, 7680, 4320)])
    with pytest.raises(AvatarError, match="7680x4320"):
        probe(path, LIMITS)


def test_a_photo_that_would_unpack_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(30_000, 30_000))
    with pytest.raises(AvatarError, match="far too large"):
        probe(path, LIMITS)


def test_a_picture_of_a_few_pixels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="at least 64"):
        probe(write_photo(tmp_path / "dot.png", grey(0, 32, 32)), LIMITS)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="there is no file"):
        probe(tmp_path / "clip.mp4", LIMITS)


def test_a_folder_without_photos_is_told(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match="holds no photos"):
        probe(tmp_path, LIMITS)


def test_a_folder_of_too_many_photos_is_refused(tmp_path: Path) -> None:
    for number in range(3):
        write_photo(tmp_path / f"{number}.png", grey(9))
    with pytest.raises(AvatarError, match="holds 3 photos; at most 2"):
        probe(tmp_path, Limits(photos=2))


def test_a_clip_whose_codec_nothing_here_reads_says_so(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", mira(5))
    path.write_bytes(path.read_bytes().replace(b"avc1\0", b"zzzz\0"))
    with pytest.raises(AvatarError, match="how its pictures are coded"):
        probe(path, LIMITS)


def test_of_several_streams_the_one_that_players_show_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        for edge in (100, 320):
            stream = container.add_stream("libx264", rate=25)
            stream.width = stream.height = edge
            stream.pix_fmt = "yuv420p"
            stream.disposition = Disposition.default if edge == 320 else Disposition.dub
        for stream in container.streams.video:
            for _ in range(10):
                colours = grey(80, stream.width, stream.height)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(colours, format="rgb24")))
            container.mux(stream.encode(None))
    assert probe(path, LIMITS).width == 320


def test_a_folder_is_named_without_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "album"
    folder.mkdir()
    with pytest.raises(AvatarError) as told:
        probe(folder, LIMITS)
    assert str(told.value).startswith("album holds no photos")

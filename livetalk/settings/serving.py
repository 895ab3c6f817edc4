"""All settings: what there is, what it may be, and what it is where nobody says."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings

from livetalk.assets import asset
from livetalk.settings.kinds import PREFIX, Names
from livetalk.types import parse_size


class ServingSettings(BaseSettings):
    """What is served, to whom, and where it goes."""

    host: str = Field("127.0.0.1", description="address to listen on; any but loopback needs a token")
    port: int = Field(8010, ge=0, le=65535, description="TCP port of page and API; 0 picks a free one")
    token: SecretStr | None = Field(None, description="bearer token; only from LIVETALK_TOKEN")
    cors_origins: Names = Field((), description="origins of other pages that may call the API")
    allowed_hosts: Names = Field(
        (), description="further Host names to answer to without a token, behind a proxy"
    )

    engine: str = Field("viseme", description="what moves the lips")
    avatar: str = Field("default", description="the face; a folder of avatars_dir")
    device: str = Field("auto", description="for engines that can use a GPU: auto, cpu, cuda, cuda:1 ...")
    models_dir: Path = Field(default_factory=lambda: asset("models"), description="folder of weights")
    avatars_dir: Path = Field(
        default_factory=lambda: asset("data") / "avatars", description="folder of avatars"
    )
    cache_dir: Path = Field(
        default_factory=lambda: _cache_home() / "livetalk",
        description="folder for decoded avatar frames, some 90 to 180 MB each",
    )

    background: str = Field(
        "",
        max_length=64,
        description="behind avatars that were cut out: a colour as #00ff00, or a picture of backgrounds_dir; "
        "none is each avatar's own",
    )
    backgrounds_dir: Path = Field(
        default_factory=lambda: asset("data") / "backgrounds",
        description="folder of pictures to stand before",
    )

    avatar_memory_mb: float = Field(
        1024.0, gt=0, description="megabytes that avatars ready to be shown may take, on the engine's device"
    )

    make_avatars: bool = Field(True, description="whether avatars can be made through the page and the API")
    avatar_upload_mb: float = Field(
        512.0, gt=0, le=8192, description="megabytes of the clip or photos that an avatar is made of"
    )

    max_sessions: int = Field(
        8, ge=1, le=1000, description="how many may be connected at once; fewer where the engine is slower"
    )
    max_viewers: int = Field(
        64, ge=1, le=10_000, description="how many may watch at once, all sessions together"
    )
    idle_limit_s: float = Field(1800.0, gt=0, description="a session that does nothing this long is closed")
    connect_limit_s: float = Field(20.0, gt=0, description="a peer that has not connected by then is closed")
    text_limit: int = Field(10_000, ge=1, description="characters in one text")
    upload_limit_mb: float = Field(32.0, gt=0, le=1024, description="megabytes in one upload")
    clip_limit_s: float = Field(600.0, gt=0, description="seconds in one sound file")

    video_codec: Literal["auto", "h264", "vp8"] = Field(
        "auto", description="auto is H264 where the browser offers it"
    )
    video_encoder: Literal["auto", "x264", "nvenc", "videotoolbox", "qsv", "amf"] = Field(
        "auto", description="what makes H264; auto takes the hardware that works here, else x264"
    )
    video_quality: int = Field(
        26, ge=10, le=45, description="constant quality of H264 as x264 counts it; less is better"
    )
    video_bitrate_kbps: int = Field(1200, ge=100, le=20_000, description="the most that pictures may take")
    video_size: int | None = Field(
        None,
        ge=64,
        le=2048,
        multiple_of=2,
        description="height to scale pictures to; none keeps the avatar's",
    )
    audio_bitrate_kbps: int = Field(48, ge=16, le=256, description="what the Opus sound takes")
    label: str = Field("", description='text drawn into every picture, as "AI-generated"; empty draws none')
    label_font: Path | None = Field(
        None, description="font file for a label with letters that are not Latin; needs Pillow"
    )
    watermark: str = Field(
        "", description="invisible mark in every picture: a text, or 0x and 8 hex digits; empty for none"
    )
    recordings_dir: Path | None = Field(
        None, description="folder for recordings; none takes recordings in cache_dir"
    )
    recordings_mb: float = Field(
        2048.0, ge=0, description="megabytes that recordings may take together; 0 records none"
    )
    recordings_days: float = Field(7.0, gt=0, description="after so many days a recording is removed")
    outputs: Names = Field(
        (),
        description="where sessions may be carried on request: camera, or NAME=rtmp://..., NAME=whip+https://...",
    )
    output_size: str | None = Field(
        None, description="size of what outputs and recordings get, as 1280x720; none keeps the avatar's"
    )
    output_key_frame_s: float = Field(
        2.0, ge=0.5, le=10, description="seconds between key frames of recordings and stream servers"
    )
    ice_servers: Names = Field((), description="stun: or turn: URLs; turn:USER:SECRET@HOST:PORT too")
    turn_secret: SecretStr | None = Field(
        None, description="shared with the TURN servers, makes credentials; only from LIVETALK_TURN_SECRET"
    )
    turn_lifetime_s: float = Field(
        14_400.0, ge=60, le=604_800, description="how long credentials made of turn_secret hold"
    )
    udp_ports: str | None = Field(
        None, description="UDP ports for media, as 40000-40100; none leaves it free"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="how much is logged")

    @field_validator("video_size", "output_size", "udp_ports", "label_font", "recordings_dir", mode="before")
    @classmethod
    def _read_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.strip().lower() in ("none", "") else value

    @field_validator("host")
    @classmethod
    def _check_host(cls, value: str) -> str:
        if re.fullmatch(r"[0-9.]+|.*:.*", value):
            try:
                ip_address(value)
            except ValueError as error:
                raise ValueError(f"{value} is neither an address nor a name") from error
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
                raise ValueError(f"an origin looks like https://example.org:8443, not {origin!r}")
        return value

    @field_validator("device")
    @classmethod
    def _check_device(cls, value: str) -> str:
        if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", value):
            raise ValueError(f"it is auto, cpu, mps, cuda or cuda:1, not {value!r}")
        return value

    @field_validator("udp_ports")
    @classmethod
    def _check_ports(cls, value: str | None) -> str | None:
        if value is not None:
            parse_ports(value)
        return value

    @field_validator("output_size")
    @classmethod
    def _check_size(cls, value: str | None) -> str | None:
        if value is not None:
            parse_size(value)
        return value

    @field_validator("outputs")
    @classmethod
    def _check_outputs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        parse_outputs(value)
        return value

    @model_validator(mode="after")
    def _check_token(self) -> ServingSettings:
        if not is_loopback(self.host) and self.token is None:
            raise ValueError(
                f"host {self.host} can be reached by others: set {PREFIX}TOKEN to a secret, or use 127.0.0.1"
            )
        return self


def parse_ports(text: str) -> range:
    """The ports that "40000-40100" names.

    Raises:
        ValueError: it is not two ports, the lower first.
    """
    low, dash, high = text.partition("-")
    if not (dash and low.isdigit() and high.isdigit() and 1024 <= int(low) <= int(high) <= 65535):
        raise ValueError(f"udp_ports is two ports from 1024 to 65535, as 40000-40100, not {text!r}")
    return range(int(low), int(high) + 1)


def parse_outputs(values: Sequence[str]) -> dict[str, str]:
    """Name -> target, of "camera" and "stage=rtmp://host/app/key"; a lone name is its own target.

    Raises:
        ValueError: two have one name, or one is no name.
    """
    targets: dict[str, str] = {}
    for value in values:
        name, equals, target = value.partition("=")
        if not re.fullmatch(r"[\w .-]{1,100}", name):
            raise ValueError(
                "an output is NAME=TARGET, its name of letters and digits; one is not (it may hold a key, "
                "so it is not repeated here)"
            )
        if name in targets:
            raise ValueError(f"two outputs are called {name!r}")
        targets[name] = target if equals else name
    return targets


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


__all__ = ["ServingSettings", "is_loopback", "parse_outputs", "parse_ports"]

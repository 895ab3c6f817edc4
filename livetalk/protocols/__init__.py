"""What a plugin must be: engines that move lips, voices, and outputs with what they read from."""

from livetalk.protocols.lips import Engine, EngineAvatar, EngineSpec, FeatureStream
from livetalk.protocols.outputs import (
    EncodedPicture,
    MediaSource,
    Output,
    OutputOptions,
    OutputState,
    OutputStatus,
    PlayedFrame,
    Reader,
    Tick,
    Timeline,
    VideoCodec,
    VideoFormat,
)
from livetalk.protocols.voices import TTS, Cancel, Pcm, VoiceSink, WordTime
from livetalk.types import LipJob

__all__ = [
    "TTS",
    "Cancel",
    "EncodedPicture",
    "Engine",
    "EngineAvatar",
    "EngineSpec",
    "FeatureStream",
    "LipJob",
    "MediaSource",
    "Output",
    "OutputOptions",
    "OutputState",
    "OutputStatus",
    "Pcm",
    "PlayedFrame",
    "Reader",
    "Tick",
    "Timeline",
    "VideoCodec",
    "VideoFormat",
    "VoiceSink",
    "WordTime",
]

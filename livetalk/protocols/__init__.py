"""What a plugin must be: engines that move lips, voices, language models, recognisers, outputs."""

from livetalk.protocols.cancel import Cancel
from livetalk.protocols.language_models import LLM, Chat, LLMOptions, Message, Tool
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
from livetalk.protocols.preparers import Preparer, Share
from livetalk.protocols.previewers import Previewer, Redrawn
from livetalk.protocols.realtime import (
    REPLY_RATE,
    Realtime,
    RealtimeConversation,
    RealtimeOptions,
    RealtimeReply,
    RealtimeSide,
    TurnDetection,
)
from livetalk.protocols.recognisers import STT, STTOptions, Transcript
from livetalk.protocols.voices import TTS, Pcm, VoiceOptions, VoiceSink, WordTime
from livetalk.types import LipJob

__all__ = [
    "LLM",
    "REPLY_RATE",
    "STT",
    "TTS",
    "Cancel",
    "Chat",
    "EncodedPicture",
    "Engine",
    "EngineAvatar",
    "EngineSpec",
    "FeatureStream",
    "LLMOptions",
    "LipJob",
    "MediaSource",
    "Message",
    "Output",
    "OutputOptions",
    "OutputState",
    "OutputStatus",
    "Pcm",
    "PlayedFrame",
    "Preparer",
    "Previewer",
    "Reader",
    "Realtime",
    "RealtimeConversation",
    "RealtimeOptions",
    "RealtimeReply",
    "RealtimeSide",
    "Redrawn",
    "STTOptions",
    "Share",
    "Tick",
    "Timeline",
    "Tool",
    "Transcript",
    "TurnDetection",
    "VideoCodec",
    "VideoFormat",
    "VoiceOptions",
    "VoiceSink",
    "WordTime",
]

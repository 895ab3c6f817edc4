"""Options: what the settings ask of the plugins, of the peers that watch, and of outputs."""

from __future__ import annotations

from livetalk.audio.turn_taking import TurnTaking
from livetalk.persona import Persona
from livetalk.protocols import OutputOptions, VideoCodec, VideoFormat
from livetalk.registry import make_tool
from livetalk.service import ServiceOptions
from livetalk.settings import (
    Settings,
    chosen_llm,
    chosen_stt,
    llm_options,
    parse_ports,
    realtime_options,
    stt_options,
    voice_options,
)
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.peer import PeerOptions
from livetalk.types import parse_size

CODECS: dict[str, tuple[VideoCodec, ...]] = {"auto": ("h264", "vp8"), "h264": ("h264",), "vp8": ("vp8",)}
"""setting -> what is offered to a peer, in order of preference"""


def service_options(settings: Settings) -> ServiceOptions:
    """The settings that choose the plugins.

    Raises:
        PluginError: a tool is unknown.
        SettingsError: pauses that do not go together.
    """
    tools = tuple(make_tool(name) for name in settings.tools)
    return ServiceOptions(
        engine=settings.engine,
        tts=settings.tts,
        voice=voice_options(settings),
        llm=chosen_llm(settings),
        mind=llm_options(settings, tools),
        avatar=settings.avatar,
        device=settings.device,
        models=settings.models_dir,
        avatars=settings.avatars_dir,
        background=settings.background,
        backgrounds=settings.backgrounds_dir,
        cache=settings.cache_dir,
        avatar_memory=int(settings.avatar_memory_mb * (1 << 20)),
        max_sessions=settings.max_sessions,
        clip_limit_s=settings.clip_limit_s,
        video_encoder=settings.video_encoder,
        video_quality=settings.video_quality,
        audio_bitrate=settings.audio_bitrate_kbps * 1000,
        label=settings.label,
        label_font=settings.label_font,
        watermark=settings.watermark,
        stt=chosen_stt(settings),
        hearing=stt_options(settings),
        turn_taking=TurnTaking(pause_ms=settings.pause_ms, endpoint_ms=settings.endpoint_ms),
        barge_in=settings.barge_in,
        realtime=settings.realtime,
        speech_model=realtime_options(settings, tools),
        persona=Persona(settings.system_prompt, welcome=settings.welcome),
        history_messages=settings.history_messages,
        tts_fallback=settings.tts_fallback,
    )


def ice_servers(settings: Settings) -> IceServers:
    """What hands the STUN and TURN servers of the settings out.

    Raises:
        SettingsError: one is malformed, or lacks credentials.
    """
    secret = settings.turn_secret.get_secret_value() if settings.turn_secret is not None else None
    return IceServers(settings.ice_servers, secret, settings.turn_lifetime_s)


def peer_options(settings: Settings) -> PeerOptions:
    """The settings that peers are made with.

    Raises:
        SettingsError: an ICE server is malformed.
    """
    return PeerOptions(
        codecs=CODECS[settings.video_codec],
        video=VideoFormat("h264", settings.video_bitrate_kbps * 1000, settings.video_size),
        ice_servers=ice_servers(settings),
        connect_limit_s=settings.connect_limit_s,
    )


def output_options(settings: Settings) -> OutputOptions:
    """The settings that outputs are made with.

    Raises:
        SettingsError: an ICE server is malformed.
    """
    size = None if settings.output_size is None else parse_size(settings.output_size)
    return OutputOptions(
        video=VideoFormat("h264", settings.video_bitrate_kbps * 1000, settings.video_size, size=size),
        audio_bitrate=settings.audio_bitrate_kbps * 1000,
        key_frame_s=settings.output_key_frame_s,
        ice_servers=ice_servers(settings).for_output,
        udp_ports=None if settings.udp_ports is None else parse_ports(settings.udp_ports),
    )


__all__ = ["ice_servers", "output_options", "peer_options", "service_options"]

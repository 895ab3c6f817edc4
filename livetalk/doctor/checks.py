"""The checks, in the order of a report."""

from __future__ import annotations

from livetalk.doctor.devices import cameras, device, sound
from livetalk.doctor.finding import Check
from livetalk.doctor.machine import disk, python
from livetalk.doctor.network import addresses, ice_servers, tcp_port, udp_ports
from livetalk.doctor.packages import packages
from livetalk.doctor.plugins import avatar, encoder, engine, language_model, outputs, recogniser, voice
from livetalk.doctor.realtime import speech_model

CHECKS = (
    Check("python", python),
    Check("packages", packages),
    Check("engine", engine),
    Check("device", device),
    Check("avatar", avatar),
    Check("voice", voice),
    Check("language model", language_model),
    Check("recogniser", recogniser),
    Check("speech model", speech_model),
    Check("encoder", encoder),
    Check("tcp port", tcp_port),
    Check("udp ports", udp_ports),
    Check("addresses", addresses),
    Check("ice servers", ice_servers),
    Check("outputs", outputs),
    Check("sound", sound),
    Check("camera", cameras),
    Check("disk", disk),
)

__all__ = ["CHECKS"]

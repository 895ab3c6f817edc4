"""Each check, on what is really there or really missing."""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from livetalk.assets import asset
from livetalk.doctor import devices, machine, network, packages, plugins
from livetalk.doctor.finding import Finding, Look, Mark
from livetalk.errors import ModelError, ProviderError
from livetalk.settings import Settings
from tests.fakes import WAIT_S
from tests.llm.chat_server import ChatServer, served_beside
from tests.stt.transcription_server import refused, running
from tests.turn_server import PASSWORD, SECRET, STATIC, TIMED, TURNSERVER, turn_server

TORCH = {"version": "2.9.0", "cuda": [], "build": "12.8"}
CARD = "NVIDIA H200, driver 570.1, 143771 MiB"


def one(look: Look, **settings: Any) -> Finding:
    (finding,) = look(Settings(**settings))
    return finding


# -- what is loaded ---------------------------------------------------------------------------------


def test_what_ships_with_livetalk_is_found_whole(tmp_path: Path) -> None:
    for look in (plugins.engine, plugins.avatar, plugins.voice, plugins.encoder, packages.packages):
        assert one(look, cache_dir=tmp_path).mark is Mark.OK


def test_weights_that_are_missing_are_named_with_the_command_that_brings_them(tmp_path: Path) -> None:
    findings = plugins.engine(Settings(engine="musetalk-taesd", models_dir=tmp_path))
    assert [each.mark for each in findings] == [Mark.FAIL, Mark.FAIL]
    assert "musetalkV15/unet.pth (missing)" in findings[0].found
    assert findings[0].todo == f"livetalk models download musetalk --models-dir {tmp_path}"
    assert findings[1].todo == f"livetalk models download taesd --models-dir {tmp_path}"


def test_an_avatar_that_is_not_there_or_made_for_another_engine_is_told_apart() -> None:
    missing = one(plugins.avatar, avatar="nobody")
    assert missing.mark is Mark.FAIL
    assert "there are: default" in missing.todo
    unfit = one(plugins.avatar, engine="musetalk")
    assert unfit.mark is Mark.FAIL
    assert unfit.todo.startswith("it is made for another engine")


def test_a_recogniser_is_given_a_moment_to_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(plugins.recogniser).found.startswith("none; pages use that of the browser")
    with running() as server:
        good = one(plugins.recogniser, stt_url=server.url, stt_model="whisper")
        assert good.mark is Mark.OK
        assert good.found.startswith("openai: answers within")
        assert len(server.asked[0].content) == 44 + 2 * 16000
        server.answers = [refused(401, "no such key")]
        with pytest.raises(ProviderError, match="check LIVETALK_STT_KEY"):
            plugins.recogniser(Settings(stt_url=server.url, stt_model="whisper"))


def test_a_language_model_is_asked_until_it_begins() -> None:
    assert one(plugins.language_model).found == "none; chat is answered by how to get one"
    assert one(plugins.language_model, realtime="openai").found == "not asked: realtime is openai"
    with served_beside(ChatServer([["Hel", None]])) as server:
        settings: dict[str, Any] = {"llm_url": server.url, "llm_model": "stand-in"}
        good = one(plugins.language_model, **settings)
        assert good.mark is Mark.OK
        assert good.found.startswith("openai: begins to answer within")
        assert server.left.wait(WAIT_S)
        server.statuses = [(404, {"error": {"message": "no model stand-in"}})]
        with pytest.raises(ProviderError, match="check llm_url and the model"):
            plugins.language_model(Settings(**settings))


def test_the_weights_of_a_recogniser_are_missed_with_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="livetalk models download whisper-base --models-dir"):
        plugins.recogniser(Settings(stt="faster-whisper", models_dir=tmp_path))


def test_the_extra_of_a_chosen_recogniser_is_wanted() -> None:
    assert "whisper" in packages.wanted_extras(Settings(stt="faster-whisper"))
    assert "openai" in packages.wanted_extras(Settings(stt_model="whisper-1"))


def test_a_voice_that_does_not_speak_is_told_with_the_one_that_stands_in() -> None:
    nowhere: dict[str, Any] = {
        "tts": "http",
        "tts_url": "http://127.0.0.1:9/",
        "tts_options": {"query": {"q": "{text}"}},
    }
    found = one(plugins.voice, **nowhere)
    assert found.mark is Mark.WARN
    assert "http does not speak: the voice cannot be reached at 127.0.0.1:9" in found.found
    assert "espeak stands in" in found.todo
    with pytest.raises(ProviderError, match="cannot be reached"):
        plugins.voice(Settings(**nowhere, tts_fallback="none"))


def test_hardware_that_does_not_encode_here_is_told_in_few_words_and_fails_where_it_was_asked_for() -> None:
    found = one(plugins.encoder)
    if found.found.startswith("libx264 (auto)"):
        assert all(name in found.found for name in ("nvenc", "qsv", "amf", "videotoolbox"))
        assert "avcodec_open2" not in found.found
    asked = one(plugins.encoder, video_encoder="videotoolbox" if Path("/proc").exists() else "amf")
    assert asked.mark is Mark.FAIL
    assert "--video-encoder auto" in asked.todo


def test_an_encoder_that_is_chosen_and_does_not_work_is_told_with_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plugins, "_problem", lambda coder: "it is not in this build")
    broken = one(plugins.encoder, video_encoder="x264")
    assert (broken.mark, broken.found) == (Mark.FAIL, "libx264: it is not in this build")
    assert broken.todo == "use --video-codec vp8"


def test_outputs_are_tried_without_a_word_of_where_they_lead(tmp_path: Path) -> None:
    assert one(plugins.outputs).mark is Mark.OK
    clip = tmp_path / "takes" / "clip.mp4"
    targets = (
        f"take=file:{clip}",
        "stage=rtmp://127.0.0.1/live/the-key",
        "x=rtmp:the-key",
        "y=carrier:the-key",
        "z=file:/the-key/clip.avi",
    )
    findings = plugins.outputs(Settings(outputs=targets))
    assert [each.mark for each in findings] == [Mark.OK, Mark.OK, *[Mark.FAIL] * 3]
    assert not [each for each in findings if "the-key" in str(each)]
    assert "unknown output 'carrier'" in findings[3].found
    rooms = machine.disk(Settings(outputs=targets, cache_dir=tmp_path))
    assert str(clip.parent) in rooms[1].found
    assert not clip.parent.exists()


def test_a_package_that_is_missing_or_too_old_is_named_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = [
        "numpy>=999",
        "no-such-package>=1; extra == 'musetalk'",
        "other-missing; extra == 'camera'",
        "livetalk[musetalk]; extra == 'test'",
    ]
    monkeypatch.setattr(metadata, "requires", lambda name: needs)
    broken = one(packages.packages)
    assert broken.mark is Mark.FAIL
    assert "numpy" in broken.found
    assert "instead of 999" in broken.found
    needs[0] = "numpy>=1.26"
    fine = one(packages.packages)
    assert fine.mark is Mark.OK
    assert fine.found.endswith("not installed: livetalk[camera], livetalk[musetalk]")
    wanted = one(packages.packages, engine="musetalk")
    assert (wanted.mark, wanted.todo) == (Mark.FAIL, 'pip install "livetalk[musetalk]"')
    assert packages.extra_of("other-missing") == '"livetalk[camera]"'
    assert packages.extra_of("unheard-of") == "unheard-of"


# -- devices ----------------------------------------------------------------------------------------


def test_an_engine_of_the_cpu_asks_no_gpu_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_ask", lambda program: pytest.fail("torch was started"))
    assert one(devices.device).mark is Mark.OK
    assert one(devices.device, device="cuda").mark is Mark.WARN


@pytest.mark.parametrize(
    ("device", "torch", "card", "mark", "told"),
    [
        ("auto", {"cuda": ["H200"]}, CARD, Mark.OK, "H200 (auto)"),
        ("cuda:1", {"cuda": ["H200", "H200"]}, CARD, Mark.OK, "H200 (cuda:1)"),
        ("cuda:1", {"cuda": ["H200"]}, CARD, Mark.FAIL, "choose another --device"),
        ("auto", {}, "", Mark.WARN, "far slower than speech"),
        ("auto", {"build": None}, CARD, Mark.WARN, "built for CPUs alone"),
        ("cuda", {}, CARD, Mark.FAIL, "the driver may be older"),
        ("cpu", {}, "", Mark.OK, "the CPU"),
    ],
)
def test_what_torch_sees_is_held_against_what_was_asked_for(
    device: str,
    torch: dict[str, Any],
    card: str,
    mark: Mark,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "_ask", lambda program: {**TORCH, **torch})
    monkeypatch.setattr(devices, "_graphics_card", lambda: card)
    monkeypatch.setattr(devices, "find_spec", lambda name: object())
    finding = one(devices.device, engine="musetalk", device=device)
    assert finding.mark is mark
    assert told in f"{finding.found} {finding.todo}"


def test_a_library_that_does_not_work_is_told_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda name: object())
    broken = "import sys; sys.exit('OSError: PortAudio library not found')"
    monkeypatch.setattr(devices, "SOUND", broken)
    monkeypatch.setattr(devices, "TORCH", broken)
    sound = one(devices.sound)
    assert (sound.mark, sound.found) == (
        Mark.WARN,
        "sounddevice does not work: OSError: PortAudio library not found",
    )
    assert one(devices.device, engine="musetalk").mark is Mark.FAIL
    monkeypatch.setattr(devices, "SOUND", "import time; time.sleep(60)")
    monkeypatch.setattr(devices, "ASK_LIMIT_S", 0.2)
    assert "did not answer within 0.2 s" in one(devices.sound).found


def test_a_virtual_camera_is_missed_only_where_one_is_an_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda name: object())
    monkeypatch.setattr("livetalk.devices.cameras.LINUX", tmp_path / "class")
    monkeypatch.setattr(sys, "platform", "linux")
    assert one(devices.cameras).mark is Mark.OK
    missed = one(devices.cameras, outputs=("obs=camera",))
    assert missed.mark is Mark.FAIL
    assert "v4l2loopback" in missed.todo
    real = tmp_path / "virtual" / "video9"
    real.mkdir(parents=True)
    (real / "name").write_text("livetalk\n")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "video9").symlink_to(real)
    found = one(devices.cameras, outputs=("camera",))
    assert (found.mark, found.found) == (Mark.OK, "/dev/video9 (livetalk)")


# -- the network ------------------------------------------------------------------------------------


def test_a_port_that_is_taken_fails_and_a_free_one_does_not() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finding = one(network.tcp_port, port=port)
        assert finding.mark is Mark.FAIL
        assert "--port" in finding.todo
    assert one(network.tcp_port, port=port).mark is Mark.OK


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ({"code": 0, "msg": "ok"}, Mark.WARN),
        ({"code": 0, "msg": "fine"}, Mark.FAIL),
        (["ok"], Mark.FAIL),
        (None, Mark.FAIL),
    ],
)
def test_a_livetalk_that_runs_there_already_is_told_from_anything_else(said: object, mark: Mark) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode() if said else b"<html>")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as other:
        serving = threading.Thread(target=other.serve_forever)
        serving.start()
        try:
            assert one(network.tcp_port, port=other.server_port).mark is mark
        finally:
            other.shutdown()
            serving.join()


def test_a_relay_takes_a_port_of_its_own() -> None:
    takes = [
        int(one(network.udp_ports, udp_ports="42300-42399", ice_servers=servers).found.rsplit(" ", 1)[1])
        for servers in ((), ("turn:me:secret@127.0.0.1:9",))
    ]
    assert takes[1] == takes[0] + 1


def test_a_udp_range_is_told_by_how_many_viewers_it_is_enough_for() -> None:
    assert one(network.udp_ports).mark is Mark.OK
    assert one(network.udp_ports, udp_ports="42300-42399", max_sessions=2).mark is Mark.OK
    small = one(network.udp_ports, udp_ports="42300-42304", max_sessions=50)
    assert small.mark is Mark.WARN
    assert "for 50 sessions" in small.todo
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]
        if port >= 1024:
            full = one(network.udp_ports, udp_ports=f"{port}-{port}")
            assert full.mark is Mark.FAIL
            assert full.found.startswith("0 of 1")


def test_a_machine_that_only_reaches_itself_is_told_when_others_are_to_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIVETALK_TOKEN", "the-token")
    monkeypatch.setattr(network, "local_addresses", lambda: ["127.0.0.1"])
    assert one(network.addresses).mark is Mark.OK
    assert one(network.addresses, host="0.0.0.0").mark is Mark.WARN
    monkeypatch.setattr(network, "local_addresses", lambda: ["192.0.2.7", "fd00::7"])
    assert one(network.addresses, host="0.0.0.0").found == "192.0.2.7, fd00::7"


@pytest.mark.skipif(TURNSERVER is None, reason="needs turnserver (Debian: coturn)")
def test_stun_and_turn_servers_are_really_asked_and_no_secret_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turn_server(tmp_path, STATIC) as server:
        wrong = server.static_url.replace(PASSWORD, "the-wrong-one")
        stun = f"stun:127.0.0.1:{server.port}"
        urls = (stun, server.static_url, server.static_url + "?transport=tcp", wrong, "stuns:stun.example")
        findings = network.ice_servers(Settings(ice_servers=urls))
    assert [each.mark for each in findings] == [Mark.OK] * 3 + [Mark.FAIL]
    assert "relays on 127.0.0.1:" in findings[1].found
    assert "it refuses the user name or password" in findings[3].found
    assert not [each for each in findings if PASSWORD in str(each) or "the-wrong-one" in str(each)]


@pytest.mark.skipif(TURNSERVER is None, reason="needs turnserver (Debian: coturn)")
def test_a_shared_secret_is_tried_and_one_without_use_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turn_server(tmp_path, TIMED) as server:
        monkeypatch.setenv("LIVETALK_TURN_SECRET", SECRET)
        assert one(network.ice_servers, ice_servers=(server.timed_url,)).mark is Mark.OK
        monkeypatch.setenv("LIVETALK_TURN_SECRET", "another")
        refused = one(network.ice_servers, ice_servers=(server.timed_url,))
        assert refused.mark is Mark.FAIL
        assert "compare the secrets and both clocks" in refused.found
    idle = one(network.ice_servers)
    assert idle.mark is Mark.WARN
    assert "LIVETALK_TURN_SECRET is set, but not used" in idle.found


# -- the machine ------------------------------------------------------------------------------------


def test_room_for_recordings_is_looked_for_where_they_go(tmp_path: Path) -> None:
    rooms = machine.disk(Settings(cache_dir=tmp_path, recordings_dir=tmp_path / "films"))
    assert [str(tmp_path / "films") in room.found for room in rooms] == [False, True]


def test_room_on_the_disk_is_told_where_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "not" / "made" / "yet"
    fine = one(machine.disk, cache_dir=folder)
    assert fine.mark is Mark.OK
    assert str(folder) in fine.found
    monkeypatch.setattr(machine, "LITTLE", 1 << 60)
    assert one(machine.disk, cache_dir=folder).mark is Mark.WARN
    monkeypatch.setattr(machine, "TOO_LITTLE", 1 << 60)
    assert one(machine.disk, cache_dir=folder).mark is Mark.FAIL
    file = tmp_path / "file"
    file.touch()
    assert "cannot be written" in one(machine.disk, cache_dir=file / "below").found


def test_the_python_that_runs_this_is_new_enough() -> None:
    assert one(machine.python).mark is Mark.OK


def test_an_older_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "OLDEST", (99, 0))
    old = one(machine.python)
    assert (old.mark, old.todo) == (Mark.FAIL, "livetalk needs Python 99.0 or newer")


def test_nothing_is_written_by_looking(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for look in (plugins.avatar, machine.disk, plugins.engine):
        look(Settings(cache_dir=cache, models_dir=asset("models")))
    assert not cache.exists()

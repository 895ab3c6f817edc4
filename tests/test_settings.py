from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from livetalk.errors import SettingsError
from livetalk.settings import PREFIX, SECRETS, Settings, is_loopback, load, parse_ports


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings in the environment, none in the working folder."""
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def yaml_file(tmp_path: Path, text: str, name: str = "settings.yaml") -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


# -- which source wins ----------------------------------------------------------------------------


def test_without_anything_the_defaults_hold_and_nobody_else_can_come_in() -> None:
    settings = load([])
    assert settings == Settings()
    assert is_loopback(settings.host)
    assert settings.token is None
    assert settings.cors_origins == ()
    assert (settings.engine, settings.tts, settings.avatar) == ("viseme", "espeak", "default")


def test_the_command_line_beats_the_environment_beats_the_file_beats_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = yaml_file(tmp_path, "port: 1001\nmax_sessions: 2\ntext_limit: 3\n")
    monkeypatch.setenv("LIVETALK_PORT", "2001")
    monkeypatch.setenv("LIVETALK_MAX_SESSIONS", "4")
    settings = load(["--config", config, "--port", "3001"])
    assert (settings.port, settings.max_sessions, settings.text_limit) == (3001, 4, 3)
    assert settings.audio_bitrate_kbps == Settings().audio_bitrate_kbps


@pytest.mark.parametrize("spelling", ["--config {}", "--config={}"])
def test_a_file_can_be_named_on_the_command_line(tmp_path: Path, spelling: str) -> None:
    config = yaml_file(tmp_path, "port: 1001\n")
    assert load([*spelling.format(config).split(), "--max-sessions", "3"]).port == 1001


def test_a_file_can_be_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVETALK_CONFIG", yaml_file(tmp_path, "port: 1001\n"))
    assert load([]).port == 1001


def test_the_command_lines_file_beats_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVETALK_CONFIG", yaml_file(tmp_path, "port: 1001\n", "one.yaml"))
    assert load(["--config", yaml_file(tmp_path, "port: 1002\n", "two.yaml")]).port == 1002


def test_a_file_that_lies_here_is_read_unasked_unless_another_is_named(tmp_path: Path) -> None:
    yaml_file(tmp_path, "port: 1001\n", "livetalk.yaml")
    assert load([]).port == 1001
    assert load(["--config", yaml_file(tmp_path, "max_sessions: 3\n")]).port == Settings().port


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert load(["--config", yaml_file(tmp_path, "# nothing yet\n")]) == Settings()


def test_lists_are_read_from_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = yaml_file(tmp_path, "cors_origins: [https://a.example, https://b.example]\n")
    expected = ("https://a.example", "https://b.example")
    assert load(["--config", config]).cors_origins == expected
    assert load(["--cors-origins", ",".join(expected)]).cors_origins == expected
    assert load(["--cors-origins", expected[0], "--cors-origins", expected[1]]).cors_origins == expected


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load([]).port = 1  # type: ignore[misc]


# -- what is unknown is named ---------------------------------------------------------------------


def test_unknown_names_in_the_file_are_all_named(tmp_path: Path) -> None:
    config = yaml_file(tmp_path, "prot: 1\nport: 2\nhots: x\n1: 2\n")
    with pytest.raises(SettingsError, match=r"unknown setting 1, hots, prot in .*settings\.yaml"):
        load(["--config", config])


def test_what_was_meant_by_an_unknown_name_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"unknown setting llm-model in .*; did you mean llm_model"):
        load(["--config", yaml_file(tmp_path, "llm-model: x\n")])
    monkeypatch.setenv("LIVETALK_LLMMODEL", "x")
    with pytest.raises(SettingsError, match="in the environment; did you mean LIVETALK_LLM_MODEL"):
        load([])


def test_unknown_names_in_the_environment_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVETALK_PROT", "1")
    monkeypatch.setenv("livetalk_hots", "x")
    with pytest.raises(SettingsError, match="LIVETALK_PROT, livetalk_hots"):
        load([])


@pytest.mark.parametrize(
    ("flag", "advice"),
    [
        ("--prot", "did you mean --port"),
        ("--max-sesions=3", "did you mean --max-sessions"),
        ("stray", "--help"),
    ],
)
def test_unknown_arguments_are_named_with_what_was_meant(flag: str, advice: str) -> None:
    with pytest.raises(SettingsError, match=rf"unknown argument {flag.partition('=')[0]}; .*{advice}"):
        load([flag, "1"])


def test_a_flag_may_not_be_shortened() -> None:
    with pytest.raises(SettingsError, match="unknown argument --por"):
        load(["--por", "1"])


@pytest.mark.parametrize("flag", ["--port", "--config"])
def test_an_argument_without_its_value_is_named(flag: str) -> None:
    with pytest.raises(SettingsError, match=flag):
        load([flag])


def test_what_has_no_value_by_default_can_be_told_to_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVETALK_VIDEO_SIZE", "256")
    assert load(["--video-size", "none", "--udp-ports", "none"]).video_size is None
    monkeypatch.setenv("LIVETALK_VIDEO_SIZE", "none")
    config = yaml_file(tmp_path, "udp_ports: none\n")
    settings = load(["--config", config])
    assert (settings.video_size, settings.udp_ports) == (None, None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("host", "300.1.1.1", "neither an address nor a name"),
        ("host", "1:2:3", "neither an address nor a name"),
        ("device", "tpu", "cuda:1"),
        ("cors_origins", "notanorigin", "https://example.org"),
        ("cors_origins", "https://a.example/path", "https://example.org"),
    ],
)
def test_a_value_of_no_meaning_is_refused_with_one_that_has(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name}: .*{said}"):
        load(["--" + name.replace("_", "-"), value])


def test_the_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        load(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("livetalk ")


def test_help_tells_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        load(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all("--" + name.replace("_", "-") in told for name in Settings.model_fields if name not in SECRETS)
    assert "--token" not in told
    assert "--turn-secret" not in told
    assert "--config" in told
    assert "lambda" not in told


# -- files that cannot be read --------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--config", "nowhere.yaml"], ["--config=nowhere.yaml"]])
def test_a_missing_file_is_named(arguments: list[str]) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        load(arguments)


def test_a_missing_file_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVETALK_CONFIG", "nowhere.yaml")
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        load([])


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        load(["--config", str(tmp_path)])


@pytest.mark.parametrize(
    "text", ["port: [1\n", "- port\n- host\n", "just words\n", "!!python/object:os.system {}\n"]
)
def test_what_is_not_a_yaml_mapping_is_refused_and_runs_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"settings\.yaml"):
        load(["--config", yaml_file(tmp_path, text)])


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"port: \xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"bad\.yaml"):
        load(["--config", str(tmp_path / "bad.yaml")])


# -- values out of range --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "-1"),
        ("port", "65536"),
        ("port", "http"),
        ("max_sessions", "0"),
        ("max_sessions", "1001"),
        ("idle_limit_s", "0"),
        ("idle_limit_s", "nan"),
        ("connect_limit_s", "-1"),
        ("text_limit", "0"),
        ("upload_limit_mb", "1025"),
        ("clip_limit_s", "0"),
        ("video_codec", "h265"),
        ("video_bitrate_kbps", "99"),
        ("video_size", "65"),
        ("video_size", "62"),
        ("video_size", "2050"),
        ("audio_bitrate_kbps", "0"),
        ("log_level", "chatty"),
        ("udp_ports", "40000"),
        ("output_size", "1280x721"),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_name_from_every_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=name):
        load(["--" + name.replace("_", "-") + "=" + value])
    with pytest.raises(SettingsError, match=name):
        load(["--config", yaml_file(tmp_path, f"{name}: {value!r}\n")])
    monkeypatch.setenv(PREFIX + name.upper(), value)
    with pytest.raises(SettingsError, match=name):
        load([])


def test_several_bad_values_are_named_together() -> None:
    with pytest.raises(SettingsError, match=r"port.*max_sessions"):
        load(["--port", "x", "--max-sessions", "0"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "40000",
        "40000-",
        "-40100",
        "40100-40000",
        "80-90",
        "40000-65536",
        "a-b",
        "40000-40100-1",
        " 40000-40100",
        "²-³",
    ],
)
def test_what_is_not_two_ports_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|int"):
        parse_ports(text)


def test_ports_include_both_ends() -> None:
    assert list(parse_ports("40000-40002")) == [40000, 40001, 40002]
    assert len(parse_ports("1024-65535")) == 65535 - 1024 + 1
    assert load(["--udp-ports", "40000-40100"]).udp_ports == "40000-40100"


# -- who can come in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "128.0.0.1", "localhost.example.org"]
)
def test_a_host_that_others_can_reach_needs_a_token(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="LIVETALK_TOKEN"):
        load([f"--host={host}"])
    monkeypatch.setenv("LIVETALK_TOKEN", "a secret")
    assert load([f"--host={host}"]).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_loopback_needs_none(host: str) -> None:
    assert load([f"--host={host}"]).token is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["--token", "s3cret"],
        ["--token=s3cret"],
        ["--tok", "s3cret"],
        ["--tok=s3cret"],
        ["--turn-secret", "s3cret"],
        ["--turn-secret=s3cret"],
    ],
)
def test_a_secret_is_not_taken_from_the_command_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((SettingsError, SystemExit)):
        load(arguments)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_not_taken_from_the_file_and_not_shown(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"LIVETALK_{name.upper()}") as refused:
        load(["--config", yaml_file(tmp_path, f"{name}: s3cret\n")])
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_taken_from_the_environment_and_never_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"LIVETALK_{name.upper()}", "s3cret")
    settings = load([])
    assert getattr(settings, name).get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings.model_dump())


def test_a_refusal_does_not_show_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVETALK_TOKEN", "s3cret")
    with pytest.raises(SettingsError) as refused:
        load(["--port", "-1"])
    assert "s3cret" not in str(refused.value)

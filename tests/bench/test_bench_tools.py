from __future__ import annotations

import io
import os
import wave

import numpy as np
import pytest

from bench import clips
from bench.api import require_local
from bench.errors import BenchError
from bench.gaps import Evenness
from bench.measure import SCENARIOS, parse
from bench.process import Usage, cores, usage
from bench.scenarios.load import Speaker, demand_sound


@pytest.mark.parametrize("url", ["http://127.0.0.1:8010", "http://localhost:1", "http://[::1]:8010"])
def test_this_machine_may_be_measured(url: str) -> None:
    require_local(url)


def test_another_machine_is_refused() -> None:
    with pytest.raises(BenchError, match="not this machine"):
        require_local("http://198.51.100.7:8010")


def test_own_usage_can_be_read() -> None:
    looked = usage(os.getpid())

    assert looked.rss_mb > 5
    assert looked.threads >= 1
    assert looked.open_files >= 1


def test_a_process_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ProcessLookupError):
        usage(2**22 + 1)


def test_cores_are_processor_seconds_a_second() -> None:
    before = Usage(at_s=10.0, cpu_s=3.0, rss_mb=0, pages_read=0, threads=1, open_files=1, processes=1)
    after = Usage(at_s=14.0, cpu_s=5.0, rss_mb=0, pages_read=0, threads=1, open_files=1, processes=1)

    assert cores(before, after) == 0.5


def test_clips_are_mono_16_bit_at_16_khz() -> None:
    with wave.open(io.BytesIO(clips.syllables(2.0))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        assert file.getnframes() == 32_000


def test_syllables_swell_and_fade_alike_with_pauses_between() -> None:
    envelope = clips.syllable_envelope(20.0, seed=1)
    starts = np.flatnonzero((envelope[1:] > 0) & (envelope[:-1] == 0))

    assert 2.5 < len(starts) / 20 < 4
    assert envelope.max() <= 1
    first = envelope[: np.flatnonzero(envelope[1:] == 0)[1] + 1]
    assert np.allclose(first[1:], first[1:][::-1], atol=0.01)


def test_an_unknown_scenario_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--url", "http://127.0.0.1:1", "conect"])

    assert "conect" in capsys.readouterr().err


def test_scenarios_are_chosen_by_name() -> None:
    args = parse(["--url", "http://127.0.0.1:1", "connect", "sync_bursts"])

    assert set(args.scenarios) <= SCENARIOS.keys()


def speaker(sound_s: float) -> Speaker:
    even = Evenness(20.0, 25.0, None, 0, 0, None, 0, 0, 0, 0)
    return Speaker(even, dropouts=0, dropout_ms=0.0, sound_s=sound_s)


def test_sessions_that_were_not_heard_are_no_load() -> None:
    demand_sound([speaker(20.0), speaker(19.2)], 20.0)
    with pytest.raises(BenchError, match=r"1 of 2 sessions were heard for 0\.5 s"):
        demand_sound([speaker(20.0), speaker(0.5)], 20.0)

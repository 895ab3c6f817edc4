from __future__ import annotations

import re

from livetalk.metrics import LATENCY_BUCKETS_S, Metrics
from tests.fakes import counted


def test_everything_on_the_wire_carries_our_name_and_an_explanation() -> None:
    lines = Metrics().text().decode().splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert samples
    assert all(line.startswith("livetalk_") for line in samples)
    types = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    helps = {line.split()[2] for line in lines if line.startswith("# HELP") and len(line.split()) > 4}
    assert types == helps


def test_the_text_can_be_read_line_by_line() -> None:
    metrics = Metrics()
    metrics.played.labels("speech").inc(3)
    metrics.failures.labels("speak").inc()
    sample = re.compile(r'livetalk_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.e+-]+')
    lines = [line for line in metrics.text().decode().splitlines() if not line.startswith("#")]
    assert all(sample.fullmatch(line) for line in lines)
    assert counted(metrics, 'frames_played_total{kind="speech"}') == 3
    assert counted(metrics, 'stage_failures_total{stage="speak"}') == 1


def test_two_servers_in_one_process_do_not_share_their_counts() -> None:
    one, other = Metrics(), Metrics()
    one.underruns.inc()
    one.sessions.inc()
    assert counted(one, "underruns_total") == counted(one, "sessions") == 1
    assert counted(other, "underruns_total") == counted(other, "sessions") == 0


def test_every_point_of_a_turn_has_its_histogram() -> None:
    metrics = Metrics()
    for number, name in enumerate(("first_audio", "first_lip", "first_played"), start=1):
        metrics.turn_s[name].observe(number / 10)
        assert counted(metrics, f"turn_{name}_seconds_sum") == number / 10


def test_latencies_fall_into_buckets_that_tell_good_from_bad() -> None:
    metrics = Metrics()
    metrics.encode_s.observe(0.02)
    assert counted(metrics, 'encode_seconds_bucket{le="0.01"}') == 0
    assert counted(metrics, 'encode_seconds_bucket{le="0.02"}') == 1
    assert sorted(set(LATENCY_BUCKETS_S)) == list(LATENCY_BUCKETS_S)

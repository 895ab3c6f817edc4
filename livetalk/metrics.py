"""What is counted, for Prometheus and for the log; one instance per server."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from livetalk.memory import pages_read

LATENCY_BUCKETS_S = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """Counters by their meaning; names on the wire begin with `livetalk_`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.sessions = self._gauge("sessions", "Sessions that are open")
        self.speaking = self._gauge("sessions_speaking", "Sessions that speak now")
        self.refused = self._counter("sessions_refused", "Offers refused because nothing was free")
        self.avatars = self._gauge("avatars_warm", "Avatars ready to be shown")
        self.avatar_bytes = self._gauge("avatars_warm_bytes", "Memory that they take")
        self.failures = self._counter("stage_failures", "Items on which a stage failed", ["stage"])
        self.voice_failures = self._counter(
            "voice_failures", "Times that the chosen voice failed, whether or not the fallback spoke"
        )
        self.played = self._counter("frames_played", "Pictures committed to play", ["kind"])
        self.underruns = self._counter("underruns", "Ticks in mid-speech without a picture to play")
        self.late_ticks = self._counter("ticks_late", "Pictures encoded after their time")
        self.skipped_ticks = self._counter("ticks_skipped", "Ticks left out because the machine stood still")
        self.dropped_packets = self._counter("packets_dropped", "Packets dropped for slow viewers")
        self.voice_dropped = self._counter("voice_dropped", "20 ms pieces of live voice that were lost")
        self.voice_stalls = self._counter(
            "voice_stalls", "Stretches of live voice whose sound stopped coming"
        )
        self.key_frames = self._counter("key_frames", "Key frames made on a viewer's request")
        self.recordings = self._gauge("recordings", "Recordings that run")
        self.recording_bytes = self._gauge("recording_bytes", "Bytes of all recordings that are kept")
        self.pages_read = self._gauge("pages_read", "Pages of memory that had to come from the disk")
        self.pages_read.set_function(pages_read)
        self.encoders = Gauge(
            "livetalk_video_encoders",
            "Video encoders at work, by FFmpeg's names",
            ["codec", "encoder"],
            registry=self._registry,
        )
        self.batch_size = Histogram(
            "livetalk_batch_size",
            "Pictures in one call of the engine",
            buckets=(1, 2, 4, 8, 16, 32),
            registry=self._registry,
        )
        self.encode_s = self._latency("encode_seconds", "Time to encode one picture")
        self.silence_s = self._latency(
            "interrupt_to_silence_seconds", "Interrupt to the first tick without what was being said"
        )
        self.turn_s = {
            name: self._latency(f"turn_{name}_seconds", text)
            for name, text in (
                ("recognised", "End of the user's speech to its transcript"),
                ("first_token", "Request to the language model's first words"),
                ("first_sentence", "Request to the first sentence or clause to be spoken"),
                ("first_audio", "Request to the voice's first sound"),
                ("first_lip", "Request to the first picture with lips"),
                ("first_played", "Request to the first tick played"),
            )
        }

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def summary(self) -> str:
        """The figures to watch, in one line."""
        played = {kind: int(_value(self.played.labels(kind))) for kind in ("speech", "idle", "held")}
        return (
            f"{int(_value(self.sessions))} sessions; played {played['speech']} pictures of speech, "
            f"{played['idle']} idle, {played['held']} held; {int(_value(self.late_ticks))} late, "
            f"{int(_value(self.skipped_ticks))} skipped, {int(_value(self.dropped_packets))} dropped, "
            f"{int(_value(self.pages_read))} pages read from disk"
        )

    def _counter(self, name: str, text: str, labels: list[str] | None = None) -> Counter:
        return Counter(f"livetalk_{name}", text, labels or [], registry=self._registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"livetalk_{name}", text, registry=self._registry)

    def _latency(self, name: str, text: str) -> Histogram:
        return Histogram(f"livetalk_{name}", text, buckets=LATENCY_BUCKETS_S, registry=self._registry)


def _value(metric: Counter | Gauge) -> float:
    return next(iter(metric.collect())).samples[0].value

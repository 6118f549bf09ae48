"""What to measure."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure.

    Args:
        isa: instruction set; None takes EDGEBIN_ISA or the best one.
        threads: of one run.
        batch: images in one call of `run()`.
        streams: threads that call `run()` of one model at the same time.
        warmup: untimed calls after the first; None warms up until times are stable.
        runs: timed calls, by all streams together; None measures for `seconds`.
        seconds: least time of measuring where `runs` is None.
        pin: keep all threads on cores of their own, the calling one too.
        profile: time the steps of a run afterwards.
        cores: restrict the process to so many cores; None does not.
    """

    isa: str | None = None
    threads: int = 1
    batch: int = 1
    streams: int = 1
    warmup: int | None = None
    runs: int | None = None
    seconds: float = DEFAULT_SECONDS
    pin: bool = False
    profile: bool = False
    cores: int | None = None

    @property
    def workers(self) -> int:
        """Threads that compute at the same time."""
        return self.threads * self.streams

    @property
    def mode(self) -> str:
        """What is measured: "latency" of one image, "batch", or "throughput" of streams."""
        if self.streams > 1:
            return "throughput"
        return "latency" if self.batch == 1 else "batch"

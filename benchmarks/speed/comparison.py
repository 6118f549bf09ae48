"""What a comparison with peers measured: spreads, ratios, a table.

Plain data and arithmetic; `peers.py` fills it, `peers_chart.py` draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.table import Table

from isolated import Seen
from runtimes import PEERS

OWN = "edgebin"
NO_SWITCH = "no switch"  # that would restrict a peer to AVX2


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a runtime in one precision on one network.

    Args:
        network: a key of `suite.NETWORKS`.
        threads: that the runtime has.
        peer: a key of `runtimes.PEERS`.
        precision: one of the peer's.
        held: whether it is restricted to AVX2.
    """

    network: str
    threads: int
    peer: str
    precision: str
    held: bool

    @property
    def title(self) -> str:
        """The name in a table or chart."""
        return f"{PEERS[self.peer].title} {self.precision}"

    def __str__(self) -> str:
        held = ", restricted to AVX2" if self.held else ""
        return f"{self.title} on {self.network}, threads: {self.threads}{held}"


@dataclass(frozen=True, slots=True)
class Missing:
    """A case that was not measured, and why; without network and threads if for all of them."""

    peer: str
    precision: str
    reason: str
    network: str | None = None
    threads: int | None = None
    held: bool | None = None


@dataclass(slots=True)
class Comparison:
    """Everything measured, round by round.

    Args:
        seen: of each case, by number of the round.
        model_bytes: of each case.
        missing: what could not be measured.
        baselines: by network, logits that peers should give; edgebin's network is another one.
    """

    seen: dict[Case, dict[int, Seen]] = field(default_factory=dict)
    model_bytes: dict[Case, int] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    baselines: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    def ratios(self, case: Case) -> list[float]:
        """Return the times of a case divided by edgebin's in the same round, threads and ISA."""
        base = self._edgebin(case)
        return [
            seen.median_ms / base[index].median_ms
            for index, seen in self.seen[case].items()
            if index in base
        ]

    def smallest_ratio(self, case: Case) -> float | None:
        """Return the smallest of the rounds' medians of a case divided by edgebin's smallest."""
        base = self._edgebin(case)
        return _smallest(self.seen[case]) / _smallest(base) if base else None

    def _edgebin(self, case: Case) -> dict[int, Seen]:
        """Return edgebin's rounds with the threads and the instruction set of a case."""
        own = Case(case.network, case.threads, OWN, PEERS[OWN].precisions[0], case.held)
        return self.seen.get(own, {})

    def agreement(self, case: Case, seen: Seen) -> float | None:
        """Correlate a peer's logits with its float baseline's; quantization lowers it a little."""
        if case.peer == OWN:
            return None
        return float(np.corrcoef(seen.logits, self.baselines[case.network])[0, 1])

    def rows(self) -> list[dict[str, Any]]:
        """Return one entry per case, for JSON."""
        return [self._row(case) for case in self.seen]

    def _row(self, case: Case) -> dict[str, Any]:
        rounds = list(self.seen[case].values())
        peak = median(seen.peak_memory_bytes for seen in rounds)
        ground = median(seen.ground_memory_bytes for seen in rounds)
        facts = dict(rounds[-1].facts)
        return {
            **{key: value for key, value in asdict(case).items() if key != "held"},
            "isa": "avx2" if case.held else "default",
            "chosen": facts.pop("chosen"),
            **facts,
            "correlation_with_float_twin": self.agreement(case, rounds[-1]),
            "median_ms": spread([seen.median_ms for seen in rounds]),
            "p90_ms": median(seen.p90_ms for seen in rounds),
            "ratio_to_edgebin": spread(self.ratios(case)),
            "smallest_ratio": self.smallest_ratio(case),
            "load_ms": median(seen.load_ms for seen in rounds),
            "first_ms": median(seen.first_ms for seen in rounds),
            "peak_memory_bytes": int(peak),
            "above_numpy_and_pillow_bytes": int(peak - ground),
            "file_bytes": self.model_bytes[case],
            "rounds_median_ms": [seen.median_ms for seen in rounds],
        }

    def table(self) -> Table:
        """Return a table for people, the fastest case first.

        "ms" is the median of the rounds' medians and "smallest" the smallest of them; "x edgebin"
        is the ratio of the smallest, "x by round" the median of the rounds' ratios and their range.
        """
        columns = ("network", "threads", "isa", "runtime", "ms", "smallest", "x edgebin")
        table = Table(*columns, "x by round", "load ms", "RSS MB", "file MB", "chosen")
        for row in sorted(self.rows(), key=_order):
            ratio, time = row["ratio_to_edgebin"], row["median_ms"]
            smallest = row["smallest_ratio"]
            table.add_row(
                row["network"],
                str(row["threads"]),
                row["isa"],
                f"{PEERS[row['peer']].title} {row['precision']}",
                f"{time['median']:.2f}",
                f"{time['min']:.2f}",
                f"{smallest:.2f}" if smallest is not None else "-",
                f"{ratio['median']:.2f} ({ratio['min']:.2f}-{ratio['max']:.2f})" if ratio else "-",
                f"{row['load_ms']:.1f}",
                f"{row['peak_memory_bytes'] / 1e6:.0f}",
                f"{row['file_bytes'] / 1e6:.2f}",
                row["chosen"],
            )
        return table


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """Return minimum, median and maximum; None without values."""
    if not values:
        return None
    return {"min": min(values), "median": median(values), "max": max(values)}


def switches() -> dict[str, object]:
    """Return for each runtime the environment that restricts it to AVX2, or that there is none."""
    return {key: NO_SWITCH if peer.avx2 is None else dict(peer.avx2) for key, peer in PEERS.items()}


def _smallest(rounds: Mapping[int, Seen]) -> float:
    return min(seen.median_ms for seen in rounds.values())


def _order(row: Mapping[str, Any]) -> tuple[object, ...]:
    case = (row["network"], row["threads"], row["isa"] != "default")
    return (*case, row["median_ms"]["median"])

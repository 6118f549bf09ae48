"""The limits beyond which a measurement is INVALID, and those of warming up and measuring.

`edgebin-run bench` has the same numbers (csrc/cli/measure/limits.h); docs/bench.md explains them.
A quiet machine stays well within them, a Raspberry Pi whose governor follows the load too.
"""

from __future__ import annotations

# The verdict.
MAX_LOAD_ABOVE_CORES = 0.5
"""The load average of a minute may exceed the cores by this: it lags, and counts this program."""
MAX_OTHERS_OVERLAP = 0.2
"""Cores that others may use beyond those that the measured threads leave free."""
MAX_STEAL = 0.01
"""Share of the time of all cores that a hypervisor may take."""
MAX_SWITCHES_PER_SECOND = 100.0
"""Involuntary context switches of a second and a thread."""
MAX_WAITED = 0.10
"""Share of its time that a thread may wait for a core."""
MIN_CPU_SHARE = 0.90
"""CPU time over wall time, where one thread computes alone."""
MIN_CORE_SHARE = 0.85
"""Of a core that another hyperthread may use: about 0.95 is measured where none does."""
MAX_P90_OVER_MEDIAN = 1.3
"""90th percentile over median of the timed calls."""
MIN_CALLS = 20
"""Timed calls: with fewer, a 90th percentile is one of the two slowest calls."""
MIN_SECONDS_OF_COUNTERS = 0.1
"""The kernel counts time in hundredths of a second: shorter measurements are not judged by it."""

# Warming up.
WARMUP_MIN_SECONDS = 0.3
"""Time in which a governor raises the clock."""
WARMUP_MAX_SECONDS = 5.0
"""Where times are not stable by then, measuring begins all the same, and is INVALID."""
WARMUP_WINDOW_CALLS = 5
WARMUP_WINDOW_SECONDS = 0.05
"""A window has at least so many calls and takes at least so long."""
WARMUP_TOLERANCE = 0.05
"""Stable: medians of two consecutive windows differ by no more than this share."""

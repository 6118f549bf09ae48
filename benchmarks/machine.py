"""What every result file says about where and when it was measured."""

from __future__ import annotations

import platform
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import edgebin


def about() -> dict[str, Any]:
    """Machine, versions and date, ready for JSON."""
    return {
        "machine": {
            "cpu": cpu_name(),
            "architecture": platform.machine(),
            "system": platform.platform(),
        },
        "versions": {"edgebin": edgebin.__version__, "python": platform.python_version()},
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
    }


def cpu_name() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model"):
            return value.strip()
    return platform.processor() or "unknown"

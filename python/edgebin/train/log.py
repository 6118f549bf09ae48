"""The log of a run: `log.jsonl`, one JSON object a line.

First a header (recipe, seed, versions, device, machine), then one line an epoch, a line where a
run was resumed, and an end line with the accuracy on the test set. After a crash the log may be
ahead of the checkpoint; resuming cuts it back. It refuses to hold anything that is not finite.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import torch

from edgebin.machine import look
from edgebin.whole_file import write_whole

FILE_NAME = "log.jsonl"


def start_log(path: Path, header: Mapping[str, object]) -> None:
    """Begins a new log, over an old one."""
    _write_lines(path, [_line("header", header)])


def append(path: Path, event: str, entry: Mapping[str, object]) -> None:
    """Adds a line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(event, entry))


def cut_back(path: Path, epoch: int) -> None:
    """Drops the end line and every line past an epoch, also a half-written last one."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        try:
            entry = json.loads(line)
        except ValueError:
            break
        if entry["event"] == "end" or entry.get("epoch", 0) > epoch or not line.endswith("\n"):
            break
        kept.append(line)
    _write_lines(path, kept)


def surroundings(device: torch.device) -> dict[str, object]:
    """Versions, device and machine, as the header states them."""
    try:
        version = metadata.version("edgebin")
    except metadata.PackageNotFoundError:
        version = "source tree"
    cpu = look().cpu or platform.machine()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else cpu
    return {
        "versions": {
            "edgebin": version,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
        "device": {"type": device.type, "name": name},
        "machine": {
            "platform": platform.platform(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
        },
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _line(event: str, entry: Mapping[str, object]) -> str:
    return json.dumps({"event": event, **entry}, allow_nan=False) + "\n"


def _write_lines(path: Path, lines: list[str]) -> None:
    contents = "".join(lines).encode()
    write_whole(path, lambda file: file.write(contents))

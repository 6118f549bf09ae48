"""The README's commands train a network on a folder of images, and use it, as they are printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from processes.command_line import edgebin as command
from snippets import block, commands
from training.image_folder import draw_images

pytest.importorskip("torch", reason="needs PyTorch")
pytest.importorskip("matplotlib", reason="draws a chart: pip install '.[plot]'")


@pytest.mark.slow
def test_the_commands_run_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_images(tmp_path / "photos", 20)
    shutil.copy(tmp_path / "photos/val/dog/0.png", tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    for program, *words in commands(block("README.md", "Train your own", "sh").text):
        assert program == "edgebin"
        assert command(*words) == 0
    out, err = capsys.readouterr()
    assert "epoch 40/40: " in err
    assert "photo.jpg\n  dog " in out
    assert "bit-exact: " in out
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")

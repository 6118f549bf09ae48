"""What a run shows: lines where there is no terminal, and an estimate of the rest."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from edgebin.train import progress
from edgebin.train.progress import RunDisplay, duration
from edgebin.train.results import StepResult


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def shown(*, terminal: bool = False) -> tuple[RunDisplay, io.StringIO]:
    screen = io.StringIO()
    console = Console(file=screen, width=200, force_terminal=terminal)
    return RunDisplay(console, epochs=4, steps=400, done=100), screen


def test_the_rest_is_estimated_from_the_steps_of_this_process(clock: Clock) -> None:
    display, _ = shown()
    clock.now = 50.0  # compiling
    display.start_clock()
    assert display.seconds_left(100) is None
    clock.now = 60.0
    assert display.seconds_left(150) == pytest.approx(10.0 / 50 * 250)
    assert display.seconds_left(400) == 0.0


def test_without_a_terminal_a_line_comes_each_minute(clock: Clock) -> None:
    display, screen = shown()
    with display:
        for now, step in ((1.0, 110), (59.0, 200), (61.0, 210), (100.0, 250), (122.0, 260)):
            clock.now = now
            display.advance(StepResult(2, step, 400, 1.25, 0.5))
    first, second = screen.getvalue().splitlines()
    assert first == "epoch 2/4, step 210/400: loss 1.2500, accuracy 50.00%, about 2 min left"
    assert second.startswith("epoch 2/4, step 260/400: ")


def test_a_terminal_has_a_bar_and_no_such_lines(clock: Clock) -> None:
    display, screen = shown(terminal=True)
    with display:
        clock.now = 120.0
        display.advance(StepResult(2, 210, 400, 1.25, 0.5))
    assert "210/400" in screen.getvalue()
    assert "epoch 2/4, step" not in screen.getvalue()


def test_a_terminal_whose_cursor_cannot_be_moved_has_lines(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    display, screen = shown(terminal=True)
    with display:
        clock.now = 61.0
        display.advance(StepResult(2, 210, 400, 1.25, 0.5))
    (line,) = screen.getvalue().splitlines()
    assert line.startswith("epoch 2/4, step 210/400: ")


def test_without_colours_a_bar_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert progress.default_console().color_system == "256"
    monkeypatch.setenv("NO_COLOR", "1")
    assert progress.default_console().color_system is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.4, "3 s"), (99.0, "99 s"), (100.0, "2 min"), (5400.0, "90 min"), (12_000.0, "3 h 20 min")],
)
def test_a_duration_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_in_a_notebook_lines_go_below_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert progress.default_console().stderr
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    console = progress.default_console()
    assert not console.stderr
    assert not console.is_jupyter

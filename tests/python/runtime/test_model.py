from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import traceback
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.graph.reference import run as run_oracle
from graphs.sketch import Sketch
from graphs.sketch import network as network_of
from graphs.small_networks import (
    GAIN,
    LABELS,
    binary_network,
    colour_network,
    two_outputs,
    written,
)


def plain_image(*rgb: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((6, 9, 3), rgb, np.uint8)


def test_a_prediction_has_label_index_and_probability(colours: Path, green: Path) -> None:
    best, second, third = edgebin.load(colours)(green)
    powers = np.exp([0.0, GAIN, 0.0])
    assert (best.label, best.index) == ("green", 1)
    assert best.score == pytest.approx(powers[1] / powers.sum(), rel=1e-6)
    assert [second.label, third.label] == ["red", "blue"], "ties are ranked by number"
    assert best.score + second.score + third.score == pytest.approx(1.0, abs=1e-12)


def test_every_kind_of_image_gives_the_same(colours: Path, green: Path) -> None:
    model = edgebin.load(str(colours))
    image = Image.open(green)
    expected = model(green)
    assert model(str(green)) == expected
    assert model(image) == expected
    assert model(np.asarray(image)) == expected


def test_batches_are_lists_tuples_and_4d_arrays(colours: Path, green: Path) -> None:
    model = edgebin.load(colours)
    images: list[Any] = [plain_image(255, 0, 0), green, Image.new("RGB", (3, 3), (0, 0, 255))]
    answers = model(images)
    assert [answer[0].label for answer in answers] == list(LABELS)
    assert model(tuple(images)) == answers
    array = np.stack([plain_image(0, 0, 255), plain_image(255, 0, 0)])
    assert [answer[0].label for answer in model(array)] == ["blue", "red"]
    assert model([]) == []
    assert model(array[:0]) == []


def test_top_bounds_the_answers(colours: Path, green: Path) -> None:
    model = edgebin.load(colours)
    assert len(model(green, top=1)) == 1
    assert len(model(green, top=99)) == 3
    wrong: list[Any] = [0, -1, 1.5, True]
    for value in wrong:
        with pytest.raises(edgebin.OptionError, match="top: expected at least 1"):
            model(green, top=value)


def test_a_network_that_ends_in_softmax_is_not_softened_twice(tmp_path: Path) -> None:
    model = edgebin.load(written(colour_network(softmax=True), tmp_path))
    best = model(plain_image(255, 0, 0))[0]
    powers = np.exp([GAIN, 0.0, 0.0])
    assert best.score == pytest.approx(powers[0] / powers.sum(), rel=1e-5)


def test_names_of_files_need_not_be_utf8(tmp_path: Path, colours: Path, green: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.ebn")
    odd.write_bytes(colours.read_bytes())
    assert edgebin.load(odd)(green)[0].label == "green"
    odd.write_bytes(b"short")
    with pytest.raises(edgebin.ModelFileError) as caught:
        edgebin.load(odd)
    assert str(caught.value).startswith(f"{odd}: has 5 bytes")
    assert caught.value.code == "container.size"


def test_labels_may_be_missing(tmp_path: Path) -> None:
    model = edgebin.load(written(colour_network(labels=("red",)), tmp_path))
    assert [p.label for p in model(plain_image(9, 5, 1))] == ["red", "1", "2"]


@pytest.mark.parametrize(("colour", "index"), [("rgb", 0), ("bgr", 2)])
def test_channels_come_in_the_order_of_the_network(tmp_path: Path, colour: str, index: int) -> None:
    network = colour_network(colour="bgr" if colour == "bgr" else "rgb")
    model = edgebin.load(written(network, tmp_path))
    assert model(plain_image(255, 0, 0))[0].index == index


def test_grey_networks_take_coloured_images(tmp_path: Path) -> None:
    model = edgebin.load(written(colour_network(colour="grey"), tmp_path))
    assert model.inputs[0].shape == (4, 4, 1)
    assert model(plain_image(1, 2, 3))[0].index == 0


def test_run_gives_logits_in_float32(binary: Path) -> None:
    images = np.random.default_rng(1).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    logits = edgebin.load(binary).run(images)
    assert logits.dtype == np.float32
    np.testing.assert_array_equal(logits, run_oracle(binary_network().graph, images)[0])


def test_run_outputs_names_every_output(tmp_path: Path) -> None:
    model = edgebin.load(written(two_outputs(colour_network()), tmp_path))
    assert [(t.name, t.shape, t.dtype) for t in model.outputs] == [
        ("logits", (3,), "float32"),
        ("scaled", (4, 4, 3), "float32"),
    ]
    images = np.full((2, 4, 4, 3), 255, np.uint8)
    outputs = model.run_outputs(images)
    assert {name: array.shape for name, array in outputs.items()} == {
        "logits": (2, 3),
        "scaled": (2, 4, 4, 3),
    }
    np.testing.assert_array_equal(outputs["logits"], model.run(images))


def test_run_refuses_other_shapes_and_types(binary: Path) -> None:
    model = edgebin.load(binary)
    for shape, dtype in [((8, 8, 3), "uint8"), ((1, 8, 9, 3), "uint8"), ((1, 8, 8, 3), "float32")]:
        with pytest.raises(edgebin.InputError):
            model.run(np.zeros(shape, dtype))


def test_run_takes_arrays_that_are_not_contiguous(binary: Path) -> None:
    model = edgebin.load(binary)
    images = np.random.default_rng(2).integers(0, 256, (4, 8, 16, 3), dtype=np.uint8)
    expected = model.run(np.ascontiguousarray(images[::2, :, ::-2]))
    np.testing.assert_array_equal(model.run(images[::2, :, ::-2]), expected)


def test_a_model_tells_what_it_is(binary: Path) -> None:
    model = edgebin.load(binary, threads=2, isa="scalar")
    assert model.name == "binary"
    assert (model.isa, model.threads) == ("scalar", 2)
    assert [(t.name, t.shape, t.dtype) for t in model.inputs] == [("image", (8, 8, 3), "uint8")]
    assert model.labels[3] == "class 3"
    assert model.preprocessing == binary_network().preprocessing
    assert model.file_bytes == binary.stat().st_size
    assert model.arena_bytes > 0
    assert "binary.ebn" in repr(model)


def test_layers_are_told_with_cost_and_size(binary: Path) -> None:
    layers = {layer.name: layer for layer in edgebin.load(binary).layers}
    assert list(layers) == ["first", "codes", "hidden", "pool", "flat", "last"]
    hidden = layers["hidden"]
    assert (hidden.op, hidden.inputs, hidden.dtype, hidden.shape) == (
        "conv",
        ("codes",),
        "code",
        (8, 8, 8),
    )
    assert (hidden.macs, hidden.weight_bits, hidden.weights) == (8 * 8 * 8 * 36, 1, 288)
    assert hidden.bytes == 8 * 5 + 8 * 3 * 2, "36 bits take 5 bytes; thresholds are i16"
    assert hidden.float32_bytes == 4 * 288 + 8 * 8, "weights, and mean and variance per channel"
    assert layers["codes"].float32_bytes == 8 * 4
    assert layers["last"].float32_bytes == 4 * 1280 + 4 * 10, "weights and biases"
    assert layers["first"].weight_bits == 8
    assert layers["pool"].float32_bytes == 0
    assert layers["first"].inputs == ("image",)


@pytest.mark.parametrize("threads", [1, 3])
def test_denormals_count_whatever_a_process_does_with_its_own(tmp_path: Path, threads: int) -> None:
    """Half of the image is a helper's; the bias of a first layer is worked out while loading."""
    torch = pytest.importorskip("torch")
    ones = np.ones(2, np.float32)
    sketch = Sketch((120, 120, 2))
    vanishing = {"scale": 1e-41 * ones, "bias": 0 * ones}
    small = sketch.add("affine", sketch.image, constants=vanishing)
    weights: dict[str, Any] = {"weights": np.ones((2, 1, 1, 2), np.int8)}
    weights["zero"] = np.full(2, 2**23, np.int32)
    first = sketch.add("conv", sketch.image, constants={**weights, **vanishing})
    graph = sketch.graph(small, first)
    images = np.random.default_rng(6).integers(0, 256, (1, *sketch.shape), dtype=np.uint8)
    expected = run_oracle(graph, images)
    path = written(network_of(graph), tmp_path)
    if not torch.set_flush_denormal(True):
        pytest.skip("this machine cannot flush denormals")
    try:
        found = edgebin.load(path, threads=threads).run_outputs(images)
        assert np.float32(1e-41) * np.float32(1) == 0, "still flushed here"
    finally:
        torch.set_flush_denormal(False)
    for name, array in zip(graph.outputs, expected, strict=True):
        np.testing.assert_array_equal(found[name], array)


def test_denormals_are_told_apart_whatever_a_process_does_with_its_own(tmp_path: Path) -> None:
    """Thresholds that do not ascend are refused, be they as small as they may."""
    torch = pytest.importorskip("torch")
    sketch = Sketch((1, 1, 1))
    real = sketch.reals(np.random.default_rng(7))
    thresholds = np.array([[1e-41, 2e-41, 3e-41]], np.float32)
    codes = sketch.add("quantize", real, constants={"thresholds": thresholds})
    path = written(network_of(sketch.graph(codes)), tmp_path)
    file = bytearray(path.read_bytes())
    at = file.index(thresholds.tobytes())
    file[at : at + 12] = np.ascontiguousarray(thresholds[:, ::-1]).tobytes()
    file[24:28] = zlib.crc32(file[32:]).to_bytes(4, "little")
    path.write_bytes(file)
    if not torch.set_flush_denormal(True):
        pytest.skip("this machine cannot flush denormals")
    try:
        with pytest.raises(edgebin.ModelFileError, match="expected to ascend"):
            edgebin.load(path)
    finally:
        torch.set_flush_denormal(False)


def test_threads_share_one_model(binary: Path) -> None:
    model = edgebin.load(binary, threads=2)
    images = np.random.default_rng(3).integers(0, 256, (8, 8, 8, 3), dtype=np.uint8)
    expected = model.run(images)
    wrong: list[int] = []

    def work(seed: int) -> None:
        order = np.random.default_rng(seed).permutation(8)
        for _ in range(50):
            if not np.array_equal(model.run(images[order]), expected[order]):
                wrong.append(seed)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


LEAVE_A_THREAD_RUNNING = """
import sys, threading
import numpy as np
import edgebin

model = edgebin.load(sys.argv[1], threads=2)
started = threading.Event()

def work():
    while True:
        model.run(np.zeros((100, 8, 8, 3), np.uint8))
        started.set()

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
started.wait()
"""


def test_a_process_may_end_while_daemon_threads_run_the_model(binary: Path, python: str) -> None:
    command = [python, "-c", LEAVE_A_THREAD_RUNNING, str(binary)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_oversubscribed_models_share_a_process_with_torch(tmp_path: Path) -> None:
    """Four models of eight threads each run at once, beside a thread that multiplies matrices."""
    torch = pytest.importorskip("torch")
    path = written(binary_network(), tmp_path)
    images = np.random.default_rng(7).integers(0, 256, (9, 8, 8, 3), dtype=np.uint8)
    expected = run_oracle(binary_network().graph, images)[0]
    wrong: list[int] = []
    enough = threading.Event()

    def work(number: int) -> None:
        model = edgebin.load(path, threads=8)
        for _ in range(100):
            if not np.array_equal(model.run(images), expected):
                wrong.append(number)

    def multiply() -> None:
        matrix = torch.ones(200, 200)
        while not enough.is_set():
            matrix @ matrix

    beside = threading.Thread(target=multiply, daemon=True)
    workers = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(4)]
    for thread in (beside, *workers):
        thread.start()
    for worker in workers:
        worker.join(timeout=120)
    enough.set()
    beside.join()
    assert not any(worker.is_alive() for worker in workers)
    assert wrong == []


def end_of_child(work: Callable[[], bool]) -> str:
    """How a forked child ends that does `work`: "passed" if that returns True.

    One that hangs is asked for its stack, which pytest's faulthandler prints.
    """
    child = os.fork()
    if child == 0:
        code = 2
        try:
            code = 0 if work() else 1
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    if (status := status_within(child, seconds=30)) is None:
        os.kill(child, signal.SIGABRT)
        said = status_within(child, seconds=5) is not None
        if not said:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return "hung" if said else "hung, deaf to signals"
    ends = {0: "passed", 1: "differed", 2: "raised"}
    code = os.waitstatus_to_exitcode(status)
    return ends.get(code, f"ended with {code}")


def status_within(child: int, *, seconds: float) -> int | None:
    """The status that a child ends with, or None if it does not end within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended == child:
            return status
        time.sleep(0.01)
    return None


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_child_runs_the_model_of_its_parent(binary: Path) -> None:
    model = edgebin.load(binary, threads=2)
    images = np.random.default_rng(5).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    expected = model.run(images)
    assert end_of_child(lambda: np.array_equal(model.run(images), expected)) == "passed"
    np.testing.assert_array_equal(model.run(images), expected)


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_child_drops_the_model_of_its_parent(binary: Path) -> None:
    models = [edgebin.load(binary, threads=2)]
    images = np.zeros((1, 8, 8, 3), np.uint8)
    expected = models[0].run(images)

    def drop() -> bool:
        models.clear()
        return True

    assert end_of_child(drop) == "passed"
    np.testing.assert_array_equal(models[0].run(images), expected)


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
@pytest.mark.parametrize("forks", [20, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("threads", [1, 4])
def test_a_fork_may_come_while_others_run_the_model(
    colours: Path, threads: int, forks: int
) -> None:
    """Runs of no image do nothing but borrow the model's memory and give it back.

    Seldom in an emulator: of some 20,000 children under qemu 7.2 one did not end well.
    """
    model = edgebin.load(colours, threads=threads)
    image = np.zeros((1, 4, 4, 3), np.uint8)
    expected = model.run(image)
    enough = threading.Event()

    def work() -> None:
        while not enough.is_set():
            model.run(image[:0])

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(forks):
            assert end_of_child(lambda: np.array_equal(model.run(image), expected)) == "passed"
    finally:
        enough.set()
        for worker in workers:
            worker.join()


@pytest.mark.parametrize("threads", [0, -1, 10**9, 1.5, "2", True])
def test_threads_must_be_a_sensible_number(colours: Path, threads: Any) -> None:
    with pytest.raises(edgebin.OptionError, match="threads: expected"):
        edgebin.load(colours, threads=threads)


@pytest.mark.parametrize("isa", edgebin.isas())
def test_every_instruction_set_gives_the_same_bits(binary: Path, isa: str) -> None:
    images = np.random.default_rng(4).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    model = edgebin.load(binary, isa=isa)
    assert model.isa == isa
    expected = run_oracle(binary_network().graph, images)[0]
    np.testing.assert_array_equal(model.run(images), expected)


def test_the_portable_kernels_are_always_there() -> None:
    assert edgebin.isas()[-1] == "scalar"


def test_an_unknown_instruction_set_is_refused(colours: Path) -> None:
    with pytest.raises(edgebin.OptionError, match="m68k"):
        edgebin.load(colours, isa="m68k")


@pytest.mark.parametrize(
    ("option", "value"),
    [("isa", 5), ("kernels", ["wide"]), ("kernels", {1: 2}), ("pin", "yes")],
)
def test_options_of_another_type_are_one_line(binary: Path, option: str, value: Any) -> None:
    with pytest.raises(edgebin.OptionError, match=rf"^{option}: expected .*, found "):
        edgebin.load(binary, **{option: value})


def test_values_that_are_not_finite_are_not_ranked(tmp_path: Path) -> None:
    network = colour_network()
    network.graph.nodes[0].constants["scale"].fill(3e38)
    model = edgebin.load(written(network, tmp_path))
    with pytest.raises(edgebin.ModelFileError, match="found NaN or infinity"):
        model(plain_image(1, 2, 3))


def test_images_are_not_ranked_from_a_map(tmp_path: Path) -> None:
    network = two_outputs(colour_network())
    graph = network.graph
    reversed_outputs = replace(graph, outputs=graph.outputs[::-1])
    path = written(type(network)("map", reversed_outputs, network.preprocessing), tmp_path)
    with pytest.raises(edgebin.InputError, match='output "scaled": expected classes, found 4x4x3'):
        edgebin.load(path)(plain_image(1, 2, 3))

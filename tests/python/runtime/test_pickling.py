"""Models that are pickled and copied: by path where the file is as it was, else by its bytes."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import edgebin
from graphs.small_networks import colour_network, written

PIXELS = np.random.default_rng(1).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)


def through_pickle(model: edgebin.Model) -> edgebin.Model:
    restored = pickle.loads(pickle.dumps(model))
    assert isinstance(restored, edgebin.Model)
    return restored


def test_a_model_is_pickled_by_the_path_of_its_file(
    binary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(binary.parent)
    model = edgebin.load(binary.name, threads=2, isa="scalar", max_arena_bytes=2**20)
    monkeypatch.chdir("/")
    assert len(pickle.dumps(model)) < 1000
    restored = through_pickle(model)
    assert restored.path == binary
    assert (restored.threads, restored.isa) == (2, "scalar")
    np.testing.assert_array_equal(restored.run(PIXELS), model.run(PIXELS))


def test_options_are_pickled_too(binary: Path) -> None:
    chosen = {stage.layers[0]: stage.kernel for stage in edgebin.load(binary).profile(PIXELS)}
    kernel = "bit_serial" if chosen["hidden"] != "bit_serial" else "lookup_narrow"
    restored = through_pickle(edgebin.load(binary, kernels={"hidden": kernel}))
    found = {stage.layers[0]: stage.kernel for stage in restored.profile(PIXELS)}
    assert found == {**chosen, "hidden": kernel}


def test_a_shipped_model_is_pickled_by_its_name() -> None:
    model = edgebin.load("cifar10-resnet20")
    pickled = pickle.dumps(model)
    assert os.fsencode(model.path or "") not in pickled
    assert pickle.loads(pickled).path == model.path


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_was_replaced_is_pickled_by_its_bytes(
    tmp_path: Path, binary: Path, gone: bool
) -> None:
    model = edgebin.load(binary)
    expected = model.run(PIXELS)
    if gone:
        binary.unlink()
    else:
        written(colour_network(), tmp_path).replace(binary)
    restored = through_pickle(model)
    assert restored.path is None
    assert repr(restored) == f"<edgebin.Model 'binary' from {binary} on {model.isa}>"
    np.testing.assert_array_equal(restored.run(PIXELS), expected)


def test_a_model_in_memory_is_pickled_by_its_bytes(binary: Path) -> None:
    contents = binary.read_bytes()
    binary.unlink()
    restored = through_pickle(through_pickle(edgebin.load(contents, threads=2)))
    assert restored.threads == 2
    np.testing.assert_array_equal(restored.run(PIXELS), edgebin.load(contents).run(PIXELS))


def test_a_file_that_was_overwritten_in_place_is_refused(tmp_path: Path, binary: Path) -> None:
    """What is mapped is then another file, or no longer there."""
    other = written(colour_network(), tmp_path).read_bytes()
    model = edgebin.load(binary)
    with binary.open("r+b") as file:
        file.truncate()
        file.write(other)
    with pytest.raises(edgebin.ModelFileError, match=f"^{binary}: .*found it overwritten$"):
        pickle.dumps(model)


def test_another_file_at_the_path_is_refused(tmp_path: Path, binary: Path) -> None:
    pickled = pickle.dumps(edgebin.load(binary))
    shutil.copy(binary, tmp_path / "kept")
    written(colour_network(), tmp_path).replace(binary)
    with pytest.raises(edgebin.ModelFileError, match=f"^{binary}: .*, found another file$"):
        pickle.loads(pickled)
    binary.unlink()
    with pytest.raises(edgebin.ModelFileError, match="of a pickled model, found: No such file"):
        pickle.loads(pickled)
    (tmp_path / "kept").rename(binary)
    assert pickle.loads(pickled).name == "binary"


def test_copies_share_the_network(binary: Path) -> None:
    model = edgebin.load(binary)
    for copied in (copy.copy(model), copy.deepcopy(model), copy.deepcopy([model])[0]):
        assert copied is not model
        assert (copied.path, copied.isa) == (model.path, model.isa)
        np.testing.assert_array_equal(copied.run(PIXELS), model.run(PIXELS))
    binary.unlink()
    np.testing.assert_array_equal(copy.deepcopy(model).run(PIXELS), model.run(PIXELS))


SPAWN = """
import multiprocessing, sys
import numpy as np
import edgebin

if __name__ == "__main__":
    model = edgebin.load(sys.argv[1])
    pixels = np.arange(384, dtype=np.uint8).reshape(2, 8, 8, 3)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for found in pool.map(model.run, [pixels] * 3):
            assert np.array_equal(found, model.run(pixels))
    print("done")
"""


def test_a_spawned_process_gets_the_model(tmp_path: Path, binary: Path, python: str) -> None:
    script = tmp_path / "spawn.py"
    script.write_text(SPAWN)
    command = [python, str(script), str(binary)]
    path = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (ended.stdout, ended.stderr) == ("done\n", "")

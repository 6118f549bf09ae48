"""The public interface of the runtime: load a model, classify images, run arrays.

The C++ core runs the network and ranks the classes; this file adds names, paths and image files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.deprecated import renamed_argument
from edgebin.errors import InputError, OptionError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime import zoo
from edgebin.runtime.layers import Layer, describe
from edgebin.runtime.options import (
    check_arena,
    check_isa,
    check_pin,
    check_threads,
    current_kernels,
    warn_of_core_deprecations,
)
from edgebin.runtime.prediction import Prediction
from edgebin.runtime.profile import ProfiledStep, profile
from edgebin.runtime.tensors import TensorInfo, input_info, output_info

if TYPE_CHECKING:
    from PIL.Image import Image

    from edgebin.runtime.preprocess import ImageLike


def load(
    path_or_name: str | os.PathLike[str],
    *,
    threads: int = 1,
    isa: str | None = None,
    kernels: Mapping[str, str] | None = None,
    pin: bool = False,
    max_arena_bytes: int | None = None,
) -> Model:
    """Load an `.ebn` file, or a model that ships with edgebin, by its name.

    Args:
        path_or_name: path of a file, or a name such as "cifar10-resnet20".
        threads: worker threads that one run uses.
        isa: one of `isas()`; None takes the environment variable EDGEBIN_ISA, or else the best.
        kernels: by layer, the kernel that it shall run on, one that `Model.profile` names; for the
            others the fastest is chosen. All give the same bits.
        pin: keep each thread that a run starts on a core of its own; the first core is left to the
            calling thread, which is not moved. Linux only.
        max_arena_bytes: a network that needs more working memory for one run is refused before it
            is allocated; None is the most that any may have, 2^31.

    Raises:
        ModelFileError: no such file or name, or the file breaks a rule of FORMAT.md, whose code it
            carries.
        OptionError: the number of threads, the instruction set, a layer's kernel or the limit does
            not exist here, or there are fewer cores than threads to pin.
    """
    return Model(
        path_or_name,
        threads=threads,
        isa=isa,
        kernels=kernels,
        pin=pin,
        max_arena_bytes=max_arena_bytes,
    )


class Model:
    """A network, ready to run on this machine; see `load`.

    Safe to share between threads: nothing in it changes after loading, each concurrent run works
    in a session of its own inside the core, and the interpreter lock is released while it runs.
    """

    def __init__(
        self,
        path_or_name: str | os.PathLike[str],
        *,
        threads: int = 1,
        isa: str | None = None,
        kernels: Mapping[str, str] | None = None,
        pin: bool = False,
        max_arena_bytes: int | None = None,
    ) -> None:
        """Load a model; arguments and errors are those of `load`."""
        check_threads(threads)
        check_isa(isa)
        check_pin(pin)
        check_arena(max_arena_bytes)
        warn_of_core_deprecations()
        self._path = zoo.resolve(path_or_name)
        self._core = _core.Model(
            os.fspath(self._path),
            isa or "",
            threads,
            current_kernels(kernels),
            pin,
            max_arena_bytes=max_arena_bytes or 0,
        )
        self._info = self._core.info

    def __repr__(self) -> str:
        """Return name, file and instruction set."""
        return f"<edgebin.Model {self.name!r} from {os.fspath(self.path)!r} on {self.isa}>"

    @overload
    def __call__(  # type: ignore[overload-overlap]  # a str is a path, never a batch
        self, image: str | os.PathLike[str] | Image, *, top: int = 5
    ) -> list[Prediction]: ...
    @overload
    def __call__(self, image: Sequence[ImageLike], *, top: int = 5) -> list[list[Prediction]]: ...
    @overload
    def __call__(self, image: npt.NDArray[np.uint8], *, top: int = 5) -> list[Any]: ...

    def __call__(
        self, image: ImageLike | Sequence[ImageLike], *, top: int = 5
    ) -> list[Prediction] | list[list[Prediction]]:
        """Classify an image or a batch of images.

        Args:
            image: a path, a Pillow image, or a uint8 array (height, width[, channels]) of any
                size, grey, RGB or RGBA; or a batch: a list or tuple of those, or a uint8 array
                (images, height, width, channels).
            top: how many classes to return, at most.

        Returns:
            The best classes, best first; for a batch, a list of such lists. Scores are the
            softmax of the first output, in float64; as they are where the network ends in softmax.

        Raises:
            InputError: an image cannot be read, or the first output is no list of classes.
            ModelFileError: the network gave NaN or infinity.
            OptionError: `top` is not a positive integer.
        """
        if type(top) is not int or top < 1:
            raise OptionError(f"top: expected at least 1, found {top!r}")
        if isinstance(image, list | tuple) or (isinstance(image, np.ndarray) and image.ndim == 4):
            return self._classify(image, top) if len(image) else []
        return self._classify([cast("ImageLike", image)], top)[0]

    @renamed_argument("pictures", "images")
    def run(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Run the network on pixels that already have its size and colour order.

        Args:
            images: uint8 (images, height, width, channels).

        Returns:
            The first output: float32 (images, channels), or (images, height, width, channels)
            where it has more than one position.

        Raises:
            InputError: another shape or dtype.
        """
        return self._run(images)[0]

    @renamed_argument("pictures", "images")
    def run_outputs(self, images: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[np.float32]]:
        """Like `run`; returns every output by its name."""
        arrays = self._run(images)
        return {output.name: array for output, array in zip(self.outputs, arrays, strict=True)}

    @renamed_argument("pictures", "images")
    def profile(self, images: npt.NDArray[np.uint8]) -> tuple[ProfiledStep, ...]:
        """Run the network on images one by one and time its steps.

        Args:
            images: uint8 (images, height, width, channels), at least one.

        Returns:
            What runs as one step, in order, with the median time of an image.

        Raises:
            InputError: another shape or dtype, or no image.
        """
        if isinstance(images, np.ndarray) and images.shape[:1] == (0,):
            raise InputError("images: expected at least one to profile, found none")
        is_array = isinstance(images, np.ndarray)
        return profile(self._core, np.ascontiguousarray(images) if is_array else images)

    @property
    def name(self) -> str:
        """Name of the network, from the file."""
        return self._info.name

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def producer(self) -> str:
        """What wrote the file."""
        return self._info.producer

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The one input."""
        return (input_info(self._info.input),)

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The outputs, in the order of the file."""
        return tuple(map(output_info, self._info.outputs))

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes; may be empty."""
        return tuple(self._info.labels)

    @cached_property
    def preprocessing(self) -> Preprocessing:
        """How an image becomes the input."""
        info = self._info
        return Preprocessing.unchecked(
            mean=tuple(info.mean),
            scale=tuple(info.scale),
            resize=info.resize,
            filter=cast(Any, info.filter),
            colour=cast(Any, info.colour),
        )

    @property
    def self_tests(self) -> int:
        """Probe images with which `edgebin.verify` compares this machine; 0 if there are none."""
        return self._info.probe_images

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The operators, in the order of execution."""
        return describe(self._core)

    @property
    def isa(self) -> str:
        """Instruction set whose kernels it runs."""
        return self._info.isa

    @property
    def threads(self) -> int:
        """Worker threads of one run."""
        return self._info.threads

    @property
    def arena_bytes(self) -> int:
        """Working memory of one run; concurrent runs have one each."""
        return self._info.arena_bytes

    @property
    def file_bytes(self) -> int:
        """Size of the file."""
        return self._info.file_bytes

    def _run(self, images: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        is_array = isinstance(images, np.ndarray)
        return self._core.run(np.ascontiguousarray(images) if is_array else images)

    def _classify(
        self, images: Sequence[ImageLike] | npt.NDArray[np.uint8], top: int
    ) -> list[list[Prediction]]:
        from edgebin.runtime.preprocess import prepare  # not at the top: it loads Pillow

        shape = self._info.input.shape
        batch = np.stack(
            [
                prepare(image, self.preprocessing, shape, name=f"image {i}")
                for i, image in enumerate(images)
            ]
        )
        return [
            [Prediction(*prediction) for prediction in predictions]
            for predictions in self._core.classify(batch, min(top, sys.maxsize))
        ]

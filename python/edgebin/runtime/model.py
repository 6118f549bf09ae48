"""The public interface of the runtime: load a model, classify images, run arrays.

The C++ core runs the network and ranks the classes; this file adds names, paths and image files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, SupportsIndex, cast, overload

import numpy as np
import numpy.typing as npt

from edgebin.deprecated import renamed_argument
from edgebin.errors import InputError, short
from edgebin.graph.preprocessing import Preprocessing
from edgebin.graph.task import Task, task_of
from edgebin.runtime.arrays import ArrayLike
from edgebin.runtime.embedding import unit_vectors
from edgebin.runtime.inputs import InputsLike, arrays_of
from edgebin.runtime.layers import Layer, describe
from edgebin.runtime.options import (
    RunOptions,
    checked_integer,
    checked_options,
    warn_of_core_deprecations,
)
from edgebin.runtime.pickling import PickledFile, loaded_file, pickled_file, unpickled_source
from edgebin.runtime.prediction import Detections, Prediction, Segmentation
from edgebin.runtime.profile import ProfiledStep, profile
from edgebin.runtime.source import ModelLike, Source, open_core, source_of
from edgebin.runtime.tensors import TensorInfo, input_info, output_info

if TYPE_CHECKING:
    from PIL.Image import Image

    from edgebin.runtime.intermediate import Intermediates, Values
    from edgebin.runtime.preprocess import ImageLike, Pixels


def load(
    path_or_name: ModelLike,
    *,
    threads: SupportsIndex = 1,
    isa: str | None = None,
    kernels: Mapping[str, str] | None = None,
    pin: bool = False,
    max_arena_bytes: SupportsIndex | None = None,
) -> Model:
    """Load an `.ebn` file, or a model that ships with edgebin, by its name.

    Args:
        path_or_name: path of a file, or a name such as "cifar10-resnet20"; or a file in memory:
            bytes, bytearray or memoryview, a file object opened for bytes, which is read, or a
            resource of `importlib.resources`.
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
        path_or_name: ModelLike,
        *,
        threads: SupportsIndex = 1,
        isa: str | None = None,
        kernels: Mapping[str, str] | None = None,
        pin: bool = False,
        max_arena_bytes: SupportsIndex | None = None,
    ) -> None:
        """Load a model; arguments and errors are those of `load`."""
        options = checked_options(
            threads=threads, isa=isa, kernels=kernels, pin=pin, max_arena_bytes=max_arena_bytes
        )
        warn_of_core_deprecations()
        self._open(source_of(path_or_name), options)

    def _open(self, source: Source, options: RunOptions) -> None:
        self._source = source
        self._options = options
        self._loaded = None if source.path is None else loaded_file(source.path)
        self._core = open_core(source, options)
        self._info = self._core.info

    def __repr__(self) -> str:
        """Return name, file and instruction set."""
        return f"<edgebin.Model {short(self.name)} from {self._source!r} on {self.isa}>"

    def __copy__(self) -> Model:
        """Return another object for the same loaded network, which does not change."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Model:
        """Return the same as `__copy__`: nothing in a loaded network can be changed."""
        return self.__copy__()

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[Any, ...]]:
        """Pickle the path of the file, or its bytes, and the options; `pickling.py` says which."""
        file = pickled_file(self._source, self._loaded, lambda: self._core.file)
        options = {field.name: getattr(self._options, field.name) for field in fields(RunOptions)}
        return _unpickled, (type(self), file, options)

    @overload
    def __call__(
        self, image: str | os.PathLike[str] | bytes | BinaryIO | Image, *, top: SupportsIndex = 5
    ) -> list[Prediction]: ...
    @overload
    def __call__(self, image: ArrayLike, *, top: SupportsIndex = 5) -> list[Any]: ...
    @overload
    def __call__(
        self, image: Iterable[ImageLike], *, top: SupportsIndex = 5
    ) -> list[list[Prediction]]: ...
    @overload
    def __call__(self, image: ImageLike, *, top: SupportsIndex = 5) -> list[Any]: ...

    def __call__(
        self, image: ImageLike | Iterable[ImageLike], *, top: SupportsIndex = 5
    ) -> list[Prediction] | list[list[Prediction]]:
        """Classify an image or a batch of images, or do what else the task of the model is.

        Args:
            image: a path, a Pillow image, an image file as bytes or a file object, or a uint8 array
                (height, width[, channels]) of any size, grey, RGB or RGBA. An array may be numpy's,
                a torch tensor on the CPU, or anything else that exports its memory. Or a batch: an
                iterable of those, such as a list or `Path.glob`, or a uint8 array (images, height,
                width, channels).
            top: how many classes to return, at most; not of a detector.

        Returns:
            The best classes, best first; for a batch, a list of such lists. Scores are the
            softmax of the first output, in float64; as they are where the network ends in softmax.

            Where the task of the model is to detect: the `Detections` of the image, or a list of
            them; to segment: `Segmentation`; to embed: what `embed` returns.

        Raises:
            InputError: an image cannot be read, or the task is another.
            ModelFileError: the network gave NaN or infinity.
            OptionError: `top` is not a positive integer.

        Warns:
            EdgebinWarning: an image was read, although something about it is unusual.
        """
        count = min(checked_integer("top", top, 1), sys.maxsize)
        if len(self.inputs) > 1:
            raise InputError(
                f"model: expected one input to classify, found {len(self.inputs)}; what works: "
                "Model.run with a dictionary of arrays"
            )
        if self._info.detect is not None:
            return cast(list[Prediction], self.detect(image))
        if self._info.task == "segment":
            return cast(list[Prediction], self.segment(image))
        if self._info.task == "embed":
            return cast(list[Prediction], self.embed(image))
        batch, pixels = self._prepared(image)
        if not len(pixels):
            return []
        answers = [
            [Prediction(*prediction) for prediction in predictions]
            for predictions in self._core.classify(pixels, count)
        ]
        return answers if batch else answers[0]

    @overload
    def detect(self, image: str | os.PathLike[str] | bytes | BinaryIO | Image) -> Detections: ...
    @overload
    def detect(self, image: ArrayLike) -> Any: ...
    @overload
    def detect(self, image: Iterable[ImageLike]) -> list[Detections]: ...

    def detect(self, image: ImageLike | Iterable[ImageLike]) -> Detections | list[Detections]:
        """Find the objects in an image or a batch of images.

        Args:
            image: an image or a batch, as for a call of the model.

        Returns:
            The objects, best first, as a list that can draw itself; boxes are in pixels of the
            image as one sees it. For a batch, a list of such lists.

        Raises:
            InputError: an image cannot be read, or the task is another.
        """
        from edgebin.runtime.detection import detect  # not at the top: it loads Pillow

        return detect(self._core, self.preprocessing, image)

    @overload
    def segment(self, image: str | os.PathLike[str] | bytes | BinaryIO | Image) -> Segmentation: ...
    @overload
    def segment(self, image: ArrayLike) -> Any: ...
    @overload
    def segment(self, image: Iterable[ImageLike]) -> list[Segmentation]: ...

    def segment(self, image: ImageLike | Iterable[ImageLike]) -> Segmentation | list[Segmentation]:
        """Tell the class of each pixel of an image or a batch of images.

        Args:
            image: an image or a batch, as for a call of the model.

        Returns:
            The classes with their shares of the image, largest first, as a list that has the map of
            all pixels and can draw it. For a batch, a list of such lists.

        Raises:
            InputError: an image cannot be read, or the task is another.
        """
        from edgebin.runtime.segmentation import segment  # not at the top: it loads Pillow

        self._expect_task("segment")
        return segment(self._core, self.preprocessing, image)

    def embed(self, image: ImageLike | Iterable[ImageLike]) -> npt.NDArray[np.float32]:
        """Turn an image or a batch of images into vectors of length 1.

        Args:
            image: an image or a batch, as for a call of the model.

        Returns:
            The first output divided by its length, which is computed in float64: (numbers), for a
            batch (images, numbers). The product of two vectors is the cosine of their angle. A
            vector of zeros stays as it is.

        Raises:
            InputError: an image cannot be read, or the task is another.
        """
        self._expect_task("embed")
        batch, pixels = self._prepared(image)
        vectors = unit_vectors(self._core.run(pixels)[0])
        return vectors if batch else cast(npt.NDArray[np.float32], vectors[0])

    def _expect_task(self, kind: str) -> None:
        if self._info.task != kind:
            raise InputError(f"model: expected the task {kind}, found {self._info.task}")

    def prepare(self, image: ImageLike | Iterable[ImageLike]) -> npt.NDArray[np.uint8]:
        """Turn an image or a batch of images into the pixels that `run` takes.

        An image is turned upright, resized, cropped and converted as the file says; see
        `preprocessing`. Normalisation is part of the network, so pixels stay 0 to 255.

        Args:
            image: an image or a batch, as for a call of the model.

        Returns:
            uint8 (images, height, width, channels), in the network's colour order; one image gives
            a batch of one.

        Raises:
            InputError: an image cannot be read, or the network's input is no image.
        """
        return self._prepared(image)[1]

    @overload
    def run(self, images: InputsLike, *, outputs: None = None) -> npt.NDArray[np.float32]: ...
    @overload
    def run(self, images: InputsLike, *, outputs: Sequence[str]) -> dict[str, Values]: ...

    @renamed_argument("pictures", "images")
    def run(
        self, images: InputsLike, *, outputs: Sequence[str] | None = None
    ) -> npt.NDArray[np.float32] | dict[str, Values]:
        """Run the network on arrays that already have its size, such as pixels.

        Args:
            images: (images, height, width, channels) of the dtype in `inputs`, uint8 as `prepare`
                makes them for images: numpy's, or another array on the CPU. Where the network has
                several inputs, a dictionary with an array for each, by name.
            outputs: names of values to return: of layers as in `layers`, of outputs, or of modules
                of the network, such as "layer3" for the last layer whose name begins with
                "layer3.". The first run with other names than before prepares the network for them.

        Returns:
            The first output: float32 (images, channels), or (images, height, width, channels)
            where it has more than one position. With `outputs`, the values by name, of those
            shapes; 2-bit codes are uint8, 0 to 3.

        Raises:
            InputError: another shape, dtype or number of images, or an input is missing.
            OptionError: a name is unknown.
        """
        arrays = arrays_of(images, self.inputs)
        if outputs is not None:
            return self._intermediates.run(arrays, outputs)
        return self._core.run(arrays)[0]

    @renamed_argument("pictures", "images")
    def run_outputs(self, images: InputsLike) -> dict[str, npt.NDArray[np.float32]]:
        """Like `run`; returns every output by its name."""
        arrays = self._core.run(arrays_of(images, self.inputs))
        return {output.name: array for output, array in zip(self.outputs, arrays, strict=True)}

    @renamed_argument("pictures", "images")
    def profile(self, images: InputsLike) -> tuple[ProfiledStep, ...]:
        """Run the network on images one by one and time its steps.

        Args:
            images: as for `run`, at least one.

        Returns:
            What runs as one step, in order, with the median time of an image.

        Raises:
            InputError: another shape or dtype, or no image.
        """
        arrays = arrays_of(images, self.inputs)
        first = arrays[0] if isinstance(arrays, list) else arrays
        if isinstance(first, np.ndarray) and first.shape[:1] == (0,):
            raise InputError("images: expected at least one to profile, found none")
        return profile(self._core, arrays)

    @property
    def name(self) -> str:
        """Name of the network, from the file."""
        return self._info.name

    @property
    def path(self) -> Path | None:
        """The file; None where the model was loaded from memory."""
        return self._source.path

    @property
    def producer(self) -> str:
        """What wrote the file."""
        return self._info.producer

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The inputs, in the order of the file; the first may be an image."""
        return tuple(map(input_info, self._info.inputs))

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
            fit="letterbox" if info.letterbox else "crop",
            fill=info.fill,
        )

    @property
    def task(self) -> Task:
        """What the outputs are for."""
        return task_of(self._info)

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

    @cached_property
    def _intermediates(self) -> Intermediates:
        from edgebin.runtime.intermediate import Intermediates  # not at the top: seldom needed

        return Intermediates(self._core, self._options)

    def _prepared(self, images: object) -> tuple[bool, Pixels]:
        """Return whether it is a batch, and its pixels."""
        from edgebin.runtime.preprocess import prepare_any  # not at the top: it loads Pillow

        return prepare_any(images, self.preprocessing, self._info.inputs[0].shape)


def _unpickled(kind: type[Model], file: PickledFile, options: dict[str, Any]) -> Model:
    model = object.__new__(kind)
    model._open(unpickled_source(file), RunOptions(**options))
    return model

"""The C++ core: reads `.ebn` files and runs them. Private; `edgebin.Model` is the public interface.

These are the classes and functions of csrc/include/edgebin/model.h, with numpy arrays for spans.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, overload

import numpy as np
import numpy.typing as npt

Inputs: TypeAlias = npt.NDArray[Any] | list[npt.NDArray[Any]]

class Model:
    """A network, prepared for one instruction set. Safe to share between threads.

    Each concurrent run works in a session (an arena and worker threads) of its own, taken from a
    free list and made on demand. The GIL is released while the core runs.
    """

    @overload
    def __init__(
        self,
        path: str,
        isa: str = "",
        threads: int = 1,
        kernels: Mapping[str, str] = ...,
        pin: bool = False,
        conv_algo: str = "",
        max_arena_bytes: int = 0,
    ) -> None:
        """Map and prepare the file.

        Args:
            path: of the file.
            isa: one of `isas()`; "" takes EDGEBIN_ISA or the best one available.
            threads: of one run, 1 to 256.
            kernels: by layer name, the kernel to run it on, as `steps` names it.
            pin: pin each started thread to a core of its own.
            conv_algo: "lookup" or "bit_serial", for layers that both serve; "" takes
                EDGEBIN_CONV_ALGO or the faster one.
            max_arena_bytes: a network that needs a larger arena is refused before it is
                allocated: 1 to 2^31; 0 is 2^31.

        Raises:
            ModelFileError: the file is missing, damaged or breaks a rule of FORMAT.md.
            OptionError: an option is invalid here.
        """

    @overload
    def __init__(
        self,
        file: bytes,
        isa: str = "",
        threads: int = 1,
        kernels: Mapping[str, str] = ...,
        pin: bool = False,
        conv_algo: str = "",
        max_arena_bytes: int = 0,
    ) -> None:
        """Prepare a file in memory, which the model keeps."""

    def run(self, inputs: Inputs) -> list[npt.NDArray[np.float32]]:
        """Run (N, H, W, C) arrays; one float32 array per output, (N, C) or (N, H, W, C).

        Takes an array where the network has one input, else a list of one for each. Raises
        InputError on another number, shape or dtype.
        """

    def classify(
        self, images: npt.NDArray[np.uint8], top: int
    ) -> list[list[tuple[str, int, float]]]:
        """Run (N, H, W, C) images, at least one, and rank the classes of each.

        Returns label, number and probability of the `top` best classes, best first. Raises
        InputError on another shape or dtype or if the first output has several positions,
        ModelFileError if a score is NaN or infinite.
        """

    def detect(
        self, images: npt.NDArray[np.uint8], sizes: list[tuple[int, int]]
    ) -> list[npt.NDArray[np.float32]]:
        """Run (N, H, W, C) images and find objects.

        `sizes` are (width, height) of the upright images that they were made from, or (0, 0) for
        boxes in pixels of the input. Returns (boxes, 6) for each image, best first: left, top,
        right, bottom, score, number of the class. Raises InputError on another shape or dtype or
        if the task is another.
        """

    def decode(self, outputs: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        """Find objects in the outputs of one image, as `detect` does, in pixels of the input."""

    def profile(self, inputs: Inputs) -> list[list[int]]:
        """Run images, at least one, one by one; nanoseconds of each step, by image.

        Takes and raises what `run` does.
        """

    def verify(self) -> Difference | None:
        """Run the probe images and return the first value that has another hash than the file's.

        Raises ModelFileError if the file has no fingerprint.
        """

    @property
    def steps(self) -> list[tuple[list[int], str]]:
        """What runs as one step, in order: numbers of layers, and the kernel of the first.

        The kernel of a convolution or linear layer is "lookup_wide", "lookup_narrow",
        "lookup_pairs", "bit_serial", "u8s8", "f32" or "depthwise"; "" for anything else.
        """

    @property
    def file(self) -> bytes:
        """The bytes of the file, as it is now where the model was loaded by path.

        Reading them ends the process where the file was truncated meanwhile.
        """

    @property
    def info(self) -> ModelInfo: ...
    @property
    def layers(self) -> list[LayerInfo]: ...
    @property
    def constants(self) -> list[dict[str, npt.NDArray[np.generic]]]:
        """Per layer, role -> array: bool for bit (True is +1), int8, int16, int32, float32."""

    @property
    def fingerprint(self) -> list[tuple[int, list[int]]]:
        """The fingerprint of the file: seed and hashes by value, for each probe image."""

class ValueInfo:
    """A value that enters or leaves the network."""

    name: Final[str]
    shape: Final[tuple[int, int, int]]  # height, width, channels
    probabilities: Final[bool]  # an output of a softmax, flattened or not
    value: Final[int]  # its number, as in LayerInfo.inputs
    dtype: Final[str]  # of an input: "u8", "s8" or "f32"; outputs are "f32"

class DetectInfo:
    """How the outputs of a detector become boxes."""

    form: Final[str]
    class_aware: Final[bool]
    iou_threshold: Final[float]
    candidates: Final[int]
    max_boxes: Final[int]
    @property
    def levels(self) -> list[tuple[int, int, int]]: ...

class ModelInfo:
    """What a model is."""

    name: Final[str]
    producer: Final[str]
    inputs: Final[list[ValueInfo]]
    outputs: Final[list[ValueInfo]]
    labels: Final[list[str]]
    colour: Final[str]  # "rgb", "bgr", "grey"
    filter: Final[str]  # "nearest", "bilinear", "bicubic", "lanczos"
    resize: Final[int]
    letterbox: Final[bool]  # instead of resize and crop
    fill: Final[int]  # of the letterbox, 0 to 255
    task: Final[str]  # "classify", "detect", "segment", "embed" or "raw"
    temperature: Final[float]  # of "classify"; threshold also of "detect"
    threshold: Final[float]
    detect: Final[DetectInfo | None]
    mean: Final[list[float]]
    scale: Final[list[float]]
    isa: Final[str]
    threads: Final[int]
    file_bytes: Final[int]
    arena_bytes: Final[int]  # of one session, scratch included
    live_bytes: Final[int]  # the most bytes in use at once; no arena can be smaller
    probe_images: Final[int]  # number of images of the fingerprint

class Difference:
    """The first value, in the order of execution, whose bits are not those the file promises.

    Args:
        layer: that computes the value.
        ops: operators of what runs as one step, such as "conv + add + quantize".
        value: the layer in that step whose output it is.
        kernel: of a convolution or linear layer, as `Model.profile` names it; "" for others.
        isa: instruction set on which it was run.
        threads: of the run.
        image: number of the probe image, from 0.
        expected: hash of the value in the file, CRC-32.
        found: hash of the value on this machine.
    """

    layer: Final[str]
    ops: Final[str]
    value: Final[str]
    kernel: Final[str]
    isa: Final[str]
    threads: Final[int]
    image: Final[int]
    expected: Final[int]
    found: Final[int]

    def __init__(
        self,
        layer: str,
        ops: str,
        value: str,
        kernel: str,
        isa: str,
        threads: int,
        image: int,
        expected: int,
        found: int,
    ) -> None: ...
    @property
    def line(self) -> str:
        """All of it in one line, as `str` returns it."""

class LayerInfo:
    """One operator after shape inference."""

    op: Final[str]
    name: Final[str]
    inputs: Final[list[int]]  # value numbers: the inputs first, then one for each layer
    attributes: Final[dict[str, int]]
    dtype: Final[str]  # of the output: "u8", "code" or "f32"
    shape: Final[tuple[int, int, int]]  # of the output: height, width, channels
    macs: Final[int]  # multiply-accumulates per image
    weight_bits: Final[int]  # bits per weight: 1, 8, 32, or 0 without weights
    constant_bytes: Final[int]  # of all its constants, as stored in the file

def isas() -> list[str]:
    """Instruction sets that this build has and this machine can run, best first."""

def core() -> str:
    """The ARM core of the calling thread, such as "cortex-a72"; "" where it is not known."""

def conv_algo(isa: str = "") -> str:
    """Algorithm of convolutions of codes and bits that both serve: "lookup" or "bit_serial".

    EDGEBIN_CONV_ALGO decides if it is set; else what is known of the core, or a trial of a
    millisecond. Raises OptionError for an instruction set or a value of EDGEBIN_CONV_ALGO that
    does not exist here.
    """

def deprecations() -> list[str]:
    """What this process uses that a later release drops, one sentence each."""

def codes() -> list[str]:
    """Codes of all rules that a file may break, in the order of FORMAT.md."""

def combinations(isa: str = "", threads: int = 0) -> list[tuple[str, str, int]]:
    """What a verification tries: instruction set, conv algorithm, number of threads.

    Only those with the `isa` and `threads` given, if they are. Raises OptionError for an
    instruction set that does not exist here.
    """

def pin_caller() -> None:
    """Pin the calling thread to the core that a pinned model leaves to it."""

def core_share() -> float | None:
    """Share of its core that the calling thread gets; None where that is not known."""

def operators() -> dict[str, str]:
    """Family of each operator that the runtime knows, by name."""

"""The C++ core: reads `.ebn` files and runs them. Private; `edgebin.Model` is the public face."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

class Model:
    """A network, prepared for one instruction set. Safe to share between threads.

    Each concurrent `run` works in a session (an arena and worker threads) of its own, taken from
    a free list and made on demand.
    """

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
        """Map and prepare the file; `isa` "" takes EDGEBIN_ISA or the best one available.

        `kernels` prescribes the kernel of some layers, by name: one of those that `stages` shows.
        `pin` keeps each started thread on a core of its own. `conv_algo` is "lookup"
        or "bit_serial" for layers that suit both; "" takes EDGEBIN_CONV_ALGO or the faster one. A
        network whose arena needs more than `max_arena_bytes` (1 to 2^31; 0 is 2^31) is refused
        before it is allocated.
        Raises edgebin.errors.ModelFileError or OptionError.
        """

    def run(self, pictures: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        """Run (N, H, W, C) pictures; one float32 array per output, (N, C) or (N, H, W, C).

        The GIL is released. Raises InputError on a wrong shape or dtype.
        """

    def profile(self, pictures: npt.NDArray[np.uint8]) -> list[list[int]]:
        """Run (N, H, W, C) pictures one by one; nanoseconds of each stage, by picture.

        The GIL is released. Raises InputError on a wrong shape or dtype.
        """

    def verify(self) -> Difference | None:
        """Run the file's self-test and return the first value that has another hash.

        The GIL is released. Raises ModelFileError if the file has no self-test.
        """

    @property
    def stages(self) -> list[tuple[list[int], str]]:
        """What runs as one step, in order: numbers of nodes, and the kernel of the first.

        The kernel of a convolution or linear layer is "lookup_wide", "lookup_narrow",
        "lookup_pairs", "bit_serial", "u8s8", "f32" or "depthwise"; "" for anything else.
        """

    @property
    def info(self) -> NetworkInfo: ...
    @property
    def layers(self) -> list[LayerInfo]: ...
    @property
    def constants(self) -> list[dict[str, npt.NDArray[np.generic]]]:
        """Per node, role -> array: bool for bit (True is +1), int8, int16, int32, float32."""

    @property
    def isa(self) -> str: ...
    @property
    def threads(self) -> int: ...
    @property
    def arena_bytes(self) -> int:
        """Bytes of one session's arena, scratch included."""

    @property
    def live_bytes(self) -> int:
        """The most bytes that are in use at once; no arena can be smaller."""

    @property
    def file_bytes(self) -> int: ...

class NetworkInfo:
    """What the header says outside the nodes."""

    name: Final[str]
    producer: Final[str]
    colour: Final[str]  # "rgb", "bgr", "grey"
    filter: Final[str]  # "nearest", "bilinear", "bicubic", "lanczos"
    resize: Final[int]
    mean: Final[list[float]]
    scale: Final[list[float]]
    labels: Final[list[str]]
    inputs: Final[list[tuple[str, tuple[int, int, int]]]]  # (height, width, channels), u8
    outputs: Final[list[tuple[str, int]]]  # name, value number
    self_test: Final[list[tuple[int, list[int]]]]  # seed, hashes by value number

class Difference:
    """Where this machine does not do what the file says; `str` is one line."""

    layer: Final[str]  # that computes the value
    ops: Final[str]  # of what runs as one step: "conv + add + quantize"
    value: Final[str]  # the node in that step whose value it is
    kernel: Final[str]  # of a convolution or linear layer; "" for anything else
    isa: Final[str]
    threads: Final[int]
    picture: Final[int]  # number of the test picture
    expected: Final[int]
    found: Final[int]

class LayerInfo:
    """One node after shape inference."""

    op: Final[str]
    name: Final[str]
    inputs: Final[list[int]]  # value numbers: graph inputs first, then one per node
    attributes: Final[dict[str, int]]
    dtype: Final[str]  # of the output: "u8", "code" or "f32"
    shape: Final[tuple[int, int, int]]  # of the output: height, width, channels
    macs: Final[int]  # multiply-accumulates per picture
    weight_bits: Final[int]  # bits per weight: 1, 8, 32, or 0 without weights
    constant_bytes: Final[int]  # of all its constants, as stored in the file

def isas() -> list[str]:
    """Instruction sets this build has and this machine can run, best first."""

def core() -> str:
    """The ARM core that asks, such as "cortex-a72"; "" where it is not known, and on x86."""

def conv_algo(isa: str = "") -> str:
    """Algorithm of the convolutions of codes and bits that suit both: "lookup" or "bit_serial".

    EDGEBIN_CONV_ALGO decides if it is set; else what is known of the core, or a trial of a
    millisecond. Raises edgebin.errors.OptionError for an instruction set or a value of
    EDGEBIN_CONV_ALGO that is not there.
    """

def deprecations() -> list[str]:
    """What this process uses that a later release drops, one sentence each."""

def codes() -> list[str]:
    """Codes of all rules that a file may break, in the order of FORMAT.md."""

def combinations(isa: str = "", threads: int = 0) -> list[tuple[str, str, int]]:
    """What a verification goes through: instruction set, algorithm, number of threads.

    Only those with the `isa` and `threads` given, if they are.
    Raises edgebin.errors.OptionError for an instruction set that is not there.
    """

def operators() -> dict[str, str]:
    """Family of each operator that the runtime knows, by name."""

"""Options of an alternating update: plain data, checked."""

from __future__ import annotations

from dataclasses import dataclass

from edgebin.deprecated import renamed_argument, renamed_attribute
from edgebin.errors import OptionError, short
from edgebin.integers import as_integer

TARGETS = ("response", "layer")
METHODS = ("ascend", "bwnh")
KEPT = ("better", "all")
_MINIMA = {
    "holdout": 2,
    "images": 2,
    "positions": 1,
    "rounds": 1,
    "sweeps": 1,
    "batch_size": 2,
    "seed": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineOptions:
    """Options of `edgebin.refine.refine`.

    Attributes:
        method: "ascend" is coordinate ascent with free scales and intercepts; "bwnh" the update as
            in the literature, with the response target, no free intercept while signs are sought,
            and scales and signs in turn.
        target: what layers should answer, "response" or "layer", see `teacher.targets`; "bwnh"
            takes "response" only.
        keep: "better" accepts a layer's new signs if they lower the loss, "all" accepts them
            always, for a network whose signs were never trained.
        images: number of training images that moments and batch norms are measured on.
        holdout: number of other training images, at least 2, that judge whether a layer lowers the
            loss; images that training held out come first.
        positions: at most this many output positions of an image count, drawn at random.
        rounds: passes through the network.
        sweeps: at most this many over the signs of a layer.
        batch_size: images in a batch, about; the batches of one pass differ by at most one image.
        seed: of the images and positions that are drawn.

    Raises:
        OptionError: an impossible value.
    """

    method: str = "ascend"
    target: str = "response"
    keep: str = "better"
    images: int = 2000
    holdout: int = 5000
    positions: int = 256
    rounds: int = 1
    sweeps: int = 20
    batch_size: int = 100
    seed: int = 0

    pictures = renamed_attribute("pictures", "images")

    def __post_init__(self) -> None:
        """Check every value."""
        for name, known in (("method", METHODS), ("target", TARGETS), ("keep", KEPT)):
            value = getattr(self, name)
            if value not in known:
                raise OptionError(f"refine {name}: expected {', '.join(known)}, found {value!r}")
        if self.method == "bwnh" and self.target != "response":
            raise OptionError(
                f"refine target: expected response for method bwnh, found {self.target!r}"
            )
        for name, minimum in _MINIMA.items():
            value = as_integer(getattr(self, name))
            if value is None or value < minimum:
                found = short(getattr(self, name))
                raise OptionError(f"refine {name}: expected at least {minimum}, found {found}")
            object.__setattr__(self, name, value)
        if self.seed >= 2**63:
            raise OptionError(f"refine seed: expected less than 2^63, found {self.seed}")


RefineOptions.__init__ = renamed_argument("pictures", "images")(RefineOptions.__init__)  # type: ignore[method-assign]

"""What an alternating update is to do: plain data, checked."""

from __future__ import annotations

from dataclasses import dataclass

from edgebin.errors import OptionError

TARGETS = ("response", "layer")
METHODS = ("ascend", "bwnh")
KEPT = ("better", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineOptions:
    """Options of `update.refine`.

    Attributes:
        method: "ascend", or "bwnh", the update as the literature has it: the teacher's response, no
            free intercept while signs are sought, scales and signs in turn.
        target: what layers should answer, see `targets`; "bwnh" knows "response" only.
        keep: "better" keeps a layer's new signs if they lower the loss, "all" keeps them anyway,
            for a network whose signs were never trained.
        pictures: training pictures that moments and statistics are measured on.
        holdout: other training pictures, two at least, on which a layer must lower the loss to be
            kept; those that training held out come first.
        positions: of a picture at most so many output positions count, drawn at random.
        rounds: how often to go through the network.
        sweeps: at most so many over the signs of a layer.
        batch_size: pictures at once, about; the batches of one pass are of one size, or one apart.
        seed: of what is drawn.

    Raises:
        OptionError: an impossible value.
    """

    method: str = "ascend"
    target: str = "response"
    keep: str = "better"
    pictures: int = 2000
    holdout: int = 5000
    positions: int = 256
    rounds: int = 1
    sweeps: int = 20
    batch_size: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every value."""
        for name, known in (("method", METHODS), ("target", TARGETS), ("keep", KEPT)):
            found = getattr(self, name)
            if found not in known:
                raise OptionError(f"refine {name}: expected {', '.join(known)}, found {found!r}")
        if self.method == "bwnh" and self.target != "response":
            raise OptionError(
                f"refine target: expected response for method bwnh, found {self.target!r}"
            )
        least = {"holdout": 2, "pictures": 2, "positions": 1, "rounds": 1, "sweeps": 1}
        for name, bound in {**least, "batch_size": 2, "seed": 0}.items():
            found = getattr(self, name)
            if type(found) is not int or found < bound:
                raise OptionError(f"refine {name}: expected at least {bound}, found {found!r}")
        if self.seed >= 2**63:
            raise OptionError(f"refine seed: expected less than 2^63, found {self.seed}")

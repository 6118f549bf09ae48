"""Names of processor cores by the numbers in Arm's main ID register (MIDR_EL1).

Implementer and part are numbers that Arm and its licensees publish. Unknown pairs are shown as
numbers.
"""

from __future__ import annotations

_ARM, _NVIDIA = 0x41, 0x4E

_NAMES = {
    (_ARM, 0xB76): "ARM1176",
    (_ARM, 0xC05): "Cortex-A5",
    (_ARM, 0xC07): "Cortex-A7",
    (_ARM, 0xC08): "Cortex-A8",
    (_ARM, 0xC09): "Cortex-A9",
    (_ARM, 0xC0E): "Cortex-A17",
    (_ARM, 0xC0F): "Cortex-A15",
    (_ARM, 0xD01): "Cortex-A32",
    (_ARM, 0xD02): "Cortex-A34",
    (_ARM, 0xD03): "Cortex-A53",
    (_ARM, 0xD04): "Cortex-A35",
    (_ARM, 0xD05): "Cortex-A55",
    (_ARM, 0xD06): "Cortex-A65",
    (_ARM, 0xD07): "Cortex-A57",
    (_ARM, 0xD08): "Cortex-A72",
    (_ARM, 0xD09): "Cortex-A73",
    (_ARM, 0xD0A): "Cortex-A75",
    (_ARM, 0xD0B): "Cortex-A76",
    (_ARM, 0xD0C): "Neoverse-N1",
    (_ARM, 0xD0D): "Cortex-A77",
    (_ARM, 0xD0E): "Cortex-A76AE",
    (_ARM, 0xD40): "Neoverse-V1",
    (_ARM, 0xD41): "Cortex-A78",
    (_ARM, 0xD42): "Cortex-A78AE",
    (_ARM, 0xD43): "Cortex-A65AE",
    (_ARM, 0xD44): "Cortex-X1",
    (_ARM, 0xD46): "Cortex-A510",
    (_ARM, 0xD47): "Cortex-A710",
    (_ARM, 0xD48): "Cortex-X2",
    (_ARM, 0xD49): "Neoverse-N2",
    (_ARM, 0xD4B): "Cortex-A78C",
    (_ARM, 0xD4D): "Cortex-A715",
    (_ARM, 0xD4E): "Cortex-X3",
    (_ARM, 0xD4F): "Neoverse-V2",
    (_NVIDIA, 0x000): "Denver",
    (_NVIDIA, 0x003): "Denver 2",
    (_NVIDIA, 0x004): "Carmel",
}
_FIRST_OF_64_BITS = 0xD02  # of Arm's own parts; Cortex-A32 before it has 32


def core_name(implementer: int, part: int) -> str:
    """Return a core's name, or its numbers."""
    named = _NAMES.get((implementer, part))
    return named or f"implementer 0x{implementer:02x}, part 0x{part:03x}"


def has_64_bits(implementer: int, part: int) -> bool | None:
    """Return whether a core can run 64-bit code; None if it is not known here."""
    if (implementer, part) not in _NAMES:
        return None
    return implementer == _NVIDIA or part >= _FIRST_OF_64_BITS

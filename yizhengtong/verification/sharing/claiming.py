"""Which claims may be told to whom."""

from collections.abc import Collection, Mapping

_COARSER: Mapping[str, tuple[str, ...]] = {
    "name": ("name_masked",),
    "number": ("number_masked",),
    "birth_date": ("over_18", "over_60", "over_65"),
}
"""Who may be told a claim may be told what says less of the same."""


def tellable(granted: Collection[str]) -> frozenset[str]:
    """Return the claims that may be told to who was granted some: those, and what is coarser than one of them."""
    return frozenset(granted) | {less for name in granted for less in _COARSER.get(name, ())}

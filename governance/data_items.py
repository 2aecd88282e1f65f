"""What an agreement can name: the data items that extracts can carry, each with a plain label.

Governance does not know what is in an extract. The app that reads them offers its fields here when it
starts, and whoever writes an agreement chooses from what was offered. No Django here.
"""

from dataclasses import dataclass

# What says who a row is about. A file without either can be kept for nobody.
IDENTIFIERS = frozenset({"nhs_number", "pseudonym"})


@dataclass(frozen=True)
class DataItem:
    """One thing that can be shared about a person."""

    name: str
    label: str
    kept: bool = True  # whether the product has a place for it

    @property
    def in_words(self) -> str:
        return self.label if self.kept else f"{self.label} (may be sent; this system does not keep it)"


_offered: dict[str, DataItem] = {}


def offer(*items: DataItem) -> None:
    """Let agreements name these; the same name again replaces its item."""
    _offered.update({item.name: item for item in items})


def offered() -> list[DataItem]:
    """Everything an agreement can name, in the order it was offered."""
    return list(_offered.values())


def label(name: str) -> str:
    """A data item as people say it; one that nobody offers is put into words from its name."""
    if name in _offered:
        return _offered[name].in_words
    return name.replace("_", " ").replace("nhs", "NHS").replace("gp ", "GP ").capitalize()

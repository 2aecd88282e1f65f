"""What the page of presets shows: which the service has, and which have a newer version."""

from dataclasses import dataclass

from casework.presets import plan, read
from casework.presets.read import Preset
from governance.models import PresetLoad, Service


@dataclass(frozen=True)
class Row:
    """One preset, and the version of it that the service has."""

    preset: Preset
    loaded: PresetLoad | None

    @property
    def is_behind(self) -> bool:
        """Whether a newer version waits."""
        return self.loaded is not None and self.loaded.version < self.preset.version


def rows(service: Service) -> list[Row]:
    """Every preset that comes with the product; those of the service first."""
    loads = plan.newest_loads(service)
    found = [Row(preset, loads.get(preset.name)) for preset in map(read.load, read.names())]
    return sorted(found, key=lambda row: (row.loaded is None, row.preset.title))

"""Who works in the two invented services. Every name is made up; no password here guards a real person."""

from dataclasses import dataclass

from governance.roles import Role

PASSWORD = "walk-the-fens-2026"  # noqa: S105  printed on purpose; only the demo signs in with it


@dataclass(frozen=True)
class Worker:
    """Somebody who signs in; `hours` a week is None for those who carry no cases."""

    name: str
    email: str
    role: Role
    hours: float | None = None
    target_points: int = 16


@dataclass(frozen=True)
class Cast:
    """A service, the organisations around it, and its people."""

    slug: str
    name: str
    host: str
    trust: str
    site: str
    workers: tuple[Worker, ...]


FENLAND = Cast(
    slug="fenland",
    name="Fenland HIU service",
    host="Fenland Community Trust (invented)",
    trust="Fenland General Hospital Trust (invented)",
    site="Fenland General",
    workers=(
        Worker("Priya Lead", "lead@fenland.example", Role.HIU_LEAD, 37.5, 8),
        Worker("Sam Walker", "worker@fenland.example", Role.LINK_WORKER, 37.5),
        Worker("Ola Bright", "ola@fenland.example", Role.LINK_WORKER, 30),
        Worker("Maureen Finch", "maureen@fenland.example", Role.LINK_WORKER, 22.5),
        Worker("Dev Harrow", "dev@fenland.example", Role.LINK_WORKER, 37.5),
        Worker("Kit Marsh", "kit@fenland.example", Role.LINK_WORKER, 15),
        Worker("Ruth Manager", "manager@fenland.example", Role.SERVICE_MANAGER),
        Worker("Colin Board", "commissioner@fenland.example", Role.COMMISSIONER),
        Worker("Ines Keeper", "ig@fenland.example", Role.IG_LEAD),
        Worker("Abel Check", "auditor@fenland.example", Role.AUDITOR),
        Worker("Ada Keys", "admin@fenland.example", Role.ADMINISTRATOR),
    ),
)
HARBOUR = Cast(
    slug="harbour",
    name="Harbour HIU service",
    host="Harbour Voluntary Action (invented)",
    trust="Harbour Royal Hospital Trust (invented)",
    site="Harbour Royal",
    workers=(
        Worker("Tess Lead", "lead@harbour.example", Role.HIU_LEAD, 37.5, 8),
        Worker("Ned Shore", "worker@harbour.example", Role.LINK_WORKER, 37.5),
        Worker("Bea Quay", "bea@harbour.example", Role.LINK_WORKER, 37.5),
        Worker("Femi Tide", "femi@harbour.example", Role.LINK_WORKER, 30),
        Worker("Lou Anchor", "lou@harbour.example", Role.LINK_WORKER, 22.5),
        Worker("Jan Pier", "jan@harbour.example", Role.LINK_WORKER, 37.5),
        Worker("Vic Board", "commissioner@harbour.example", Role.COMMISSIONER),
    ),
)
SERVICES = (FENLAND, HARBOUR)

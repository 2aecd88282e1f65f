import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cohorts.actions import source as actions
from cohorts.models import Source
from cohorts.pipeline import codes, derive
from cohorts.pipeline import profile as profiles
from cohorts.pipeline.fields import PARTS, F
from governance import scope
from governance.actions import agreement as agreements
from governance.arguments import checked
from governance.models import Agreement, Organisation, Service
from governance.rules import RuleBroken


class Command(BaseCommand):
    help = (
        "Add a feed with its column mapping, or give a feed a new mapping. "
        "Example: manage.py add_source --service fenland --source hes --profile hes_ae"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--service", required=True, help="the service's short name")
        parser.add_argument("--source", required=True, help="the source's short name")
        parser.add_argument(
            "--profile",
            required=True,
            type=checked(_profile),
            help=f"a TOML file, or one of {', '.join(profiles.shipped())}",
        )
        parser.add_argument("--name", help="what people call the source; default: the profile's title")
        parser.add_argument(
            "--organisation", help="who sends it: ODS code or name; default: the agreement's sharer"
        )
        parser.add_argument(
            "--agreement",
            help="title of the agreement; without it one is written that names the profile's fields",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            profile = profiles.load(options["profile"])
            service = Service.objects.called(options["service"])
            with scope.of(service):
                source = self._add(service, options, profile)
        except (RuleBroken, profiles.BadProfile) as problem:
            raise CommandError(str(problem)) from None
        cannot = derive.cannot(profile.columns, shape=profile.shape, measure=profile.measure)
        result = {
            "source": source.slug,
            "profile": profile.name,
            "columns": source.columns,
            "cannot_be_derived": cannot,
        }
        if options["json"]:
            self.stdout.write(json.dumps(result))
            return
        self.stdout.write(f"{source} reads {len(source.columns)} columns, as {profile.title} has them.")
        for sentence in cannot:
            self.stdout.write(f"  {sentence}")

    @transaction.atomic
    def _add(self, service: Service, options: dict[str, Any], profile: profiles.Profile) -> Source:
        mapping = profile.as_source
        existing = service.sources.filter(slug=options["source"]).first()
        if existing:
            return actions.read_as(source=existing, by=None, **mapping)
        organisation = _organisation(options["organisation"])
        agreement = self._agreement(service, options["agreement"], organisation, profile)
        return actions.add(
            service=service,
            slug=options["source"],
            name=options["name"] or profile.title,
            organisation=organisation or agreement.sharer,
            agreement=agreement,
            by=None,
            **mapping,
        )

    def _agreement(
        self,
        service: Service,
        title: str | None,
        organisation: Organisation | None,
        profile: profiles.Profile,
    ) -> Agreement:
        if title:
            found = service.agreements.filter(title=title).first()
            if found is None:
                known = "; ".join(service.agreements.values_list("title", flat=True)) or "none yet"
                raise RuleBroken(f'{service} has no agreement called "{title}". Its agreements: {known}.')
            return found
        fields = _fields(profile)
        for agreement in service.agreements.all():
            if _names_all(agreement, set(fields)):
                return agreement
        written = agreements.add(
            service=service,
            title=f"{profile.title} for {service.slug}",
            sharer=organisation or service.host,
            recipient=service.host,
            purpose="To find the people who attend A&E most often and offer them support.",
            allowed_fields=fields,
            valid_from=timezone.localdate(),
            by=None,
        )
        self.stderr.write(
            f'No agreement was named, so "{written.title}" was written with the fields of the profile. '
            "Ask the IG lead to check it."
        )
        return written


def _profile(name: str) -> None:
    """Raises RuleBroken where there is none; what is wrong inside one is found when it is used."""
    if name not in profiles.shipped() and not Path(name).is_file():
        known = ", ".join(profiles.shipped())
        raise RuleBroken(f'There is no profile "{name}". Choose one of {known}, or a TOML file.')


def _organisation(name: str | None) -> Organisation | None:
    if not name:
        return None
    found = Organisation.objects.filter(Q(ods_code=name.upper()) | Q(name=name)).first()
    if found is None:
        raise RuleBroken(f'There is no organisation with the ODS code or name "{name}".')
    return found


def _names_all(agreement: Agreement, fields: set[str]) -> bool:
    return fields <= set(agreement.allowed_fields) and agreement.problem_on(timezone.localdate()) is None


def _fields(profile: profiles.Profile) -> list[str]:
    """What an agreement must name for the profile's columns: of a column that holds several, each."""
    names = [part.value for name in profile.columns for part in PARTS.get(F(name), (F(name),))]
    if codes.of_file(profile.conventions).tells_admissions and F.DISPOSAL in names:
        names.append(F.ADMITTED.value)
    return list(dict.fromkeys(names))

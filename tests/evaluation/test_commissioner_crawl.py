"""200 planted names, numbers, birth dates, postcodes and notes, hunted for in all a commissioner can reach.

Every page and link, every file down to its properties and hidden parts, the headers, and beside them the log,
the arguments of tasks and the keys and values of the queue: none of the 200 is anywhere.
"""

import datetime
import io
import logging
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from pypdf import PdfReader

from cohorts.actions import extract as extracts
from evaluation import quarters
from evaluation.actions import area_profile, report
from governance.models import Person
from tests.evaluation.conftest import grow
from tests.factories.evaluation import UnitCostFactory

pytestmark = pytest.mark.django_db
PLANTED_ON = 40  # people, five canaries each
POSTCODES = [f"ZZ{n // 10 + 1} {n % 10}QX" for n in range(PLANTED_ON)]


class Links(HTMLParser):
    """Every address an HTML page names, in whatever attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"href", "src", "action", "data-url", "formaction"} and value:
                self.found.add(value)


def plant(service) -> list[str]:
    """Canaries in people who are counted in the report; returns what to hunt for."""
    canaries = []
    for n, person in enumerate(Person.objects.filter(service=service).order_by("pk")[:PLANTED_ON]):
        person.first_name, person.last_name = f"Quillon{n}q", f"Vexworth{n}v"
        person.birth_date = datetime.date(1931 + n, 1 + n % 12, 11)
        person.postcode = POSTCODES[n]
        person.save()
        note = f"canarynote{n}n"
        # A note is history, so what the owner does stands in for its writer.
        case = person.cases.first()
        if case:
            case.contacts.create(
                service=service, key=f"00000000-0000-4000-8000-{n:012}", happened_at=case.opened_at,
                kind="call", outcome="reached", note=note, by=case.worker,
            )  # fmt: skip
        canaries += [
            person.last_name,
            person.nhs_number,
            person.birth_date.isoformat(),
            person.postcode,
            note,
        ]
    assert len(set(canaries)) == 5 * PLANTED_ON == 200
    return canaries


def written(canary: str) -> list[str]:
    """The ways a canary may be written: numbers in threes, dates as people write them."""
    ways = [canary]
    if re.fullmatch(r"\d{10}", canary):
        ways.append(f"{canary[:3]} {canary[3:6]} {canary[6:]}")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", canary):
        day = datetime.date.fromisoformat(canary)
        ways += [f"{day:%-d %B %Y}", f"{day:%d/%m/%Y}"]
    return ways


def crawl(client) -> dict[str, bytes]:
    """Everything that can be reached from a commissioner's home by following what pages name."""
    seen: dict[str, bytes] = {}
    todo = ["/"]
    while todo:
        address = todo.pop()
        if address in seen or "/sign-out/" in address or address.startswith("/static/"):
            continue
        response = client.get(address, follow=True)
        body = response.getvalue()
        seen[address] = str(response.headers).encode() + body
        if response["Content-Type"].startswith("text/html"):
            links = Links()
            links.feed(body.decode())
            targets = [urlsplit(urljoin(address, link)) for link in links.found]
            todo += [
                t.path + (f"?{t.query}" if t.query else "") for t in targets if not (t.scheme or t.netloc)
            ]
    return seen


def opened(name: str, content: bytes) -> str:
    """All text in a file: of a workbook every part of the archive, of a PDF its text and properties."""
    start = content.find(b"PK\x03\x04")
    if "xlsx" in name and start >= 0:
        with zipfile.ZipFile(io.BytesIO(content[start:])) as archive:
            return " ".join(
                archive.read(part).decode("utf-8", "replace") + part for part in archive.namelist()
            )
    if (pdf := content.find(b"%PDF")) >= 0:
        read = PdfReader(io.BytesIO(content[pdf:]))
        return " ".join(
            [*(page.extract_text() for page in read.pages), str(read.metadata), str(read.xmp_metadata)]
        )
    return content.decode("utf-8", "replace")


@pytest.fixture
def planted(service, october) -> list[str]:
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2025, 1, 1))
    grow(service, accepted=60, declined=55, not_reached=12, no_answer=9)
    return plant(service)


def test_a_commissioner_reaches_none_of_200_canaries(
    service, lead, commissioner, planted, as_user, caplog, settings
):
    caplog.set_level(logging.DEBUG)
    made = report.freeze(service=service, quarter=quarters.parse("2026-Q3"), by=None)
    report.release(report=made, by=lead)
    profile = area_profile.freeze(service=service, cohort_list=service.cohort_lists.get(), by=lead)
    seen = crawl(as_user(commissioner))
    assert profile.get_absolute_url() in seen
    files = [address for address in seen if re.search(r"/(csv|xlsx|pdf)/?$", address)]
    assert len(seen) >= 6
    assert len(files) >= 2, sorted(seen)
    everything = {address: opened(address, body) for address, body in seen.items()}
    everything["the log"] = caplog.text
    hits = [
        (where, way)
        for where, text in everything.items()
        for canary in planted
        for way in written(canary)
        if way in text
    ]
    assert hits == []


def test_the_hunt_finds_what_is_there(service, planted):
    person = Person.objects.get(service=service, last_name="Vexworth3v")
    text = f"{person.full_name}, {person.nhs_number[:3]} {person.nhs_number[3:6]} {person.nhs_number[6:]}"
    found = [c for c in planted if any(way in text for way in written(c))]
    assert found == [person.last_name, person.nhs_number]


def test_other_names_change_nothing_a_commissioner_sees(service, lead, commissioner, planted, as_user):
    made = report.freeze(service=service, quarter=quarters.parse("2026-Q3"), by=None)
    report.release(report=made, by=lead)
    before = crawl(as_user(commissioner))
    Person.objects.filter(service=service).update(first_name="Somebody", last_name="Else", postcode="AA1 1AA")
    after = crawl(as_user(commissioner))

    def same(content: bytes) -> bytes:
        """Without tokens, and without the clock inside files that are drawn anew."""
        return re.sub(rb'csrfmiddlewaretoken" value="[^"]*"|csrftoken=[^;]*|sessionid=[^;]*', b"", content)

    # Drawn anew each time: files of these kinds, and the seed of a new second factor.
    pages = [a for a in before if not re.search(r"/(xlsx|pdf)/?$|/set-up/(app|passkey)/$", a)]
    assert before.keys() == after.keys()
    assert [address for address in pages if same(before[address]) != same(after[address])] == []


@pytest.mark.django_db(transaction=True)
def test_a_load_leaves_no_canary_in_the_queue_or_the_log(service, lead, caplog, as_user):
    from tests.factories.cohorts import SourceFactory

    caplog.set_level(logging.DEBUG)
    source = SourceFactory(service=service)
    head = ",".join(source.columns)
    fields = {
        "nhs_number": "9990000018",
        "first_name": "Quillon",
        "last_name": "Vexworth",
        "arrived_on": "2026-02-03",
    }
    row = ",".join(fields.get(field, "Vexworth") for field in source.columns.values())
    upload = ContentFile(f"{head}\n{row}\n".encode(), name="Vexworth.csv")
    extract = extracts.receive(service=service, source=source, upload=upload, by=lead)
    extracts.check(extract=extract)
    as_user(lead).get(f"/cohorts/extracts/{extract.pk}/")
    queue = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    content = list(queue.scan_iter())
    content += [
        m for key in queue.scan_iter() if queue.type(key) == b"list" for m in queue.lrange(key, 0, -1)
    ]
    assert any(b"check_extract" in message for message in content)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(table_name, ',') FROM information_schema.tables WHERE table_name LIKE '%cache%'"
        )
        cache_tables = cursor.fetchone()[0]
    for text in [caplog.text.encode(), *content, str(cache_tables).encode()]:
        assert b"Vexworth" not in text
        assert b"9990000018" not in text

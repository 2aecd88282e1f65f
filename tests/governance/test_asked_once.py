"""Questions that are put together once: each call has its own values, and nothing of the first call stays in it."""

import datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, Exists, OuterRef, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from governance.asked_once import asked_once
from governance.models import Membership
from tests.factories.governance import MembershipFactory, ServiceFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 6, 1)


@pytest.fixture
def asked():
    """A question asked once, and how often it was put together."""
    built = []

    @asked_once
    def members(service, user, day, only_leads=False):
        built.append(service)
        rows = service.memberships.filter(starts_on__lte=day).annotate(own=Exists(mine(user)))
        return (rows.filter(role="hiu_lead") if only_leads else rows).select_related("user").order_by("pk")

    def mine(user):
        return Membership.objects.filter(pk=OuterRef("pk"), user=user)

    return SimpleNamespace(members=members, built=built)


def test_each_call_has_its_own_values(asked):
    first, other = MembershipFactory(starts_on=TODAY), MembershipFactory(starts_on=TODAY)
    early = MembershipFactory(service=first.service, starts_on=TODAY - datetime.timedelta(days=9))
    assert first.service != other.service
    assert asked.members(first.service, early.user, TODAY) == [first, early]
    assert [row.own for row in asked.members(first.service, early.user, TODAY)] == [False, True]
    assert asked.members(other.service, early.user, TODAY) == [other]
    assert asked.members(first.service, first.user, TODAY - datetime.timedelta(days=1)) == [early]
    assert [row.own for row in asked.members(first.service, first.user, TODAY)] == [True, False]
    assert len(asked.built) == 1


def test_rows_are_whole_and_know_the_row_that_was_given(asked, django_assert_num_queries):
    member = MembershipFactory(starts_on=TODAY)
    asked.members(ServiceFactory(), member.user, TODAY)
    with django_assert_num_queries(1):
        (row,) = asked.members(member.service, SimpleLazyObject(lambda: member.user), TODAY)
        assert row.service is member.service
        assert row.user.name == member.user.name


def test_a_yes_or_no_has_a_question_of_its_own(asked):
    worker = MembershipFactory(starts_on=TODAY, role="link_worker")
    lead = MembershipFactory(service=worker.service, starts_on=TODAY, role="hiu_lead")
    for _ in range(2):
        assert asked.members(worker.service, lead.user, TODAY, only_leads=True) == [lead]
        assert asked.members(worker.service, lead.user, TODAY, only_leads=False) == [worker, lead]
    assert len(asked.built) == 2


def test_tuples_unions_and_lists_cut_short_come_back_as_they_are(service):
    @asked_once
    def both(service, other):
        rows = (each.memberships.order_by().values_list("pk", "role") for each in (service, other))
        first, second = (each.annotate(kind=Value("member")) for each in rows)
        return first.union(second, all=True).order_by("-pk")[:2]

    members = [MembershipFactory(), MembershipFactory(service=service), MembershipFactory(service=service)]
    first = members[0].service
    expected = [(each.pk, each.role, "member") for each in (members[2], members[1])]
    assert both(first, service) == both(service, first) == expected


def test_a_day_that_is_no_argument_would_stay_for_ever_and_is_refused(service):
    @asked_once
    def since_yesterday(service, today):
        return service.memberships.filter(starts_on__gte=today - datetime.timedelta(days=1))

    @asked_once
    def until_now(service):
        return service.consents.filter(decided_at__lte=timezone.now())

    with pytest.raises(ImproperlyConfigured, match="since_yesterday asks with 1013-03-06, which is none"):
        since_yesterday(service, TODAY)
    with pytest.raises(ImproperlyConfigured, match="until_now asks with"):
        until_now(service)


def test_nothing_but_its_key_is_read_of_a_row(service):
    @asked_once
    def named_alike(service):
        return service.memberships.filter(user__name=service.name)

    with pytest.raises(ImproperlyConfigured, match="may not read the database"):
        named_alike(service)


def test_what_is_reckoned_from_an_argument_or_stands_in_a_list_is_refused(service):
    @asked_once
    def next_one(service, number):
        return service.memberships.filter(pk=number + 1)

    @asked_once
    def one_of(service, number):
        return service.memberships.annotate(
            listed=RawSQL("id = ANY(%s)", [[number]], output_field=BooleanField())
        )

    for question in (next_one, one_of):
        with pytest.raises(ImproperlyConfigured, match="none of its arguments"):
            question(service, 7)


def test_a_session_that_has_dropped_a_question_prepares_it_again(asked):
    member = MembershipFactory(starts_on=TODAY)
    assert asked.members(member.service, member.user, TODAY) == [member]
    with connection.cursor() as cursor:
        # Only this one: the session goes on into other tests.
        cursor.execute("SELECT name FROM pg_prepared_statements ORDER BY prepare_time DESC LIMIT 1")
        cursor.execute(f"DEALLOCATE {cursor.fetchone()[0]}")
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
        asked.members(member.service, member.user, TODAY)
    assert asked.members(member.service, member.user, TODAY) == [member]
    assert len(asked.built) == 1


def test_words_are_no_values(service):
    with pytest.raises(TypeError, match="cannot be a value"):
        asked_once(lambda service, name: service.memberships.filter(user__name=name))(service, "Ann")

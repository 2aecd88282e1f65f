"""When access starts and ends."""

import datetime

import pytest

from governance.actions import member
from governance.models import Membership
from governance.rules import RuleBroken
from tests.factories.governance import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 2)
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    "starts_on, ends_on, has_access",
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (TODAY + DAY, None, False),
        (TODAY - 9 * DAY, TODAY - DAY, False),
    ],
)
def test_access_lasts_from_the_first_day_to_the_last(starts_on, ends_on, has_access):
    MembershipFactory(starts_on=starts_on, ends_on=ends_on)
    assert Membership.objects.in_force(TODAY).exists() is has_access


def test_an_account_that_is_switched_off_has_no_access():
    MembershipFactory(user__is_active=False)
    assert not Membership.objects.in_force(TODAY).exists()


def test_an_address_in_capitals_is_the_same_account(service, lead):
    known = UserFactory(email="nia@example.org")
    told = {"name": "Nia New", "role": "link_worker", "starts_on": TODAY, "ends_on": None}
    membership, password = member.add(service=service, email=" Nia@Example.org", by=lead, **told)
    assert (membership.user, password) == (known, None)


@pytest.mark.parametrize("ends_on", [None, TODAY, TODAY + DAY])
def test_access_that_still_lasts_is_not_given_again(service, lead, ends_on):
    old = MembershipFactory(service=service, user__email="nia@example.org", ends_on=ends_on)
    told = {"name": "Nia New", "role": "hiu_lead", "starts_on": TODAY, "ends_on": None}
    with pytest.raises(RuleBroken, match="end this access first"):
        member.add(service=service, email="nia@example.org", by=lead, **told)
    old.refresh_from_db()
    assert (old.role, old.ends_on) == ("link_worker", ends_on)

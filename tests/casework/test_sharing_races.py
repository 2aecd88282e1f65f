"""A yes is taken back while something is shared under it: nothing goes out unrecalled."""

import threading
import time
import uuid
from contextvars import copy_context

import pytest
from django.db import connection

from casework import share_sheet
from casework.models import Disclosure, RecallNotice
from governance import audit
from governance.models import Consent
from governance.rules import RuleBroken
from tests.casework.sharing import share, take_back
from tests.factories.casework import CaseFactory, YesToShareFactory
from tests.factories.governance import MembershipFactory
from tests.races import AT_ONCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by(transactional_db):
    return MembershipFactory().user


@pytest.fixture
def case(by):
    return CaseFactory(service=by.memberships.get().service)


@pytest.fixture
def yes(case, by):
    return YesToShareFactory(person=case.person, by=by)


def unrecalled():
    return Disclosure.objects.filter(recall=None).count()


def test_whoever_comes_first_nothing_goes_out_unrecalled(yes, case, by):
    turns = iter([True, False] * AT_ONCE)
    lock = threading.Lock()

    def either():
        with lock:
            sharing = next(turns)
        return share(yes, case, by) if sharing else take_back(yes, by)

    at_once(either)
    assert Consent.objects.filter(decision="withdrawn").count() == 1
    assert unrecalled() == 0


def test_taking_back_waits_for_what_is_being_shared_and_recalls_it(yes, case, by, monkeypatch):
    """Sharing stops between its check and its row; the no that arrives meanwhile must not slip by."""
    checked = threading.Event()
    build = share_sheet.build

    def slow(*args, **kwargs):
        found = build(*args, **kwargs)
        if connection.in_atomic_block:
            checked.set()
            time.sleep(0.5)
        return found

    monkeypatch.setattr(share_sheet, "build", slow)

    def sharing():
        try:
            share(yes, case, by)
        finally:
            connection.close()

    thread = threading.Thread(target=copy_context().run, args=[sharing])
    thread.start()
    assert checked.wait(10)
    take_back(yes, by)
    thread.join()
    assert Disclosure.objects.count() == RecallNotice.objects.count() == 1


def test_sharing_waits_for_a_no_and_then_shares_nothing(yes, case, by, monkeypatch):
    decided = threading.Event()
    sign = audit.sign

    def slow(row):
        if row.event == "consent_recorded":
            decided.set()
            time.sleep(0.5)
        return sign(row)

    monkeypatch.setattr(audit, "sign", slow)

    def taking_back():
        try:
            take_back(yes, by)
        finally:
            connection.close()

    thread = threading.Thread(target=copy_context().run, args=[taking_back])
    thread.start()
    assert decided.wait(10)
    with pytest.raises(RuleBroken, match="took it back"):
        share(yes, case, by)
    thread.join()
    assert Disclosure.objects.count() == 0


def test_a_form_confirmed_five_times_at_once_shares_once(yes, case, by):
    key = uuid.uuid4()
    found = at_once(lambda: share(yes, case, by, key=key))
    assert len({row.pk for row in found}) == Disclosure.objects.count() == 1

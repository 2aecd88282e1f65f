"""What a partner sees: offered, previewed, confirmed, logged."""

import uuid

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.actions import recall
from casework.models import Disclosure, RecallNotice
from governance.roles import Role
from tests.casework.sharing import SAFETY, TODAY, share, take_back
from tests.factories.casework import CaseFactory, DisclosureFactory, RecallNoticeFactory, YesToShareFactory
from tests.factories.governance import ConsentFactory, MembershipFactory, PartnerFactory, PersonFactory

LOG = reverse("casework:disclosures")


@pytest.fixture
def worker(as_user, link_worker):
    return as_user(link_worker)


@pytest.fixture
def yes(case, link_worker):
    return YesToShareFactory(
        person=case.person, by=link_worker, partner__organisation__name="Mill Road Surgery"
    )


def url(name, row):
    return reverse(f"casework:{name}", args=[row.pk])


def page(response):
    return BeautifulSoup(response.content, "html.parser")


def main(response):
    return page(response).select_one("main").get_text(" ", strip=True)


def errors(response):
    return [a.get_text(strip=True) for a in page(response).select(".nhsuk-error-summary__list li")]


def filled(response):
    """The hidden boxes of a page, as a browser would send them back."""
    return {box["name"]: box.get("value", "") for box in page(response).select("form input[type=hidden]")}


def choose(client, address, **told):
    """Open, choose, look at the preview."""
    opened = filled(client.get(address))
    return client.post(address, {**opened, "items": ["contact"], "channel": "phone", **told})


def confirm(client, address, preview, **told):
    sent = {**filled(preview), "items": ["contact"], "channel": "phone", "confirm": "1", **told}
    return client.post(address, sent)


def test_a_yes_is_offered_and_leads_to_what_the_partner_would_see(worker, yes, case):
    assert url("share", yes) in worker.get(url("sharing", case)).content.decode()
    preview = choose(worker, url("share", yes))
    assert "What Mill Road Surgery sees" in main(preview)
    assert "07700 900123" in page(preview).select_one(".nhsuk-summary-list").get_text()
    assert Disclosure.objects.count() == 0


def test_nothing_is_ticked_at_first(worker, yes):
    assert page(worker.get(url("share", yes))).select("input[name=items][checked]") == []


def test_only_what_the_yes_covers_can_be_ticked(worker, yes):
    boxes = page(worker.get(url("share", yes))).select("input[name=items]")
    assert {box["value"] for box in boxes} == {"contact", "helps", "needs"}
    response = choose(worker, url("share", yes), items=["risks"])
    assert errors(response) == ["Tick only what is offered here."]


def test_confirming_shares_it_and_shows_the_receipt(worker, yes, case):
    address = url("share", yes)
    response = confirm(worker, address, choose(worker, address))
    row = Disclosure.objects.get()
    assert response["Location"] == row.get_absolute_url()
    receipt = main(worker.get(row.get_absolute_url()))
    assert "What Mill Road Surgery sees" in receipt
    assert "07700 900123" in receipt
    assert row.content_hash in receipt
    shared = main(worker.get(url("sharing", case)))
    assert "Name and date of birth; phone number and address" in shared
    assert "Shared last: Mill Road Surgery" in main(worker.get(url("case", case)))


def test_a_receipt_does_not_show_what_has_changed_since(worker, yes, case, link_worker):
    row = share(yes, case, link_worker)
    case.person.phone = "07700 900999"
    case.person.save()
    receipt = main(worker.get(row.get_absolute_url()))
    assert "The record has changed since" in receipt
    assert "07700 900" not in receipt
    assert "person.phone" in receipt


def test_nothing_is_shared_without_the_preview(worker, yes):
    address = url("share", yes)
    response = confirm(worker, address, worker.get(address))
    assert errors(response) == ["What would be shared has changed since the preview. Look at it again."]
    assert Disclosure.objects.count() == 0


def test_what_is_ticked_after_the_preview_is_previewed_again(worker, yes):
    address = url("share", yes)
    again = confirm(worker, address, choose(worker, address), items=["contact", "needs"])
    assert "Communication needs" in page(again).select_one(".nhsuk-summary-list").get_text()
    assert Disclosure.objects.count() == 0
    confirm(worker, address, again, items=["contact", "needs"])
    assert Disclosure.objects.get().items == ["contact", "needs"]


def test_what_helps_is_written_or_not_ticked(worker, yes):
    response = choose(worker, url("share", yes), items=["helps"])
    assert errors(response) == ["Write what helps them, or untick it."]


@pytest.mark.parametrize("end", ["withdrawn", "refused", "ran out"])
def test_a_yes_that_ended_removes_the_offer_at_once(worker, yes, case, link_worker, end):
    address = url("share", yes)
    preview = choose(worker, address)
    if end == "ran out":
        told = {"partner": yes.partner, "decided_at": timezone.now(), "by": link_worker}
        ConsentFactory(
            person=case.person,
            scope="share",
            purpose="care",
            items=["contact"],
            stands_until=TODAY - TODAY.resolution,
            **told,
        )
    else:
        take_back(yes, link_worker, decision=end)
    refused = confirm(worker, address, preview, helps="Offer a seat")
    assert len(errors(refused)) == 1
    assert "Offer a seat" in main(refused)
    assert "Confirm" not in main(refused)
    assert worker.get(address)["Location"] == url("sharing", case)
    assert Disclosure.objects.count() == 0
    body = main(worker.get(url("sharing", case)))
    assert "What they would see" not in body
    assert "Mill Road Surgery" in body.split("Not offered, and why")[1]


def test_a_partner_without_a_yes_is_not_offered_and_the_page_says_why(worker, case, service):
    PartnerFactory(service=service, organisation__name="Fen Police")
    body = main(worker.get(url("sharing", case)))
    assert "Nothing: no yes to a partner organisation stands." in body
    assert "Fen Police . They have not been asked yet." in body


def test_a_neighbours_partner_is_never_offered(worker, case, neighbour):
    PartnerFactory(service=neighbour, organisation__name="Harbour Clinic")
    for name in ("sharing", "share_otherwise", "consent"):
        assert "Harbour Clinic" not in worker.get(url(name, case)).content.decode()


def test_nothing_is_shared_under_a_decision_on_something_else(worker, case):
    support = ConsentFactory(person=case.person)
    response = worker.get(url("share", support), follow=True)
    assert "Nothing is shared under this decision." in main(response)


def test_somebody_who_is_no_partner_any_more_is_not_offered(worker, yes, case, link_worker):
    yes.partner.ended_at, yes.partner.ended_by = timezone.now(), link_worker
    yes.partner.save()
    assert url("share", yes) not in worker.get(url("sharing", case)).content.decode()


OTHERWISE = {**SAFETY, "items": ["contact"], "channel": "phone"}


def test_sharing_without_a_yes_names_its_basis(worker, case, service):
    partner = PartnerFactory(service=service, organisation__name="Fen Council")
    address = url("share_otherwise", case)
    told = {**OTHERWISE, "partner": partner.pk}
    preview = choose(worker, address, **told)
    assert "What Fen Council sees" in main(preview)
    confirm(worker, address, preview, **told)
    row = Disclosure.objects.get()
    assert (row.basis, row.reason, row.consent) == ("safeguarding", SAFETY["reason"], None)
    receipt = main(worker.get(row.get_absolute_url()))
    assert SAFETY["reason"] in receipt
    assert SAFETY["authority"] in receipt


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"partner": ""}, "Choose with whom it is shared."),
        ({"basis": "consent"}, "Choose what allows it."),
        ({"reason": ""}, "Write why it is shared without a yes."),
        ({"authority": ""}, "Enter who authorised it, with name and role."),
        ({"channel": ""}, "Choose how it goes to them."),
    ],
)
def test_sharing_without_a_yes_that_lacks_something_is_refused(worker, case, service, told, sentence):
    partner = PartnerFactory(service=service)
    response = choose(worker, url("share_otherwise", case), **{**OTHERWISE, "partner": partner.pk, **told})
    assert errors(response) == [sentence]


def test_the_log_counts_by_partner_and_basis_and_names_no_client(
    case, yes, link_worker, ig_lead, as_user, service
):
    for _ in range(2):
        share(yes, case, link_worker)
    share(yes, case, link_worker, **SAFETY)
    take_back(yes, link_worker)
    body = main(as_user(ig_lead).get(LOG))
    row = page(as_user(ig_lead).get(LOG)).select("tbody tr")[0].get_text(" ", strip=True)
    assert row.startswith("Partner Mill Road Surgery")
    assert [word for word in row.split() if word.isdigit()] == ["2", "1", "0", "0", "0", "3"]
    assert f"of case {case.pk}" in body
    assert "Taken back, and not answered yet" in body
    notice = RecallNotice.objects.first()
    recall.send(notice=notice, by=link_worker)
    assert main(as_user(ig_lead).get(LOG)).count("Waiting since") == 2
    recall.answer(notice=notice, answer="Deleted", by=link_worker)
    assert main(as_user(ig_lead).get(LOG)).count("Waiting since") == 1
    for name in ("Marigold", "Featherstone", "07700", SAFETY["reason"]):
        assert name not in body


def test_the_log_of_another_service_stays_there(case, yes, link_worker, neighbour, as_user):
    share(yes, case, link_worker)
    stranger = MembershipFactory(service=neighbour, role=Role.IG_LEAD).user
    assert "Nothing was shared yet" in main(as_user(stranger).get(LOG))


def test_the_log_asks_as_much_for_ten_as_for_a_thousand(service, ig_lead, as_user, queries):
    client, asked = as_user(ig_lead), []
    yes = YesToShareFactory(person__service=service)
    case = CaseFactory(service=service, person=yes.person)
    for more in (10, 990):
        rows = Disclosure.objects.bulk_create(
            DisclosureFactory.build(
                service=service,
                case=case,
                consent=yes,
                partner=yes.partner,
                key=uuid.uuid4(),
                made_by=ig_lead,
            )
            for _ in range(more)
        )
        for row in rows[:20]:
            RecallNoticeFactory(disclosure=row)
        with queries() as found:
            assert client.get(LOG).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= 7, [q["sql"][:120] for q in found]


def test_a_partner_list_asks_as_much_for_ten_as_for_a_thousand(service, lead, as_user, queries):
    client, asked = as_user(lead), []
    for more in (10, 90):
        for _ in range(more):
            PartnerFactory(service=service)
        with queries() as found:
            assert client.get(reverse("governance:partners")).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= 7, [q["sql"][:120] for q in found]


def test_a_person_without_a_case_has_nothing_to_share(worker, service):
    yes = YesToShareFactory(person=PersonFactory(service=service))
    assert worker.get(url("share", yes)).status_code == 404

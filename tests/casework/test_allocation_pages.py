"""The lead's allocation board: proposals, following them, changing them, moving and sharing cases."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.actions import capacity as capacities
from casework.actions import case_role, needs, proposal
from casework.actions import weights as weight_actions
from casework.models import (
    Allocation,
    Capacity,
    Case,
    CaseNeeds,
    CaseRole,
    Proposal,
    ProposalLine,
    Reduction,
    WeightTable,
)
from governance.rules import RuleBroken
from tests.factories.casework import CalibrationFactory, CaseFactory, RiskFactory
from tests.factories.governance import MembershipFactory
from tests.queries import LOOK

TODAY = timezone.localdate()


@pytest.fixture
def leader(lead, as_user):
    return as_user(lead)


def text(response):
    return BeautifulSoup(response.content, "html.parser").select_one("main").get_text(" ", strip=True)


def errors(response):
    found = BeautifulSoup(response.content, "html.parser").select(".nhsuk-error-summary__list li")
    return [item.get_text(strip=True) for item in found]


def member_of(user):
    return user.memberships.get()


def wait(service, **told):
    return CaseFactory(service=service, stage="active", **told)


@pytest.fixture
def board(leader):
    return lambda **data: leader.get(reverse("casework:allocation"), data)


def post(leader, **data):
    return leader.post(reverse("casework:allocation"), data, follow=True)


def test_the_board_asks_and_shows_a_proposal_with_reasons_and_both_loads(
    service, half_time, link_worker, lead, leader, board
):
    case = wait(service, person__first_name="Marigold", person__last_name="Featherstone")
    needs.set_profile(service=service, worker=link_worker, languages=["Polish"], by=lead)
    needs.set(case=case, language="Polish", by=lead)
    assert "Ask who should take it." in text(board())
    found = text(post(leader, ask="1"))
    assert "Marigold F." in found
    assert "Needs: Polish" in found
    assert (
        "Wendy Worker Speaks Polish. 0 of 30 points in use before, 4 with all that is proposed here (13%)."
        in found
    )
    assert "0 of 30 points now (0%), 4 then (13%). 1 more case." in found
    assert Case.objects.get().worker is None


def test_an_empty_queue_says_so_and_asking_is_refused(service, half_time, leader, board):
    assert "No case waits" in text(board())
    assert "nothing to propose" in text(post(leader, ask="1"))
    assert Proposal.objects.count() == 0


def test_one_line_is_followed_or_all_of_them(service, half_time, lead, leader):
    cases = [wait(service) for _ in range(3)]
    proposal.ask(service=service, by=lead)
    first, *others = ProposalLine.objects.order_by("pk")
    assert "1 case allocated as proposed." in text(post(leader, line=first.pk))
    assert Allocation.objects.get().recommended_id == first.worker_id
    found = text(post(leader, line=[line.pk for line in others]))
    assert "2 cases allocated as proposed." in found
    assert Case.objects.filter(worker=None).count() == 0
    assert Allocation.objects.count() == len(cases)


def test_what_another_lead_gave_away_since_is_told_and_nothing_is_half_done(
    service, half_time, lead, link_worker, leader
):
    for _ in range(2):
        wait(service)
    proposal.ask(service=service, by=lead)
    lines = list(ProposalLine.objects.all())
    Case.objects.filter(pk=lines[0].case_id).update(worker=link_worker)
    found = text(post(leader, line=[line.pk for line in lines]))
    assert "Somebody allocated this case after you opened the page." in found
    assert Allocation.objects.count() == 0


def test_an_override_needs_a_reason_and_both_are_kept(service, half_time, lead, link_worker, leader):
    case = wait(service)
    proposal.ask(service=service, by=lead)
    line = ProposalLine.objects.get()
    other = link_worker if line.worker == lead else lead
    url = reverse("casework:allocate", args=[case.pk]) + "?queue"
    refused = leader.post(url, {"worker": other.pk, "instead_of": ""})
    assert errors(refused) == [f"Say in a few words why you do not choose {line.worker.name}."]
    told = {"worker": other.pk, "instead_of": "", "reason": "They met on the ward"}
    assert leader.post(url, told)["Location"] == reverse("casework:allocation")
    row = Allocation.objects.get()
    assert (row.worker, row.recommended, row.reason) == (other, line.worker, "They met on the ward")


def test_the_page_of_a_case_follows_the_proposal_for_all_as_long_as_it_could_be(
    service, half_time, lead, link_worker, leader
):
    case = wait(service)
    proposal.ask(service=service, by=lead)
    line = ProposalLine.objects.get()
    other = link_worker if line.worker == lead else lead
    ProposalLine.objects.create(
        service=service, proposal=Proposal.objects.create(service=service, weights_version=0, method="greedy",
        price=0, greedy_price=0, seconds=0), case=case, worker=other, points=4, reasons=["For the mix."],
    )  # fmt: skip
    url = reverse("casework:allocate", args=[case.pk])
    assert f"{other.name} (recommended)" in text(leader.get(url))
    assert "For the mix." in text(leader.get(url))
    capacities.set(service=service, worker=other, target_points=1, by=lead)
    assert f"{line.worker.name} (recommended)" in text(leader.get(url))


def test_two_are_proposed_where_a_risk_says_so_and_the_second_helps_from_today(
    service, half_time, lead, leader
):
    case = wait(service)
    RiskFactory(case=case)
    proposal.ask(service=service, by=lead)
    line = ProposalLine.objects.get()
    assert line.second is not None
    post(leader, line=line.pk)
    role = CaseRole.objects.get()
    assert (role.case, role.worker, role.role, role.starts_on) == (case, line.second, "second", TODAY)


def test_one_who_goes_alone_where_two_are_needed_needs_a_reason(
    service, half_time, lead, link_worker, leader
):
    case = wait(service)
    RiskFactory(case=case)
    url = reverse("casework:allocate", args=[case.pk])
    page = BeautifulSoup(leader.get(url).content, "html.parser")
    best = page.select_one("input[name=worker][checked]")["value"]
    refused = leader.post(url, {"worker": best, "second": "", "instead_of": ""})
    assert errors(refused) == ["Two are needed for this client. Choose who goes along, or say why not."]
    again = leader.post(url, {"worker": best, "second": best, "instead_of": ""})
    assert "cannot go along with themselves" in errors(again)[0]


def test_first_visits_in_pairs_is_a_choice_of_the_service(service, half_time, lead):
    case = wait(service)
    proposal.ask(service=service, by=lead)
    weight_actions.change(
        service=service, values={}, first_visits_in_pairs=True, reason="Safer", seen=0, by=lead
    )
    proposal.ask(service=service, by=lead)
    assert [line.second is None for line in case.proposed.order_by("pk")] == [True, False]


def test_a_sealed_record_has_no_name_no_needs_and_no_reasons_on_the_board(
    service, half_time, lead, ig_lead, leader, board
):
    from governance.actions import seal

    case = wait(service, person__first_name="Marigold", person__last_name="Featherstone")
    other = MembershipFactory(service=service).user
    needs.set(case=case, language="Polish", by=lead)
    proposal.ask(service=service, by=lead)
    assert "Polish" in text(board())
    seal.seal(service=service, person=case.person, names=[other], reason="Family works here", by=ig_lead)
    found = text(board())
    assert "A sealed record" in found
    assert "Marigold" not in found
    assert "Polish" not in found


def test_the_board_leaves_one_row_in_the_log(service, half_time, lead, board):
    from governance.models import AuditEvent

    wait(service)
    before = AuditEvent.objects.count()
    board()
    [row] = AuditEvent.objects.order_by("number")[before:]
    assert (row.event, row.actor_id) == ("allocation_opened", lead.pk)


@pytest.mark.parametrize("name", ["allocation", "weights", "what_if", "calibrations", "leaver", "move_cases"])
def test_a_page_asks_as_much_for_six_cases_as_for_sixty(
    service, half_time, link_worker, lead, leader, queries, name
):
    keys = [member_of(link_worker).pk] if name in ("leaver", "move_cases") else []
    data = {"leaver": link_worker.pk, "cases": 2, "score": 40} if name == "what_if" else {}
    asked = []
    for cases in (6, 54):
        for position in range(cases):
            case = wait(service, worker=None if position % 2 else link_worker)
            CaseNeeds.objects.create(service=service, case=case, language="Urdu", by=lead)
            if position < 20:
                CalibrationFactory(service=service)
        if name == "allocation":
            proposal.ask(service=service, by=lead)
        with queries() as found:
            assert leader.get(reverse(f"casework:{name}", args=keys), data).status_code == 200
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= (8 if name == "leaver" else 7), [sql[:120] for sql in found.page]
    assert found.looks == (name in ("allocation", "leaver", "move_cases"))


def test_following_a_proposal_costs_the_same_for_one_case_and_for_forty(service, half_time, lead, queries):
    asked = []
    capacities.set(service=service, worker=lead, target_points=400, by=lead)
    for cases in (1, 40):
        for _ in range(cases):
            RiskFactory(case=wait(service))
        newest = proposal.ask(service=service, by=lead)
        with queries() as found:
            proposal.follow(lines=newest.lines.all(), service=service, by=lead)
        asked.append(len(found.page))
    assert asked[0] == asked[1] <= 12, [sql[:120] for sql in found.page]
    assert len(found) <= len(found.page) + LOOK + 2


def test_needs_are_noted_and_weigh(case, link_worker, as_user):
    client = as_user(link_worker)
    url = reverse("casework:needs", args=[case.pk])
    told = {"travel": "far", "language": " polish ", "skills": ["housing"], "seen": ""}
    assert client.post(url, told)["Location"] == case.get_absolute_url()
    case.refresh_from_db()
    row = CaseNeeds.objects.get()
    assert (case.travel, row.language, row.skills) == ("far", "Polish", ["housing"])
    assert 'value="Polish"' in client.get(url).content.decode()


def test_a_second_editor_of_needs_is_told_and_keeps_what_was_typed(case, link_worker, as_user):
    client = as_user(link_worker)
    url = reverse("casework:needs", args=[case.pk])
    client.post(url, {"language": "Polish", "seen": ""})
    refused = client.post(url, {"language": "Urdu", "seen": ""})
    assert "Somebody else changed this while you were writing." in errors(refused)[0]
    assert 'value="Urdu"' in refused.content.decode()
    assert CaseNeeds.objects.get().language == "Polish"


def test_hours_come_off_for_a_while_and_come_back(service, half_time, link_worker, leader):
    pk = member_of(link_worker).pk
    day = {
        f"{name}_{part}": getattr(TODAY, part)
        for name in ("starts_on", "ends_on")
        for part in ("day", "month", "year")
    }
    told = {"kind": "leave", "hours": "18.75", **day}
    refused = leader.post(reverse("casework:reduce", args=[pk]), told)
    assert errors(refused) == ["Enter the hours with one decimal at most, such as 7.5."]
    leader.post(reverse("casework:reduce", args=[pk]), {**told, "hours": "20"})
    assert f"Away until {TODAY:%-d %B %Y}." in text(leader.get(reverse("casework:caseload")))
    row = Reduction.objects.get()
    leader.post(reverse("casework:capacity", args=[pk]), {"end": row.pk})
    assert "0 of 30 points" in text(leader.get(reverse("casework:caseload")))
    assert Capacity.objects.filter(worker=link_worker).count() == 1


def test_names_between_commas_are_each_kept_once(service, half_time, link_worker, leader):
    url = reverse("casework:profile", args=[member_of(link_worker).pk])
    leader.post(url, {"languages": "polish, Polish,  british   sign language", "areas": "", "gender": ""})
    assert service.worker_profiles.get().languages == ["Polish", "British sign language"]
    refused = leader.post(url, {"languages": "x" * 50})
    assert "Put a comma between two names" in errors(refused)[0]


def move(leader, worker, **data):
    return leader.get(reverse("casework:move_cases", args=[member_of(worker).pk]), data)


def test_cases_move_together_with_both_loads_shown_first(service, half_time, link_worker, lead, leader):
    cases = [wait(service, worker=link_worker) for _ in range(3)]
    chosen = {"to": lead.pk, "case": [case.pk for case in cases[:2]]}
    found = text(move(leader, link_worker, **chosen))
    assert "12 of 30 points now (40%), 4 then (13%)." in found
    assert "0 of 60 points now (0%), 8 then (13%)." in found
    url = reverse("casework:move_cases", args=[member_of(link_worker).pk])
    address = f"{url}?to={lead.pk}&case={cases[0].pk}&case={cases[1].pk}"
    assert errors(leader.post(address, {"reason": ""})) == [
        "Say in a few words why, so that the clients can be told."
    ]
    leader.post(address, {"reason": "Fewer hours"})
    assert [Case.objects.get(pk=c.pk).worker for c in cases] == [lead, lead, link_worker]
    assert set(Allocation.objects.values_list("reason", flat=True)) == {"Fewer hours"}


def test_a_leaver_cannot_leave_a_case_with_nobody(service, half_time, link_worker, lead, leader):
    cases = [wait(service, worker=link_worker) for _ in range(2)]
    url = reverse("casework:leaver", args=[member_of(link_worker).pk])
    page = BeautifulSoup(leader.get(url).content, "html.parser")
    assert [o["value"] for o in page.select("select option[selected]")] == [str(lead.pk)] * 2
    refused = leader.post(url, {"reason": "New job", f"case-{cases[0].pk}": lead.pk})
    assert errors(refused)[0].startswith("Choose who takes this case")
    assert Allocation.objects.count() == 0
    leader.post(url, {"reason": "New job", **{f"case-{c.pk}": lead.pk for c in cases}})
    assert Case.objects.filter(worker=lead).count() == 2
    assert Reduction.objects.get().kind == "leaving"


def test_a_leaver_who_carries_nothing_ends_nobody_elses_share(service, half_time, link_worker, lead, leader):
    other = MembershipFactory(service=service).user
    case = wait(service, worker=lead)
    kept = case_role.start(case=case, worker=other, role="second", by=lead)
    own = case_role.start(case=case, worker=link_worker, role="second", by=lead)
    leader.post(reverse("casework:leaver", args=[member_of(link_worker).pk]), {"reason": "New job"})
    kept.refresh_from_db()
    own.refresh_from_db()
    assert (kept.ends_on, own.ends_on) == (None, TODAY)


def test_whoever_is_leaving_gets_no_case_any_more(service, half_time, link_worker, lead, leader):
    leader.post(reverse("casework:leaver", args=[member_of(link_worker).pk]), {"reason": "New job"})
    case = wait(service)
    proposal.ask(service=service, by=lead)
    assert ProposalLine.objects.get().worker == lead
    page = leader.get(reverse("casework:allocate", args=[case.pk]))
    assert "Is leaving and takes no new cases." in text(page)
    with pytest.raises(RuleBroken, match="is leaving"):
        capacities.check_takes_cases(service, link_worker)


def test_cover_opens_the_record_for_its_days_and_weighs_a_share(
    service, half_time, link_worker, lead, as_user, leader
):
    other = MembershipFactory(service=service).user
    case = wait(service, worker=link_worker)
    url = reverse("casework:roles", args=[case.pk])
    day = {f"starts_on_{part}": getattr(TODAY, part) for part in ("day", "month", "year")}
    told = {"role": "cover", "worker": other.pk, **day}
    assert errors(leader.post(url, told)) == [
        "Cover ends some day. Enter the last day; you can put it off later."
    ]
    last = TODAY + datetime.timedelta(days=3)
    ends = {f"ends_on_{part}": getattr(last, part) for part in ("day", "month", "year")}
    leader.post(url, {**told, **ends})
    assert as_user(other).get(case.get_absolute_url()).status_code == 200
    assert "a share in 1 more, 2 points" in text(leader.get(reverse("casework:caseload")))
    leader.post(url, {"end": CaseRole.objects.get().pk})
    assert CaseRole.objects.get().ends_on == TODAY


def test_the_table_is_changed_with_a_reason_and_weighs_from_then_on(service, half_time, link_worker, leader):
    wait(service, worker=link_worker)
    url = reverse("casework:change_weights")
    page = BeautifulSoup(leader.get(url).content, "html.parser")
    boxes = {box["name"]: box["value"] for box in page.select("form input[name*='-']")}
    told = {**boxes, "chaos-unscored": "5", "seen": "0"}
    assert errors(leader.post(url, {**told, "reason": ""})) == [
        "Say in a few words why. Whoever looks at the weights next year will ask."
    ]
    assert (
        "enter a number from 0.05 to 5"
        in errors(leader.post(url, {**told, "travel-far": "9", "reason": "x"}))[0]
    )
    leader.post(url, {**told, "reason": "New people take longer"})
    assert "5 of 30 points" in text(leader.get(reverse("casework:caseload")))
    assert "New people take longer" in text(leader.get(reverse("casework:weights")))
    stale = leader.post(url, {**told, "reason": "From another tab"})
    assert "Somebody changed the weights after you opened the page." in errors(stale)[0]
    assert WeightTable.objects.count() == 1


def what_if(leader, **data):
    return text(leader.get(reverse("casework:what_if"), data))


def test_what_if_answers_and_stores_nothing(service, half_time, link_worker, lead, leader):
    for _ in range(7):
        wait(service, worker=link_worker)
    assert "Nothing would change hands." in what_if(leader, leaver="", cases="0")
    found = what_if(leader, leaver=link_worker.pk, cases="2", score="40")
    assert "All 9 would find a worker. Nobody would be above 110%." in found
    assert "0 of 60 points now (0%), 44 then (73%)." in found
    full = what_if(leader, cases="20", score="40")
    assert "would be left with nobody: the team has no room for more within 110% of its hours." in full
    assert Case.objects.filter(worker=lead).count() == Proposal.objects.count() == 0

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from casework.models import Allocation, Capacity, Case
from tests.factories.casework import CaseFactory
from tests.factories.cohorts import ExtractFactory

NOW = timezone.now()


@pytest.fixture
def leader(lead, as_user):
    return as_user(lead)


def text(response):
    return BeautifulSoup(response.content, "html.parser").select_one("main").get_text(" ", strip=True)


def errors(response):
    found = BeautifulSoup(response.content, "html.parser").select(".nhsuk-error-summary__list li")
    return [item.get_text(strip=True) for item in found]


def ago(days):
    return NOW - datetime.timedelta(days=days)


def carried(service, worker, cases, **told):
    for _ in range(cases):
        CaseFactory(service=service, worker=worker, **{"stage": "active", "last_contact_at": NOW, **told})


def board(leader):
    return text(leader.get(reverse("casework:board")))


def test_the_board_says_what_to_do_first(service, link_worker, half_time, leader):
    assert "Nothing is waiting." in board(leader)
    carried(service, link_worker, 8)
    assert "Somebody carries more than they can." in board(leader)
    carried(service, link_worker, 1, last_contact_at=ago(30))
    assert "No contact for longer than agreed, or not met in person." in board(leader)
    ExtractFactory(service=service, status="previewed")
    assert "1 extract checked and waiting for you to look." in board(leader)
    CaseFactory(service=service)
    response = leader.get(reverse("casework:board"))
    assert "1 case waiting for a worker." in text(response)
    assert reverse("casework:allocation") in response.content.decode()


def test_the_board_of_a_new_service_says_where_cases_come_from(leader):
    assert "No cases yet" in board(leader)


def test_silent_is_more_than_three_weeks_without_a_contact(service, link_worker, leader):
    def make(name, worker, last, opened):
        CaseFactory(
            service=service,
            worker=worker,
            last_contact_at=last,
            opened_at=opened,
            person__first_name=name,
            person__last_name="Z",
        )

    make("Quiet", link_worker, ago(22), ago(90))
    make("Heard", link_worker, ago(21), ago(90))
    make("Never", link_worker, None, ago(40))
    make("Fresh", link_worker, None, ago(3))
    make("Nobodys", None, None, ago(40))
    silent = board(leader).split("Silent cases", 1)[1]
    assert [name for name in ("Never", "Quiet", "Heard", "Fresh", "Nobodys") if name in silent] == [
        "Never",
        "Quiet",
    ]
    assert silent.index("Never Z.") < silent.index("Quiet Z.")


def test_extracts_of_a_neighbour_wait_elsewhere(service, neighbour, leader):
    ExtractFactory(service=neighbour, status="previewed")
    assert "0 extracts waiting" in board(leader)


@pytest.mark.parametrize(
    "cases, words, tag",
    [
        (0, "0 open cases, 0 of 30 points in use (0%).", "Has room"),
        (7, "7 open cases, 28 of 30 points in use (93%).", "Has room"),
        (8, "8 open cases, 32 of 30 points in use (107%).", "Full"),
        (9, "9 open cases, 36 of 30 points in use (120%).", "Over capacity"),
    ],
)
def test_a_caseload_is_told_in_numbers_and_words(service, link_worker, half_time, leader, cases, words, tag):
    carried(service, link_worker, cases)
    rows = BeautifulSoup(leader.get(reverse("casework:caseload")).content, "html.parser").select(".app-row")
    row = next(row for row in rows if "Wendy Worker" in row.text)
    assert words in row.get_text(" ", strip=True)
    assert row.select_one(".nhsuk-tag").text == tag
    assert int(row.select_one("progress")["value"]) <= 100


def test_a_caseload_counts_cases_by_stage_with_a_way_to_each(service, link_worker, half_time, leader):
    carried(service, link_worker, 2)
    carried(service, link_worker, 1, stage="light_touch")
    carried(service, link_worker, 3, stage="open_door")
    response = leader.get(reverse("casework:caseload"))
    assert "Active 2 · Light touch 1" in text(response)
    assert f"?worker={link_worker.pk}&amp;stage=light_touch" in response.content.decode()


def test_hours_nobody_set_are_unknown_and_not_nought(service, link_worker, leader):
    carried(service, link_worker, 1)
    assert "1 open case, 4 points. Nobody has set the hours yet" in text(
        leader.get(reverse("casework:caseload"))
    )


def test_cases_of_somebody_who_left_are_not_forgotten(service, link_worker, leader):
    carried(service, link_worker, 1)
    link_worker.memberships.update(ends_on="2021-01-01")
    assert "No longer carries a caseload here" in text(leader.get(reverse("casework:caseload")))
    assert "Wendy Worker Has left" in board(leader)


def test_hours_are_set_and_show_at_once(service, link_worker, leader):
    member = link_worker.memberships.get()
    url = reverse("casework:capacity", args=[member.pk])
    told = {"contracted_hours": "30", "reduction_hours": "7.5", "target_points": "60"}
    assert leader.post(url, told)["Location"] == reverse("casework:caseload")
    assert "0 of 36 points" in text(leader.get(reverse("casework:caseload")))
    boxes = BeautifulSoup(leader.get(url).content, "html.parser")
    assert boxes.select_one("input[name=contracted_hours]")["value"] == "30.0"


@pytest.mark.parametrize(
    "told, sentence",
    [
        ({"contracted_hours": ""}, "Enter the hours a week."),
        ({"contracted_hours": "many"}, "Enter the hours as a number, such as 37.5."),
        ({"contracted_hours": "0"}, "Enter more than 0 hours a week."),
        ({"contracted_hours": "NaN"}, "Enter the hours as a number, such as 37.5."),
        ({"reduction_hours": "40"}, "Hours for other work cannot be more than the hours a week."),
        ({"target_points": "0"}, "Enter at least 1 point."),
    ],
)
def test_impossible_hours_are_refused(service, link_worker, leader, told, sentence):
    url = reverse("casework:capacity", args=[link_worker.memberships.get().pk])
    given = {"contracted_hours": "30", "reduction_hours": "0", "target_points": "60", **told}
    assert errors(leader.post(url, given)) == [sentence]
    assert Capacity.objects.count() == 0


@pytest.fixture
def waiting(service):
    return CaseFactory(service=service, stage="active")


def test_the_page_compares_workers_before_and_after(service, waiting, link_worker, half_time, leader):
    carried(service, link_worker, 7)
    found = text(leader.get(reverse("casework:allocate", args=[waiting.pk])))
    assert "This case weighs 4 points" in found
    assert "28 of 30 points now (93%), 32 with this case (107%). Full then." in found
    assert "Leah Lead (recommended)" in found
    assert "0 of 60 points now (0%), 4 with this case (7%). Room left." in found


def test_whoever_is_recommended_stands_first(service, waiting, link_worker, lead, half_time, leader):
    carried(service, link_worker, 2)
    carried(service, lead, 5)
    response = leader.get(reverse("casework:allocate", args=[waiting.pk]))
    names = [
        label.text for label in BeautifulSoup(response.content, "html.parser").select(".nhsuk-radios__label")
    ]
    assert names == ["Wendy Worker (recommended)", "Leah Lead"]


def allocate(leader, case, worker, reason="", instead_of=""):
    told = {"worker": worker.pk, "reason": reason, "instead_of": instead_of}
    return leader.post(reverse("casework:allocate", args=[case.pk]), told)


def test_a_lead_does_not_undo_unseen_what_another_lead_chose(waiting, lead, link_worker, half_time, leader):
    Case.objects.filter(pk=waiting.pk).update(worker=link_worker)
    refused = allocate(leader, waiting, lead)
    assert errors(refused) == [
        "Somebody allocated this case after you opened the page. Look again, then choose."
    ]
    assert "Wendy Worker has it now." in text(refused)
    assert f'name="instead_of" value="{link_worker.pk}"' in refused.content.decode()


def test_the_recommendation_is_followed_without_a_reason(waiting, lead, link_worker, half_time, leader):
    carried(waiting.service, link_worker, 1)
    assert allocate(leader, waiting, lead)["Location"] == reverse("casework:board")
    waiting.refresh_from_db()
    assert waiting.worker == lead


def test_going_another_way_needs_a_reason_which_is_kept(waiting, link_worker, half_time, leader):
    carried(waiting.service, link_worker, 1)
    refused = allocate(leader, waiting, link_worker)
    assert errors(refused) == ["Say in a few words why you do not choose Leah Lead."]
    assert Allocation.objects.count() == 0
    allocate(leader, waiting, link_worker, "They know each other")
    assert Allocation.objects.get().reason == "They know each other"


def test_where_nobody_has_room_the_lead_may_still_decide(waiting, link_worker, half_time, lead, leader):
    carried(waiting.service, link_worker, 9)
    carried(waiting.service, lead, 17)
    found = text(leader.get(reverse("casework:allocate", args=[waiting.pk])))
    assert "Nobody has room for 4 more points within 110% of their hours." in found
    allocate(leader, waiting, lead)
    waiting.refresh_from_db()
    assert waiting.worker == lead


@pytest.mark.parametrize("worker", ["", "0", "x"])
def test_a_worker_must_be_chosen_from_the_team(waiting, half_time, leader, outsider, worker):
    url = reverse("casework:allocate", args=[waiting.pk])
    assert len(errors(leader.post(url, {"worker": worker}))) == 1
    assert len(errors(leader.post(url, {"worker": outsider.pk}))) == 1
    assert Allocation.objects.count() == 0


def test_a_case_goes_to_another_worker(waiting, link_worker, lead, half_time, leader):
    Case.objects.filter(pk=waiting.pk).update(worker=link_worker)
    page = text(leader.get(reverse("casework:allocate", args=[waiting.pk])))
    assert "Wendy Worker has it now." in page
    allocate(leader, waiting, lead, instead_of=link_worker.pk)
    waiting.refresh_from_db()
    assert waiting.worker == lead


def test_an_ended_episode_is_not_allocated(waiting, half_time, leader):
    Case.objects.filter(pk=waiting.pk).update(stage="open_door")
    assert leader.get(reverse("casework:allocate", args=[waiting.pk])).status_code == 302


@pytest.mark.parametrize("name", ["capacity", "profile"])
def test_a_second_editor_of_a_worker_is_told_and_overwrites_nothing(service, link_worker, leader, name):
    url = reverse(f"casework:{name}", args=[link_worker.memberships.get().pk])
    told = {"contracted_hours": "30", "reduction_hours": "0", "target_points": "60", "areas": "March"}
    assert leader.post(url, {**told, "seen": ""}).status_code == 302
    again = {**told, "contracted_hours": "20", "areas": "Wisbech"}
    refused = leader.post(url, {**again, "seen": ""})
    assert "Somebody else changed this while you were writing." in errors(refused)[0]
    box = BeautifulSoup(leader.get(url).content, "html.parser").select_one("input[name=seen]")
    assert leader.post(url, {**again, "seen": box["value"]}).status_code == 302

from django.urls import path

from governance.views import (
    access_log,
    agreement,
    member,
    opening,
    outside,
    overview,
    printed,
    record,
    service,
    team,
)

app_name = "governance"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("service/", service.choose_service, name="choose_service"),
    path("log/", access_log.access_log, name="access_log"),
    path("log/verify/", access_log.verify_log, name="verify_log"),
    path("openings/", opening.openings, name="openings"),
    path("openings/<int:pk>/", opening.review_opening, name="review_opening"),
    path("opened-outside/", outside.opened_outside, name="opened_outside"),
    path("records/", record.records, name="records"),
    path("records/<int:pk>/", record.record, name="record"),
    path("records/<int:pk>/seal/", record.seal, name="seal"),
    path("printed/", printed.printed, name="printed"),
    path("agreements/<int:pk>/", agreement.agreement, name="agreement"),
    path("members/", member.members, name="members"),
    path("members/<int:pk>/end/", member.end_membership, name="end_membership"),
    path("teams/", team.teams, name="teams"),
    path("teams/<int:pk>/leave/", team.leave_team, name="leave_team"),
]

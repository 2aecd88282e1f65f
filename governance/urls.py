from django.urls import path

from governance.views import (
    access_log,
    agreement,
    factor_reset,
    incident,
    member,
    overview,
    safety,
    service,
)

app_name = "governance"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("service/", service.choose_service, name="choose_service"),
    path("log/", access_log.access_log, name="access_log"),
    path("log/verify/", access_log.verify_log, name="verify_log"),
    path("agreements/<int:pk>/", agreement.agreement, name="agreement"),
    path("incidents/", incident.incidents, name="incidents"),
    path("incidents/new/", incident.incident_new, name="incident_new"),
    path("incidents/all/", incident.incident_desk, name="incident_desk"),
    path("incidents/<int:pk>/", incident.incident, name="incident"),
    path("incidents/<int:pk>/decide/", incident.incident_triage, name="incident_triage"),
    path("safety/", safety.safety, name="safety"),
    path("safety/file/", safety.safety_file, name="safety_file"),
    path("members/", member.members, name="members"),
    path("members/<int:pk>/end/", member.end_membership, name="end_membership"),
    path("members/<int:pk>/dates/", member.end_dates, name="end_dates"),
    path("members/<int:pk>/second-factor/", factor_reset.ask_factor_reset, name="ask_factor_reset"),
    path("second-factors/", factor_reset.factor_resets, name="factor_resets"),
    path("second-factors/<int:pk>/", factor_reset.decide_factor_reset, name="decide_factor_reset"),
]

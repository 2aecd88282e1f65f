from django.urls import path

from governance.views import access_log, agreement, incident, member, overview, safety, service

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
]

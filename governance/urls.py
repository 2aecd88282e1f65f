from django.urls import path

from governance.views import (
    access_log,
    agreement,
    member,
    overview,
    retention,
    rights,
    service,
    subject_request,
)

app_name = "governance"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("service/", service.choose_service, name="choose_service"),
    path("log/", access_log.access_log, name="access_log"),
    path("log/verify/", access_log.verify_log, name="verify_log"),
    path("agreements/<int:pk>/", agreement.agreement, name="agreement"),
    path("rights/", rights.rights, name="rights"),
    path("rights/people/<int:pk>/", rights.person, name="person"),
    path("rights/people/<int:pk>/request/", subject_request.request_new, name="request_new"),
    path("rights/people/<int:pk>/correct/", rights.correct, name="correct"),
    path("rights/people/<int:pk>/object/", rights.objection, name="objection"),
    path("rights/people/<int:pk>/opt-out/", rights.opt_out, name="opt_out"),
    path("rights/people/<int:pk>/hold/", rights.hold_person, name="hold_person"),
    path("rights/requests/<int:pk>/", subject_request.subject_request, name="subject_request"),
    path("rights/requests/<int:pk>/extend/", subject_request.extend_request, name="extend_request"),
    path("rights/requests/<int:pk>/second/", subject_request.second_request, name="second_request"),
    path("rights/requests/<int:pk>/release/", subject_request.release_request, name="release_request"),
    path("rights/requests/<int:pk>/copy/<str:kind>/", subject_request.copy, name="copy"),
    path("rights/texts/<int:pk>/", subject_request.free_text, name="free_text"),
    path("retention/", retention.retention, name="retention"),
    path("retention/time/", retention.keeping_time, name="keeping_time"),
    path("retention/holds/", retention.holds, name="holds"),
    path("retention/holds/new/", retention.hold_class, name="hold_class"),
    path("retention/holds/<int:pk>/lift/", retention.lift_hold, name="lift_hold"),
    path("members/", member.members, name="members"),
    path("members/<int:pk>/end/", member.end_membership, name="end_membership"),
]

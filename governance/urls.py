from django.urls import path

from governance.views import (
    access_log,
    agreement,
    agreement_version,
    impact,
    member,
    overview,
    service,
    set_up,
)

app_name = "governance"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("service/", service.choose_service, name="choose_service"),
    path("log/", access_log.access_log, name="access_log"),
    path("log/verify/", access_log.verify_log, name="verify_log"),
    path("agreements/new/", agreement.agreement_new, name="agreement_new"),
    path("agreements/<int:pk>/", agreement.agreement, name="agreement"),
    path("agreements/<int:pk>/change/", agreement.agreement_change, name="agreement_change"),
    path("agreements/<int:pk>/sign/", agreement.agreement_sign, name="agreement_sign"),
    path("agreements/<int:pk>/stop/", agreement.agreement_stop, name="agreement_stop"),
    path("agreements/versions/<int:pk>/", agreement_version.version, name="agreement_version"),
    path("agreements/versions/<int:pk>/form/", agreement_version.form, name="agreement_form"),
    path("agreements/versions/<int:pk>/form.pdf", agreement_version.pdf, name="agreement_pdf"),
    path("assessments/", impact.assessments, name="assessments"),
    path("assessments/new/", impact.assessment_new, name="assessment_new"),
    path("assessments/<int:pk>/", impact.assessment, name="assessment"),
    path("assessments/<int:pk>/sign-off/", impact.assessment_sign_off, name="assessment_sign_off"),
    path("assessments/<int:pk>/again/", impact.assessment_again, name="assessment_again"),
    path("assessments/<int:pk>/steps/<slug:step>/", impact.assessment_step, name="assessment_step"),
    path("assessments/versions/<int:pk>/", impact.assessment_version, name="assessment_version"),
    path("assessments/versions/<int:pk>/assessment.pdf", impact.assessment_pdf, name="assessment_pdf"),
    path("set-up/", set_up.set_up, name="set_up"),
    path("set-up/begin/", set_up.set_up_begin, name="set_up_begin"),
    path("set-up/<slug:key>/", set_up.milestone, name="milestone"),
    path("members/", member.members, name="members"),
    path("members/<int:pk>/end/", member.end_membership, name="end_membership"),
]

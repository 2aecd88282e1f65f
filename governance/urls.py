from django.urls import path

from governance.views import access_log, agreement, member, notice, overview, partner, service

app_name = "governance"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("service/", service.choose_service, name="choose_service"),
    path("log/", access_log.access_log, name="access_log"),
    path("log/verify/", access_log.verify_log, name="verify_log"),
    path("agreements/<int:pk>/", agreement.agreement, name="agreement"),
    path("partners/", partner.partners, name="partners"),
    path("partners/<int:pk>/end/", partner.end_partner, name="end_partner"),
    path("privacy-notice/", notice.notices, name="notices"),
    path("members/", member.members, name="members"),
    path("members/<int:pk>/end/", member.end_membership, name="end_membership"),
]

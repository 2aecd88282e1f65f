from django.urls import path

from casework.views import (
    allocation,
    assessment,
    break_glass,
    case,
    consent,
    contact,
    notice,
    recall,
    risk,
    sharing,
)

app_name = "casework"
urlpatterns = [
    path("today/", contact.today_page, name="today"),
    path("contact/", contact.choose_client, name="choose_client"),
    path("board/", allocation.board_page, name="board"),
    path("caseload/", allocation.caseload_page, name="caseload"),
    path("caseload/<int:pk>/", allocation.capacity_page, name="capacity"),
    path("cases/", case.cases, name="cases"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/reason/", break_glass.give_reason, name="give_reason"),
    path("cases/<int:pk>/contact/", contact.log_contact, name="log_contact"),
    path("cases/<int:pk>/stage/", case.move_stage, name="move_stage"),
    path("cases/<int:pk>/again/", case.reopen, name="reopen"),
    path("cases/<int:pk>/allocate/", allocation.allocate, name="allocate"),
    path("cases/<int:pk>/score/", assessment.score, name="score"),
    path("cases/<int:pk>/risk/", risk.risk, name="risk"),
    path("cases/<int:pk>/consent/", consent.consent, name="consent"),
    path("cases/<int:pk>/privacy-notice/", notice.notice, name="notice"),
    path("cases/<int:pk>/sharing/", sharing.sharing_page, name="sharing"),
    path("cases/<int:pk>/share-otherwise/", sharing.share_otherwise, name="share_otherwise"),
    path("consents/<int:pk>/share/", sharing.share, name="share"),
    path("consents/<int:pk>/take-back/", consent.take_back, name="take_back"),
    path("shared/", sharing.disclosures, name="disclosures"),
    path("shared/<int:pk>/", sharing.disclosure, name="disclosure"),
    path("recalls/", recall.recalls, name="recalls"),
    path("recalls/<int:pk>/", recall.recall, name="recall"),
]

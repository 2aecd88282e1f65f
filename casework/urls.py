from django.urls import path

from casework.views import allocation, assessment, case, consent, contact, preset, prsb, risk

app_name = "casework"
urlpatterns = [
    path("today/", contact.today_page, name="today"),
    path("contact/", contact.choose_client, name="choose_client"),
    path("board/", allocation.board_page, name="board"),
    path("caseload/", allocation.caseload_page, name="caseload"),
    path("caseload/<int:pk>/", allocation.capacity_page, name="capacity"),
    path("presets/", preset.preset_list, name="presets"),
    path("presets/one/", preset.preset, name="preset"),
    path("cases/", case.cases, name="cases"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/contact/", contact.log_contact, name="log_contact"),
    path("cases/<int:pk>/stage/", case.move_stage, name="move_stage"),
    path("cases/<int:pk>/again/", case.reopen, name="reopen"),
    path("cases/<int:pk>/allocate/", allocation.allocate, name="allocate"),
    path("cases/<int:pk>/score/", assessment.score, name="score"),
    path("cases/<int:pk>/risk/", risk.risk, name="risk"),
    path("cases/<int:pk>/consent/", consent.consent, name="consent"),
    path("cases/<int:pk>/message/", prsb.message, name="message"),
]

from django.urls import path

from cohorts.views import cohort_list, dropped, extract, incoming, rule, screening, source, undo

app_name = "cohorts"
urlpatterns = [
    path("extracts/", extract.extracts, name="extracts"),
    path("extracts/upload/", extract.upload, name="upload"),
    path("extracts/<int:pk>/", extract.extract, name="extract"),
    path("extracts/<int:pk>/progress/", extract.progress, name="extract_progress"),
    path("extracts/<int:pk>/commit/", extract.commit, name="commit"),
    path("extracts/<int:pk>/withdraw/", extract.withdraw, name="withdraw"),
    path("extracts/<int:pk>/undo/", undo.undo, name="undo"),
    path("extracts/<int:pk>/rejects/", extract.rejects, name="rejects"),
    path("extracts/sources/", source.sources, name="sources"),
    path("extracts/sources/new/", source.source_new, name="source_new"),
    path("extracts/sources/<int:pk>/", source.source, name="source"),
    path("extracts/sources/<int:pk>/plan/", incoming.plan, name="source_plan"),
    path("extracts/sources/<int:pk>/request/", incoming.data_request, name="data_request"),
    path("extracts/calendar/", incoming.calendar, name="calendar"),
    path("dropped/", dropped.dropped, name="dropped"),
    path("dropped/dropped.csv", dropped.dropped_csv, name="dropped_csv"),
    path("lists/", cohort_list.lists, name="lists"),
    path("lists/new/", cohort_list.list_new, name="list_new"),
    path("lists/<int:pk>/", cohort_list.cohort_list, name="list"),
    path("lists/rules/", rule.rules, name="rules"),
    path("lists/rules/new/", rule.rule_new, name="rule_new"),
    path("lists/rules/<int:pk>/", rule.rule, name="rule"),
    path("lists/candidates/<int:pk>/", screening.candidate, name="candidate"),
    path("lists/candidates/<int:pk>/screen/", screening.screen, name="screen"),
]

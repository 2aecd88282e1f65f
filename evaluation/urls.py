from django.urls import path

from evaluation import views

app_name = "evaluation"
urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/new/", views.report_new, name="report_new"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/release/", views.report_release, name="report_release"),
    path("reports/<int:pk>/withdraw/", views.report_withdraw, name="report_withdraw"),
    path("reports/<int:pk>/<slug:kind>/", views.report_file, name="report_file"),
    path("area-profiles/", views.area_profiles, name="area_profiles"),
    path("area-profiles/new/", views.area_profile_new, name="area_profile_new"),
    path("area-profiles/<int:pk>/", views.area_profile, name="area_profile"),
    path("unit-costs/", views.unit_costs, name="unit_costs"),
    path("unit-costs/schedule/", views.unit_cost_schedule, name="unit_cost_schedule"),
    path("running-costs/", views.running_costs, name="running_costs"),
    path("targets/", views.targets, name="targets"),
    path("methods/", views.methods, name="methods"),
    path("methods/published/", views.quoted, name="quoted"),
]

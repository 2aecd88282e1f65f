from django.urls import path

from governance import views

app_name = "governance"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("service/", views.choose_service, name="choose_service"),
    path("log/", views.access_log, name="access_log"),
    path("log/verify/", views.verify_log, name="verify_log"),
    path("agreements/<int:pk>/", views.agreement, name="agreement"),
    path("members/", views.members, name="members"),
    path("members/<int:pk>/end/", views.end_membership, name="end_membership"),
]

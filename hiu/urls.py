"""All addresses. Each app brings its own."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from governance.views import security, set_up, sign_in
from hiu import brand, gallery, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("sign-in/", sign_in.login_page, name="login"),
    path("sign-in/second-factor/", sign_in.second_factor_page, name="second_factor"),
    path("sign-in/lost/", sign_in.lost_factor, name="lost_factor"),
    path("sign-out/", sign_in.logout_page, name="logout"),
    path("password/", sign_in.new_password, name="new_password"),
    path("keep-working/", sign_in.keep_working, name="keep_working"),
    path("security/", security.security, name="security"),
    path("security/sessions/", security.end_other_sessions, name="end_other_sessions"),
    path("security/factors/<int:pk>/remove/", security.remove_factor, name="remove_factor"),
    path("security/set-up/", set_up.set_up, name="set_up"),
    path("security/set-up/app/", set_up.set_up_app, name="set_up_app"),
    path("security/set-up/passkey/", set_up.set_up_passkey, name="set_up_passkey"),
    path("security/recovery-codes/", set_up.recovery_codes, name="recovery_codes"),
    path("health/", pages.health, name="health"),
    path("brand.css", brand.stylesheet, name="brand"),
    path("governance/", include("governance.urls")),
    path("cohorts/", include("cohorts.urls")),
    path("casework/", include("casework.urls")),
    path("evaluation/", include("evaluation.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("components/", gallery.gallery, name="components"))

"""All addresses. Each app brings its own."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy

from governance.forms.sign_in import NewPasswordForm, SignInForm
from hiu import brand, gallery, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("sign-in/", LoginView.as_view(authentication_form=SignInForm), name="login"),
    path("sign-out/", login_not_required(LogoutView.as_view()), name="logout"),
    path(
        "password/",
        PasswordChangeView.as_view(form_class=NewPasswordForm, success_url=reverse_lazy("home")),
        name="new_password",
    ),
    path("health/", pages.health, name="health"),
    path("brand.css", brand.stylesheet, name="brand"),
    path("governance/", include("governance.urls")),
    path("cohorts/", include("cohorts.urls")),
    path("casework/", include("casework.urls")),
    path("evaluation/", include("evaluation.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("components/", gallery.gallery, name="components"))

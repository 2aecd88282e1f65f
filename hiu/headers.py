"""What every answer carries, whoever made it: a view, an error, a redirect, or a file of the web server."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Nothing on any page asks for one of these; a script that got in should not either.
SWITCHED_OFF = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
# Passkeys are made and used on our own pages, and in no frame of anybody else.
PASSKEYS = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
PERMISSIONS = ", ".join([*(f"{name}=()" for name in SWITCHED_OFF), PASSKEYS])


class HeadersMiddleware:
    """Outermost, so that it also sees what the other middleware answered or failed with.

    A page is not kept anywhere unless it says it may be: on a shared computer the Back button after
    sign-out must show nothing, and an error page may come before anybody knows who asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

"""The brand colour as a style sheet: a page may hold no inline style, and the colour is a setting."""

import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

SHADES = (10, 20, 35, 50)
TINTS = (20, 78, 93)
LOWEST_CONTRAST = 4.5  # of white text on the colour, WCAG 2.2 criterion 1.4.3

Channels = tuple[int, int, int]


def parse_colour(text: str) -> Channels:
    """Red, green and blue (0 to 255) of `#rrggbb`; raises ImproperlyConfigured for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ImproperlyConfigured(f"HIU_BRAND_COLOUR is {text!r}. Give it as # and six hex digits: #1d4f5c")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(colour: Channels, other: int, percent: int) -> str:
    """`colour` with `percent` of black (other=0) or white (other=255) in it, as #rrggbb."""
    mixed = (round(channel + (other - channel) * percent / 100) for channel in colour)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def contrast_with_white(colour: Channels) -> float:
    """Contrast ratio by the formula of WCAG 2.2, "relative luminance"."""
    shares = (channel / 255 for channel in colour)
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def brand_css(colour_text: str) -> str:
    """The custom properties of static/scss/_tokens.scss that follow from one colour.

    Raises ImproperlyConfigured when white text on the colour would be hard to read.
    """
    colour = parse_colour(colour_text)
    if contrast_with_white(colour) < LOWEST_CONTRAST:
        raise ImproperlyConfigured(
            f"HIU_BRAND_COLOUR {colour_text} is too light for the white text on it. Choose a darker one."
        )
    properties = {"--hiu-brand": mix(colour, 0, 0)}
    properties |= {f"--hiu-brand-shade-{percent}": mix(colour, 0, percent) for percent in SHADES}
    properties |= {f"--hiu-brand-tint-{percent}": mix(colour, 255, percent) for percent in TINTS}
    buttons = {
        "--hiu-button-secondary-border": mix(colour, 0, 0),
        "--hiu-button-secondary-text": mix(colour, 0, 0),
        "--hiu-button-secondary-hover": mix(colour, 255, 85),
        "--hiu-button-secondary-active": mix(colour, 255, 78),
    }
    # On a dark screen these buttons keep the light colours of the built style sheet.
    return _rule(properties) + f"@media (prefers-color-scheme: light) {{{_rule(buttons)}}}\n"


def _rule(properties: dict[str, str]) -> str:
    return ":root{" + "".join(f"{name}:{value};" for name, value in properties.items()) + "}\n"


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Serve the colour of HIU_BRAND_COLOUR to every page, the sign-in page too."""
    return HttpResponse(brand_css(settings.BRAND_COLOUR), content_type="text/css; charset=utf-8")

"""A browser that has been through the door: password and second factor, as the middleware wants it."""

from django.test import Client

from governance.models import User
from governance.sign_in import marks


def signed_in(user: User, client: Client | None = None) -> Client:
    """`client` (or a new one) in which the user is signed in and has shown a second factor."""
    client = client or Client()
    client.force_login(user)
    session = client.session
    marks.start(session, factor="totp")
    session.save()
    return client

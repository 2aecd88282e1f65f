import pytest
from allauth.mfa.models import Authenticator

from governance.models import User
from tests.factories.governance import AppFactory
from tests.factors import PASSWORD, SECRET


@pytest.fixture
def worker(link_worker: User) -> User:
    """The link worker with a password; no second factor yet."""
    link_worker.set_password(PASSWORD)
    link_worker.save()
    return link_worker


@pytest.fixture
def app(worker: User) -> Authenticator:
    return AppFactory(user=worker, secret=SECRET)

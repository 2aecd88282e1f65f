"""What gunicorn serves."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hiu.settings")

application = get_wsgi_application()

from governance import database  # noqa: E402  needs the apps

# Not one request is answered by a role that could climb the walls, or on a database without them.
if reason := database.problem():
    sys.exit(reason)

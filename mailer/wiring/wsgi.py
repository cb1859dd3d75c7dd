"""The web server's entry: `granian --interface wsgi mailer.wiring.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.wiring.settings")
application = get_wsgi_application()

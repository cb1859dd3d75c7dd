"""Django's settings, from the configuration. The only importer of `mailer.config`."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from mailer import config

try:
    CONFIG = config.read(os.environ)
except config.Faulty as faults:
    lines = "\n  ".join(str(faults).split("; "))
    sys.exit(f"The configuration is not usable:\n  {lines}\nSee `mailer check_config`.")

BASE_DIR = Path(__file__).resolve().parents[2]
TEMPLATE_DIR = BASE_DIR / "templates"

SECRET_KEY = CONFIG.secret_key
DEBUG = CONFIG.debug
PUBLIC_URL = CONFIG.public_url
TOKEN_KEYS = CONFIG.token_keys
REDIS_URL = CONFIG.redis_url
RELAYS = CONFIG.relays
RELAY_SESSIONS = CONFIG.relay_sessions
RELAY_PIPES = CONFIG.relay_pipes
BOUNCE_DOMAIN = CONFIG.bounce_domain
LETTERS_FROM = CONFIG.letters_from
DKIM_SIGN = CONFIG.dkim_sign
DKIM_KEYS = CONFIG.dkim_keys
SENDING_ADDRESSES = CONFIG.sending_addresses
BIMI_LOGO = CONFIG.bimi_logo
BOUNCE_MAILDIR = CONFIG.bounce_maildir
BRAND = CONFIG.brand
SHAPING = CONFIG.shaping
TRUSTED_PROXIES = CONFIG.trusted_proxies
FETCH_PRIVATE_HOSTS = CONFIG.fetch_private_hosts
BREAKING_HOLD_SECONDS = CONFIG.breaking_hold_seconds
BELL_RINGER = "workers.ringer.ring"  # by name: no room imports Celery

_public = urlsplit(PUBLIC_URL)
_secure = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname or "", *CONFIG.allowed_hosts]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "mailer.sources",
    "mailer.elections",
    "mailer.audience",
    "mailer.editions",
    "mailer.rendering",
    "mailer.delivery",
    "mailer.feedback",
    "mailer.desk",
    "mailer.public",
    "mailer.ops",
    "mailer.management.apps.CommandLine",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mailer.public.private.OwnOrigin",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# No CommonMiddleware: its APPEND_SLASH would answer a one-click POST with a redirect,
# which RFC 8058 §3.1 forbids.
APPEND_SLASH = False
ROOT_URLCONF = "mailer.wiring.urls"
WSGI_APPLICATION = "mailer.wiring.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [TEMPLATE_DIR],
        "OPTIONS": {"environment": "mailer.wiring.pages.environment"},
    }
]

_database = conninfo_to_dict(CONFIG.database_url)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname", ""),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "OPTIONS": _database,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = CONFIG.time_zone
# What pages say times in: the paper's own clock, else the newsroom's.
PAGE_TIME_ZONE = BRAND.time_zone if BRAND.time_zone != "UTC" else TIME_ZONE
LANGUAGE_CODE = "en"
USE_I18N = True

LOGIN_URL = "desk:login"
LOGIN_REDIRECT_URL = "desk:today"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "mailer.public.site.stale_form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.trusted_proxies else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the preview of a mail is a frame of our own
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "https:", "data:", *([] if _secure else ["http:"])],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [TEMPLATE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # no collectstatic step
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "filters": {"without_tokens": {"()": "mailer.wiring.logs.WithoutTokens"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_tokens"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"cssutils": {"level": "CRITICAL"}, "CSSUTILS": {"level": "CRITICAL"}},
}

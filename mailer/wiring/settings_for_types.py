"""Settings for tools that read them without an environment: types, import walls."""

import os

os.environ.setdefault("DATABASE_URL", "postgresql:///mailer")
os.environ.setdefault("REDIS_URL", "redis://localhost/0")
os.environ.setdefault("SECRET_KEY", "x" * 32)
os.environ.setdefault("PUBLIC_URL", "https://news.example.org")
os.environ.setdefault("RELAYS", "smtp://localhost:25")

from mailer.wiring.settings import *  # noqa: F403

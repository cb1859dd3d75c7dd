"""Start the servers before pytest-django reads the settings.

Loaded by `-p tests.kit.plugin`: pytest-django reads its settings before any
`conftest.py`, so a server started there would come too late and another database would
be tested. The first process starts the servers; the workers of a parallel run inherit
their addresses. Each run has its own folder: any number of runs may share a machine.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from mailer.local.servers import start_postgres, start_valkey

# A busy machine is slow: no law is about time. CI tries the same examples each time, a
# developer others; what is found then becomes an @example.
settings.register_profile(
    "ours",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("ours")

_ADDRESSES = "STOP_PRESS_TEST_SERVERS"


def _start() -> None:
    home = Path(tempfile.mkdtemp(prefix="stop-press-tests-"))
    home.chmod(0o755)  # PostgreSQL's user must reach its part of it
    sockets = home / "s"
    sockets.mkdir(mode=0o755)
    postgres = start_postgres(home / "postgres", sockets, throw_away=True)
    valkey = start_valkey(home / "valkey", sockets)

    def stop() -> None:
        postgres.stop()
        valkey.stop()
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(stop)
    os.environ.update(
        {
            _ADDRESSES: str(home),
            "DATABASE_URL": postgres.url,
            "REDIS_URL": valkey.url,
            "SECRET_KEY": "only-for-tests-" * 4,
            "PUBLIC_URL": "https://news.causeway.example",
            "RELAYS": "smtp://127.0.0.1:1",
            "BREAKING_HOLD_SECONDS": "10",
            "BRAND_FILE": str(Path(__file__).parent / "brand.toml"),
        }
    )


if _ADDRESSES not in os.environ:
    _start()

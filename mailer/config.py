"""The only reader of the environment: every setting, every fault, at once.

`SETTINGS` is the table that `mailer check_config` explains and docs/configuration.md
is made from. `read` gives a frozen Config or one Faulty that names every fault.
"""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from mailer import value
from mailer.delivery import dkim_keys
from mailer.delivery.dkim import Key
from mailer.delivery.shaping import Shaping
from mailer.delivery.shapingfile import read_shaping
from mailer.kernel.brand import Brand, read_brand
from mailer.kernel.tokens import Keys

Made = TypeVar("Made")


class Faulty(ValueError):
    """The environment is not usable; str() names every fault, a sentence each."""


class NotSet(Exception):
    """A value that must be set is not."""


@dataclass(frozen=True)
class Setting:
    """One variable: its name, how to read it, its default, and what it is for."""

    name: str
    read: Callable[[str], Any]
    default: str | None  # None: must be set
    help: str
    secret: bool = False


SETTINGS = (
    Setting(
        "DATABASE_URL",
        value.url("postgresql", "postgres"),
        None,
        "The PostgreSQL server: postgresql://user:password@host:5432/name, or "
        "postgresql:///name?host=/folder/of/the/socket",
        secret=True,
    ),
    Setting(
        "REDIS_URL",
        value.url("redis", "rediss", "unix"),
        None,
        "Redis or Valkey, for bells and rate limits: redis://host:6379/0, or "
        "unix:///path/to/socket?db=0. Set its maxmemory-policy to noeviction",
        secret=True,
    ),
    Setting(
        "SECRET_KEY",
        value.secret,
        None,
        "32 random characters or more. Sessions and forms are signed with it",
        secret=True,
    ),
    Setting(
        "TOKEN_KEYS",
        value.token_keys,
        "",
        "Keys of the links in mails, `id:hex` separated by commas. The first seals, "
        "all verify, for ever: never remove one. Key 1 is made from SECRET_KEY, unless "
        "one of these has that id; so keep SECRET_KEY as well",
        secret=True,
    ),
    Setting(
        "PUBLIC_URL",
        value.public_url,
        None,
        "Where readers reach this server: https://news.example.org. Every link in "
        "every mail starts with it",
    ),
    Setting(
        "ALLOWED_HOSTS",
        value.names,
        "",
        "More host names this server answers to, separated by commas. The one of "
        "PUBLIC_URL always counts",
    ),
    Setting(
        "TRUSTED_PROXIES",
        value.networks,
        "",
        "Addresses or networks of your own proxies. Only they may say, in "
        "X-Forwarded-For, who the reader is",
    ),
    Setting(
        "RELAYS",
        value.relays,
        None,
        "Where mail is handed over, separated by commas: "
        "smtp+tls://user:password@host:587 (STARTTLS required), "
        "smtps://user:password@host:465, smtp://localhost:25 (plain: this machine, or "
        "a container's name), smtp+unix:///path, or a mail service: "
        "anymail+postmark://:KEY@api. The first is relay 1. Options follow "
        "a ?: weight=2, cap=50000 (mails a day), newsletters=, providers=, domains= "
        "(what alone goes by it), sessions=4, messages=100 (on one connection), "
        "ca=/path/to/ca.pem. See docs/relays.md",
        secret=True,
    ),
    Setting(
        "RELAY_SESSIONS",
        value.whole(1, 500),
        "8",
        "Connections one worker opens to a relay at the same time",
    ),
    Setting(
        "RELAY_PIPES",
        value.whole(1, 100),
        "2",
        "Workers that may hold a relay at the same time, beside the one that is "
        "reserved for breaking news and letters",
    ),
    Setting(
        "BOUNCE_DOMAIN",
        str,
        "",
        "Domain of the envelope senders, to which bounces return: "
        "bounce.news.example.org. Empty: `bounce.` and the host of PUBLIC_URL",
    ),
    Setting(
        "LETTERS_FROM",
        value.mailbox,
        "",
        "From whom confirmations, links and notices come: letters@news.example.org. "
        "They belong to no newsletter. Empty: `letters` at the host of PUBLIC_URL",
    ),
    Setting(
        "DKIM_SIGN",
        value.one_of("app", "relay"),
        "relay",
        "Who signs mails (DKIM), exactly one: `app`, this program, with DKIM_KEYS, or "
        "`relay`, each of your relays. See docs/signing.md",
    ),
    Setting(
        "DKIM_KEYS",
        dkim_keys.read_keys,
        "",
        "Private keys in PEM files, `selector=file` separated by commas: "
        "r2026a=/secrets/r2026a.pem, e2026a=/secrets/e2026a.pem. The first RSA key and "
        "the first Ed25519 key sign, the others are only published. Make one with "
        "`mailer make_dkim_key`; only its owner may read it, unless it lies below "
        "/run/secrets",
    ),
    Setting(
        "SENDING_ADDRESSES",
        value.addresses,
        "",
        "IP addresses from which mails leave for the world, separated by commas: those "
        "of your own relay, for SPF and PTR in `mailer dns_records`. Empty: the relay "
        "is somebody else's",
    ),
    Setting(
        "BIMI_LOGO",
        value.logo,
        "",
        "https address of the logo that mailboxes may show beside a mail (SVG Tiny "
        "PS), and behind a comma that of its certificate. Empty: none",
    ),
    Setting(
        "BOUNCE_MAILDIR",
        value.folder,
        "",
        "Maildir in which bounces arrive. Empty: pipe them to `mailer take_report`",
    ),
    Setting(
        "BRAND_FILE",
        value.file,
        "",
        "TOML file with the paper's name, address and look",
    ),
    Setting(
        "SHAPING_FILE",
        value.file,
        "",
        "TOML file with rates of relays and receivers, quiet hours, and when a run is "
        "paused for its bounces; see docs/shaping.md. Empty: no limit of ours",
    ),
    Setting(
        "TIME_ZONE",
        value.zone,
        "UTC",
        "The newsroom's time zone, for pages. A newsletter has its own",
    ),
    Setting(
        "FETCH_PRIVATE_HOSTS",
        value.names,
        "",
        "Hosts, as host or host:port, that feeds may be fetched from although they "
        "are on a private network. Everything else there is refused",
    ),
    Setting(
        "BREAKING_HOLD_SECONDS",
        value.whole(0, 60),
        "10",
        "How long an alert waits after the last button, so that it can be undone",
    ),
    Setting(
        "DEBUG",
        value.yes,
        "no",
        "Show faults in the browser. Never where readers can reach it",
    ),
)


@dataclass(frozen=True)
class Config:
    """What the environment says, checked. Fields are the settings in lower case."""

    database_url: str
    redis_url: str
    secret_key: str
    token_keys: Keys
    public_url: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    relays: tuple[str, ...]
    relay_sessions: int
    relay_pipes: int
    bounce_domain: str
    letters_from: str
    dkim_sign: str
    dkim_keys: tuple[Key, ...]
    sending_addresses: tuple[str, ...]
    bimi_logo: str
    bounce_maildir: Path | None
    brand_file: Path | None
    shaping_file: Path | None
    time_zone: str
    fetch_private_hosts: tuple[str, ...]
    breaking_hold_seconds: int
    debug: bool
    brand: Brand
    shaping: Shaping


def read(environment: Mapping[str, str]) -> Config:
    """Return the configuration.

    Raises Faulty with every fault: what is not set, what cannot be read and why.
    """
    values: dict[str, Any] = {}
    faults: list[str] = []
    for setting in SETTINGS:
        text = ""
        try:
            text = text_of(setting, environment)
            values[setting.name.lower()] = setting.read(text)
        except NotSet:
            faults.append(f"{setting.name} is not set")
        except ValueError as error:
            shown = "" if setting.secret else f", got '{text}'"
            faults.append(f"{setting.name} {error}{shown}")
    signs = values.get("dkim_sign") == "app" and "dkim_keys" in values
    if signs and not dkim_keys.signing(values["dkim_keys"]):
        faults.append("DKIM_SIGN is app, and DKIM_KEYS names no RSA key to sign with")
    brand, brand_faults = _brand(values.get("brand_file"))
    faults += brand_faults
    shaping, shaping_faults = _shaping(values.get("shaping_file"))
    faults += shaping_faults
    if faults:
        raise Faulty("; ".join(faults))
    keys: Keys = values["token_keys"]
    if keys.find(1) is None:  # links sealed before TOKEN_KEYS was set must still open
        made = hashlib.sha256(b"token key 1:" + values["secret_key"].encode()).digest()
        values["token_keys"] = Keys((*keys.by_id, (1, made)))
    host = urlsplit(values["public_url"]).hostname or ""
    values["bounce_domain"] = values["bounce_domain"] or f"bounce.{host}"
    values["letters_from"] = values["letters_from"] or f"letters@{host}"
    return Config(**values, brand=brand, shaping=shaping)


def text_of(setting: Setting, environment: Mapping[str, str]) -> str:
    """Return what the environment, a file it names, or the default says.

    A secret may lie in a file: SECRET_KEY_FILE names it (a mounted secret, say).

    Raises NotSet where a value must be set, ValueError where a file cannot be read.
    """
    text = environment.get(setting.name, "")
    path = environment.get(f"{setting.name}_FILE", "") if setting.secret else ""
    if not text and path:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            reason = error.strerror or "no file"
            raise ValueError(f"cannot be read from its file: {reason}") from error
    text = text or (setting.default or "")
    if not text and setting.default is None:
        raise NotSet
    return text


def _brand(path: Path | None) -> tuple[Brand, list[str]]:
    return _from_toml("BRAND_FILE", path, read_brand)


def _shaping(path: Path | None) -> tuple[Shaping, list[str]]:
    return _from_toml("SHAPING_FILE", path, read_shaping)


def _from_toml(
    name: str,
    path: Path | None,
    read: Callable[[dict[str, Any]], tuple[Made, list[str]]],
) -> tuple[Made, list[str]]:
    """Return what a file says, and its faults; without a file, the defaults."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(str(error))
    made, more = read(values)
    where = path.name if path else ""
    return made, [f"{name} {where}: {fault}" for fault in faults + more]

"""Builders for signatures: keys, signed mails, and three programs that verify them.

dkimpy, OpenDKIM and Perl's Mail::DKIM were written by others, in three languages. Each
is asked what it says of every signature of a message; Mail::DKIM of Debian 12 knows no
Ed25519, as many receivers: for it the RSA signature must stand alone.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from mailer.delivery.dkim import Key
from mailer.delivery.press import Mail, Press
from tests.kit.dns_server import a_dns_server
from tests.kit.wire import a_house, a_mail

DOMAIN = "news.causeway.example"
PERL = """
use Mail::DKIM::Verifier; use Mail::DKIM::DNS; use Net::DNS::Resolver;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(
    nameservers => ["127.0.0.1"], port => $ARGV[0], recurse => 0));
my $verifier = Mail::DKIM::Verifier->new();
binmode STDIN;
while (<STDIN>) { $verifier->PRINT($_) }
$verifier->CLOSE;
print $_->selector, " ", $_->result, "\\n" for $verifier->signatures;
"""

# RFC 8463, Appendix A: the message, its two signatures, and their public keys.
RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")
RFC_8463_RECORDS = {
    "brisbane._domainkey.football.example.com": (
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    ),
    "test._domainkey.football.example.com": (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
        "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
        "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
        "Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
    ),
}
RFC_8463_SECRET = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="  # brisbane's


@cache
def two_keys() -> tuple[Key, Key]:
    """Make an RSA key and an Ed25519 key."""
    return (
        Key("r2026a", generate_private_key(public_exponent=65537, key_size=2048)),
        Key("e2026a", Ed25519PrivateKey.generate()),
    )


def signed(mail: Mail | None = None, *, profile: str = "", **changes: Any) -> bytes:
    """Return the bytes of a signed mail to Ann."""
    values: dict[str, Any] = {"position": 12, "subscriber_id": 5}
    values["address"] = "ann@a.example"
    house = a_house(signing_keys=two_keys())
    press = Press(mail or a_mail(), house)
    return press.envelope(**(values | changes), profile=profile).message


def records(domain: str = DOMAIN) -> dict[str, str]:
    """Return what is published for the two keys, by name."""
    return {f"{key.selector}._domainkey.{domain}": key.record for key in two_keys()}


def strings(text: str) -> str:
    """Return a text as the strings of a TXT record, 255 octets each at most."""
    cut = [text[at : at + 255] for at in range(0, len(text), 255)]
    return " ".join(f'"{part}"' for part in cut)


def zone_of(published: Mapping[str, str]) -> str:
    """Return TXT records as a zone."""
    return "".join(
        f"{name}. 60 IN TXT {strings(text)}\n" for name, text in published.items()
    )


def dkimpy_says(message: bytes, published: Mapping[str, str]) -> dict[str, bool]:
    """Return what dkimpy says of each signature, by selector."""
    import dkim  # noqa: PLC0415  only here where everything is installed

    def lookup(name: bytes, timeout: int = 5) -> bytes:
        assert timeout
        return published[name.decode().rstrip(".")].encode()

    def holds(number: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=number, dnsfunc=lookup))
        except dkim.ValidationError:
            return False

    return {name: holds(number) for number, name in enumerate(selectors(message))}


def opendkim_says(message: bytes, published: Mapping[str, str]) -> dict[str, bool]:
    """Return what OpenDKIM says of each signature, by selector."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        keys = "".join(f"{name} {text}\n" for name, text in published.items())
        (home / "keys").write_text(keys)
        (home / "mail").write_bytes(message)
        lines = ("Mode v", f"TestPublicKeys {home / 'keys'}", "AlwaysAddARHeader yes")
        (home / "conf").write_text("".join(f"{line}\n" for line in lines))
        command = [
            "opendkim",
            "-x",
            str(home / "conf"),
            "-t",
            str(home / "mail"),
            "-vvv",
        ]
        told = subprocess.run(command, check=False, capture_output=True, text=True)
    found = re.findall(r"dkim=(\w+)[^;]*?header\.s=(\S+)", told.stdout + told.stderr)
    return {selector: verdict == "pass" for verdict, selector in found}


def mail_dkim_says(message: bytes, published: Mapping[str, str]) -> dict[str, bool]:
    """Return what Perl's Mail::DKIM says of each signature that it knows."""
    with a_dns_server(zone_of(published)) as server:
        command = ["perl", "-e", PERL, str(server.port)]
        told = subprocess.run(command, input=message, check=True, capture_output=True)
    lines = [line.split() for line in told.stdout.decode().splitlines()]
    return {selector: verdict == "pass" for selector, verdict in lines}


def has_mail_dkim() -> bool:
    """Tell whether Perl has the module."""
    if shutil.which("perl") is None:
        return False
    command = ["perl", "-MMail::DKIM", "-MNet::DNS", "-e", "1"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def selectors(message: bytes) -> list[str]:
    """Return the selectors of the signatures, in their order."""
    head = message.partition(b"\r\n\r\n")[0].decode()
    fields = re.split(r"\r\n(?![ \t])", head)
    signatures = [f for f in fields if f.lower().startswith("dkim-signature:")]
    return [re.findall(r"[;\s]s=([^;\s]+)", f)[0] for f in signatures]

"""Keys in files: which sign, which are refused, and what is said then."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mailer.config import Faulty, read
from mailer.delivery.dkim_keys import BadKey, make_key, read_keys, signing
from tests.rules.test_config import GOOD


def a_file(folder, private, password=None):
    path = folder / "key.pem"
    encryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    path.touch(mode=0o600)
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )
    )
    return path


def an_rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def test_a_key_that_is_made_is_read_again_and_only_its_owner_may(tmp_path):
    made = make_key("r2026a", "rsa", tmp_path / "r.pem")

    [key] = read_keys(f"r2026a={tmp_path}/r.pem")

    assert (tmp_path / "r.pem").stat().st_mode & 0o777 == 0o600
    assert key.record == made.record
    assert key.record.startswith("v=DKIM1; h=sha256; k=rsa; p=MII")


def test_an_ed25519_key_is_published_as_its_32_bytes(tmp_path):
    key = make_key("e2026a", "ed25519", tmp_path / "e.pem")

    assert key.record.startswith("v=DKIM1; k=ed25519; p=")
    assert len(key.record.partition("p=")[2]) == 44


def test_a_key_is_never_written_over(tmp_path):
    make_key("e2026a", "ed25519", tmp_path / "e.pem")

    with pytest.raises(BadKey, match="cannot be written"):
        make_key("e2026b", "ed25519", tmp_path / "e.pem")


def test_the_first_of_each_kind_signs_and_the_others_wait_for_their_turn(tmp_path):
    for selector, kind in (
        *(("r2026b", "rsa"), ("e2026b", "ed25519")),
        *(("r2026a", "rsa"), ("e2026a", "ed25519")),
    ):
        make_key(selector, kind, tmp_path / f"{selector}.pem")
    names = ("e2026b", "r2026b", "r2026a", "e2026a")

    keys = read_keys(", ".join(f"{name}={tmp_path}/{name}.pem" for name in names))

    assert [key.selector for key in keys] == list(names)
    assert [key.selector for key in signing(keys)] == ["r2026b", "e2026b"]


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode):
    path = a_file(tmp_path, an_rsa_key())
    path.chmod(mode)

    with pytest.raises(BadKey, match=r"others may read .* `chmod 600` it"):
        read_keys(f"r2026a={path}")


def test_a_mounted_secret_has_the_mode_of_its_platform(tmp_path, monkeypatch):
    path = a_file(tmp_path, an_rsa_key())
    path.chmod(0o444)
    monkeypatch.setattr("mailer.delivery.dkim_keys.MOUNTED", tmp_path)

    [key] = read_keys(f"r2026a={path}")

    assert key.selector == "r2026a"


@pytest.mark.parametrize(
    ("private", "password", "why"),
    [
        (an_rsa_key(1024), None, "1024 bits are too few"),
        (ec.generate_private_key(ec.SECP256R1()), None, "neither RSA nor Ed25519"),
        (an_rsa_key(), b"secret", "has a password"),
    ],
)
def test_a_key_that_would_not_do_says_why(tmp_path, private, password, why):
    path = a_file(tmp_path, private, password)

    with pytest.raises(BadKey, match=why):
        read_keys(f"r2026a={path}")


def test_a_damaged_key_is_found_at_the_start_and_not_by_receivers(tmp_path):
    good = an_rsa_key().private_numbers()
    damaged = rsa.RSAPrivateNumbers(
        p=good.p,
        q=good.q,
        d=good.d + 2,
        dmp1=good.dmp1 + 2,
        dmq1=good.dmq1,
        iqmp=good.iqmp,
        public_numbers=good.public_numbers,
    )
    path = a_file(tmp_path, damaged.private_key(unsafe_skip_rsa_key_validation=True))

    with pytest.raises(BadKey, match="r2026a makes signatures that do not hold"):
        read_keys(f"r2026a={path}")


def test_every_fault_is_told_and_nothing_of_what_a_file_holds(tmp_path):
    (tmp_path / "note").write_text("a secret note")
    (tmp_path / "note").chmod(0o600)
    text = f"r2026a={tmp_path}/none, e2026a={tmp_path}/note, NO SELECTOR=x"

    with pytest.raises(Faulty) as faults:
        read({**GOOD, "DKIM_KEYS": text})

    told = str(faults.value).split("; ")
    assert len(told) == 3
    assert told[0].startswith("DKIM_KEYS r2026a: ")
    assert told[1].startswith("DKIM_KEYS e2026a: ")
    assert "secret note" not in str(faults.value)


def test_a_program_that_signs_needs_an_rsa_key(tmp_path):
    make_key("e2026a", "ed25519", tmp_path / "e.pem")
    keys = f"e2026a={tmp_path}/e.pem"

    with pytest.raises(Faulty, match="DKIM_SIGN is app, and DKIM_KEYS names no RSA"):
        read({**GOOD, "DKIM_SIGN": "app", "DKIM_KEYS": keys})


def test_without_a_word_the_relay_signs():
    config = read(GOOD)

    assert (config.dkim_sign, config.dkim_keys) == ("relay", ())

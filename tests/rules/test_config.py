"""The environment: read once, every fault at once, no secret shown."""

import pytest

from mailer.config import SETTINGS, Faulty, read
from mailer.wiring.check_config import as_markdown, main

GOOD = {
    "DATABASE_URL": "postgresql://mailer:hidden@db/mailer",
    "REDIS_URL": "redis://broker/0",
    "SECRET_KEY": "0123456789" * 4,
    "PUBLIC_URL": "https://news.example.org/",
    "RELAYS": "smtp+tls://user:hidden@relay.example.org:587",
}


def test_the_least_that_must_be_set_is_enough():
    config = read(GOOD)

    assert config.public_url == "https://news.example.org"
    assert config.bounce_domain == "bounce.news.example.org"
    assert config.token_keys.by_id[0][0] == 1


def test_every_fault_is_reported_at_once():
    environment = {**GOOD, "REDIS_URL": "", "RELAY_SESSIONS": "many", "TIME_ZONE": "Z"}

    with pytest.raises(Faulty) as faults:
        read(environment)

    assert str(faults.value).split("; ") == [
        "REDIS_URL is not set",
        "RELAY_SESSIONS must be a whole number from 1 to 500, got 'many'",
        "TIME_ZONE must be an IANA time zone such as Africa/Johannesburg, got 'Z'",
    ]


def test_a_secret_that_cannot_be_read_is_not_repeated():
    with pytest.raises(Faulty) as faults:
        read({**GOOD, "SECRET_KEY": "hunter2"})

    assert str(faults.value) == "SECRET_KEY must have 32 characters or more"


@pytest.mark.parametrize("url", ["http://news.example.org", "ftp://x", "news"])
def test_readers_are_only_served_over_https(url):
    with pytest.raises(Faulty, match="PUBLIC_URL"):
        read({**GOOD, "PUBLIC_URL": url})


def test_a_faulty_shaping_file_names_itself_and_the_place(tmp_path):
    shaping = tmp_path / "shaping.toml"
    shaping.write_text("[relay.1]\nper_second = 0\n")

    with pytest.raises(Faulty) as fault:
        read({**GOOD, "SHAPING_FILE": str(shaping)})

    assert "SHAPING_FILE shaping.toml: relay.1.per_second must be" in str(fault.value)


def test_a_faulty_brand_names_its_file_and_field(tmp_path):
    brand = tmp_path / "brand.toml"
    brand.write_text('name = "The Paper"\naccent = "#ffff00"\nfont = "Comic"\n')

    with pytest.raises(Faulty) as faults:
        read({**GOOD, "BRAND_FILE": str(brand)})

    assert "BRAND_FILE brand.toml: font is not a setting of a brand" in str(
        faults.value
    )
    assert "accent #ffff00 on paper #fbfaf7 has a contrast of 1.0" in str(faults.value)


def test_check_config_explains_each_setting_and_hides_secrets(capsys):
    status = main([], GOOD)

    told = capsys.readouterr().out
    assert status == 0
    assert "hidden" not in told
    assert all(setting.name in told for setting in SETTINGS)


def test_check_config_says_2_and_names_the_faults(capsys):
    status = main([], {})

    assert status == 2
    assert "fault: DATABASE_URL is not set" in capsys.readouterr().err


def test_the_page_about_configuration_is_the_one_the_command_prints(request):
    page = request.config.rootpath / "docs" / "configuration.md"

    assert page.read_text(encoding="utf-8") == as_markdown()


def test_a_secret_may_lie_in_a_file(tmp_path):
    secret = tmp_path / "secret_key"
    secret.write_text("0123456789" * 4 + "\n")

    config = read({**GOOD, "SECRET_KEY": "", "SECRET_KEY_FILE": str(secret)})

    assert config.secret_key == "0123456789" * 4


def test_a_secret_file_that_is_not_there_is_a_fault_of_its_setting(tmp_path):
    missing = str(tmp_path / "nothing")

    with pytest.raises(
        Faulty, match="SECRET_KEY cannot be read from its file: No such"
    ):
        read({**GOOD, "SECRET_KEY": "", "SECRET_KEY_FILE": missing})


def test_links_sealed_before_there_were_token_keys_still_open():
    before = read(GOOD).token_keys
    after = read({**GOOD, "TOKEN_KEYS": f"2:{'ab' * 32}"}).token_keys

    assert after.by_id[0][0] == 2  # seals from now on
    assert after.find(1) == before.find(1)


def test_a_token_key_with_the_number_1_stands_for_itself():
    keys = read({**GOOD, "TOKEN_KEYS": f"1:{'ab' * 32}"}).token_keys

    assert list(keys.by_id) == [(1, bytes.fromhex("ab" * 32))]

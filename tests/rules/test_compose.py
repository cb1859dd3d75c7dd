"""docker-compose.yml: what its schema cannot see. No engine is needed."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from mailer.config import SETTINGS
from workers.queues import QUEUES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
FILE = YAML(typ="safe").load(TEXT)
SERVICES = FILE["services"]
OURS = {n: s for n, s in SERVICES.items() if s["image"] == "stop-press"}
SETTING_NAMES = {s.name for s in SETTINGS} | {f"{s.name}_FILE" for s in SETTINGS}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_services_that_exist(name):
    assert set(SERVICES[name].get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_uses_only_volumes_and_networks_that_exist(name):
    volumes = {v.split(":")[0] for v in SERVICES[name].get("volumes", [])}

    assert volumes <= set(FILE["volumes"])
    assert set(SERVICES[name]["networks"]) <= set(FILE["networks"])


@pytest.mark.parametrize("name", OURS)
def test_the_environment_names_only_settings(name):
    assert set(OURS[name]["environment"]) <= SETTING_NAMES


def test_what_compose_substitutes_is_a_setting_or_its_own():
    own = {"POSTGRES_PASSWORD", "WEB_PORT", "MAILPIT_PORT"}

    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) <= SETTING_NAMES | own


def test_each_queue_has_a_worker_service_of_its_own():
    queues = [s["command"][5] for n, s in OURS.items() if n.startswith("worker-")]

    assert sorted(queues) == sorted(set(QUEUES.values()))


@pytest.mark.parametrize("name", sorted(set(OURS) - {"init"}))
def test_every_service_waits_for_init(name):
    waits = OURS[name]["depends_on"]["init"]["condition"]

    assert waits == "service_completed_successfully"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"init"}))
def test_every_service_that_stays_has_a_health_check_and_limits(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["deploy"]["resources"]["limits"]["memory"]


def test_a_worker_has_longer_to_stop_than_a_drain_needs():
    assert SERVICES["worker-deliver"]["stop_grace_period"] == "60s"


def test_mailpit_is_only_there_when_asked_for():
    assert SERVICES["mailpit"]["profiles"] == ["dev"]


def test_only_what_must_be_reached_has_a_port():
    assert {n for n, s in SERVICES.items() if "ports" in s} == {"web", "mailpit"}

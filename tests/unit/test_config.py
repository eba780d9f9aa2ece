"""Configuration: what the environment says, with an error that helps where it says nonsense."""

from __future__ import annotations

import os

import pytest

from chassis.config import Settings


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what the tests were started with."""
    for name in os.environ:
        monkeypatch.delenv(name)


def test_without_a_word_the_defaults_hold() -> None:
    settings = Settings("orders")

    assert settings.redis_url == "redis://localhost:6379/0"
    assert settings.database_synchronous == "FULL"
    assert settings.replication_delay_seconds == 0


def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATION_DELAY", "")

    assert Settings("orders").replication_delay_seconds == 0


def test_a_delay_may_be_a_part_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATION_DELAY", "0.5")

    assert Settings("orders").replication_delay_seconds == 0.5


@pytest.mark.parametrize("name", ["REPLICATION_DELAY", "RELAY_POLL_SECONDS", "DATABASE_BUSY_SECONDS"])
@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "1,5", "5s"])
def test_what_is_no_time_ends_the_process_with_the_name_and_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit, match=f"{name}='{value}'"):
        Settings("orders")


@pytest.mark.parametrize("name", ["RELAY_BATCH_MESSAGES", "MESSAGE_ATTEMPTS"])
@pytest.mark.parametrize("value", ["0", "1.5", "-3", "many", "inf"])
def test_what_is_no_count_ends_the_process_with_the_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit, match=name):
        Settings("orders")


def test_each_domain_has_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "/data")

    assert Settings("orders").database_url == "sqlite:////data/orders.db"
    assert Settings("users").database_url == "sqlite:////data/users.db"


def test_a_database_url_that_is_given_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/orders")

    assert Settings("orders").database_url == "postgresql://db/orders"


def test_one_url_names_a_database_for_each_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db/shop_{domain}")

    assert Settings("orders").database_url == "postgresql+psycopg://db/shop_orders"
    assert Settings("users").database_url == "postgresql+psycopg://db/shop_users"


def test_the_nudge_is_beside_the_database_by_a_path_as_short_as_the_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "var/data")

    assert Settings("orders").nudge_path("products") == "var/data/orders.products.nudge"

"""Dead letters: an operator lists, retries and drops them; a retry takes effect once, and in its place."""

from __future__ import annotations

import threading

import pytest
from click.testing import Result
from sqlalchemy import select

from chassis import dead_letters, tables
from chassis.batch import Batch
from chassis.dead_letters import NoSuchLetter
from tests.unit import services
from tests.unit.services import SENDER, Service, message

EPOCH = "e" * 32


@pytest.fixture
def buried(far: Service) -> Service:
    """A receiver with two dead letters, #1 and #2, and one note, #3."""
    services.poisonous.update({10, 11})
    far.receive(Batch(SENDER, EPOCH, 1, "", [message(1, 10), message(2, 11), message(3, 12)]))
    return far


def command(service: Service, *words: str) -> Result:
    """What `flask dead-letters …` prints."""
    return service.app.test_cli_runner().invoke(args=["dead-letters", *words])


def left(service: Service) -> list[int]:
    """The ids of the dead letters that are there."""
    return [letter.id for letter in service.rows(select(tables.dead_letter).order_by(tables.dead_letter.c.id))]


def retry(service: Service, id: int) -> None:
    """Retry as the command does."""
    with service.app.app_context():
        dead_letters.retry(id)


def test_the_list_shows_what_an_operator_needs_to_know(buried: Service) -> None:
    shown = command(buried, "list").stdout

    assert f"1: {SENDER} #1 {services.KEEP}, failed 0 s ago, request -" in shown
    assert "error:   Poison: note 10 is poisonous" in shown
    assert "payload: [[10],{}]" in shown
    assert f"2: {SENDER} #2" in shown


def test_a_list_without_letters_says_so(far: Service) -> None:
    assert command(far, "list").stdout == "there is no dead letter\n"


def test_a_letter_cannot_steer_the_terminal(far: Service) -> None:
    far.receive(Batch(SENDER, EPOCH, 1, "", [message(1, handler="\x1b[2J\nforged")]))

    shown = command(far, "list").stdout
    assert "\x1b" not in shown
    assert "\nforged" not in shown


def test_after_its_cause_is_mended_a_letter_is_applied_once(buried: Service) -> None:
    services.poisonous.clear()
    done = command(buried, "retry", "1")

    assert (done.exit_code, done.stdout) == (0, "1: applied\n")
    assert buried.notes() == [12, 10]
    assert left(buried) == [2]
    assert command(buried, "retry", "1").exit_code == 1
    assert buried.notes() == [12, 10]


def test_a_letter_that_fails_again_stays_and_has_no_effect(buried: Service) -> None:
    done = command(buried, "retry", "1")

    assert (done.exit_code, done.stderr) == (1, "1: still fails: Poison: note 10 is poisonous\n")
    assert buried.notes() == [12]
    assert left(buried) == [1, 2]


def test_retrying_all_goes_on_after_one_that_fails(buried: Service) -> None:
    services.poisonous.remove(11)
    done = command(buried, "retry", "--all")

    assert done.exit_code == 1
    assert buried.notes() == [12, 11]
    assert left(buried) == [1]


def test_a_retried_message_has_its_own_number_and_epoch(buried: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(dead_letters.handlers, "handle", lambda message, domain: seen.append((message, domain)))
    retry(buried, 2)

    assert [(m.sender, m.epoch, m.seq, m.payload, domain) for m, domain in seen] == [
        (SENDER, EPOCH, 2, "[[11],{}]", "tests")
    ]


def test_two_operators_who_retry_at_once_apply_a_letter_once(buried: Service) -> None:
    services.poisonous.clear()
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            retry(buried, 1)
            outcomes.append("applied")
        except NoSuchLetter:
            outcomes.append("gone")

    operators = [threading.Thread(target=attempt) for _ in range(2)]
    for operator in operators:
        operator.start()
    for operator in operators:
        operator.join()

    assert sorted(outcomes) == ["applied", "gone"]
    assert buried.notes() == [12, 10]


def test_a_repeat_of_its_batch_does_not_bring_a_retried_message_back(buried: Service) -> None:
    services.poisonous.clear()
    retry(buried, 1)
    buried.receive(Batch(SENDER, EPOCH, 1, "", [message(1, 10), message(2, 11), message(3, 12)]))

    assert buried.notes() == [12, 10]


def test_a_dropped_letter_is_gone_without_effect(buried: Service) -> None:
    services.poisonous.clear()
    done = command(buried, "drop", "2")

    assert (done.exit_code, done.stdout) == (0, "2: dropped\n")
    assert (left(buried), buried.notes()) == ([1], [12])


def test_all_letters_can_be_dropped(buried: Service) -> None:
    assert command(buried, "drop", "--all").exit_code == 0
    assert left(buried) == []


@pytest.mark.parametrize("words", [("retry",), ("drop",), ("retry", "--all", "1"), ("drop", "x")])
def test_a_command_without_a_clear_choice_is_refused(buried: Service, words: tuple[str, ...]) -> None:
    assert command(buried, *words).exit_code == 2
    assert left(buried) == [1, 2]


@pytest.mark.parametrize("word", ["retry", "drop"])
def test_an_id_that_is_not_there_is_told(buried: Service, word: str) -> None:
    done = command(buried, word, "99")

    assert done.exit_code == 1
    assert "there is no dead letter 99" in done.stderr

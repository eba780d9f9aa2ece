"""The benchmark's arithmetic and its client: a wrong figure looks just like a right one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import docs, growth, report, sample
from benchmarks.row import Row, Target
from benchmarks.wire import Connection, Work

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
CLOSING = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def server(*answers: list[bytes]) -> Iterator[int]:
    """A server that gives each connection its answers, in the pieces given; the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for pieces in answers:
                client, _ = listening.accept()
                with client:
                    for piece in pieces:
                        if piece.startswith(b"HTTP"):
                            client.recv(1000)
                        client.sendall(piece)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]


def row(suite: list[float], others: list[float], target: Target | None = None) -> Row:
    """A row with these figures."""
    return Row("GET", "requests/s", suite, "bare", others, target)


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (100, 100), (0, 1)])
def test_a_percentile_is_the_value_that_this_share_does_not_exceed(percent: float, value: int) -> None:
    assert sample.percentile(range(100, 0, -1), percent) == value


def test_the_ratio_is_that_of_runs_made_next_to_each_other() -> None:
    assert sample.ratio([50, 5, 60], [100, 10, 50]) == 0.5


def test_a_baseline_that_was_run_less_often_is_compared_by_its_median() -> None:
    assert sample.ratio([30, 10, 20], [40]) == 0.5


@pytest.mark.parametrize("others", [[], [0.0]])
def test_there_is_no_ratio_to_nothing(others: list[float]) -> None:
    assert sample.ratio([1.0], others) is None


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.01234, "0.0123"), (1.5, "1.50"), (98.76, "98.8"), (12345.6, "12,346")]
)
def test_a_figure_has_the_digits_that_matter(value: float, text: str) -> None:
    assert sample.brief(value) == text


def test_a_spread_tells_the_median_the_least_and_the_most() -> None:
    assert sample.spread([300, 100, 200]) == "200 (100–300)"


def test_a_target_of_the_ratio_is_judged_by_the_ratio() -> None:
    assert row([80], [100], Target(least=0.8)).met
    assert not row([79], [100], Target(least=0.8)).met


def test_a_target_of_the_figure_is_judged_by_the_median() -> None:
    assert row([10, 15, 99], [], Target(most=15, of_ratio=False)).met
    assert not row([10, 16, 16], [], Target(most=15, of_ratio=False)).met


def test_a_ratio_that_could_not_be_taken_meets_no_target() -> None:
    assert row([80], [], Target(least=0.8)).met is False


def test_the_table_says_where_a_target_was_missed() -> None:
    text = report.table([row([50], [100], Target(least=0.8)), row([50], [100])])

    assert [line.split("|")[-1].strip() for line in text.splitlines()] == ["met", "NO", ""]


def test_the_growth_table_has_a_line_for_each_work_and_a_column_for_each_run() -> None:
    few, many = (Row(f"list of {n}", "ms", [n], "sqlite3", [10.0], any_size="list") for n in (10.0, 20.0))

    lines = growth.table({"1 row": [few], "2 rows": [many]}).splitlines()

    assert lines[0] == "| work | unit | 1 row | 2 rows |"
    assert lines[2:] == ["| list, beside sqlite3 | ms | 10.0 (1.00) | 20.0 (2.00) |"]


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- usual -->\nold\n<!-- end of usual -->\nafter\n")
    monkeypatch.setattr(docs, "PAGE", page)

    docs.put("usual", "new")

    assert page.read_text() == "before\n<!-- usual -->\n\nnew\n\n<!-- end of usual -->\nafter\n"


def test_the_docs_have_a_place_for_each_table() -> None:
    page = docs.PAGE.read_text()

    for name in ("usual", "growth"):
        assert page.index(f"<!-- {name} -->") < page.index(f"<!-- end of {name} -->")


def test_each_request_has_a_name_of_its_own_in_it() -> None:
    request = Work("POST", "/users", '{"username": "{n}"}').request("7")

    assert request.endswith(b'Content-Length: 17\r\n\r\n{"username": "7"}')


def test_an_answer_is_read_to_its_end_however_it_comes_in() -> None:
    with server([PLAIN[:10], PLAIN[10:-2], PLAIN[-2:], CHUNKED[:-3], CHUNKED[-3:], PLAIN]) as port:
        connection = Connection(port)
        answers = [connection.exchange(b"GET / HTTP/1.1\r\n\r\n") for _ in range(3)]

    assert answers == [(200, b"body"), (200, b"3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"), (200, b"body")]


def test_a_connection_that_the_server_ends_is_made_anew() -> None:
    with server([CLOSING], [PLAIN]) as port:
        connection = Connection(port)
        answers = [connection.exchange(b"GET / HTTP/1.1\r\n\r\n") for _ in range(2)]

    assert answers == [(404, b"{}"), (200, b"body")]


def test_an_answer_that_is_cut_off_is_an_error() -> None:
    with server([PLAIN[:-1]]) as port:
        connection = Connection(port)
        with pytest.raises(ConnectionError, match="middle of an answer"):
            connection.exchange(b"GET / HTTP/1.1\r\n\r\n")

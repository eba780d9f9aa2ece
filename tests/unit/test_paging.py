"""Pages: from a query string to SQL and to the link to the next page."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from chassis.paging import Page

app = Flask("test")

NO_QUERIES = [
    *(f"limit={text}" for text in ("0", "1001", "-1", "+1", "1.0", "", "%201", "1_0", "%D9%A3", "²")),
    *(f"after={number}" for number in (-1, 2**63, 10**30)),
    *("before=x", "order=", "order=ASC", "order=id;--"),
]


def asked(query: str) -> Page:
    """The page that a query string asks for."""
    with app.test_request_context(f"/things?{query}"):
        return Page.asked_for()


def read(page: Page, ids: range = range(1, 8)) -> list[int]:
    """What SQLite answers to the page's clause, with the one row more that tells of a successor."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    database.executemany("INSERT INTO things VALUES (?)", [(id,) for id in ids])
    return [id for (id,) in database.execute(f"SELECT id FROM things {page.clause()}", page.parameters())]


def test_without_parameters_it_is_the_whole_list() -> None:
    assert asked("") == Page(limit=None, after=None, before=None, descending=False)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("order=desc", [7, 6, 5, 4, 3, 2, 1]),
        ("after=5", [6, 7]),
        ("after=2&before=5", [3, 4]),
        ("limit=2", [1, 2, 3]),
        ("limit=2&after=5", [6, 7]),
        ("limit=2&order=desc&before=4", [3, 2, 1]),
        ("limit=1&order=desc&before=4&after=2", [3]),
        ("after=7", []),
        (f"after={2**63 - 1}", []),
    ],
)
def test_a_page_is_the_part_that_was_asked_for_and_one_row_more(query: str, ids: list[int]) -> None:
    assert read(asked(query)) == ids


@pytest.mark.parametrize("query", NO_QUERIES)
def test_a_parameter_that_is_none_is_refused_by_name(query: str) -> None:
    with pytest.raises(BadRequest) as refused:
        asked(query)

    assert refused.value.description
    assert refused.value.description.startswith(query.partition("=")[0])


@pytest.mark.parametrize(
    "query", ["limit=1", "limit=1000", "limit=0007", "after=0", f"before={2**63 - 1}", "order=asc"]
)
def test_a_parameter_within_its_bounds_is_taken(query: str) -> None:
    assert isinstance(asked(query), Page)


@pytest.mark.parametrize("query", ["limit=3", "limit=3&order=desc", "limit=2&before=6", "limit=2&order=desc&after=2"])
def test_following_the_links_reads_every_row_once(query: str) -> None:
    whole = read(asked("&".join(part for part in query.split("&") if not part.startswith("limit"))))
    found: list[int] = []
    while True:
        page = asked(query)
        assert page.limit
        rows = read(page)
        found += rows[: page.limit]
        if len(rows) <= page.limit:
            break
        with app.test_request_context("/things"):
            query = urlsplit(page.next_url(found[-1])).query

    assert found == whole

"""The comparison of an output with what a page promises."""

from __future__ import annotations

import pytest

from tests.console_blocks import Step, matches, steps

PAGE = """
Text.

```console
$ curl -s http://localhost:8080/one
1
2
$ curl -s -d '{"a": 1}' http://localhost:8080/two
$ for i in 1 2; do ./run.sh stop $i; done
stopped
```

    $ no command

```
$ no command either
```
"""


def test_each_command_has_the_lines_below_it() -> None:
    assert [(step.command[:8], step.promised) for step in steps(PAGE)] == [
        ("curl -s ", "1\n2"),
        ("curl -s ", ""),
        ("for i in", "stopped"),
    ]


def test_what_changes_nothing_is_a_query() -> None:
    assert [step.is_query for step in steps(PAGE)] == [True, False, False]
    assert Step("python3 check.py http://localhost:8080", "").is_query
    assert Step("./run.sh logs worker-orders | grep 'applied'", "").is_query


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        ("a\n", "a"),
        ("", ""),
        ("a 12 b", "a … b"),
        ("a b", "a… b"),
        ("a\nb", "…\nb"),
        ("b", "…\nb"),
        ("", "…"),
        ("a\nb\nc", "a\n…\nc"),
        ("a.b", "a.b"),
    ],
)
def test_an_output_that_was_promised_is_found_so(said: str, promised: str) -> None:
    assert matches(said, promised)


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        ("b", "a"),
        ("", "a"),
        ("a", ""),
        ("a\nb", "a"),
        ("a\nb", "a…b"),
        ("a\nb\nc", "a\n…\nb"),
        ("axb", "a.b"),
    ],
)
def test_another_output_is_not(said: str, promised: str) -> None:
    assert not matches(said, promised)

"""A runner for Postman collections: as much of one as ours use, and an error for anything else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import requests

STATUS = re.compile(r'pm\.test\("\d+", \(\) => pm\.response\.to\.have\.status\((\d+)\)\);')
KEEP = re.compile(r'pm\.collectionVariables\.set\("(\w+)", pm\.response\.json\(\)\.(\w+)\);')


class Runner:
    """Sends the requests of a collection in their order, as Postman's does.

    Args:
        collection: as it stands in its file.
        base_url: of the gateway.
    """

    def __init__(self, collection: dict[str, Any], base_url: str) -> None:
        self._collection = collection
        self._http = requests.Session()
        self._variables = {variable["key"]: variable["value"] for variable in collection["variable"]}
        self._variables |= {"base_url": base_url, "$timestamp": str(int(time.time()))}

    def run(self) -> Iterator[str]:
        """Send every request and do what its script says; yields a line for each.

        Raises:
            AssertionError: an answer is not as the script has it.
        """
        for folder in self._collection["item"]:
            for item in folder["item"]:
                yield f"{item['name']}: {self._send(item)}"

    def _send(self, item: dict[str, Any]) -> int:
        request = item["request"]
        answer = self._http.request(
            request["method"],
            self._filled(request["url"]["raw"]),
            headers={header["key"]: header["value"] for header in request["header"]},
            data=self._filled(request["body"]["raw"]).encode() if "body" in request else None,
            timeout=30,
        )
        for line in item["event"][0]["script"]["exec"]:
            self._obey(line, answer)
        return answer.status_code

    def _obey(self, line: str, answer: requests.Response) -> None:
        if expected := STATUS.fullmatch(line):
            assert answer.status_code == int(expected[1]), f"{answer.request.url}: {answer.text[:500]}"
        elif kept := KEEP.fullmatch(line):
            self._variables[kept[1]] = str(answer.json()[kept[2]])
        else:
            raise ValueError(f"this runner does not know {line!r}")

    def _filled(self, text: str) -> str:
        """The text with its variables; one that has no value yet is an error."""
        filled = re.sub(r"\{\{(.+?)\}\}", lambda name: self._variables[name[1]] or name[0], text)
        assert "{{" not in filled, f"{filled} needs what no request before it has kept"
        return filled

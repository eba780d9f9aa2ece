"""A client that sends each command once, or again under its Idempotency-Key until it has an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Any

import requests

from tests.chaos.ledger import Entry, Ledger, Outcome
from tests.shop import TIMEOUT_SECONDS, unique

# Between two tries under one key; and how long to try: a key is free 15 s after its process was killed.
AGAIN_SECONDS, GIVE_UP_SECONDS = 0.2, 90

REFUSALS = {400, 404, 409, 415, 422, 503, 507}
NO_ANSWER = {502, 504}  # the gateway's word that it has none from the service, which may have done its work
WITH_RETRY_AFTER = {502, 503, 504}


class Client:
    """One HTTP client that notes all in the ledger.

    Args:
        url: of the gateway.
        ledger: where to note it.
    """

    def __init__(self, url: str, ledger: Ledger) -> None:
        self.url, self.ledger = url, ledger
        self._http = requests.Session()

    def command(
        self, kind: str, mark: Hashable, path: str, body: Any, *, key: bool = False, expect: set[int] | None = None
    ) -> Entry:
        """Send a command and note what became of it.

        Args:
            kind: as in the ledger; ``puts`` are sent by PUT, the others by POST.
            mark: as in the ledger.
            path: the route.
            body: as JSON.
            key: whether to send an Idempotency-Key, and to repeat until there is an answer.
            expect: the statuses that a service may answer beside 503 and 507; without, that of a valid command.
        """
        headers = {"Idempotency-Key": unique("key")} if key else {}
        sent_at = time.monotonic()
        while True:
            answer = self._send("PUT" if kind == "puts" else "POST", path, body, headers)
            outcome = self._outcome(answer, expect or {200})
            # A repeat that is told 503 says nothing of the first try.
            if not key or outcome is Outcome.DONE or (outcome is Outcome.REFUSED and answer.status_code < 500):
                break
            if time.monotonic() - sent_at > GIVE_UP_SECONDS:
                self.ledger.strange.append(f"{kind} {mark}: no answer for {GIVE_UP_SECONDS} s")
                break
            threading.Event().wait(AGAIN_SECONDS)
        id = answer.json()["id"] if outcome is Outcome.DONE else None
        entry = Entry(kind, mark, outcome, id, sent_at)
        self.ledger.entries.append(entry)
        return entry

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> requests.Response | None:
        try:
            return self._http.request(method, self.url + path, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException:
            return None

    def _outcome(self, answer: requests.Response | None, expected: set[int]) -> Outcome:
        status = 0 if answer is None else answer.status_code
        self.ledger.answers[str(status or "none")] += 1
        if answer is None:
            return Outcome.UNKNOWN
        if status in WITH_RETRY_AFTER and "Retry-After" not in answer.headers:
            self.ledger.strange.append(f"{status} without Retry-After: {answer.text:.200}")
        if status in NO_ANSWER or (status == 409 and "still running" in answer.text):
            return Outcome.UNKNOWN
        if status not in expected | {503, 507}:
            self.ledger.strange.append(
                f"{answer.request.method} {answer.request.path_url}: {status} {answer.text:.300}"
            )
        return Outcome.DONE if status == 200 else Outcome.REFUSED

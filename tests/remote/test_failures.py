from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetalk.remote.failures import LONGEST_MESSAGE, Endpoint, refused

ACME = Endpoint("Acme")
URL = "http://127.0.0.1:1/v1"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["error", "message", "detail", "msg", "loc", "Exception", "x"]), inner
        )
    ),
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": {"message": "no such model", "type": "x"}}', "no such model"),
        ('{"statusCode": 400, "message": "too long", "error": "Bad Request"}', "too long"),
        ('{"error": "Bad Request"}', "Bad Request"),
        ('{"message": "tts failed", "Exception": "no such file"}', "tts failed: no such file"),
        ('{"detail": [{"loc": ["body", "text"], "msg": "Field required"}]}', "body.text: Field required"),
        ('[{"loc": ["text"], "msg": "Field required"}]', "text: Field required"),
        ('{"detail": "Not here"}', "Not here"),
        ('{"code": 3}', '{"code": 3}'),
        ("Internal  Server\nError", "Internal Server Error"),
    ],
)
def test_a_servers_own_words_are_found(body: str, words: str) -> None:
    assert str(refused(ACME, URL, 400, body)) == f"Acme refused the request (400): {words}"


def test_a_page_for_people_is_not_told() -> None:
    assert str(refused(ACME, URL, 502, "<html>Bad gateway</html>")) == "Acme failed (502)"


@given(JSON)
def test_any_answer_makes_a_short_message(value: Any) -> None:
    assert len(str(refused(ACME, URL, 400, json.dumps(value)))) < LONGEST_MESSAGE + 50

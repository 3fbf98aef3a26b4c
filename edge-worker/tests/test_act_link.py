import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.act_link import ActLinkError, read_act_link
from edge_worker.identifier import is_id, time_of

Vector = dict[str, Any]
VECTORS = json.loads((Path(__file__).parents[1] / "contract" / "act-link" / "v1.vectors.json").read_text("utf-8"))
KEY, SITE, NOW = VECTORS["key"], VECTORS["site"], VECTORS["now_seconds"]
QUERY = VECTORS["links"][0]["query"]


@pytest.mark.parametrize("vector", VECTORS["links"], ids=lambda vector: vector["link"]["action"])
def test_a_link_of_the_contract_is_read(vector: Vector) -> None:
    link = read_act_link(vector["query"], KEY, SITE, NOW)

    expected = {"other": "", **vector["link"]}
    assert {name: getattr(link, name) for name in expected} == expected
    assert link.id == vector["id"]
    assert is_id(link.id)
    assert time_of(link.id) == (link.expires - 30 * 86_400) * 1000


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_a_link_that_the_contract_refuses_is_refused_for_its_reason(vector: Vector) -> None:
    with pytest.raises(ActLinkError) as refused:
        read_act_link(vector["query"], KEY, SITE, NOW)

    assert refused.value.code == vector["code"]


@given(st.integers(0, len(QUERY) - 1), st.characters(codec="ascii"))
def test_no_link_with_one_character_changed_is_taken(position: int, character: str) -> None:
    changed = QUERY[:position] + character + QUERY[position + 1 :]
    if changed == QUERY:
        return

    with pytest.raises(ActLinkError):
        read_act_link(changed, KEY, SITE, NOW)


@given(st.text(max_size=300))
def test_no_text_breaks_it(query: str) -> None:
    with pytest.raises(ActLinkError):
        read_act_link(query, KEY, SITE, NOW)


def test_a_link_works_until_the_second_it_expires() -> None:
    expires = VECTORS["links"][0]["link"]["expires"]

    assert read_act_link(QUERY, KEY, SITE, expires - 1).expires == expires
    with pytest.raises(ActLinkError, match="expired"):
        read_act_link(QUERY, KEY, SITE, expires)


def test_the_order_of_fields_does_not_matter() -> None:
    assert read_act_link("&".join(reversed(QUERY.split("&"))), KEY, SITE, NOW).action == "fixed"


def test_an_action_encoded_in_another_way_is_the_same_link() -> None:
    assert read_act_link(re.sub("fixed", "%66ixed", QUERY), KEY, SITE, NOW).action == "fixed"

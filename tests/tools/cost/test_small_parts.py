import json
from xml.etree import ElementTree

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import example, given
from hypothesis import strategies as st

from cost.chart import Panel, svg
from cost.item_size import item_size
from cost.schedule import runs_a_month, seconds_between_runs


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("rate(5 minutes)", 31 * 24 * 12),
        ("rate(1 hour)", 31 * 24),
        ("rate(1 day)", 31),
        ("cron(30 4 * * ? *)", 31),
        ("cron(0 8 ? * MON *)", 5),
        ("cron(0 8,20 ? * MON-FRI *)", None),
        ("cron(0/15 * * * ? *)", 31 * 24 * 4),
        ("cron(0 0 1,15 * ? *)", 2),
        ("cron(0 0 ? * 2-6 *)", 25),
    ],
)
def test_a_schedule_fires_so_often_in_the_longest_month(expression: str, runs: int | None) -> None:
    if runs is None:
        with pytest.raises(ValueError, match="not understood"):
            runs_a_month(expression)
    else:
        assert runs_a_month(expression) == runs


def test_only_a_rate_has_an_interval() -> None:
    assert seconds_between_runs("rate(5 minutes)") == 300
    with pytest.raises(ValueError, match="is not a rate"):
        seconds_between_runs("cron(0 8 ? * MON *)")


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "a"}}, 3),
        ({"pk": {"S": "é"}}, 4),
        ({"n": {"N": "0"}}, 2),
        ({"n": {"N": "12345"}}, 5),
        ({"n": {"N": "-12.5"}}, 5),
        ({"b": {"BOOL": True}}, 2),
        ({"b": {"B": b"1234"}}, 5),
        ({"s": {"SS": ["ab", "c"]}}, 4),
        ({"l": {"L": [{"S": "ab"}, {"N": "1"}]}}, 1 + 3 + 2 + 2 + 2),
        ({"m": {"M": {"k": {"S": "ab"}}}}, 1 + 3 + 1 + 1 + 2),
    ],
)
def test_an_item_has_the_size_that_the_documentation_gives_it(item: dict[str, dict[str, object]], size: int) -> None:
    assert item_size(item) == size


values = st.recursive(
    st.text() | st.integers(-(10**9), 10**9) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=5))
def test_an_item_is_never_smaller_than_its_names(item: dict[str, object]) -> None:
    serialize = TypeSerializer().serialize

    size = item_size({name: serialize(value) for name, value in item.items()})

    assert size >= sum(len(name.encode()) for name in item)
    assert size <= 40 * len(json.dumps(item)) + 40


@example([5e-324], "")
@given(st.lists(st.floats(0, 1e9), max_size=50), st.text("<>&\"' abc"))
def test_a_drawing_is_xml_with_one_point_for_each_value(values: list[float], title: str) -> None:
    document = svg(title, [Panel("p", {"line": values})], hours=24)

    root = ElementTree.fromstring(document)  # noqa: S314
    [line] = root.iter("{http://www.w3.org/2000/svg}polyline")
    heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
    assert len(heights) == len(values)
    assert all(60 <= height <= 60 + 150 for height in heights)

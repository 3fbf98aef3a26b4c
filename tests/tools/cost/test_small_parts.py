from decimal import Decimal
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
        ({"n": {"N": "-12.5"}}, 4),
        ({"n": {"N": "123456"}}, 5),
        ({"n": {"N": "0.87"}}, 3),
        ({"n": {"N": "1700000000000"}}, 3),
        ({"n": {"N": "00120.00"}}, 3),
        ({"n": {"N": "1E+3"}}, 3),
        ({"n": {"N": "12345678901234567890123456789012345678"}}, 21),
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
items = st.dictionaries(st.text(min_size=1), values, max_size=5)


def size_of(item: dict[str, object]) -> int:
    serialize = TypeSerializer().serialize
    return item_size({name: serialize(value) for name, value in item.items()})


@given(items, st.text(min_size=1), values)
def test_an_attribute_adds_its_name_and_its_value_whatever_else_an_item_holds(
    item: dict[str, object], name: str, value: object
) -> None:
    others = {known: held for known, held in item.items() if known != name}

    assert size_of({**others, name: value}) == size_of(others) + size_of({name: value})


@given(st.text(min_size=1), st.lists(values, max_size=4))
def test_a_list_takes_three_bytes_and_one_for_each_element(name: str, elements: list[object]) -> None:
    alone = sum(size_of({name: element}) - len(name.encode()) for element in elements)

    assert size_of({name: elements}) == len(name.encode()) + 3 + len(elements) + alone


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_the_size_of_a_number_depends_on_its_significant_digits_alone(number: Decimal) -> None:
    written = [f"{number:f}", f"{number:E}", f"{-number:f}", f"00{abs(number):f}", f"{number * 1000:f}"]

    assert len({item_size({"n": {"N": text}}) for text in written}) == 1


@example([5e-324], "")
@given(st.lists(st.floats(0, 1e9), max_size=50), st.text("<>&\"' abc"))
def test_a_drawing_is_xml_with_one_point_for_each_value(values: list[float], title: str) -> None:
    document = svg(title, [Panel("p", {"line": values})], hours=24)

    root = ElementTree.fromstring(document)  # noqa: S314 - our own drawing
    [line] = root.iter("{http://www.w3.org/2000/svg}polyline")
    heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
    assert len(heights) == len(values)
    assert all(60 <= height <= 60 + 150 for height in heights)

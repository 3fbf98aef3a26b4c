"""The figures in README.md are those of a recorded run of `make bench`."""

import json

import pytest

from benchmarks import readme

RECORDED = json.loads(readme.RECORDED.read_text(encoding="utf-8"))


def test_the_readme_has_the_recorded_figures_and_no_others() -> None:
    assert readme.written(readme.README.read_text(encoding="utf-8")) == readme.section(RECORDED)


def test_a_row_is_left_out_where_one_of_its_figures_was_not_measured() -> None:
    partly = {"outbox": {"lost": 0}, "edge": {"events_lost": 3}}

    assert readme.table(partly).splitlines()[2:] == ["| events lost | 3 | 0, missed |"]


def test_a_readme_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        readme.written("# Something else")


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = readme.README.read_text(encoding="utf-8")
    changed = {"where": "Elsewhere.", "figures": {"edge": {"events_lost": 0}}}

    replaced = readme.updated(page.replace(readme.written(page), "a"), changed)

    assert readme.written(replaced) == readme.section(changed)
    assert readme.updated(replaced, RECORDED) == page

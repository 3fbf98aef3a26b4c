import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_worker.upstream import upstream_url
from edge_worker.web import HttpError

UPSTREAM = "https://bot.example/public/v1/"


@pytest.mark.parametrize(
    "path",
    [
        "/..", "/../admin", "/%2e%2e/admin", "/%2E%2e/admin", "/.%2e/admin", "/a/../../admin", "/%2e%2e%2fadmin",
        "/..%2Fadmin", "/..%5cadmin", "/..\\admin", "/%252e%252e/admin", "/%25252e%25252e%25252fadmin", "/.%09./admin",
        "/a/./../../admin", "//../..//admin", "/..;/admin", "/a/..;x=1/..;/admin", "/%c0%ae%c0%ae/admin",
        "/..%C0%AFadmin", "/%e0%80%ae%e0%80%ae%2fadmin", "/%u002e%u002e/admin", "/..%00/admin", "/..%20/admin",
        "/..%3f/admin", "/a/..%23b/..%253f/admin", "/%ef%bc%8e%ef%bc%8e/admin", "/%e2%80%a5%ef%bc%8fadmin",
        "/a%5cb%2f..%2f..%2fadmin", "/a%ef%bc%8fb%2f..%2f..%2fadmin", "/a%255cb%252f..%252f../admin",
        "/a%5cb\\%2e%2e\\.%2E\\admin", "/a%5c\\..\\../admin",
    ],
)  # fmt: skip
def test_a_path_does_not_leave_the_upstreams(path: str) -> None:
    with pytest.raises(HttpError) as refused:
        upstream_url(UPSTREAM, f"https://chat.example{path}?q=1")

    assert refused.value.status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/chat",
        "/a/../b",
        "/a%2Fb",
        "/...",
        "/..a/",
        "//x",
        "/100%",
        "/é",
        "/a/..",
        "/%zz",
        "/a;b/c",
        "/%c0",
        "/é/..",
        "/ﬁ/½",
    ],
)
def test_other_paths_are_passed_on_as_they_are(path: str) -> None:
    assert (
        upstream_url(UPSTREAM, f"https://chat.example{path}?q=../..") == f"https://bot.example/public/v1{path}?q=../.."
    )


@given(
    st.lists(
        st.sampled_from(["a", ".", "..", "%2e", "%2E%2e", "/", "\\", "%2f", "%5C", "%25", "2e", "\t"]), max_size=12
    )
)
def test_whatever_is_passed_on_stays_below_the_upstream(pieces: list[str]) -> None:
    try:
        url = upstream_url(UPSTREAM, "https://chat.example/" + "".join(pieces))
    except HttpError:
        return

    path = url.removeprefix("https://bot.example/public/v1/")
    for _ in range(6):
        for separators in (r"/", r"[/\\]"):
            depth = 0
            for segment in re.split(separators, path.replace("\t", "")):
                depth += {"..": -1, ".": 0, "": 0}.get(segment, 1)
                assert depth >= 0
        path = unquote(path)

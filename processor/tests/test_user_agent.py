"""Devices and bots, as the libraries in use know them."""

import re
import subprocess
import sys
import time

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from hypothesis import given
from hypothesis import strategies as st
from ua_parser import parse
from ua_parser_builtins.lazy import MATCHERS

from processor.user_agent import Device, bot_rule, device_of, is_of_family, may_name, visitor_attributes

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME_OS = (
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
ANDROID_TABLET = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
GPT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
FAMILIES = ["Spider", "iPad", "iPhone", "iPod"]
PEOPLE = [WINDOWS, MAC, LINUX, CHROME_OS, IPHONE, IPAD, ANDROID, ANDROID_TABLET]


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (WINDOWS, "desktop"),
        (MAC, "desktop"),
        (LINUX, "desktop"),
        (CHROME_OS, "desktop"),
        (IPHONE, "phone"),
        (ANDROID, "phone"),
        (IPAD, "tablet"),
        (ANDROID_TABLET, "tablet"),
        ("curl/8.5.0", "other"),
        ("something new", "other"),
    ],
)
def test_the_device_is_known_by_its_system(user_agent: str, device: Device) -> None:
    assert device_of(user_agent) == device


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people_are_no_bots(user_agent: str) -> None:
    assert bot_rule(user_agent) is None


@pytest.mark.parametrize(
    ("user_agent", "rule"),
    [
        (GPT, "crawler-user-agents: GPTBot"),
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "crawler-user-agents: Googlebot\\/",
        ),
        ("Mozilla/5.0 (compatible; SomethingNew-crawler/1.0)", "ua-parser: Spider"),
    ],
)
def test_a_bot_is_stored_with_the_rule_that_found_it(user_agent: str, rule: str) -> None:
    assert bot_rule(user_agent) == rule


def test_a_person_has_a_device_and_no_bot_rule_and_nobody_has_neither() -> None:
    assert visitor_attributes(LINUX) == {"device": "desktop"}
    assert visitor_attributes("") == {}


@pytest.mark.parametrize(
    "user_agent",
    ["curl/8.5.0", "python-requests/2.32.3", "python-urllib3/2.8.0", "Go-http-client/2.0", "Java/17.0.1", "node"],
)
def test_a_program_that_calls_an_api_is_a_visitor_and_no_bot(user_agent: str) -> None:
    assert visitor_attributes(user_agent) == {"device": "program"}


@given(st.text(max_size=512))
def test_any_user_agent_is_some_device(user_agent: str) -> None:
    assert set(visitor_attributes(user_agent)) <= {"device", "bot"}


@pytest.mark.parametrize(
    "character", ["a", " ", "/", "(", "Mozilla/5.0 ", "Android ", ";", "Linux; U; ", "compatible; "]
)
def test_the_longest_user_agent_of_any_repetition_is_matched_without_backtracking(character: str) -> None:
    visitor_attributes(WINDOWS)  # loads the libraries' tables

    begin = time.process_time()
    # 512 characters is what the contract lets through; an expression that backtracks would take for ever.
    visitor_attributes((character * 512)[:512])

    assert time.process_time() - begin < 10


@pytest.mark.parametrize("family", FAMILIES)
def test_no_device_is_missed_by_looking_for_its_family_alone(family: str) -> None:
    instances = [instance for bot in CRAWLER_USER_AGENTS_DATA for instance in bot["instances"][:1]]
    puffin = ["Puffin/9.1.3IP", "Puffin/9.1.3IT", "Puffin/9.1.3AP", "iPod touch", "CFNetwork/1 iPad4,1", "iPhone14,2"]
    for user_agent in [*PEOPLE, *puffin, *instances[::5]]:
        device = parse(user_agent).device

        assert is_of_family(user_agent, family) == (device is not None and device.family == family), user_agent


@pytest.mark.parametrize("family", FAMILIES)
def test_only_the_templates_that_are_tried_can_name_a_family_that_the_user_agent_has_not(family: str) -> None:
    for template in {device.family for device in MATCHERS[2]}:
        pieces = re.sub(r"\\\$\d", "(.*)", re.escape(template))
        # One piece and no more is what the user agent has; two pieces with a space between them are so if one is empty.
        one_piece = re.fullmatch(r"\$\d( \$\d)*", template)

        assert may_name(template, family) or one_piece or not re.fullmatch(pieces, family), template


def test_the_rules_are_not_loaded_before_they_are_needed() -> None:
    code = "import sys, processor.handler; print({'ua_parser', 'crawleruseragents'} & set(sys.modules))"

    found = subprocess.check_output([sys.executable, "-c", code], text=True, env={"PYTHONPATH": "src"})

    assert found.strip() == "set()"

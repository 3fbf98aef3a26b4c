"""The chat page in a real browser, against the Worker in workerd."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from queue_server import WAIT_SECONDS, QueueServer
from worker_client import Worker

BROWSER = shutil.which("chromium")

pytestmark = [
    pytest.mark.runtime,
    pytest.mark.usefixtures("queue"),
    pytest.mark.skipif(BROWSER is None, reason="no browser: apt-get install chromium"),
]

PHONE: ViewportSize = {"width": 360, "height": 640}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    expect.set_options(timeout=WAIT_SECONDS * 1000)
    with sync_playwright() as playwright:
        # As root, in a container, Chromium has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, worker: Worker) -> Iterator[Page]:
    page = browser.new_page(viewport=PHONE, user_agent="Chat page test")
    page.set_default_timeout(WAIT_SECONDS * 1000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(worker.url)
    yield page
    page.close()
    assert problems == []


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def test_a_visitor_asks_reads_the_answer_and_rates_it(page: Page, queue: QueueServer) -> None:
    ask(page, "How long is the data kept?")
    expect(page.get_by_role("log")).to_contain_text("kept for 90 days, daily totals")
    expect(page.get_by_text("From: about/privacy")).to_be_visible()
    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Thank you.")

    exchange, feedback = queue.wait_for(2)

    assert (exchange["question"], exchange["outcome"]) == ("How long is the data kept?", "answered")
    assert (feedback["id"], feedback["rating"]) == (exchange["id"], "up")
    assert exchange["session"]
    assert exchange["user_agent"] == "Chat page test"
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_visitor_may_think_again(page: Page, queue: QueueServer) -> None:
    ask(page, "How long is the data kept?")
    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Thank you.")
    page.get_by_role("button", name="Not helpful").click()

    events = queue.wait_for(3)

    assert [event["rating"] for event in events[1:]] == ["up", "down"]
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "false")


def test_two_questions_of_one_page_are_one_session(page: Page, queue: QueueServer) -> None:
    ask(page, "How long is the data kept?")
    expect(page.get_by_role("listitem")).to_have_count(1)
    ask(page, "Who won the cup final?")
    expect(page.get_by_text("I do not know that yet")).to_be_visible()

    first, second = queue.wait_for(2)

    assert first["session"] == second["session"]


def test_what_a_visitor_types_is_shown_as_text(page: Page) -> None:
    ask(page, "<img src=x onerror=\"document.title='broken into'\"> What is Edge Analytics?")

    expect(page.get_by_role("listitem")).to_contain_text("<img src=x")
    assert page.locator("#conversation img").count() == 0
    assert page.title() == "Ask a question"


def test_an_empty_question_is_asked_for_and_not_sent(page: Page) -> None:
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_role("button", name="Ask").click()

    expect(page.get_by_role("alert")).to_have_text("Please type a question first.")
    assert sent == []


def test_a_failure_is_told_and_the_question_is_not_lost(page: Page) -> None:
    page.route(
        "**/query", lambda route: route.fulfill(status=503, json={"error": {"code": "x", "message": "out of order"}})
    )

    ask(page, "How long is the data kept?")

    expect(page.get_by_role("alert")).to_contain_text("out of order")
    expect(page.get_by_label("Your question")).to_have_value("How long is the data kept?")


def test_the_page_fits_a_phone_and_its_controls_a_finger(page: Page) -> None:
    ask(page, "W" * 300)
    expect(page.get_by_role("listitem")).to_have_count(1)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


def test_every_control_has_a_name_and_the_keyboard_reaches_it(page: Page) -> None:
    ask(page, "How long is the data kept?")
    expect(page.get_by_role("group", name="Was this answer helpful?")).to_be_visible()
    page.get_by_label("Your question").focus()

    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Not helpful"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Thank you.")

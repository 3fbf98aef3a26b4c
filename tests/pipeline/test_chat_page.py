"""A visitor in a real browser: what is asked and rated on the chat page is in the table."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from stack.stack import Stack
from stack.worker import stored_id

BROWSER = shutil.which("chromium")
PATIENCE_SECONDS = 60

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(BROWSER is None, reason="no browser: apt-get install chromium"),
]


@pytest.fixture
def page(running: Stack) -> Iterator[Page]:
    with sync_playwright() as playwright:
        # As root, in a container, Chromium has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.goto(running.worker_url)
        yield page
        browser.close()


def test_a_question_and_its_rating_meet_in_one_item(running: Stack, page: Page) -> None:
    question = "What is a microprocessor?"

    page.get_by_label("Your question").fill(question)
    with page.expect_response("**/query") as answered:
        page.get_by_role("button", name="Ask").click()
    identifier = stored_id(answered.value.json()["id"])
    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Thank you.")
    running.wait_until_stored([identifier], rated=[identifier], seconds=PATIENCE_SECONDS)

    [item] = [item for item in running.items() if item["sk"] == {"S": identifier}]
    assert (item["question"], item["outcome"], item["rating"]) == ({"S": question}, {"S": "answered"}, {"S": "up"})

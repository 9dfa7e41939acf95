"""Chromium in front of the rooms without a network: each request of a page goes to the actions, as
in `tests.client`, so that every page x theme x language x width is opened in seconds."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, Route
from tests.accessibility.sights import SIGHTS
from tests.client import Client, Response
from tests.stores import PORTAL_URL

NOT_OURS = {"set-cookie", "content-length", "transfer-encoding"}


class Window:
    """One page whose requests the client of the sight makes, with its cookies and its language."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self._context = browser.new_context(base_url=PORTAL_URL, **options)
        self._context.set_default_timeout(60_000)
        self._context.route("**/*", self._answer)
        self._client = Client()
        self._sight = SIGHTS["sign-in"]
        self.page: Page = self._context.new_page()

    def show(self, name: str, language: str = "en") -> Page:
        """Opens a page of `SIGHTS` in this language."""
        self._sight = SIGHTS[name]
        self._client, path = self._sight.opens()
        self._client.language = language
        self.page.goto(path)
        assert self.page.locator("html").get_attribute("lang") == language
        return self.page

    def close(self) -> None:
        self._context.close()

    def _answer(self, route: Route, request: Request) -> None:
        answer = self._sent(request)
        headers = {name: value for name, value in answer.headers.items() if name not in NOT_OURS}
        route.fulfill(status=answer.status, headers=headers, body=answer.body)

    def _sent(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if request.is_navigation_request():
            return self._sight.answer(self._client, path)
        kind = {name: value for name, value in request.headers.items() if name == "content-type"}
        return self._client.send(request.method, path, request.post_data_buffer or b"", kind)

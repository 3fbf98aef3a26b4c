"""Serves requests: which path does what, and which pages may ask."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from edge_worker.act import ActHandler
from edge_worker.collector import Collector
from edge_worker.conversations import Conversations
from edge_worker.delivery import Delivery
from edge_worker.feedback import FeedbackHandler
from edge_worker.knowledge import Knowledge
from edge_worker.log import Log, describe_failure
from edge_worker.origin import Isolate
from edge_worker.proxy import Proxy
from edge_worker.questions import Questions
from edge_worker.recorder import LINGER_SECONDS, Recorder
from edge_worker.settings import Settings
from edge_worker.traces.handler import TracesHandler
from edge_worker.web import ID_HEADER, Context, HttpError, Request, Response, has_token

# As a proxy, the Worker keeps its own paths below this one and leaves all others to the upstream.
PROXY_PREFIX = "/edge-analytics"
_PREFLIGHT_SECONDS = 86_400

_Handler = Callable[[Request], Awaitable[Response]]


class Application:
    """The Worker without its runtime."""

    def __init__(
        self,
        settings: Settings,
        knowledge: Knowledge,
        isolate: Isolate,
        delivery: Delivery,
        log: Log,
        *,
        conversations: Conversations | None = None,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._settings = settings
        self._log = log
        self._delivery = delivery
        self._entries = len(knowledge)
        self._recorder = Recorder(
            isolate,
            delivery,
            settings.sample_rate,
            log,
            patterns=settings.redact_patterns,
            linger_seconds=linger_seconds,
        )
        self._collector = Collector(settings, self._recorder, log)
        prefix = PROXY_PREFIX if settings.is_proxy else ""
        # Pages of other origins may use what visitors use, and nothing else.
        self._for_pages: dict[str, _Handler] = {f"{prefix}/feedback": FeedbackHandler(settings, self._recorder).respond}
        self._proxy: Proxy | None = None
        if settings.is_proxy:
            self._proxy = Proxy(settings, self._recorder, log)
        else:
            self._for_pages["/query"] = Questions(settings, knowledge, self._recorder, log).respond
        self._routes: dict[str, Mapping[str, _Handler]] = {
            f"{prefix}/health": {"GET": self._health, "HEAD": self._health},
            **{path: {"POST": handler, "OPTIONS": self._preflight} for path, handler in self._for_pages.items()},
        }
        if settings.act_key:
            act = ActHandler(settings, delivery.deliver, log, conversations)
            self._routes[f"{PROXY_PREFIX}/act"] = {"GET": act.show, "HEAD": act.show, "POST": act.decide}
        if settings.collector_token:
            self._routes[f"{prefix}/v1/events"] = {"POST": self._collector.respond}
            self._routes[f"{prefix}/v1/traces"] = {"POST": TracesHandler(settings, self._recorder).respond}

    async def respond(self, request: Request) -> Response:
        """Serve one request. Never raises."""
        try:
            response = await self._serve(request)
        except HttpError as error:
            response = error.response()
        except Exception as error:  # noqa: BLE001 - the visitor gets no traceback
            self._log(describe_failure("request failed", error))
            response = HttpError(500, "internal_error", "the request could not be served").response()
        return self._with_cors_headers(request, response)

    def track(self, event: object, context: Context) -> str:
        """Take one event from another Worker and return its id. Raises HttpError 400 that says what is wrong."""
        return self._collector.track(event, context)

    async def _serve(self, request: Request) -> Response:
        methods = self._routes.get(request.path)
        if methods is None:
            if self._proxy:
                return await self._proxy.respond(request)
            raise HttpError(404, "not_found", "there is nothing at this path")
        if request.method not in methods:
            allowed = ", ".join(methods)
            raise HttpError(405, "method_not_allowed", f"this path takes {allowed}", {"allow": allowed})
        if request.path in self._for_pages and not self._is_allowed_origin(request):
            raise HttpError(403, "origin_not_allowed", "pages of this origin may not ask here")
        return await methods[request.method](request)

    async def _health(self, request: Request) -> Response:
        body: dict[str, Any] = {"status": "ok", "site": self._settings.site, "entries": self._entries}
        if has_token(request, self._settings.collector_token):
            body |= await self._waiting()
            if self._proxy:
                body["proxy"] = self._proxy.counts.as_json()
        return Response(200, body)

    async def _waiting(self) -> dict[str, Any]:
        """Count the events in the outbox; null where it does not answer."""
        try:
            waiting = await self._delivery.count_waiting()
        except OSError as error:
            self._log({"level": "error", "message": "outbox failed", "reason": str(error)})
            return {"waiting": None}
        return {} if waiting is None else {"waiting": waiting}

    async def _preflight(self, request: Request) -> Response:
        headers = {"allow": ", ".join(self._routes[request.path])}
        if "origin" in request.headers:
            headers |= {
                "access-control-allow-methods": "POST",
                "access-control-allow-headers": "content-type",
                "access-control-max-age": str(_PREFLIGHT_SECONDS),
            }
        return Response(204, headers=headers)

    def _is_allowed_origin(self, request: Request) -> bool:
        """Tell whether the asking page is ours or on the list. Without an Origin header, it is not a foreign page."""
        origin = request.headers.get("origin")
        allowed = self._settings.allowed_origins
        return origin is None or origin == request.origin or origin in allowed or "*" in allowed

    def _with_cors_headers(self, request: Request, response: Response) -> Response:
        """Add the headers that let the asking page read the response."""
        origin = request.headers.get("origin")
        # What the upstream answers, it lets pages read or not; what the Worker answers in its place, pages may read.
        is_in_its_place = self._proxy is not None and response.upstream is None and request.path not in self._routes
        is_for_page = request.path in self._for_pages and self._is_allowed_origin(request)
        if origin is None or not (is_for_page or is_in_its_place):
            return response
        cors = {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": f"{ID_HEADER}, retry-after",
            "vary": "origin",
        }
        return Response(response.status, response.body, {**response.headers, **cors})

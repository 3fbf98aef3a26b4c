"""The Worker keeps its own OpenAPI document, whatever it is sent."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from worker_client import COLLECTOR_TOKEN, Worker

DOCUMENT = Path(__file__).parent.parent.parent / "openapi.yaml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

pytestmark = pytest.mark.runtime
schema = schemathesis.openapi.from_path(DOCUMENT)
schema.config.generation.update(modes=list(schemathesis.GenerationMode))
# workerd's own HTTP server answers methods that it does not know with 501, before any Worker is asked.
schema.config.phases.coverage.unexpected_methods = {"get", "put", "post", "delete", "options", "patch", "head", "trace"}


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_reply_is_one_that_the_document_has(case: Any, worker: Worker) -> None:
    headers = {"authorization": f"Bearer {COLLECTOR_TOKEN}"} if case.path.startswith("/v1/") else {}

    response = case.call(base_url=worker.url, headers=headers, timeout=60)

    case.validate_response(response, checks=CHECKS)

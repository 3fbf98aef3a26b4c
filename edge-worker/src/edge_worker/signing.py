"""Signs requests to AWS in its JSON protocol (AWS Signature Version 4)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from aws_sdk_signers import URI, AWSCredentialIdentity, AWSRequest, Field, Fields, SigV4Signer, SigV4SigningProperties

from edge_worker.access_key import AccessKey


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A POST request that is ready to be sent."""

    url: str
    headers: Mapping[str, str]
    body: str


class _OwnRequest(AWSRequest):
    """A request that is made to be signed once."""

    def __deepcopy__(self, memo: dict[int, AWSRequest] | None = None) -> AWSRequest:
        """Return itself: the signer signs a copy, whose making takes longer than all the rest, and is never needed."""
        return self


class Service:
    """A service of AWS with a JSON 1.0 protocol, at the origin of an address, and the key to sign with."""

    def __init__(self, name: str, url: str, region: str, key: AccessKey) -> None:
        parts = urlsplit(url)
        self._url = parts._replace(path="/").geturl()
        self._scheme, self._host, self._port = parts.scheme, parts.hostname or "", parts.port
        self._properties = SigV4SigningProperties(region=region, service=name)
        self._identity = AWSCredentialIdentity(access_key_id=key.id, secret_access_key=key.secret)
        self._signer = SigV4Signer()

    def request(self, target: str, document: Mapping[str, Any]) -> SignedRequest:
        """Build the request for an action, signed for now (a signature is accepted for five minutes)."""
        body = json.dumps(document)
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
        request = _OwnRequest(
            destination=URI(scheme=self._scheme, host=self._host, port=self._port, path="/"),
            method="POST",
            body=BytesIO(body.encode()),
            fields=Fields([Field(name=name, values=[value]) for name, value in headers.items()]),
        )
        signed = self._signer.sign(request=request, identity=self._identity, properties=self._properties)
        # The runtime sets the Host header itself.
        sent = {f.name.lower(): f.as_string() for f in signed.fields if f.name.lower() != "host"}
        return SignedRequest(self._url, sent, body)

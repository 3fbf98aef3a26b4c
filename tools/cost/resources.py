"""One thing that Terraform or CloudFormation makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A resource as it is going to be: of Terraform (`aws_sqs_queue`) or of CloudFormation (`AWS::SQS::Queue`)."""

    name: str
    type: str
    properties: Mapping[str, Any]

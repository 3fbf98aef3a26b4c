"""What the Worker may do at AWS, as its settings say it. Free of the signer, which `make preview` does without."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The access key of an IAM user."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class TableAccess:
    """The table and the key that may read it."""

    name: str
    region: str
    key: AccessKey

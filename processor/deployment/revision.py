"""Names what is deployed, so that another package, parameter or published value becomes another version.

SAM publishes a version when the properties of the function change, but compares them with `Ref` and `Fn::If`
unresolved: another value in the Parameter Store would change the function and never reach its alias
(github.com/aws/serverless-application-model/issues/3820). The revision is the template's `AutoPublishCodeSha256`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LENGTH = 16
_DEFAULT = re.compile(r"(?m)^(  Revision:\n(?:    .*\n)*?    Default:)[^\n]*$")


@dataclass(frozen=True)
class Deployed:
    """What is there before the deployment; None where it never was."""

    revision: str | None
    version: str | None
    """The version that the stack gave the alias."""
    alias_version: str | None
    """The version that the alias points to."""

    @property
    def rolled_back(self) -> bool:
        """Whether the alias was moved without the stack, as a rollback does."""
        return self.version is not None and self.alias_version not in {None, self.version}


def content_digest(template: Path, parameters: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Return the digest of everything that makes the function what it is.

    Args:
        template: The built template. Its folder holds the built package.
        parameters: The template's parameters that are given, by name.
        values: The values that the Parameter Store has for them, by its names.
    """
    digest = hashlib.sha256(json.dumps([sorted(parameters.items()), sorted(values.items())]).encode())
    for path in sorted(template.parent.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path == template:
                content = with_default(content.decode("utf-8"), "").encode()
            name = path.relative_to(template.parent).as_posix().encode()
            digest.update(b"%d %s %d " % (len(name), name, len(content)) + content)
    return digest.hexdigest()[:_LENGTH]


def next_revision(digest: str, deployed: Deployed) -> str:
    """Return the revision to deploy: the deployed one if nothing has changed, so that nothing is published.

    After a rollback the same content becomes another version: the stack believes that it is deployed, and would do
    nothing. SAM takes no more than the first ten characters into account.
    """
    if deployed.rolled_back:
        salted = f"{digest} {deployed.revision} {deployed.version} {deployed.alias_version}"
        return f"{hashlib.sha256(salted.encode()).hexdigest()[:_LENGTH]}-{digest}"
    if deployed.revision and deployed.revision.rpartition("-")[2] == digest:
        return deployed.revision
    return digest


def with_default(template: str, revision: str) -> str:
    """Return the text of a built template with the revision as the parameter's default.

    Raises:
        ValueError: The template has no such parameter.
    """
    changed, count = _DEFAULT.subn(rf'\g<1> "{revision}"', template)
    if count != 1:
        raise ValueError("the template has no parameter Revision with a default")
    return changed

"""Whether GitHub may deploy from one branch only, as far as `gh` can tell."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from operate.environment import Environment
from operate.finding import MISSING, OK, UNKNOWN, Finding

_ISSUER = "token.actions.githubusercontent.com"
_ROLE = "edge-analytics-{}-processor-deploy"
_SUBJECT = re.compile(r"repo:([A-Za-z0-9-]+)/([A-Za-z0-9_.-]+):environment:([A-Za-z0-9_.-]+)")
_SECONDS = 20

Api = Callable[[str], Any]
"""Returns GitHub's answer to a path; None where there is nothing at it."""


class GitHubError(Exception):
    """GitHub cannot be asked. The message says why."""


def ask_gh(path: str) -> Any:
    """Ask GitHub with its own command line, as whoever is signed in there.

    Raises:
        GitHubError: it is not installed, not signed in, or not answered.
    """
    program = shutil.which("gh")
    if program is None:
        raise GitHubError("gh is not installed")
    try:
        answer = subprocess.run(
            [program, "api", path], capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitHubError(f"{error}") from None
    if answer.returncode == 0:
        try:
            return json.loads(answer.stdout)
        except ValueError:
            raise GitHubError("gh answers something else than JSON") from None
    if "HTTP 404" in answer.stderr:
        return None
    raise GitHubError((answer.stderr.strip() or f"gh fails with {answer.returncode}").splitlines()[0][:160])


def deployments(environment: Environment, api: Api = ask_gh) -> Iterator[Finding]:
    """Yield whether AWS and GitHub both keep every branch but one from deploying."""
    what = "deployments by GitHub"
    iam = environment.client("iam")
    try:
        role = iam.get_role(RoleName=_ROLE.format(environment.name))["Role"]
    except iam.exceptions.NoSuchEntityException:
        yield Finding(what, OK, "not set up: no role lets GitHub in")
        return
    trusted = _trusted(role["AssumeRolePolicyDocument"])
    branches = [reference.removeprefix("refs/heads/") for reference in trusted.get(f"{_ISSUER}:ref", [])]
    subject = next(filter(None, map(_SUBJECT.fullmatch, trusted.get(f"{_ISSUER}:sub", []))), None)
    if not branches:
        detail = f"the role trusts every branch: {environment.how_to_apply('account')}"
        yield Finding(what, MISSING, detail)
    else:
        yield Finding(what, OK, f"the role trusts the branch {', '.join(branches)} alone")
    if subject is None:
        return
    owner, name, github_environment = subject.groups()
    what = f"GitHub environment {github_environment}"
    try:
        yield Finding(what, *_branches(f"repos/{owner}/{name}", github_environment, branches or ["main"], api))
    except GitHubError as error:
        advice = f"look under Settings, Environments whether only {', '.join(branches) or 'main'} may deploy"
        yield Finding(what, UNKNOWN, f"{error}; {advice}")


def _branches(repository: str, environment: str, wanted: list[str], api: Api) -> tuple[str, str]:
    """Return a finding's status and detail."""
    place = f"{repository}/environments/{environment}"
    found = api(place)
    restrict = _how_to_restrict(place, wanted[0])
    if found is None:
        return MISSING, f"it does not exist, or this plan of GitHub has none for this repository: {restrict}"
    policy = found.get("deployment_branch_policy")
    if policy is None:
        return MISSING, f"every branch may deploy to it and read its secrets: {restrict}"
    if policy.get("protected_branches"):
        # Where no branch is protected, GitHub takes this for all branches.
        if (api(f"{repository}/branches/{wanted[0]}") or {}).get("protected"):
            return OK, "restricted to protected branches"
        return MISSING, f"it is restricted to protected branches, but {wanted[0]} is not protected: {restrict}"
    listed = (api(f"{place}/deployment-branch-policies") or {}).get("branch_policies", [])
    others = [str(each["name"]) for each in listed if each["name"] not in wanted or each.get("type") == "tag"]
    if others:
        return MISSING, f"{', '.join(others)} may deploy to it too: Settings, Environments, {environment}, remove them"
    return OK, f"restricted to {', '.join(wanted)}"


def _how_to_restrict(place: str, branch: str) -> str:
    policy = "deployment_branch_policy[{}]={}"
    put = f"-F '{policy.format('protected_branches', 'false')}' -F '{policy.format('custom_branch_policies', 'true')}'"
    return f"gh api -X PUT {place} {put} && gh api -X POST {place}/deployment-branch-policies -f name={branch}"


def _trusted(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return by condition key what the one statement of a trust policy asks for by equality."""
    statements = document["Statement"]
    [statement] = statements if isinstance(statements, list) else [statements]
    equal = statement.get("Condition", {}).get("StringEquals", {})
    return {key: value if isinstance(value, list) else [value] for key, value in equal.items()}

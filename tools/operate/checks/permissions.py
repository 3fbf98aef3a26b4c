"""Whether the identities of the pipeline are there, and still have the policies that Terraform gave them."""

from collections.abc import Iterator

from operate.environment import Environment
from operate.finding import MISSING, OK, Finding


def permissions(environment: Environment) -> Iterator[Finding]:
    """Yield whether each role, and the Worker's user, may do anything at all."""
    prefix = f"edge-analytics-{environment.name}"
    roles = {
        "processor role": (environment["processor-role-arn"].rpartition("/")[2], "processor"),
        "reporter role": (environment["reporter-role-arn"].rpartition("/")[2], "reporter"),
        "schedules' role": (f"{prefix}-reports", "reporter"),
    }
    iam = environment.client("iam")
    for what, (name, workspace) in roles.items():
        try:
            policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        except iam.exceptions.NoSuchEntityException:
            yield Finding(what, MISSING, f"{name} does not exist: {environment.how_to_apply(workspace)}")
            continue
        yield _with_policies(what, name, policies, environment.how_to_apply(workspace))
    user = environment["sender-user-name"]
    try:
        policies = iam.list_user_policies(UserName=user)["PolicyNames"]
    except iam.exceptions.NoSuchEntityException:
        yield Finding("the Worker's user", MISSING, f"{user} does not exist: {environment.how_to_apply('worker')}")
        return
    yield _with_policies("the Worker's user", user, policies, environment.how_to_apply("worker"))


def _with_policies(what: str, name: str, policies: list[str], command: str) -> Finding:
    if policies:
        return Finding(what, OK, name)
    return Finding(what, MISSING, f"{name} has no policy, so it may do nothing: {command}")

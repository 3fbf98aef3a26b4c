"""Renews the Worker's secrets: its access keys, the visitor key, the key of mailed links, the secret of a page."""

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from deployment.published import read_published
from deployment.wrangler import WRANGLER, DeploymentError, Run, target_options

# IAM tells all of AWS of a new key within seconds, and Cloudflare runs no old version for long.
KEY_SPREADS_SECONDS = 15
OLD_VERSION_ENDS_SECONDS = 60

Pause = Callable[[float, str], None]


def renew_visitor_key(environment: str, run: Run) -> None:
    """Give the Worker a new visitor key, which goes nowhere else, so that the old one is lost.

    Who learns the key can compute from it the names that were made since it was given, and no earlier ones. A visitor
    of today gets a second name for the rest of the day; ratings of earlier answers stay valid. Raises DeploymentError.
    """
    values = {"VISITOR_KEY": secrets.token_hex(32)}
    run([*WRANGLER, "secret", "bulk", *target_options(environment)], json.dumps(values))


def renew_secrets(environment: str, ssm: Any, iam: Any, run: Run, pause: Pause) -> None:
    """Give the Worker a new access key, a new visitor key and the present key of links; delete the sender's other keys.

    It waits, `pause(seconds, why)`, until the new key is valid everywhere, and until nobody uses the old one.

    The secrets go from memory to wrangler's standard input: they are in no file and in no command line. A visitor of
    today gets a second name for the rest of the day. Raises DeploymentError.
    """
    sender = read_published(ssm, environment, "sender-user-name")
    act_key = read_published(ssm, environment, "act-key", is_secret=True)
    more = {"VISITOR_KEY": secrets.token_hex(32), "ACT_KEY": act_key}
    _renew_access_key(sender, iam, pause, lambda key: _hand_over(environment, run, _named("AWS", key) | more))


def renew_conversations_page(environment: str, ssm: Any, iam: Any, run: Run, pause: Pause) -> str:
    """Switch the page of conversations on, or renew what it needs: the key that may read, and its secret.

    Returns the secret, which the page asks for: it is in no mail, and stored nowhere but at Cloudflare. Raises
    DeploymentError.
    """
    first = "apply the workspace `reporter` of the infrastructure with conversations_page = true first"
    reader = read_published(ssm, environment, "conversations-user-name", missing=first)
    table = read_published(ssm, environment, "table-name", missing=first)
    secret = secrets.token_urlsafe(32)
    more = {"CONVERSATIONS_SECRET": secret, "CONVERSATIONS_TABLE": table}
    _renew_access_key(reader, iam, pause, lambda key: _hand_over(environment, run, _named("CONVERSATIONS", key) | more))
    return secret


def _named(prefix: str, key: Mapping[str, str]) -> dict[str, str]:
    return {f"{prefix}_ACCESS_KEY_ID": key["AccessKeyId"], f"{prefix}_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def _hand_over(environment: str, run: Run, values: Mapping[str, str]) -> None:
    run([*WRANGLER, "secret", "bulk", *target_options(environment)], json.dumps(values))


def _renew_access_key(user: str, iam: Any, pause: Pause, hand_over: Callable[[Mapping[str, str]], None]) -> None:
    """Make a user's new access key, hand it over, and delete its other key; the new one if it is not taken."""
    before = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]]
    if len(before) > 1:
        raise DeploymentError(
            f"{user} has two keys, the most there can be: delete the one that the Worker does not use"
        )
    made = iam.create_access_key(UserName=user)["AccessKey"]
    pause(KEY_SPREADS_SECONDS, "the new key is valid everywhere")
    try:
        hand_over(made)
    except DeploymentError:
        iam.delete_access_key(UserName=user, AccessKeyId=made["AccessKeyId"])
        raise
    if before:
        pause(OLD_VERSION_ENDS_SECONDS, "nobody uses the old key")
    for key in before:
        iam.delete_access_key(UserName=user, AccessKeyId=key)

"""Renews the Worker's secrets: the access key of the queue's sender, the visitor key, and the key of mailed links."""

import json
import secrets
from collections.abc import Callable
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
    before = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=sender)["AccessKeyMetadata"]]
    if len(before) > 1:
        raise DeploymentError(
            f"{sender} has two keys, the most there can be: delete the one that the Worker does not use"
        )
    made = iam.create_access_key(UserName=sender)["AccessKey"]
    values = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "VISITOR_KEY": secrets.token_hex(32),
        "ACT_KEY": act_key,
    }
    pause(KEY_SPREADS_SECONDS, "the new key is valid everywhere")
    try:
        run([*WRANGLER, "secret", "bulk", *target_options(environment)], json.dumps(values))
    except DeploymentError:
        iam.delete_access_key(UserName=sender, AccessKeyId=made["AccessKeyId"])
        raise
    if before:
        pause(OLD_VERSION_ENDS_SECONDS, "nobody uses the old key")
    for key in before:
        iam.delete_access_key(UserName=sender, AccessKeyId=key)

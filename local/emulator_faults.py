"""Where the emulator differs from AWS, and what makes up for it here, so that production need not."""

import json
from typing import Any

from local.emulator import Emulator

_BATCHES = {
    "sqs:SendMessage": "sqs:SendMessageBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
}


def allow_batch_actions(aws: Emulator) -> None:
    """Let every identity that may use an SQS action use its batch form.

    On AWS, `sqs:SendMessage` covers SendMessageBatch, and so on. The emulator asks for an action of that name.
    """
    iam = aws.client("iam")
    for user in iam.list_users()["Users"]:
        name = user["UserName"]
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            document = iam.get_user_policy(UserName=name, PolicyName=policy)["PolicyDocument"]
            iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=json.dumps(_with_batches(document)))
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(_with_batches(document)))


def _with_batches(document: dict[str, Any]) -> dict[str, Any]:
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action", [])
        actions = actions if isinstance(actions, list) else [actions]
        statement["Action"] = actions + [_BATCHES[action] for action in actions if action in _BATCHES]
    return document

"""Where the emulator differs from AWS, and what makes up for it here, so that production need not."""

import json
from typing import Any

from stack.emulator import Emulator

_BATCHES = {
    "sqs:SendMessage": "sqs:SendMessageBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
}
# What the emulator checks against no resource: mails, and parameters that are asked for together.
_OF_ANY_RESOURCE = {"ses:SendEmail", "ses:SendRawEmail", "ssm:GetParameters"}


def adapt_policies(aws: Emulator) -> None:
    """Rewrite the policies of all identities so that they mean to the emulator what they mean to AWS.

    On AWS, `sqs:SendMessage` covers SendMessageBatch, and so on; the emulator asks for an action of that name. On
    AWS, sending mail is a matter of identities and of the sender's address, and reading parameters of each one's name;
    the emulator knows neither.
    """
    iam = aws.client("iam")
    for user in iam.list_users()["Users"]:
        name = user["UserName"]
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            document = iam.get_user_policy(UserName=name, PolicyName=policy)["PolicyDocument"]
            iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=json.dumps(adapted(document)))
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(adapted(document)))


def adapted(document: dict[str, Any]) -> dict[str, Any]:
    """Rewrite a policy so that it means to the emulator what it means to AWS, and return it."""
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action", [])
        actions = actions if isinstance(actions, list) else [actions]
        statement["Action"] = sorted({*actions, *(_BATCHES[action] for action in actions if action in _BATCHES)})
        if _OF_ANY_RESOURCE.issuperset(actions):
            statement["Resource"] = "*"
            statement.pop("Condition", None)
        elif "logs:DescribeLogStreams" in actions:
            # AWS names a log group with `:*` at its end, the emulator without.
            resources = statement["Resource"]
            resources = resources if isinstance(resources, list) else [resources]
            statement["Resource"] = sorted({*resources, *(resource.removesuffix(":*") for resource in resources)})
    return document

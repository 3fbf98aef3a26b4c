"""Requests to AWS, and whether an identity of the pipeline must or must not be able to make them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE: Final = "eu-west-2:111122223333"
_IAM: Final = "arn:aws:iam::111122223333"
_LAMBDA: Final = f"arn:aws:lambda:{_PLACE}:function"
_BUCKET: Final = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-abc"
_TABLE: Final = f"arn:aws:dynamodb:{_PLACE}:table/edge-analytics-dev-events"
_BOUNDARY: Final = f"{_IAM}:policy/edge-analytics/boundary/edge-analytics-dev-boundary"

_GITHUB: Final = 'account: module.github_deploy_role["edge-analytics-prod-processor"].aws_iam_role_policy.deploy'
_GITHUB_DEV: Final = 'account: module.github_deploy_role["edge-analytics-dev-processor"].aws_iam_role_policy.deploy'
_WITHIN: Final = 'account: module.permissions_boundary["dev"].aws_iam_policy.boundary'
_HCP: Final = 'account: module.hcp_run_role["edge-analytics-{}-dev"].aws_iam_role_policy.run["{}"]'
_REPORTER: Final = "reporter: module.reporter_role.aws_iam_role_policy.permissions"
_PROCESSOR: Final = "processor: module.processor_role.aws_iam_role_policy.permissions"
_NO_CONTEXT: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Case:
    """A request, and what must become of it."""

    policy: str
    action: str
    resource: str
    context: Mapping[str, str]
    allowed: bool

    def __str__(self) -> str:
        condition = f" with {dict(self.context)}" if self.context else ""
        return f"{self.action} on {self.resource}{condition}"


def _may(policy: str, action: str, resource: str, context: Mapping[str, str] = _NO_CONTEXT) -> Case:
    return Case(policy, action, resource, context, allowed=True)


def _may_not(policy: str, action: str, resource: str, context: Mapping[str, str] = _NO_CONTEXT) -> Case:
    return Case(policy, action, resource, context, allowed=False)


def _github() -> list[Case]:
    name = "edge-analytics-prod-processor"
    function, role = f"{_LAMBDA}:{name}", f"{_IAM}:role/edge-analytics/{name}"
    deployment = f"arn:aws:codedeploy:{_PLACE}:deploymentgroup:{name}-ServerlessDeploymentApplication-a/b"
    passed = "iam:PassedToService"
    must = [
        ("lambda:UpdateFunctionCode", function),
        ("lambda:GetFunctionScalingConfig", function),
        ("lambda:GetAlias", f"{function}:live"),
        ("lambda:InvokeFunction", f"{function}:live"),
        ("s3:PutObject", f"{_BUCKET}/{name}/0123456789abcdef"),
        ("s3:DeleteObjectVersion", f"{_BUCKET}/{name}/0123456789abcdef"),
        ("lambda:DeleteFunction", f"{function}:3"),
        ("lambda:ListAliases", function),
        ("lambda:ListEventSourceMappings", "*"),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{_PLACE}:stack/{name}/1"),
        ("codedeploy:CreateDeployment", deployment),
        ("codedeploy:StopDeployment", "*"),
        ("events:ListTargetsByRule", f"arn:aws:events:{_PLACE}:rule/{name}-FunctionDrain-ABC"),
        ("cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{_PLACE}:alarm:{name}-canary-errors"),
        ("ssm:GetParameters", f"arn:aws:ssm:{_PLACE}:parameter/edge-analytics/prod/table-name"),
        ("cloudformation:DescribeStacks", f"arn:aws:cloudformation:{_PLACE}:stack/{name}/1"),
    ]
    must_not = [
        ("s3:PutObject", f"{_BUCKET}/0123456789abcdef"),
        ("s3:DeleteObjectVersion", f"{_BUCKET}/edge-analytics-dev-processor/0123456789abcdef"),
        ("s3:ListBucketVersions", _BUCKET),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{_PLACE}:stack/edge-analytics-prod-reporter/1"),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{_PLACE}:stack/aws-sam-cli-managed-default/1"),
        ("s3:PutObject", f"{_BUCKET}/edge-analytics-prod-reporter/0123456789abcdef"),
        ("lambda:UpdateFunctionCode", f"{_LAMBDA}:edge-analytics-prod-reporter"),
        ("lambda:UpdateFunctionCode", f"{_LAMBDA}:edge-analytics-dev-processor"),
        ("ssm:GetParameters", f"arn:aws:ssm:{_PLACE}:parameter/edge-analytics/dev/table-name"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{_PLACE}:table/edge-analytics-prod-events"),
        *(
            (f"iam:{action}", resource)
            for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole")
            for resource in (role, f"{_IAM}:role/edge-analytics/github/{name}-deploy", f"{_IAM}:role/{name}-anything")
        ),
    ]
    return [
        *(_may(_GITHUB, action, resource) for action, resource in must),
        *(_may_not(_GITHUB, action, resource) for action, resource in must_not),
        _may(_GITHUB, "s3:ListBucketVersions", _BUCKET, {"s3:prefix": f"{name}/"}),
        _may_not(_GITHUB, "s3:ListBucketVersions", _BUCKET, {"s3:prefix": "edge-analytics-prod-reporter/"}),
        _may(_GITHUB, "iam:PassRole", role, {passed: "lambda.amazonaws.com"}),
        _may(_GITHUB, "iam:PassRole", f"{role}-traffic", {passed: "codedeploy.amazonaws.com"}),
        _may_not(_GITHUB, "iam:PassRole", role, {passed: "ec2.amazonaws.com"}),
        _may_not(_GITHUB, "iam:PassRole", role, {}),
        _may_not(_GITHUB, "iam:PassRole", f"{_IAM}:role/admin", {passed: "lambda.amazonaws.com"}),
        # Packages are named by the hash of their content: the other environment could have put its own there before.
        _may_not(_GITHUB_DEV, "s3:PutObject", f"{_BUCKET}/{name}/0123456789abcdef"),
        _may_not(_GITHUB_DEV, "lambda:UpdateFunctionCode", function),
    ]


def _hcp() -> list[Case]:
    own = f"{_IAM}:role/edge-analytics/edge-analytics-dev-processor"
    user = f"{_IAM}:user/edge-analytics/edge-analytics-dev-sender"
    bounded, other = {"iam:PermissionsBoundary": _BOUNDARY}, {"iam:PermissionsBoundary": f"{_IAM}:policy/wide"}
    apply, plan, worker = (
        _HCP.format("processor", "apply"),
        _HCP.format("processor", "plan"),
        _HCP.format("worker", "apply"),
    )
    foreign = [
        f"{_IAM}:role/edge-analytics/github/edge-analytics-dev-processor-deploy",
        f"{_IAM}:role/edge-analytics/hcp-terraform/edge-analytics-processor-dev-apply",
        f"{_IAM}:role/edge-analytics/edge-analytics-prod-processor",
        f"{_IAM}:role/admin",
    ]
    making = ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary")
    return [
        *(_may(apply, action, own, bounded) for action in making),
        *(_may_not(apply, action, own, context) for action in making for context in ({}, other)),
        *(_may_not(apply, action, role, bounded) for action in making for role in foreign),
        *(_may_not(apply, "iam:UpdateAssumeRolePolicy", role) for role in foreign),
        *(_may_not(plan, action, own, bounded) for action in making),
        *(
            _may_not(apply, action, resource, bounded)
            for action in ("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion")
            for resource in (own, _BOUNDARY)
        ),
        *(_may(worker, action, user, bounded) for action in ("iam:CreateUser", "iam:PutUserPolicy")),
        *(_may_not(worker, action, user) for action in ("iam:CreateUser", "iam:PutUserPolicy")),
        _may_not(worker, "iam:CreateAccessKey", user, bounded),
        _may(apply, "dynamodb:UpdateTable", _TABLE),
        _may_not(apply, "dynamodb:DeleteTable", _TABLE.replace("-dev-", "-prod-")),
        _may_not(apply, "dynamodb:GetItem", _TABLE),
    ]


def _passing() -> list[Case]:
    """Return who may hand which role to which service."""
    reporter, passed = _HCP.format("reporter", "apply"), "iam:PassedToService"
    schedules = f"{_IAM}:role/edge-analytics/edge-analytics-dev-reports"
    scheduler = {passed: "scheduler.amazonaws.com"}
    return [
        _may(reporter, "iam:PassRole", schedules, scheduler),
        *(
            _may_not(reporter, "iam:PassRole", schedules, {passed: service})
            for service in ("lambda.amazonaws.com", "ec2.amazonaws.com")
        ),
        *(
            _may_not(reporter, "iam:PassRole", role, scheduler)
            for role in (
                f"{_IAM}:role/admin",
                f"{_IAM}:role/edge-analytics/edge-analytics-prod-reports",
                f"{_IAM}:role/edge-analytics/github/edge-analytics-dev-reporter-deploy",
            )
        ),
    ]


def _boundary() -> list[Case]:
    """Return what whoever is made within the boundary could ever do, with any policy."""
    prod = _TABLE.replace("-dev-", "-prod-")
    links = "parameter/edge-analytics/{}/act-key"
    return [
        _may(_WITHIN, "dynamodb:UpdateItem", _TABLE),
        _may(_WITHIN, "ssm:GetParameter", f"arn:aws:ssm:{_PLACE}:{links.format('dev')}"),
        _may_not(_WITHIN, "ssm:GetParameter", f"arn:aws:ssm:{_PLACE}:{links.format('prod')}"),
        *(_may_not(_WITHIN, f"dynamodb:{action}", prod) for action in ("GetItem", "Query", "UpdateItem")),
        *(_may_not(_WITHIN, f"dynamodb:{action}", _TABLE) for action in ("DeleteTable", "Scan", "UpdateTable")),
        *(
            _may_not(_WITHIN, action, resource)
            for action in (
                "iam:CreateAccessKey",
                "iam:CreateRole",
                "iam:PassRole",
                "iam:PutUserPolicy",
                "sts:AssumeRole",
            )
            for resource in (f"{_IAM}:role/admin", f"{_IAM}:user/edge-analytics/edge-analytics-dev-sender")
        ),
        _may_not(_WITHIN, "lambda:UpdateFunctionCode", f"{_LAMBDA}:edge-analytics-dev-processor"),
        _may_not(_WITHIN, "s3:GetObject", f"{_BUCKET}/edge-analytics-dev-processor/0123456789abcdef"),
    ]


def _services() -> list[Case]:
    key = "dynamodb:LeadingKeys"
    return [
        _may(_PROCESSOR, "dynamodb:UpdateItem", _TABLE),
        *(_may_not(_PROCESSOR, f"dynamodb:{action}", _TABLE) for action in ("GetItem", "Query", "DeleteItem")),
        _may(_REPORTER, "dynamodb:DeleteItem", _TABLE, {key: "site#docs.example.com#changed"}),
        _may(_REPORTER, "dynamodb:DeleteItem", _TABLE, {key: "site#docs.example.com#topics"}),
        _may_not(_REPORTER, "dynamodb:DeleteItem", _TABLE, {key: "site#docs.example.com#day#2026-11-22"}),
        _may_not(_REPORTER, "dynamodb:DeleteItem", _TABLE, {key: "site#docs.example.com#rollup"}),
    ]


CASES: Final = (*_github(), *_hcp(), *_passing(), *_boundary(), *_services())

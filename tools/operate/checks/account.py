"""Whether the account is signed in to, stays open, and is told of costs; and who must still follow a link."""

import os
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from operate.environment import SIGN_IN, Environment, OperationError
from operate.finding import MISSING, OK, Finding


def credentials(environment: Environment) -> Iterator[Finding]:
    """Yield whose credentials there are; never the credentials."""
    what = "AWS credentials"
    try:
        caller = environment.client("sts").get_caller_identity()
    except OperationError as error:
        yield Finding(what, MISSING, f"{error}")
        return
    except (BotoCoreError, ClientError) as error:
        yield Finding(what, MISSING, f"{error}. {SIGN_IN}")
        return
    kind = caller["Arn"].split(":", 5)[5].split("/")[0]
    where = os.environ.get("AWS_ENDPOINT_URL", "AWS")
    yield Finding(what, OK, f"account {caller['Account']}, as {kind}, {environment.region}, {where}")


def plan(environment: Environment) -> Iterator[Finding]:
    """Yield whether AWS will close the account by itself."""
    found = environment.client("freetier").get_account_plan_state()["accountPlanType"]
    if found == "PAID":
        yield Finding("account plan", OK, "Paid: the account stays open, and the always-free tier stays free")
    else:
        advice = "AWS closes the account after six months; upgrade to the Paid plan (Billing, Account plan)"
        yield Finding("account plan", MISSING, f"{found}: {advice}")


def budgets(environment: Environment) -> Iterator[Finding]:
    """Yield whether anybody is mailed of the first cent."""
    account = environment.client("sts").get_caller_identity()["Account"]
    found = environment.client("budgets").describe_budgets(AccountId=account).get("Budgets", [])
    ours = [budget["BudgetName"] for budget in found if budget["BudgetName"].startswith("edge-analytics")]
    if ours:
        yield Finding("budgets", OK, ", ".join(sorted(ours)))
    else:
        yield Finding("budgets", MISSING, environment.how_to_apply("account"))


def identities(environment: Environment) -> Iterator[Finding]:
    """Yield whether SES may send from and to each address of the report."""
    mail = environment.client("sesv2")
    addresses = {environment["report-sender"], *environment["report-recipients"].split(",")}
    for address in sorted(addresses) if "email" in environment["report-channels"] else []:
        what = f"mail identity {address}"
        try:
            verified = mail.get_email_identity(EmailIdentity=address)["VerifiedForSendingStatus"]
        except mail.exceptions.NotFoundException:
            yield Finding(what, MISSING, f"it does not exist: {environment.how_to_apply('reporter')}")
            continue
        if verified:
            yield Finding(what, OK, "verified")
        else:
            yield Finding(what, MISSING, "follow the link in the mail that AWS has sent to it")


def delivery(environment: Environment) -> Iterator[Finding]:
    """Yield whether SES sends at all, and to each recipient: what it drops, the reporter takes for sent."""
    if "email" not in environment["report-channels"]:
        return
    mail = environment.client("sesv2")
    if not mail.get_account().get("SendingEnabled", True):
        advice = "AWS has paused it for this account and Region; SES's console says why (Account dashboard)"
        yield Finding("sending mail", MISSING, advice)
    else:
        yield Finding("sending mail", OK, "SES sends")
    for address in sorted(environment["report-recipients"].split(",")):
        try:
            reason = mail.get_suppressed_destination(EmailAddress=address)["SuppressedDestination"]["Reason"]
        except mail.exceptions.NotFoundException:
            continue
        command = f"aws sesv2 delete-suppressed-destination --email-address {address}"
        detail = f"SES sends nothing there since a {str(reason).lower()}: {command}"
        yield Finding(f"mail to {address}", MISSING, detail)


def sender_key(environment: Environment) -> Iterator[Finding]:
    """Yield whether the Worker has a key to send with."""
    what = "the Worker's access key"
    user = environment["sender-user-name"]
    iam = environment.client("iam")
    try:
        keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    except iam.exceptions.NoSuchEntityException:
        yield Finding(what, MISSING, f"its user {user} does not exist: {environment.how_to_apply('worker')}")
        return
    active = [key for key in keys if key["Status"] == "Active"]
    if len(active) == 1:
        yield Finding(what, OK, f"one, made on {active[0]['CreateDate']:%Y-%m-%d}")
    elif active:
        yield Finding(what, OK, "two: the rotation is not finished; delete the older one (docs/runbook.md)")
    else:
        yield Finding(what, MISSING, f"make -C edge-worker secrets ENVIRONMENT={environment.name}")

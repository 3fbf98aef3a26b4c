"""What the commands of a terminal have in common: a connection, a site, a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import CredentialRetrievalError, NoCredentialsError, NoRegionError, PartialCredentialsError

from reporter.application import Application
from reporter.deployment import deployed_environment
from reporter.period import Week
from reporter.request import Request
from reporter.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime


class UsageError(ValueError):
    """The options do not go together, or name what is not there."""


def request_failed(error: Exception) -> str:
    """Return what to say of a request that AWS refused or never got, and what to do about it where that is known."""
    said = f"AWS request failed: {str(error).rstrip('.')}"
    if isinstance(error, NoRegionError):
        return f"{said}: set AWS_REGION"
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
        return f"{said}: sign in (aws sso login, or set AWS_PROFILE)"
    return said


def connected(environment: str | None) -> Application:
    """Return the application of a deployed environment; without one, of this process's environment variables."""
    deployed = deployed_environment(environment) if environment else None
    return Application.from_settings(Settings.from_environment(deployed))


def site_of(application: Application, named: str | None) -> str:
    """Return the site that is meant.

    Raises:
        UsageError: none is named, and not exactly one is configured.

    """
    if named:
        return str(Request.parse({"report": "weekly", "site": named}).site)
    sites = application.settings.sites
    if len(sites) != 1:
        raise UsageError(f"say which site with SITE=: {', '.join(sites) or 'none is configured'}")
    return sites[0]


def week_of(application: Application, named: str | None, now: datetime) -> Week:
    """Return the week that is named, or the present one.

    Raises:
        UsageError: it has not begun.

    """
    today = now.astimezone(application.settings.zone).date()
    if not named:
        return Week.of(today)
    week = Week.parse(named)
    if week.monday > today:
        raise UsageError(f"{week} has not begun yet")
    return week

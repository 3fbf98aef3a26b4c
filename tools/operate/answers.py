"""What only a person knows of an environment, kept in one file that git ignores.

The file is TOML: a table for each environment, as `[dev]` and `site = "docs.example.org"`. It holds no secret.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from operate.environment import ANSWERS_FILE, DEFAULT_REGION, ROOT, OperationError

DEFAULT_FILE = ANSWERS_FILE
HERE, S3, HCP = "here", "s3", "hcp"

_MAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_SITE = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
# RFC 2606 and RFC 6761 keep these for examples; nobody gets mail there.
_EXAMPLE = re.compile(r"(^|[@.])(example(\.(com|net|org))?|invalid|test|localhost)$")


@dataclass(frozen=True)
class Answers:
    """What was answered for one environment."""

    site: str
    mail: str
    time_zone: str
    region: str
    state: str
    bucket: str = ""
    organization: str = ""

    @property
    def variables(self) -> dict[str, dict[str, object]]:
        """The Terraform variables that follow from it, by workspace."""
        return {
            "worker": {"region": self.region, "alert_email": self.mail},
            "processor": {"region": self.region},
            "reporter": {
                "region": self.region,
                "report_sender": self.mail,
                "report_recipients": [self.mail],
                "report_sites": [self.site],
                "report_time_zone": self.time_zone,
            },
        }


@dataclass(frozen=True)
class Question:
    """One question, in the order in which they are asked."""

    name: str
    text: str
    default: str
    check: Callable[[str], str | None]
    """Returns what is wrong, or None."""
    only_for: str = ""
    """The answer to `state` that makes this question one."""


def _matching(pattern: re.Pattern[str], expected: str) -> Callable[[str], str | None]:
    return lambda text: None if pattern.fullmatch(text) else f"is not {expected}"


def _time_zone(text: str) -> str | None:
    names = ROOT / "infrastructure" / "modules" / "report-schedule" / "time-zones.json"
    if text in json.loads(names.read_text(encoding="utf-8")):
        return None
    return "is not the IANA name of a time zone, such as Europe/London"


def _state(text: str) -> str | None:
    return None if text in {HERE, S3, HCP} else f"is none of {HERE}, {S3}, {HCP}"


QUESTIONS = (
    Question("site", "Your site's name", "", _matching(_SITE, "a lower-case name such as docs.mysite.org")),
    Question("mail", "Your mail address: reports and alarms go there", "", _matching(_MAIL, "a mail address")),
    Question("time_zone", "Your time zone, for the report's week", "Europe/London", _time_zone),
    Question("region", "AWS Region", DEFAULT_REGION, _matching(_REGION, "an AWS Region such as eu-west-2")),
    Question("state", f"Where Terraform keeps its state: {HERE} (this folder), {S3}, or {HCP} Terraform", HERE, _state),
    Question("bucket", "S3 bucket for the state (made if missing)", "", _matching(_BUCKET, "a bucket's name"), S3),
    Question("organization", "HCP Terraform organization", "", _matching(_ORGANIZATION, "an organization's name"), HCP),
)


def load(file: Path, environment: str) -> dict[str, str]:
    """Return what the file says of an environment; nothing where there is no file.

    Raises:
        OperationError: it cannot be read.
    """
    if not file.is_file():
        return {}
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OperationError(f"{file} cannot be read: {error}") from None
    table = document.get(environment, {})
    known = {question.name for question in QUESTIONS}
    unknown = sorted(set(table) - known) if isinstance(table, dict) else []
    if not isinstance(table, dict) or unknown or not all(isinstance(value, str) for value in table.values()):
        raise OperationError(
            f"{file}: [{environment}] takes {', '.join(sorted(known))}, each a text in quotes"
            + (f"; it has {', '.join(unknown)}" if unknown else "")
        )
    return dict(table)


def save(file: Path, environment: str, answers: Answers) -> None:
    """Write an environment's answers, and leave those of others."""
    document = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    document[environment] = {name: value for name, value in asdict(answers).items() if value}
    lines = ["# What `make up` was told. No secrets; git ignores this file."]
    for name, table in document.items():
        lines += [
            "",
            f"[{name}]",
            *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()),
        ]
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(file)


def complete(given: Mapping[str, str], ask: Callable[[str], str] | None, *, examples: bool, where: str) -> Answers:
    """Return all answers, asking for those that are missing.

    Args:
        given: what is known already.
        ask: puts a question to a person; None where nobody can be asked.
        examples: whether addresses kept for examples are welcome, as they are when practising.
        where: names the place of the given answers in errors.

    Raises:
        OperationError: an answer is missing or wrong, and nobody can be asked.
    """
    found: dict[str, str] = {}
    for question in QUESTIONS:
        if question.only_for and found.get("state") != question.only_for:
            continue
        found[question.name] = _answer(question, given.get(question.name), ask, examples=examples, where=where)
    return Answers(**{field.name: found.get(field.name, "") for field in fields(Answers)})


def _answer(
    question: Question, given: str | None, ask: Callable[[str], str] | None, *, examples: bool, where: str
) -> str:
    if given is not None:
        problem = _problem(question, given, examples=examples)
        if problem:
            raise OperationError(f"{where}: {question.name} = {given!r} {problem}")
        return given
    if ask is None:
        if question.default:
            return question.default
        raise OperationError(f"{where}: {question.name} is missing ({question.text})")
    while True:
        default = f" [{question.default}]" if question.default else ""
        answer = ask(f"{question.text}{default}: ").strip() or question.default
        problem = _problem(question, answer, examples=examples)
        if problem is None:
            return answer
        print(f"  {answer!r} {problem}")


def _problem(question: Question, answer: str, *, examples: bool) -> str | None:
    problem = question.check(answer)
    if problem is None and not examples and question.name in {"site", "mail"} and _EXAMPLE.search(answer):
        return "is an example; give your own"
    return problem

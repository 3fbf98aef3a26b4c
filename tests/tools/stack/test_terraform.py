"""How Terraform finds its provider, on machines of every kind."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from stack import terraform
from stack.emulator import Emulator
from stack.programs import ProgramError
from stack.terraform import ProviderNotFoundError, Workspaces, cli_variables


@pytest.fixture(autouse=True)
def _a_bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    monkeypatch.delenv("TF_PLUGIN_DIR", raising=False)
    monkeypatch.setattr(terraform, "FETCHED", tmp_path / "fetched")
    monkeypatch.setattr(terraform, "_registry_answers", lambda: False)
    monkeypatch.setattr(terraform, "mirror_places", lambda: [tmp_path / "nowhere"])


def mirror(place: Path) -> Path:
    (place / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    return place


def test_the_registry_is_used_where_it_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(terraform, "_registry_answers", lambda: True)
    monkeypatch.setattr(terraform, "mirror_places", lambda: [mirror(tmp_path / "mirror")])

    assert cli_variables(tmp_path) == {"TF_PLUGIN_CACHE_DIR": str(tmp_path / "fetched")}
    assert (tmp_path / "fetched").is_dir()


def test_a_mirror_is_used_where_the_registry_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = mirror(tmp_path / "opt" / "plugins")
    monkeypatch.setattr(terraform, "mirror_places", lambda: [tmp_path / "nowhere", place])

    variables = cli_variables(tmp_path)

    assert f'path = "{place}"' in Path(variables["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8")


def test_a_named_plugin_folder_comes_before_the_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(terraform, "_registry_answers", lambda: True)
    monkeypatch.setenv("TF_PLUGIN_DIR", str(mirror(tmp_path / "mine")))

    variables = cli_variables(tmp_path)

    assert str(tmp_path / "mine") in Path(variables["TF_CLI_CONFIG_FILE"]).read_text(encoding="utf-8")


def test_a_plugin_folder_without_plugins_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path))

    with pytest.raises(ProviderNotFoundError, match="TF_PLUGIN_DIR"):
        cli_variables(tmp_path)


def test_the_users_own_configuration_is_respected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.tfrc"
    own.write_text("", encoding="utf-8")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))

    assert cli_variables(tmp_path) == {"TF_CLI_CONFIG_FILE": str(own)}


def test_a_configuration_that_is_not_there_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))
    monkeypatch.setattr(terraform, "_registry_answers", lambda: True)

    assert cli_variables(tmp_path) == {"TF_PLUGIN_CACHE_DIR": str(tmp_path / "fetched")}


def test_without_any_source_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProviderNotFoundError, match="terraform providers mirror"):
        cli_variables(tmp_path)


_EXISTS = """`terraform apply` failed with exit code 1 (Error: creating IAM Role (x)). The end of it:
  Error: creating IAM Role (x): StatusCode: 409, EntityAlreadyExists: Role with name x already exists.
  \n    with module.role["a"].aws_iam_role.run["apply"],
    on main.tf line 177"""


@pytest.mark.parametrize(
    ("failures", "commands"),
    [
        ([], ["apply"]),
        (["`terraform apply` failed (Error: reading Queue: too late)"], ["apply", "apply"]),
        ([_EXISTS], ["apply", "plan", "show", "import", "apply"]),
        (["one", "two"], ["apply", "apply"]),
    ],
    ids=["at once", "by chance", "made already", "always"],
)
def test_an_apply_that_failed_is_tried_once_more_and_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failures: list[str],
    commands: list[str],
) -> None:
    called = []
    waiting = iter(failures)

    def run(command: list[str], **_options: object) -> str:
        called.append(command)
        if command[1] == "apply" and (failure := next(waiting, None)):
            raise ProgramError(failure)
        role = {"address": 'module.role["a"].aws_iam_role.run["apply"]', "type": "aws_iam_role"}
        return json.dumps({"resource_changes": [{**role, "change": {"after": {"name": "x"}}}]})

    monkeypatch.setattr(terraform, "run", run)
    monkeypatch.setattr(Workspaces, "provider", lambda _workspaces, _workspace: tmp_path)
    (tmp_path / "workspaces" / "worker").mkdir(parents=True)
    workspaces = Workspaces(tmp_path, Emulator("http://127.0.0.1:9", tmp_path / "log"), tmp_path, {})

    with pytest.raises(ProgramError, match="two") if len(failures) == 2 else nullcontext():
        workspaces.apply("worker")

    assert [command[1] for command in called] == commands
    assert [command[-2:] for command in called if command[1] == "import"] == [
        ['module.role["a"].aws_iam_role.run["apply"]', "x"]
    ] * commands.count("import")
    assert ("trying again" in capsys.readouterr().err) is bool(failures)

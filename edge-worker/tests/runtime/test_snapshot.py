"""Workers start from a saved memory only where it is of the settings that they have."""

from pathlib import Path

import pytest

import snapshot


def test_without_a_snapshot_workers_start_from_nothing(tmp_path: Path) -> None:
    assert snapshot.options(tmp_path) == []


def test_a_snapshot_of_other_compatibility_settings_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / snapshot.name()).touch()

    assert snapshot.options(tmp_path) == [
        f"--python-snapshot-dir={tmp_path}",
        f"--python-load-snapshot={snapshot.name()}",
    ]

    monkeypatch.setattr(snapshot, "COMPATIBILITY_DATE", "2027-01-01")
    assert snapshot.options(tmp_path) == []


def test_where_workerd_does_not_run_no_snapshot_is_saved(tmp_path: Path) -> None:
    assert not snapshot.save(tmp_path / "workerd", tmp_path)
    assert list(tmp_path.iterdir()) == []

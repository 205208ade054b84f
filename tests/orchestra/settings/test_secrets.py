"""Where data are kept: made on first run, or refused with the reason."""

from pathlib import Path

import pytest

from orchestra.settings.secrets import DjangoKey, made_once, writable


def test_a_missing_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "var"
    assert writable(folder) == folder
    assert list(folder.iterdir()) == []


def test_what_cannot_be_written_to_is_said_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SystemExit) as refused:
        writable(file / "var")
    assert str(file / "var") in str(refused.value)
    assert "set ORCHESTRA_VAR" in str(refused.value)


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "django.key"
    secret = made_once(file, DjangoKey)
    assert made_once(file, DjangoKey) == secret
    assert len(secret) == 64
    assert file.stat().st_mode & 0o777 == 0o600

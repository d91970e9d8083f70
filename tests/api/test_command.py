"""python -m api: accounts by the command line, and what it says when something is wrong."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from api.__main__ import main
from api.access.audit import Act, AuditLog
from api.access.secrets import load_secret
from bot.records.database import Database
from bot.settings import SettingsError, load_settings
from tests.api.office import NEW_PASSWORD, PASSWORD


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/service.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    return url


def answers(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    """Let somebody at a terminal type *passwords*."""
    typed = iter(passwords)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("api.access.command.getpass", lambda _prompt: next(typed))


def list_accounts(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    capsys.readouterr()
    assert main(["account", "list"]) == 0
    return [line.split("\t")[:3] for line in capsys.readouterr().out.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that fails and return its one line."""
    capsys.readouterr()
    assert main(["account", *arguments]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert said.err.count("\n") == 1
    return said.err.strip()


@pytest.mark.usefixtures("url")
def test_the_first_admin_is_made_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "add", "主任", "--role", "admin"]) == 0
    assert list_accounts(capsys) == [["主任", "admin", "enabled"]]


@pytest.mark.usefixtures("url")
def test_on_a_terminal_the_password_is_asked_for_twice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, PASSWORD, NEW_PASSWORD)
    assert refused(capsys, "add", "主任") == "account: the two passwords are not the same"
    answers(monkeypatch, PASSWORD, PASSWORD)
    assert main(["account", "add", "主任"]) == 0
    assert list_accounts(capsys) == [["主任", "clerk", "enabled"]]


@pytest.mark.usefixtures("url")
def test_a_taken_name_is_told_before_the_password_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["account", "add", "主任"])
    answers(monkeypatch)
    assert refused(capsys, "add", "主任") == "account: there is an account 主任 already"


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["disable", "nobody"], "account: there is no account nobody"),
        (["enable", "nobody"], "account: there is no account nobody"),
        (["password", "nobody"], "account: there is no account nobody"),
    ],
)
def test_an_account_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert refused(capsys, *arguments) == said


@pytest.mark.usefixtures("url")
def test_a_weak_password_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert refused(capsys, "add", "主任") == "account: a password has 10 characters or more"
    assert list_accounts(capsys) == []


@pytest.mark.usefixtures("url")
def test_an_account_is_disabled_and_enabled(capsys: pytest.CaptureFixture[str]) -> None:
    main(["account", "add", "李四"])
    assert main(["account", "disable", "李四"]) == 0
    assert list_accounts(capsys) == [["李四", "clerk", "disabled"]]
    assert main(["account", "enable", "李四"]) == 0
    assert list_accounts(capsys) == [["李四", "clerk", "enabled"]]


@pytest.mark.usefixtures("url")
def test_the_last_admin_cannot_be_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    main(["account", "add", "主任", "--role", "admin"])
    assert refused(capsys, "disable", "主任").startswith("account: this is the last admin")


def test_what_the_command_does_is_in_the_log(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["account", "add", "李四"])
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW_PASSWORD}\n"))
    assert main(["account", "password", "李四"]) == 0
    database = Database.open(url)
    entries = AuditLog(database).read()
    database.close()
    assert [(entry.what, entry.who) for entry in entries] == [(Act.PASSWORD_RESET, None), (Act.ACCOUNT_ADDED, None)]


def test_a_role_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["account", "add", "主任", "--role", "king"])
    assert stopped.value.code == 2
    assert "king" in capsys.readouterr().err


def test_a_database_that_cannot_be_used_is_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense://somewhere")
    assert refused(capsys, "list").startswith("account: DATABASE_URL")


def test_a_wrong_setting_is_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "somewhere")
    assert main([]) == 1
    assert capsys.readouterr().err == (
        "service: TRUSTED_PROXIES: somewhere is no address such as 10.0.0.1 or 10.0.0.0/8\n"
    )


def test_more_than_one_worker_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--workers", "2"]) == 2
    assert "--workers" in capsys.readouterr().err


# ---------------------------------------------------------------- the service's secret


def test_a_secret_is_made_once_and_its_place_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new" / "service.secret"
    settings = load_settings({"SECRET_FILE": str(path)})
    secret = load_secret(settings)
    assert str(path) in capsys.readouterr().err
    assert load_secret(settings) == secret
    assert capsys.readouterr().err == ""
    assert len(secret) >= 32
    assert secret.decode() in path.read_text()


def test_only_the_service_can_read_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "service.secret"
    load_secret(load_settings({"SECRET_FILE": str(path)}))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_two_services_have_two_secrets(tmp_path: Path) -> None:
    first, second = (load_secret(load_settings({"SECRET_FILE": str(tmp_path / name)})) for name in "ab")
    assert first != second


def test_an_operators_secret_is_used_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "service.secret"
    given = "correct horse battery staple and more"
    assert load_secret(load_settings({"SERVICE_SECRET": given, "SECRET_FILE": str(path)})) == given.encode()
    assert not path.exists()


def test_a_secret_that_others_can_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "service.secret"
    path.write_text("0123456789abcdef" * 4)
    path.chmod(0o644)
    load_secret(load_settings({"SECRET_FILE": str(path)}))
    assert "chmod 600" in capsys.readouterr().err


def test_a_file_without_a_secret_in_it_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "service.secret"
    path.write_text("\n")
    with pytest.raises(SettingsError, match=r"SECRET_FILE=.*32 characters"):
        load_secret(load_settings({"SECRET_FILE": str(path)}))


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="SECRET_FILE"):
        load_secret(load_settings({"SECRET_FILE": str(tmp_path / "file" / "service.secret")}))


# ---------------------------------------------------------------- settings

WRONG = {
    "ALLOWED_ORIGINS": "www.example.org",
    "WIDGET_HOSTS": "https://www.example.org/path",
    "ALLOWED_HOSTS": "https://www.example.org",
    "TRUSTED_PROXIES": "10.0.0.0/8, localhost",
    "SECURE_COOKIES": "yes",
    "MESSAGES_A_MINUTE": "0",
    "MAX_BODY": "64k",
    "KEEP_AUDIT_DAYS": "-1",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: WRONG[name]})


@pytest.mark.parametrize("name", ["SERVICE_SECRET", "METRICS_TOKEN"])
def test_a_short_secret_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings({name: "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_secrets_are_not_shown_with_the_settings() -> None:
    secret = "0123456789abcdef" * 2
    assert secret not in repr(load_settings({"SERVICE_SECRET": secret, "METRICS_TOKEN": secret}))


def test_lists_stand_between_commas() -> None:
    settings = load_settings(
        {"ALLOWED_ORIGINS": " https://A.example.org/ ,http://b.example.org:8080,", "WIDGET_HOSTS": "*.example.org"}
    )
    assert settings.allowed_origins == ("https://a.example.org", "http://b.example.org:8080")
    assert settings.widget_hosts == ("*.example.org",)

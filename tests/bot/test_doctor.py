"""`python -m bot doctor`: a line for each finding, and an exit status that a script can go by."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from tests.bot.engines import new_url


@pytest.fixture(autouse=True)
def no_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_TOKEN", "WECHAT_TOKEN", "WECHAT_APP_ID"):
        monkeypatch.delenv(name, raising=False)


def lines(capsys: pytest.CaptureFixture[str], url: str) -> list[str]:
    """Return what the doctor says of the service at *url*."""
    main(["doctor", "--database", url])
    return capsys.readouterr().out.splitlines()


def test_a_base_that_is_there_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = lines(capsys, new_url(tmp_path))
    assert said[0].startswith("✓ 办事指南")
    assert said[1].startswith("✓")


def test_a_base_that_is_missing_is_amiss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--database", f"sqlite:///{tmp_path}/none.db"]) == 1
    assert capsys.readouterr().out.startswith("✗ 办事指南还没有建库")


def test_a_model_that_is_missing_is_amiss(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_FOLDER", str(tmp_path))
    assert "✗ 还没有训练好的模型。请运行 make train。" in lines(capsys, new_url(tmp_path))


def test_a_channel_that_is_not_set_up_is_off_and_not_amiss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [line for line in lines(capsys, new_url(tmp_path)) if line.startswith("– Telegram 没有开通")]


def test_a_setting_that_is_wrong_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "nonsense")
    assert main(["doctor"]) == 1
    assert "TELEGRAM_TOKEN" in capsys.readouterr().err

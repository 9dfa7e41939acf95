"""An operator sets up which sign-in staff use."""

from pathlib import Path

import pytest
from tests.staff.provider import settings_text
from tests.stores import PORTAL_URL, client

from infra import staff_sign_in
from portal import staff_provider

pytestmark = pytest.mark.usefixtures("portal")


def test_a_good_file_is_put_in_place_and_shown_again(tmp_path: Path) -> None:
    file = tmp_path / "sign-in.toml"
    file.write_text(settings_text("https://login.example.org"))

    said = staff_sign_in.kept(file)

    assert "https://login.example.org/staff" in said
    assert f"{PORTAL_URL}/staff/callback" in said
    assert staff_sign_in.shown() == file.read_text()
    assert staff_provider.settings().roles_claim == "groups"
    client("s3").delete_object(Bucket="raw-messages", Key=staff_provider.KEY)
    staff_provider.forget()
    assert "Nothing is set" in staff_sign_in.shown()


def test_a_bad_file_is_told_and_not_stored(tmp_path: Path) -> None:
    file = tmp_path / "sign-in.toml"
    file.write_text("[provider]")

    with pytest.raises(SystemExit, match="Not stored"):
        staff_sign_in.kept(file)
    assert "Nothing is set" in staff_sign_in.shown()

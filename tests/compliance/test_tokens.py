"""Tokens of other servers are used where they arrive and go nowhere else (ASVS V10.1.1)."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from infra.local.ehr_sign_in import EhrSignIn
from tests.builders import a_patient
from tests.sign_in.hospital import at_hospital, hospital, signs_in
from tests.visitors import a_browser

from portal.tables import AuditRow, CareRow, ChartRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def ehr(portal: None) -> Iterator[EhrSignIn]:  # noqa: ARG001
    with hospital() as found:
        yield found


def test_a_hospitals_tokens_reach_no_browser_no_table_and_no_log(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    true = ehr.token_answer

    def noted(*args: Any) -> dict[str, Any]:
        answer = true(*args)
        told.extend(str(answer[name]) for name in ("access_token", "id_token"))
        return answer

    monkeypatch.setattr(ehr, "token_answer", noted)
    browser = a_browser()

    patient = a_patient()
    answer = signs_in(browser, at_hospital(ehr, patient))

    assert len(told) == 2
    assert "session" in browser.cookies
    rows = [row.attribute_values for row in SessionRow.scan()]
    for model in (AuditRow, ChartRow, CareRow):
        rows += [row.attribute_values for row in model.query(patient.patient_id)]
    records = [vars(record) for record in caplog.records if not record.name.startswith("urllib3")]
    for seen in (answer.text, answer.headers, browser.cookies, rows, records):
        assert not [token for token in told if token in str(seen)]

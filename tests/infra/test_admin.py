"""The operator's own tool."""

import pytest

from infra import admin
from portal import patients

pytestmark = pytest.mark.usefixtures("portal")

ROW = {
    "family": "Okafor",
    "given": "Ada",
    "birth_on": "1990-05-06",
    "sex": "F",
    "email": "ada.admin@example.org",
    "phone": "",
    "language": "",
    "authority": "CSV",
    "identifier": "A-1",
}


def test_patients_of_a_table_are_enrolled_and_each_problem_is_named_by_its_line() -> None:
    second = ROW | {"email": "other.admin@example.org", "identifier": "A-2", "birth_on": "soon"}

    said = admin.enrolled([ROW, ROW, second])

    assert said.splitlines()[0] == "1 of 3 enrolled."
    assert "line 3: e-mail, phone or identifier" in said
    assert "line 4: look at birth_on" in said
    assert "soon" not in said
    patient_id = patients.id_by_identifier("CSV", "A-1")
    assert patient_id
    found = patients.with_id(patient_id)
    assert found is not None
    assert (found.given, found.language) == ("Ada", "en")

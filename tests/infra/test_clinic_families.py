"""Who may open whose record in the demo clinic."""

import pytest
from infra.local import seed
from infra.local.clinic import families
from infra.local.clinic.people import patient, patients

from portal import grants
from portal.granting import GrantKind

pytestmark = pytest.mark.usefixtures("portal")


def test_parents_open_their_childrens_records_and_a_carer_her_fathers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from portal import patients as portal_patients

    monkeypatch.setattr(portal_patients, "enrol", lambda _patient: None)
    ids = {each.mrn: seed.enrol(each) for each in patients()}
    for each in patients():
        families.open_record(each, ids)

    found = {
        (each.names["holder"], each.names["patient"], each.kind)
        for patient_id in ids.values()
        for each in grants.of_patient(patient_id)
    }
    assert found == {
        ("Lucía Hernández Peña", "Mateo Ruiz Hernández", GrantKind.PARENT),
        ("Andrés Ruiz Castaño", "Mateo Ruiz Hernández", GrantKind.PARENT),
        ("Lucía Hernández Peña", "Sofía Ruiz Hernández", GrantKind.PARENT),
        ("Andrés Ruiz Castaño", "Sofía Ruiz Hernández", GrantKind.PARENT),
        ("Layla Haddad", "Yusuf Haddad", GrantKind.PARENT),
        ("Grace Okonkwo", "Emmanuel Okonkwo", GrantKind.PROXY),
    }
    assert families.is_minor(patient("RB10004"))

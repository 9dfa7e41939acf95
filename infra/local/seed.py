"""The demo clinic, put into a fresh stack once: its people, their past, one EHR's credential.

`seeded` works from outside; the product's own code runs in a child process (`enrolled`), because it
reads its settings from the environment that template.yaml gives a function.
"""

import subprocess
import sys
import time
from datetime import UTC, datetime

from infra.local.clinic import families
from infra.local.clinic.care import care
from infra.local.clinic.messages import history
from infra.local.clinic.people import Patient, patients
from infra.local.deploy import STACK, client
from infra.local.place import ROOT, Place, aws_environment
from infra.local.progress import CannotRun, step
from infra.local.pushed import arrival, push_to_queue

SENDERS = ROOT / "infra" / "local" / "clinic" / "senders"
PARAMETER = "/portal/local/seed"  # kept with the data, so it is forgotten with the data
HISTORY_SECONDS = 240
AT_ONCE = 20  # messages on their way; a laptop is no cloud


def seeded(place: Place, outputs: dict[str, str]) -> str:
    """The demo EHR's credential; the clinic is seeded when this data has none."""
    ssm = client(place.endpoint_url, "ssm")
    try:
        return str(ssm.get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        token = seed(place, outputs)
        ssm.put_parameter(Name=PARAMETER, Value=token, Type="SecureString")
        return token


def seed(place: Place, outputs: dict[str, str]) -> str:
    with step("Enrolling the demo patients"):
        token = enrolled(place)
    with step("Sending their lab results, visits and medicines"):
        send_history(place, outputs)
    return token


def enrolled(place: Place) -> str:
    """Enrols the demo patients; returns the credential of their EHR."""
    return as_function(place, "infra.local.seed")


def as_function(place: Place, module: str) -> str:
    """Runs the module's `main` as the EHR room would run; returns what it prints."""
    ran = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=aws_environment(place) | function_environment(place) | {"PYTHONPATH": "layers/portal"},
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise CannotRun(f"The patients could not be enrolled:\n{ran.stderr[-2000:]}")
    return ran.stdout.strip()


def function_environment(place: Place) -> dict[str, str]:
    resource = client(place.endpoint_url, "cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="EhrFunction"
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    configuration = client(place.endpoint_url, "lambda").get_function_configuration(
        FunctionName=name
    )
    return dict(configuration["Environment"]["Variables"])


def send_history(place: Place, outputs: dict[str, str]) -> None:
    """Through the queue, as every message comes; returns when each is filed or in quarantine."""
    queue, table = client(place.endpoint_url, "sqs"), client(place.endpoint_url, "dynamodb")
    as_of = datetime.now(UTC)
    waiting = [*history(as_of), *care(as_of)]
    on_the_way: list[bytes] = []
    deadline = time.monotonic() + HISTORY_SECONDS
    while (waiting or on_the_way) and time.monotonic() < deadline:
        while waiting and len(on_the_way) < AT_ONCE:
            on_the_way.append(waiting.pop(0))
            push_to_queue(queue, outputs["LabQueueUrl"], on_the_way[-1])
        time.sleep(0.1)
        ledger = outputs["CareTable"]
        on_the_way = [raw for raw in on_the_way if not arrival(table, ledger, raw).is_over]
    if waiting or on_the_way:
        raise CannotRun("What the clinic sent was not filed: see .local/state/ministack.log")


def demo_patients() -> list[dict[str, str]]:
    return [facts(patient) for patient in patients()]


def facts(patient: Patient) -> dict[str, str]:
    return {
        "name": f"{patient.given} {patient.family}",
        "birth_date": patient.birth_on.isoformat(),
        "mrn": patient.mrn,
        "assigning_authority": patient.assigning_authority,
        "email": patient.email or "",
        "phone": patient.phone or "",
        "language": patient.language,
    }


def main() -> None:
    from portal import credentials, senders

    for file in sorted(SENDERS.glob("*.toml")):
        senders.keep(file.name, file.read_text())

    enrolled_as = {each.mrn: enrol(each) for each in patients()}
    for each in patients():
        families.open_record(each, enrolled_as)
    print(credentials.issue("Demo EHR", facilities=[]))


def enrol(person: Patient) -> str:
    """The id that the portal gave them."""
    from portal import patients as portal_patients

    found = portal_patients.Patient(
        patient_id=portal_patients.new_id(),
        family=person.family,
        given=person.given,
        birth_on=person.birth_on,
        sex=person.sex,
        email=person.email or "",
        phone=person.phone or "",
        language=person.language,
        state=person.state,
        identifiers=((person.assigning_authority, person.mrn),),
        is_demo=True,
    )
    portal_patients.enrol(found)
    if person.email and person.phone:
        activate(found.patient_id, person.phone)
    return found.patient_id


def activate(patient_id: str, phone: str) -> None:
    """As at the front desk, some time ago: known to the clinic, with a confirmed phone."""
    from portal import factors, user_accounts
    from portal.methods import Confidence, Method

    user_accounts.raise_confidence(patient_id, Confidence.PROOFED)
    factors.add(patient_id, factors.Factor(Method.SMS_CODE, phone[-2:], {"phone": phone}))


if __name__ == "__main__":
    main()

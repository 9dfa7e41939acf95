"""The demo clinic, put into a fresh stack once: its people, their past, one EHR's credential.

`seeded` works from outside; the product's own code runs in a child process (`enrolled`), because it
reads its settings from the environment that template.yaml gives a function.
"""

import subprocess
import sys
import time
from datetime import UTC, datetime

from infra.local.clinic.messages import history
from infra.local.clinic.people import Patient, patients
from infra.local.deploy import STACK, client
from infra.local.place import ROOT, Place, aws_environment
from infra.local.progress import CannotRun, step
from infra.local.pushed import arrival, push_to_queue

PARAMETER = "/portal/local/seed"  # kept with the data, so it is forgotten with the data
HISTORY_SECONDS = 180


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
    with step("Sending their past lab results"):
        send_history(place, outputs)
    return token


def enrolled(place: Place) -> str:
    """Runs `main` below as the EHR room would run; returns the credential it prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "infra.local.seed"],
        cwd=ROOT,
        env=aws_environment(place) | function_environment(place) | {"PYTHONPATH": "layers/portal"},
        capture_output=True,
        text=True,
    )
    if ran.returncode:
        raise CannotRun(f"The demo patients could not be enrolled:\n{ran.stderr[-2000:]}")
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
    """Through the queue, as every result comes; returns when each is a card or in quarantine."""
    queue = client(place.endpoint_url, "sqs")
    messages = list(history(datetime.now(UTC)))
    for raw in messages:
        push_to_queue(queue, outputs["LabQueueUrl"], raw)
    table = client(place.endpoint_url, "dynamodb"), outputs["CareTable"]
    deadline = time.monotonic() + HISTORY_SECONDS
    waiting = list(messages)
    while waiting and time.monotonic() < deadline:
        time.sleep(1)
        waiting = [raw for raw in waiting if not arrival(*table, raw).is_over]
    if waiting:
        print(f"{len(waiting)} of {len(messages)} past results are still on their way.")


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
    from portal import credentials
    from portal import patients as portal_patients

    for each in patients():
        portal_patients.enrol(
            portal_patients.Patient(
                patient_id=portal_patients.new_id(),
                family=each.family,
                given=each.given,
                birth_on=each.birth_on,
                sex=each.sex,
                email=each.email or "",
                phone=each.phone or "",
                language=each.language,
                identifiers=((each.assigning_authority, each.mrn),),
                is_demo=True,
            )
        )
    print(credentials.issue("Demo EHR", facilities=[]))


if __name__ == "__main__":
    main()

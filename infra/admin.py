"""What an operator does to a deployed portal, with their own AWS credentials.

    python -m infra.admin --stack portal-staging sender "Main laboratory" MAINLAB
    python -m infra.admin --stack portal-staging revoke ehr_...
    python -m infra.admin --stack portal-staging patients patients.csv
    python -m infra.admin --stack portal-staging viewers <patient id> <report id>
    python -m infra.admin --stack portal-staging activation MAINLAB 12345
        [--paper|--letter|--invite]
    python -m infra.admin --stack portal-staging contacts MAINLAB 12345 --email ana@example.org
    python -m infra.admin --stack portal-staging state MAINLAB 12345 NY
    python -m infra.admin --stack portal-staging close MAINLAB 12345
    python -m infra.admin --stack portal-staging reopen MAINLAB 12345
    python -m infra.admin --stack portal-staging reindex

A sender's credential is printed once, and so are an activation's link, QR code and code: without an
option for a person at the desk whose identity card was seen. `patients.csv` has the columns family,
given, birth_on (YYYY-MM-DD), sex, email, phone (E.164), language, authority, identifier, and may
have state (a US state's postal code). `reindex` writes the indexes of patients whom an earlier
version enrolled.
"""

import argparse
import csv
import os
import sys
from pathlib import Path
from typing import Any

import boto3

from infra import account_commands

COLUMNS = (
    "family",
    "given",
    "birth_on",
    "sex",
    "email",
    "phone",
    "language",
    "authority",
    "identifier",
)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m infra.admin")
    asked.add_argument("--stack", required=True, help="name of the CloudFormation stack")
    what = asked.add_subparsers(dest="what", required=True)
    sender = what.add_parser("sender", help="make a credential for an EHR or lab")
    sender.add_argument("name")
    words = "MSH-4 values it may send as, and FHIR when it pushes FHIR; none for any"
    sender.add_argument("facilities", nargs="*", help=words)
    what.add_parser("revoke", help="end a credential").add_argument("secret")
    viewers = what.add_parser("viewers", help="who opened a result")
    viewers.add_argument("patient_id")
    viewers.add_argument("report_id")
    what.add_parser("patients", help="enrol patients").add_argument("file", type=Path)
    account_commands.describe(what)
    options = asked.parse_args()
    os.environ.update(function_environment(options.stack))
    options.by = operator()
    sys.stdout.write(done(options) + "\n")


def operator() -> str:
    """Who runs this, for the audit trail: the id AWS knows them by."""
    return f"operator#{boto3.client('sts').get_caller_identity()['UserId']}"


def function_environment(stack: str) -> dict[str, str]:
    """The settings of the deployed EHR room; the product's own code then runs here."""
    resource = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="EhrFunction"
    )
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    found = boto3.client("lambda").get_function_configuration(FunctionName=name)
    return dict(found["Environment"]["Variables"]) | {"AWS_REGION": boto3.Session().region_name}


def done(options: argparse.Namespace) -> str:
    from portal import audit, credentials

    if options.what in account_commands.COMMANDS:
        return account_commands.done(options)
    if options.what == "viewers":
        rows = audit.viewers_of(options.patient_id, options.report_id)
        return "\n".join(f"{row.sk[:24]}  {row.event}  {row.actor}" for row in rows) or "Nobody."
    if options.what == "sender":
        return credentials.issue(options.name, options.facilities)
    if options.what == "revoke":
        credentials.revoke(options.secret)
        return "The credential no longer works."
    with options.file.open(newline="", encoding="utf-8-sig") as rows:
        return enrolled(list(csv.DictReader(rows)))


def enrolled(rows: list[dict[str, Any]]) -> str:
    """Enrols what can be enrolled, and says which lines could not and why."""
    from pydantic import ValidationError

    from portal import patients

    problems = []
    for number, row in enumerate(rows, start=2):
        try:
            patient = patient_of(row)
            if is_crowded(patient):
                problems.append(f"line {number}: too many patients have this e-mail or phone")
                continue
            patients.enrol(patient)
        except patients.IdentifierTaken:
            problems.append(f"line {number}: the identifier belongs to a patient")
        except (ValidationError, KeyError) as error:
            names = [str(e["loc"][0]) for e in getattr(error, "errors", list)()] or COLUMNS
            problems.append(f"line {number}: look at {', '.join(names)}")
    return "\n".join([f"{len(rows) - len(problems)} of {len(rows)} enrolled.", *problems])


def is_crowded(patient: Any) -> bool:
    """A family shares an address; what many patients have is a placeholder."""
    from portal import patient_search

    most = patient_search.MOST_AT_ONE_CONTACT
    return any(len(patient_search.at_contact(each)) >= most for each in patient.contacts)


def patient_of(row: dict[str, Any]) -> Any:
    from portal import patients, us_states

    facts = {name: (row[name] or "").strip() for name in COLUMNS}
    identifier = (facts.pop("authority"), facts.pop("identifier"))
    facts["language"] = facts["language"] or "en"
    state = (row.get("state") or "").strip()
    facts["state"] = us_states.code(state) or state
    new = {"patient_id": patients.new_id(), "identifiers": (identifier,)}
    return patients.Patient.model_validate(facts | new)


if __name__ == "__main__":
    main()

"""The environment, read once. Only this module reads it; `template.yaml` (Globals) writes it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Settings:
    portal_url: str  # no slash at the end
    portal_name: str
    region: str
    clinic_time_zone: str  # for HL7 times without an offset, and for showing times
    mail_from: str
    privacy_email: str  # the privacy officer's
    sms_door: str  # "sns" or "end-user-messaging"
    sms_origin: str
    is_demo: bool
    law_region: str  # whose law on consents: "us", "eu" or "cn"
    sessions_table: str
    consents_table: str
    audit_table: str
    chart_table: str
    care_table: str
    raw_bucket: str
    data_key: str  # KMS key that wraps each patient's own key
    lab_queue_url: str
    sign_in_queue_url: str
    dead_letters_url: str
    acknowledgements_url: str
    state_machine: str
    breached_passwords_url: str  # of a service that knows leaked passwords; "" asks nobody
    proofing_url: str = ""  # of a third party that proofs identities; "" for the records alone
    proofing_token_parameter: str = ""  # SSM parameter with its bearer token
    edge_digests: tuple[str, ...] = ()  # SHA-256 of the edge's word; two while it changes
    is_edge_required: bool = False  # nobody comes past the edge
    pushes_queue_url: str = ""
    push_parameters: str = ""  # SSM path of the keys that push services know us by
    apns_application: str = ""  # ARN of an SNS platform application; "" for none
    fcm_application: str = ""
    clinic_phone: str = ""  # as it is shown: "+1 555-555-0100"
    clinic_state: str = ""  # postal code of a US state, for patients whose own nobody said

    @property
    def is_https(self) -> bool:
        return self.portal_url.startswith("https://")


def settings_from(environ: Mapping[str, str]) -> Settings:
    """A missing variable is a KeyError at start: a half-configured function must not serve."""
    return Settings(
        portal_url=environ["PORTAL_URL"].rstrip("/"),
        portal_name=environ["PORTAL_NAME"],
        region=environ["AWS_REGION"],
        clinic_time_zone=environ["CLINIC_TIME_ZONE"],
        mail_from=environ["MAIL_FROM"],
        privacy_email=environ["PRIVACY_EMAIL"],
        sms_door=environ["SMS_DOOR"],
        sms_origin=environ["SMS_ORIGIN"],
        is_demo=environ["IS_DEMO"] == "true",
        law_region=environ["LAW_REGION"],
        sessions_table=environ["SESSIONS_TABLE"],
        consents_table=environ["CONSENTS_TABLE"],
        audit_table=environ["AUDIT_TABLE"],
        chart_table=environ["CHART_TABLE"],
        care_table=environ["CARE_TABLE"],
        raw_bucket=environ["RAW_BUCKET"],
        data_key=environ["DATA_KEY"],
        lab_queue_url=environ.get("LAB_QUEUE_URL", ""),
        sign_in_queue_url=environ.get("SIGN_IN_QUEUE_URL", ""),
        dead_letters_url=environ.get("DEAD_LETTERS_URL", ""),
        acknowledgements_url=environ.get("ACKNOWLEDGEMENTS_URL", ""),
        state_machine=environ.get("STATE_MACHINE", ""),
        breached_passwords_url=environ.get("BREACHED_PASSWORDS_URL", "").rstrip("/"),
        proofing_url=environ.get("PROOFING_URL", ""),
        proofing_token_parameter=environ.get("PROOFING_TOKEN_PARAMETER", ""),
        edge_digests=tuple(filter(None, environ.get("EDGE_DIGESTS", "").split(","))),
        is_edge_required=environ.get("EDGE_REQUIRED", "") == "true",
        pushes_queue_url=environ.get("PUSHES_QUEUE_URL", ""),
        push_parameters=environ.get("PUSH_PARAMETERS", ""),
        apns_application=environ.get("APNS_APPLICATION", ""),
        fcm_application=environ.get("FCM_APPLICATION", ""),
        clinic_phone=environ.get("CLINIC_PHONE", ""),
        clinic_state=environ.get("CLINIC_STATE", ""),
    )


@cache
def settings() -> Settings:
    return settings_from(os.environ)

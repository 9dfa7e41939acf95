"""Call sites that ingestion can import and does not reach here, each with its reason."""

PAGES = "a page's: a person reads"
COMMAND = "an operator's command (infra.admin)"
SIGNED_IN = "a signed-in person's request; a machine has no session"
SERVER = "a sender's own FHIR server answers: tests/ehr/test_fhir_notifications"

SPARED = {
    "portal.audit.of_patient/Query": PAGES,
    "portal.credentials.issue/PutItem": COMMAND,
    "portal.credentials.revoke/DeleteItem": COMMAND,
    "portal.earlier_values._places/Query": PAGES,
    "portal.fhir_servers._token/GetParameter": SERVER,
    "portal.keys._keep/GetItem": "after a race for a first key: tests/portal/test_keys",
    "portal.notify.send_sms/SendTextMessage": "the other door: tests/portal/test_notify",
    "portal.published.latest/Query": PAGES,
    "portal.quarantine.rows/Query": COMMAND,
    "portal.sessions._is_over/GetItem": SIGNED_IN,
    "portal.sessions._touch/UpdateItem": SIGNED_IN,
    "portal.sessions.end/DeleteItem": SIGNED_IN,
    "portal.sessions.live/GetItem": SIGNED_IN,
}

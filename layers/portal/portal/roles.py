"""What staff are here: names that their provider's groups map to (`portal.staff_provider`)."""

from enum import StrEnum


class Role(StrEnum):
    NURSE = "nurse"
    CLINICIAN = "clinician"
    FRONT_DESK = "front-desk"
    BILLER = "biller"
    PRIVACY_OFFICER = "privacy-officer"
    OPERATOR = "operator"

"""Ciphers, hashes and chance: which, where, and how large (ASVS V11, V6.5; SP 800-63B 4.2.1)."""

import ast
import base64

import pytest
from tests.architecture.sources import imports, modules, short
from tests.architecture.template import of_type, template
from tests.builders import a_patient
from tests.stores import client

from portal import challenges, factors, keys, recovery_codes, totp
from portal.moments import fresh_id
from portal.tables import SessionRow

HASHES = {"sha256", "scrypt"}
FROM_CRYPTOGRAPHY = {
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.ciphers.aead.AESGCM",
    "cryptography.exceptions",  # no cipher: what it says of a seal that does not hold
    "cryptography.exceptions.InvalidTag",
}


def test_the_only_cipher_is_aes_gcm() -> None:
    found = {
        name
        for tree in modules().values()
        for name in imports(tree)
        if name.startswith("cryptography")
    }

    assert found == FROM_CRYPTOGRAPHY


def test_the_only_hash_is_sha_256_and_scrypt_for_what_can_be_guessed() -> None:
    """HMAC takes it, too. Authenticator apps' HMAC-SHA-1 (RFC 6238) is inside pyotp; a list of
    leaked passwords is looked up by SHA-1 because it is kept so."""
    for path, tree in modules().items():
        if path.name == "breached_passwords.py":
            assert path.read_text().count("sha1(") == path.read_text().count(
                "usedforsecurity=False"
            )
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hashlib":
                assert node.attr in HASHES, f"{short(path)}:{node.lineno}"
            if isinstance(node, ast.ImportFrom) and node.module == "hashlib":
                assert {each.name for each in node.names} <= HASHES, short(path)


def test_chance_is_the_operating_systems() -> None:
    """`random` can be foretold, and a UUID's 122 bits are for names, not for secrets."""
    for path, tree in modules().items():
        found = set(imports(tree))
        assert not {name for name in found if name.split(".")[0] in {"random", "numpy"}}, path
        assert not {"uuid", "uuid.uuid4"} & found or path.name == "moments.py", short(path)


@pytest.mark.usefixtures("portal")
def test_a_patients_key_has_256_bits_and_is_made_by_kms() -> None:
    owner = fresh_id()

    assert len(keys.key_of(owner)) == 32
    wrapped = keys._wrapped(owner)
    answer = client("kms").decrypt(CiphertextBlob=wrapped, EncryptionContext={"owner": owner})
    assert answer["Plaintext"] == keys.key_of(owner)


def test_the_key_above_all_keys_is_renewed_every_year_and_kept_from_deletion() -> None:
    (key,) = of_type("AWS::KMS::Key", "infra/data.yaml").values()

    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["Properties"]["PendingWindowInDays"] == 30
    assert key["DeletionPolicy"] == "Retain"


def test_functions_may_use_the_key_and_not_govern_it() -> None:
    policy = template()["Resources"]["UseDataKey"]["Properties"]["PolicyDocument"]
    (statement,) = policy["Statement"]

    assert set(statement["Action"]) == {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
    }
    assert statement["Resource"] == {"GetAtt": "Data.Outputs.DataKey"}


def test_recovery_codes_have_too_many_random_bits_to_need_a_slow_hash() -> None:
    """112 are enough for ASVS V6.5.2; SP 800-63B-4 4.2.1.1 asks for 64."""
    codes = [code for _ in range(20) for code in recovery_codes.new()]

    bits = {len(base64.b32decode(code.replace("-", "").upper())) * 8 for code in codes}
    assert min(bits) >= 112
    assert len(set(codes)) == len(codes)


@pytest.mark.usefixtures("portal")
def test_a_factors_secret_is_in_no_row_as_itself() -> None:
    patient = a_patient()
    codes, secret = recovery_codes.new(), totp.new_secret()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    factors.add(patient.patient_id, totp.factor(secret, "", step=0))

    kept = repr([row.attribute_values for row in SessionRow.scan()])

    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept.lower()]
    (paper,) = [f for f in factors.of(patient.patient_id) if "hashes" in f.secret]
    assert not [code for code in codes if code in str(paper.secret)]


def test_an_apps_secret_has_160_random_bits() -> None:
    found = {totp.new_secret() for _ in range(50)}

    assert {len(base64.b32decode(each)) * 8 for each in found} == {160}
    assert len(found) == 50


@pytest.mark.usefixtures("portal")
def test_a_challenge_has_256_random_bits() -> None:
    found = {challenges.new("test") for _ in range(20)}

    assert {len(base64.urlsafe_b64decode(f"{each}=")) * 8 for each in found} == {256}
    assert len(found) == 20

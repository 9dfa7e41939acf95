"""The same operations for every AWS there is: each script yields what it was answered."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.operand import Path
from pynamodb.transactions import TransactWrite

from portal.aws import client
from portal.settings import settings
from portal.tables import AuditRow, CareRow, ChartRow, SessionRow

type Script = Callable[[], Iterator[Any]]
SCRIPTS: list[Script] = []


def script(found: Script) -> Script:
    SCRIPTS.append(found)
    return found


def said(ask: Callable[[], Any]) -> Any:
    """What was answered ("done" for no more than that), or a refusal's code and reasons."""
    try:
        answer = ask()
    except PynamoDBException as error:
        reasons = getattr(error, "cancellation_reasons", None) or []
        return [error.cause_response_code, *(each.code if each else None for each in reasons)]
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return "done" if isinstance(answer, dict) else answer


def contents(rows: Any) -> list[dict[str, Any]]:
    return [row.serialize() for row in rows]


def transaction() -> TransactWrite:
    return TransactWrite(connection=Connection(region=settings().region))


@script
def saving_on_a_condition() -> Iterator[Any]:
    row = ChartRow("contract-save", "card#1", revision=1, sealed=b"\x00\xff")
    yield said(lambda: row.save(ChartRow.pk.does_not_exist()))
    yield said(lambda: row.save(ChartRow.pk.does_not_exist()))
    yield said(lambda: row.save(ChartRow.revision == 2))
    yield said(lambda: row.save((ChartRow.revision == 1) & ChartRow.sealed_at.does_not_exist()))
    yield said(lambda: ChartRow("contract-save", "none").save(ChartRow.revision != 1))
    yield said(lambda: ChartRow("contract-save", "less").save(ChartRow.revision < 1))
    yield contents(ChartRow.query("contract-save"))


@script
def conditions_of_every_kind() -> Iterator[Any]:
    row = CareRow("contract-kinds", "a", state="pending", tries=2, due_at="2026", steps={"a": "1"})
    row.save()
    given: list[Condition] = [
        CareRow.state.is_in("sent", "pending"),
        CareRow.state.startswith("pen"),
        CareRow.due_at.contains("02"),
        CareRow.tries.between(2, 3),
        ~(CareRow.state == "sent") & (CareRow.tries >= 2),
        (CareRow.state == "sent") | CareRow.kind.does_not_exist(),
        CareRow.steps["a"] == "1",
        CareRow.steps["b"].exists(),
        CareRow.kind <= "z",
        CareRow.kind != "z",
        size(Path("state")) > 5,
        CareRow.tries.is_type(),
        CareRow.state.is_type(),
    ]
    for holds in given:
        change = partial(row.update, [CareRow.reason.set("x")], holds)
        yield str(holds), said(change)


@script
def updating_in_many_ways() -> Iterator[Any]:
    row = CareRow("contract-update", "a", state="new", tries=1, steps={})
    row.save()
    row.update([CareRow.steps["parse"].set("t1"), CareRow.tries.set(CareRow.tries + 5)])
    yield row.serialize()
    row.update([CareRow.steps["match"].set("t2"), CareRow.reason.set(CareRow.state)])
    row.update([CareRow.kind.set(CareRow.kind | "arrival"), CareRow.tries.add(-2)])
    yield row.serialize()
    row.update([CareRow.kind.remove(), CareRow.steps["parse"].remove(), CareRow.sender.remove()])
    yield row.serialize()
    yield said(lambda: row.update([CareRow.state.set("x")], CareRow.tries == 0))
    yield contents(CareRow.query("contract-update"))


@script
def updating_what_is_not_there() -> Iterator[Any]:
    row = SessionRow("contract-upsert", "a")
    row.update([SessionRow.tries.add(1)])
    row.update([SessionRow.tries.add(1), SessionRow.name.set("b")])
    yield contents(SessionRow.query("contract-upsert"))
    yield said(
        lambda: SessionRow("contract-upsert", "b").update(
            [SessionRow.tries.set(1)], SessionRow.pk.exists()
        )
    )
    yield said(lambda: SessionRow("contract-upsert", "a").delete(SessionRow.tries == 1))
    yield said(lambda: SessionRow("contract-upsert", "a").delete(SessionRow.tries == 2))
    yield SessionRow.find("contract-upsert", "a")


@script
def a_path_that_leads_nowhere() -> Iterator[Any]:
    """A step noted on a row that has no map of steps."""
    client("dynamodb").put_item(
        TableName="care", Item={"pk": {"S": "contract-path"}, "sk": {"S": "a"}, "state": {"S": "x"}}
    )
    row = CareRow("contract-path", "a", state="x")
    yield said(lambda: row.update([CareRow.steps["parse"].set("t")]))


@script
def a_transaction_is_all_or_nothing() -> Iterator[Any]:
    ChartRow("contract-all", "there").save()

    def both(first: str) -> None:
        with transaction() as write:
            write.save(ChartRow("contract-all", first), condition=ChartRow.pk.does_not_exist())
            write.save(
                AuditRow(
                    "contract-all",
                    first,
                    event="e",
                    actor="a",
                    why="w",
                    outcome="o",
                    request_id="r",
                ),
                condition=AuditRow.pk.does_not_exist(),
            )
            count = CareRow("contract-all", "count")
            write.update(count, [CareRow.tries.add(1), CareRow.state.set("x")])

    yield said(lambda: both("there"))
    yield contents(ChartRow.query("contract-all")), contents(AuditRow.query("contract-all"))
    yield said(lambda: both("new"))
    yield said(lambda: both("new"))
    yield contents(ChartRow.query("contract-all")), contents(AuditRow.query("contract-all"))
    yield contents(CareRow.query("contract-all"))


@script
def a_transaction_that_checks_and_deletes() -> Iterator[Any]:
    row = ChartRow("contract-check", "a", revision=1)
    row.save()

    def gone(revision: int) -> None:
        with transaction() as write:
            write.condition_check(ChartRow, "contract-check", "b", ChartRow.pk.does_not_exist())
            write.delete(row, condition=ChartRow.revision == revision)

    yield said(lambda: gone(2))
    yield said(lambda: gone(1))
    yield contents(ChartRow.query("contract-check"))


@script
def the_same_token_twice() -> Iterator[Any]:
    def counted(by: int) -> Any:
        key = {"pk": {"S": "contract-token"}, "sk": {"S": "a"}}
        update = {
            "TableName": "care", "Key": key, "UpdateExpression": "ADD tries :n SET #s = :s",
            "ExpressionAttributeNames": {"#s": "state"},
            "ExpressionAttributeValues": {":n": {"N": str(by)}, ":s": {"S": "x"}},
        }  # fmt: skip
        client("dynamodb").transact_write_items(
            TransactItems=[{"Update": update}], ClientRequestToken="contract-token-1"
        )

    yield said(lambda: counted(1))
    yield said(lambda: counted(1))
    yield said(lambda: counted(2))
    yield contents(CareRow.query("contract-token"))


@script
def one_row_twice_in_a_transaction() -> Iterator[Any]:
    def twice() -> None:
        with transaction() as write:
            write.save(ChartRow("contract-twice", "a"))
            write.save(ChartRow("contract-twice", "a", revision=1))

    yield said(twice)
    yield contents(ChartRow.query("contract-twice"))


@script
def ranges_of_the_sort_key() -> Iterator[Any]:
    names = ["card#1", "card#2", "card#\U0001f600", "card#é", "key", "report#1#a", "report#1#b"]
    for name in names:
        ChartRow("contract-range", name).save()
    sk = ChartRow.sk
    for wanted in (
        None, sk == "key", sk < "card#2", sk <= "card#2", sk > "key", sk >= "key",
        sk.between("card#2", "key"), sk.startswith("report#1#"), sk.startswith("none"),
    ):  # fmt: skip
        found = [row.sk for row in ChartRow.query("contract-range", wanted)]
        back = ChartRow.query("contract-range", wanted, scan_index_forward=False, limit=2)
        yield str(wanted), found, [row.sk for row in back]


@script
def the_pages_of_a_query() -> Iterator[Any]:
    for number in range(5):
        ChartRow("contract-pages", f"{number}").save()
    rows = ChartRow.query("contract-pages", limit=3)
    yield [row.sk for row in rows]
    rest = ChartRow.query("contract-pages", last_evaluated_key=rows.last_evaluated_key, page_size=1)
    yield [row.sk for row in rest]
    yield rows.last_evaluated_key


@script
def cards_by_time() -> Iterator[Any]:
    for number, listed_at in enumerate(["2026-03", "2026-01", "2026-02", None]):
        ChartRow(
            "contract-cards", f"card#{number}", listed_at=listed_at, summary=b"s", sealed=b"x"
        ).save()
    index = ChartRow.cards_by_time
    newest = index.query("contract-cards", scan_index_forward=False, limit=2, consistent_read=True)
    yield contents(newest), newest.last_evaluated_key
    yield contents(index.query("contract-cards", ChartRow.listed_at < "2026-02"))
    again = index.query(
        "contract-cards", scan_index_forward=False, last_evaluated_key=newest.last_evaluated_key
    )
    yield contents(again)


@script
def due_work() -> Iterator[Any]:
    for number, due_at in enumerate(["2026-02", "2026-01", "2026-01", None]):
        kind = "contract-due" if number != 2 else "contract-other"
        CareRow(f"contract-due-{number}", "a", state="x", kind=kind, due_at=due_at).save()
    rows = list(CareRow.due_work.query("contract-due", CareRow.due_at < "2026-03", limit=200))
    yield [(row.pk, row.sk, row.kind, row.due_at, row.state) for row in rows]
    done = CareRow("contract-due-1", "a", state="x")
    done.update([CareRow.kind.remove(), CareRow.due_at.remove()])
    yield [row.pk for row in CareRow.due_work.query("contract-due")]


@script
def a_value_dynamodb_cannot_index() -> Iterator[Any]:
    yield said(lambda: CareRow("contract-empty", "a", state="x", kind="", due_at="1").save())


@script
def objects_kept_once() -> Iterator[Any]:
    def put(body: bytes, **condition: str) -> Any:
        answer = client("s3").put_object(
            Bucket="raw-messages",
            Key="contract/a",
            Body=body,
            Metadata={"charset": "x"},
            **condition,
        )
        return answer["ETag"]

    def got(key: str) -> Any:
        answer = client("s3").get_object(Bucket="raw-messages", Key=key)
        return answer["Body"].read(), answer["Metadata"], answer["ContentLength"], answer["ETag"]

    yield said(lambda: put(b"one", IfNoneMatch="*"))
    yield said(lambda: put(b"two", IfNoneMatch="*"))
    yield said(lambda: got("contract/a"))
    yield said(lambda: put(b"two", IfMatch='"0"'))
    yield said(lambda: put(b"three"))
    yield said(lambda: got("contract/a"))
    yield said(lambda: got("contract/none"))
    yield said(lambda: client("s3").head_object(Bucket="raw-messages", Key="contract/none"))
    head = client("s3").head_object(Bucket="raw-messages", Key="contract/a")
    yield head["ContentLength"], head["Metadata"]


@script
def objects_by_prefix() -> Iterator[Any]:
    for name in ("c", "a", "b"):
        client("s3").put_object(Bucket="raw-messages", Key=f"contract-list/{name}", Body=b"x")
    listed = client("s3").list_objects_v2(Bucket="raw-messages", Prefix="contract-list/", MaxKeys=2)
    yield [each["Key"] for each in listed["Contents"]], listed["KeyCount"], listed["IsTruncated"]
    rest = client("s3").list_objects_v2(
        Bucket="raw-messages",
        Prefix="contract-list/",
        ContinuationToken=listed["NextContinuationToken"],
    )
    yield [each["Key"] for each in rest["Contents"]], rest["IsTruncated"]
    none = client("s3").list_objects_v2(Bucket="raw-messages", Prefix="contract-none/")
    yield none["KeyCount"], none.get("Contents")


@script
def data_keys_and_their_context() -> Iterator[Any]:
    kms, name = client("kms"), settings().data_key
    made = kms.generate_data_key(KeyId=name, KeySpec="AES_256", EncryptionContext={"owner": "a"})
    other = kms.generate_data_key_without_plaintext(
        KeyId=name, KeySpec="AES_256", EncryptionContext={"owner": "b"}
    )
    yield len(made["Plaintext"]), sorted(other.keys() & {"Plaintext", "CiphertextBlob", "KeyId"})

    def opened(blob: bytes, owner: str) -> Any:
        context = {"owner": owner}
        return kms.decrypt(CiphertextBlob=blob, KeyId=name, EncryptionContext=context)["Plaintext"]

    yield opened(made["CiphertextBlob"], "a") == made["Plaintext"]
    yield len(opened(other["CiphertextBlob"], "b"))
    yield said(lambda: opened(made["CiphertextBlob"], "b"))
    yield said(lambda: kms.decrypt(CiphertextBlob=made["CiphertextBlob"], KeyId=name))


@script
def a_queue() -> Iterator[Any]:
    sqs = client("sqs")
    url = settings().sign_in_queue_url.replace("SignInRequests", "OnlyOurs")
    attributes = {"encoding": {"StringValue": "base64", "DataType": "String"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="é1", MessageAttributes=attributes)
    yield sent["MD5OfMessageBody"]
    many = [{"Id": str(n), "MessageBody": f"b{n}"} for n in (2, 3)]
    yield [each["Id"] for each in sqs.send_message_batch(QueueUrl=url, Entries=many)["Successful"]]
    taken = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    yield sorted((each["Body"], repr(each.get("MessageAttributes"))) for each in taken)
    yield sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages")
    for each in taken:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])

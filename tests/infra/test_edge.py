"""The edge stack: what it passes on, keeps, stops and logs; and in which order it is deployed."""

import re
import tomllib
from hashlib import sha256
from typing import Any

import pytest
from infra.local import edge, release
from tests import stores
from tests.architecture.sources import ROOT
from tests.architecture.template import functions, read

from portal import assets
from portal.answers import SECURITY_HEADERS

NAME = "infra/edge/template.yaml"
ENVIRONMENTS = ["staging", "prod-us", "prod-eu", "prod-ap"]
DOORS = {"/sign-in", "/activate", "/family/join"}
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def resource(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(NAME)["Resources"][name]["Properties"]
    return found


def distribution() -> dict[str, Any]:
    found: dict[str, Any] = resource("Edge")["DistributionConfig"]
    return found


def rules() -> dict[str, dict[str, Any]]:
    return {each["Name"]: each for each in resource("Firewall")["Rules"]}


def statement(name: str) -> dict[str, Any]:
    (found,) = rules()[name]["Statement"].values()
    return dict(found)


class TestTheDistribution:
    def test_it_speaks_the_newest_http_and_tls(self) -> None:
        assert distribution()["HttpVersion"] == "http2and3"
        assert distribution()["IPV6Enabled"] is True
        minimum = read(NAME)["Parameters"]["MinimumTls"]
        assert minimum["Default"] == "TLSv1.3_2025"
        assert all(each >= "TLSv1.2_2025" for each in minimum["AllowedValues"])
        certificate = distribution()["ViewerCertificate"]
        assert certificate["MinimumProtocolVersion"] == {"Ref": "MinimumTls"}

    def test_nothing_of_the_api_is_ever_kept(self) -> None:
        behavior = distribution()["DefaultCacheBehavior"]

        assert behavior["TargetOriginId"] == "api"
        assert behavior["CachePolicyId"].split()[0] == CACHING_DISABLED
        assert set(behavior["AllowedMethods"]) >= {"GET", "POST", "PUT", "PATCH", "DELETE"}

    def test_only_hashed_files_are_kept_compressed_and_from_the_bucket(self) -> None:
        (behavior,) = distribution()["CacheBehaviors"]

        assert behavior["PathPattern"] == "/assets/*"
        assert behavior["TargetOriginId"] == "assets"
        assert behavior["CachePolicyId"].split()[0] == CACHING_OPTIMIZED
        assert behavior["Compress"] is True
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]

    def test_every_behavior_is_https_with_headers(self) -> None:
        for each in [distribution()["DefaultCacheBehavior"], *distribution()["CacheBehaviors"]]:
            assert each["ViewerProtocolPolicy"] == "redirect-to-https"
            assert "ResponseHeadersPolicyId" in each

    def test_the_word_is_a_secret_of_the_stack_and_goes_to_the_api_alone(self) -> None:
        api, files = distribution()["Origins"]
        (word,) = api["OriginCustomHeaders"]

        assert word["HeaderName"] == "x-edge-token"
        assert re.fullmatch(
            r"\{\{resolve:secretsmanager:\$\{Word}:SecretString:::\$\{WordVersion}}}",
            word["HeaderValue"]["Sub"],
        )
        assert resource("Word")["GenerateSecretString"]["PasswordLength"] >= 43
        assert api["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
        assert "OriginCustomHeaders" not in files

    def test_the_api_is_told_what_it_reads_of_a_visitor(self) -> None:
        headers = resource("ToTheApi")["OriginRequestPolicyConfig"]["HeadersConfig"]
        source = (ROOT / "layers/portal/portal/requests.py").read_text()

        assert headers["HeaderBehavior"] == "allViewerAndWhitelistCloudFront"
        told = {each.lower() for each in headers["Headers"]}
        assert told == set(re.findall(r"cloudfront-viewer-[a-z]+", source))

    def test_an_asset_that_was_missing_is_not_missed_for_long(self) -> None:
        kept = {
            e["ErrorCode"]: e["ErrorCachingMinTTL"] for e in distribution()["CustomErrorResponses"]
        }

        assert kept == {403: 0, 404: 0}


@pytest.mark.parametrize(("policy", "overrides"), [("PageHeaders", False), ("AssetHeaders", True)])
def test_the_edge_says_of_security_what_the_portal_says(policy: str, overrides: bool) -> None:
    config = resource(policy)["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    more = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]}

    assert security["FrameOptions"]["FrameOption"] == SECURITY_HEADERS["X-Frame-Options"]
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == SECURITY_HEADERS["Referrer-Policy"]
    assert "ContentTypeOptions" in security
    transport = security["StrictTransportSecurity"]
    assert transport["AccessControlMaxAgeSec"] == 63_072_000
    assert transport["IncludeSubdomains"] is transport["Preload"] is True
    assert more.items() <= SECURITY_HEADERS.items()
    assert all(each["Override"] is overrides for each in security.values())
    assert ("ContentSecurityPolicy" in security) is overrides, "a page has a policy of its own"


class TestTheFirewall:
    def test_doors_have_a_stricter_limit(self) -> None:
        found = statement("doors")
        paths = {
            each["ByteMatchStatement"]["SearchString"]
            for each in found["ScopeDownStatement"]["OrStatement"]["Statements"]
        }

        assert paths == DOORS
        assert found["Limit"] < statement("people")["Limit"] < statement("machines")["Limit"]

    @pytest.mark.parametrize("name", ["doors", "people", "machines"])
    def test_limits_are_per_address_and_say_when_to_come_again(self, name: str) -> None:
        response = rules()[name]["Action"]["Block"]["CustomResponse"]

        assert statement(name)["AggregateKeyType"] == "IP"
        assert response["ResponseCode"] == 429
        assert response["ResponseHeaders"] == [{"Name": "Retry-After", "Value": "300"}]

    @pytest.mark.parametrize("name", ["people", "reputation", "known-bad-inputs", "common"])
    def test_no_rule_looks_into_what_labs_push(self, name: str) -> None:
        """HL7 and FHIR may hold anything: `|`, `^`, XML narrative, a laboratory's own words."""
        scope = statement(name)["ScopeDownStatement"]["NotStatement"]["Statement"]

        assert scope["ByteMatchStatement"]["SearchString"] == "/ehr/"
        assert scope["ByteMatchStatement"]["PositionalConstraint"] == "STARTS_WITH"

    def test_machines_are_slowed_far_above_a_rush(self) -> None:
        assert statement("machines")["Limit"] > 10 * 150_000 / 24 / 12

    def test_what_a_patient_writes_is_counted_and_never_eaten(self) -> None:
        overrides = statement("common")["RuleActionOverrides"]

        bodies = {each["Name"] for each in overrides if each["Name"].endswith("_BODY")}
        assert bodies >= {"SizeRestrictions_BODY", "CrossSiteScripting_BODY"}
        assert all(each["ActionToUse"] == {"Count": {}} for each in overrides)

    def test_each_rule_has_its_place_and_shows_nobody_whole_requests(self) -> None:
        priorities = [each["Priority"] for each in rules().values()]

        assert priorities == sorted(set(priorities))
        for each in [resource("Firewall"), *rules().values()]:
            assert each["VisibilityConfig"]["SampledRequestsEnabled"] is False


class TestTheLogs:
    def test_no_path_query_cookie_referrer_or_address_is_in_the_log(self) -> None:
        fields = resource("LogDelivery")["RecordFields"]

        private = r"uri|query|cookie|referer|c-ip|forwarded|host|user-agent|cs-bytes"
        assert fields
        assert [each for each in fields if re.search(private, each)] == []

    def test_there_is_no_other_log_of_the_edge(self) -> None:
        assert "Logging" not in distribution()

    def test_the_firewalls_log_says_who_was_stopped_and_not_for_what_page(self) -> None:
        redacted = resource("FirewallLogging")["RedactedFields"]

        assert {"UriPath": {}} in redacted
        assert {"QueryString": {}} in redacted
        headers = {each["SingleHeader"]["Name"] for each in redacted if "SingleHeader" in each}
        assert headers == {"authorization", "cookie", "referer"}
        assert resource("FirewallLogging")["LoggingFilter"]["DefaultBehavior"] == "DROP"


def test_the_bucket_answers_this_edge_alone() -> None:
    allowed, denied = resource("AssetsPolicy")["PolicyDocument"]["Statement"]

    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "distribution/${Edge}" in allowed["Condition"]["StringEquals"]["aws:SourceArn"]["Sub"]
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert set(resource("Assets")["PublicAccessBlockConfiguration"].values()) == {True}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_region_has_an_edge_and_no_way_around_it(environment: str) -> None:
    found = edge.edge_of(environment)
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    pairs = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    portal = dict(pair.split("=", 1) for pair in pairs)

    assert found is not None
    assert found.region == "us-east-1"
    mine = dict(pair.split("=", 1) for pair in found.pairs)
    assert mine["PortalDomain"] == portal["PortalDomain"]
    assert portal["EdgeRequired"] == "true"
    told = {*mine, "OriginDomain", "WordVersion"}
    needed = {n for n, about in read(NAME)["Parameters"].items() if "Default" not in about}
    assert needed <= told <= set(read(NAME)["Parameters"])


def test_edges_have_stacks_of_their_own() -> None:
    found = [edge.edge_of(each) for each in ENVIRONMENTS]

    assert len({each.stack_name for each in found if each}) == len(ENVIRONMENTS)
    assert edge.edge_of("local") is None


def test_every_function_knows_whether_an_edge_is_required() -> None:
    variables = read("template.yaml")["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["EDGE_REQUIRED"] == {"Ref": "EdgeRequired"}
    assert variables["EDGE_DIGESTS"] == {"Ref": "EdgeDigests"}
    assert functions()


@pytest.mark.usefixtures("aws")
def test_two_words_count_while_one_is_changed() -> None:
    secrets = stores.client("secretsmanager")
    assert edge.words(secrets, "/portal-edge/x.example.org/word") == []

    secrets.create_secret(Name="/portal-edge/x.example.org/word", SecretString="first")
    secrets.put_secret_value(SecretId="/portal-edge/x.example.org/word", SecretString="second")
    found = edge.words(secrets, "/portal-edge/x.example.org/word")

    assert [digest for _, digest in found] == [
        sha256(each).hexdigest() for each in (b"second", b"first")
    ]
    assert len({version for version, _ in found}) == 2
    assert re.fullmatch(r"EdgeDigests=[0-9a-f]{64},[0-9a-f]{64}", release.digests(found))


@pytest.mark.usefixtures("aws")
def test_uploaded_files_are_what_the_portal_would_serve() -> None:
    s3 = stores.client("s3")
    s3.create_bucket(Bucket="edge-assets")
    s3.put_object(Bucket="edge-assets", Key="assets/session.000000000000.js", Body=b"earlier")

    edge.upload(s3, "edge-assets")

    for name, asset in assets.every().items():
        kept = s3.get_object(Bucket="edge-assets", Key=f"assets/{name}")
        assert kept["Body"].read() == asset.body
        assert kept["ContentType"] == asset.content_type
        assert kept["CacheControl"] == assets.CACHE_CONTROL
    earlier = s3.get_object(Bucket="edge-assets", Key="assets/session.000000000000.js")
    assert earlier["Body"].read() == b"earlier"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is deployed, in order; the word exists from the edge's first deploy on."""
    done: list[str] = []
    kept: list[tuple[str, str]] = []

    def sam(arguments: list[str], **_more: str) -> None:
        is_edge = "--template-file" in arguments
        done.append("edge" if is_edge else arguments[0])
        done.extend(each for each in arguments if each.startswith(("EdgeDigests", "WordVersion")))
        if is_edge and not kept:
            kept.append(("v1", "d1"))

    monkeypatch.setattr(release, "sam", sam)
    monkeypatch.setattr(release, "upload", lambda _front: done.append("files"))
    monkeypatch.setattr(edge, "client", lambda *_: None)
    monkeypatch.setattr(edge, "words", lambda *_: list(kept))
    monkeypatch.setattr(edge, "outputs", lambda *_: {"RegionalDomainName": "d-1.example"})
    return done


def test_at_the_first_deploy_the_portal_lets_nobody_in_until_it_knows_the_word(
    steps: list[str],
) -> None:
    release.main("staging")

    assert steps == [
        *("build", "files", "deploy", "EdgeDigests="),
        *("edge", "WordVersion=", "files", "deploy", "EdgeDigests=d1"),
    ]


def test_later_the_portal_knows_a_word_before_it_is_sent_and_files_come_first(
    steps: list[str],
) -> None:
    release.main("staging")
    steps.clear()

    release.main("staging")

    assert steps == ["build", "files", "deploy", "EdgeDigests=d1", "edge", "WordVersion=v1"]

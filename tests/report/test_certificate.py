"""A certificate is given to a run that is whole, and one that was changed by a byte is found out."""

import base64
import json
import os
import stat
import struct
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from harness.certificate import archive, bundle, claims, envelope, keys, statement
from harness.errors import InputError
from harness.model import CaseOutcome
from harness.report.record import Run, Writer, conclude

SUITES = {"bearer/presentation": "a" * 64, "lifecycle/revocation": "b" * 64}
ABSENT = {"issue": "tokens are made in the dashboard only"}


def absent() -> CaseOutcome:
    return replace(sample.unknown()[2], reason=f"issue: {ABSENT['issue']}")


def whole(*more: CaseOutcome, **settings) -> Run:
    """A run that can be certified, with one warning; `more` are further outcomes."""
    outcomes = [*sample.passed(), sample.broken()[2], absent(), *more]
    return sample.run(outcomes, **{"suites": SUITES, "absent": ABSENT, **settings})


def data_of(run: Run, folder: Path) -> bytes:
    with Writer(folder / "run.jsonl", run.start) as writer:
        for outcome in run.outcomes:
            writer.add(outcome)
        writer.close(run.end)
    return (folder / "run.jsonl").read_bytes()


@pytest.fixture(scope="module")
def key() -> keys.Key:
    return keys.Key(Ed25519PrivateKey.generate())


@pytest.fixture(scope="module")
def packed(key, tmp_path_factory) -> bytes:
    """A bundle as it is made."""
    run = whole()
    return bundle.made(data_of(run, tmp_path_factory.mktemp("run")), run, key)


def checked(data: bytes, folder: Path, key: keys.PublicKey | None = None) -> bundle.Verified:
    path = folder / "bundle.zip"
    path.write_bytes(data)
    return bundle.verified(path, key)


def repacked(data: bytes, **changed: bytes | None) -> bytes:
    """The bundle with other files; None takes one away. A name has _ for its dot."""
    files = dict(archive.unpack(data))
    for name, content in changed.items():
        name = next((each for each in files if each.replace(".", "_") == name), name)
        if content is None:
            del files[name]
        else:
            files[name] = content
    return archive.pack(files)


# --- what gets a certificate -----------------------------------------------------------------------


# A whole run that conforms, a warning and declared absences included, has nothing against it.
def test_a_whole_run_gets_a_certificate():
    assert list(claims.obstacles(whole())) == []
    assert list(claims.missing_suites(whole(), SUITES)) == []


# Whatever is missing, each reason is told.
@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (replace(whole(), end=None), "the run was cut off: it has no last line"),
        (whole(selection=("bearer",)), "only a part was asked: bearer"),
        (whole(deselected=3), "3 cases were left out by the selection (such as -k, -m or --lf)"),
        (whole(sample.unknown()[0]), "1 case gave no answer: the target answered 503 twice"),
        (whole(sample.broken()[1]), "the API does not conform: rfc9110/11.1-scheme-case in 1 case"),
        (whole(sample.accepted()), "a baseline accepts findings in 1 case: a certificate has no exceptions"),
        (whole(faults=("a", "b")), "the server was started with faults: a, b"),
        (whole(insecure=True),
         "no certificate of the target was verified (--insecure): anybody could have answered"),
        (whole(sample.passed()[0]), "the case bearer/presentation/missing-header@own has 2 outcomes"),
        (whole(strict=True), "the last line of the run says something else than its cases"),
        (replace(sample.run([absent()], suites=SUITES, absent=ABSENT)), "nothing was tested"),
        (replace(whole(), end=conclude(whole().outcomes, ["a/b"])),
         "1 case was planned and never asked: a/b"),
        (replace(whole(), end=conclude(whole().outcomes, reason="the run was interrupted")),
         "the run is inconclusive: the run was interrupted"),
        (replace(whole(), end=conclude(whole().outcomes, outdated=["b.yaml:3: x no longer fails"])),
         "the baseline is out of date: b.yaml:3: x no longer fails"),
        (replace(whole(), end=conclude([])), "the last line of the run says something else than its cases"),
    ],
)  # fmt: skip
def test_what_keeps_a_run_from_a_certificate(run, reason):
    assert reason in list(claims.obstacles(run))


# The suites must be all that this version has, as it has them; more do no harm.
@pytest.mark.parametrize(
    ("read", "reasons"),
    [
        ({}, ["the run does not say which suites it asked: it was made by an earlier authconform"]),
        ({"bearer/presentation": "a" * 64},
         ["only a part was asked, without the suites lifecycle/revocation"]),
        (SUITES | {"bearer/presentation": "c" * 64},
         ["these suites are not those of this authconform: bearer/presentation: run again"]),
        (SUITES | {"own/suite": "c" * 64}, []),
    ],
)  # fmt: skip
def test_suites_that_are_not_ours(read, reasons):
    assert list(claims.missing_suites(whole(suites=read), SUITES)) == reasons


# --- the bundle ------------------------------------------------------------------------------------


# Intact to everybody, valid to who has the signer's key; and it says what is claimed.
def test_a_bundle_is_verified(packed, key, tmp_path):
    found = checked(packed, tmp_path)

    assert (found.altered, found.signer) == ((), key.public.fingerprint)
    assert checked(packed, tmp_path, key.public) == found
    assert found.run == whole()
    assert claims.claimed(found.run) == {
        "profile": "originchain, sha256 51b6e7a2f0c94e7cbf3f1d9a8277a0d5a5c3e0d48a1c07e2b9e6f4d81c5b7a33",
        "suites": "2, sha256 8d2f0a6cb6e04d0a8f3e5a1dd7a3b7e66f21c5f0d9b2f1f7a9c1e52c0b6f4a10",
        "authconform": "0.1.0",
        "tested": ["own: https://acme.originchain.example", "other: https://globex.originchain.example"],
        "target": "targets/staging.yaml (staging)",
        "date": "2026-11-21T18:37:04Z",
        "met": "5 MUST",
        "not met": ["SHOULD rfc6750/3.1-invalid-token"],
        "noted": "nothing",
        "cases": "1 warn, 9 pass, 1 not applicable",
        "declared absent": ["issue: tokens are made in the dashboard only"],
        "not in profile": "nothing",
    }


# What nothing requires keeps no run from a certificate, and is not claimed to be met.
def test_what_is_noted_is_not_claimed():
    run = sample.run([sample.noted()])
    claimed = claims.claimed(run)

    assert (claimed["met"], claimed["noted"]) == ("1 MUST", ["MAY practice/browser-origin"])


# What the profile has not is told together and whole: of a claim nothing is left out.
def test_all_that_is_not_in_the_profile():
    names = ("basic", "jwt", "code", "authorize", "exchange")
    cases = [
        replace(absent(), case=name, reason=f"the profile originchain has no '{name}'") for name in names
    ]

    assert claims.claimed(whole(*cases))["not in profile"] == [
        "the profile originchain has no 'basic', 'jwt', 'code', 'authorize' or 'exchange' (5 cases)"
    ]


# The same run and key make the same bytes, which any program unpacks.
def test_a_bundle_is_made_of_the_same_bytes(packed, key, tmp_path):
    again = bundle.made(data_of(whole(), tmp_path), whole(), key)
    (tmp_path / "bundle.zip").write_bytes(packed)

    assert again == packed
    with zipfile.ZipFile(tmp_path / "bundle.zip") as other:
        assert other.testzip() is None
        assert tuple(other.namelist()) == bundle.FILES
        assert {name: other.read(name) for name in bundle.FILES} == archive.unpack(packed)


# The statement is in-toto's, in DSSE's envelope: what others verify without us.
def test_the_statement_is_one_that_others_read(packed, key):
    files = archive.unpack(packed)
    sealed = json.loads(files[bundle.CERTIFICATE])
    payload = base64.b64decode(sealed["payload"])
    value = json.loads(payload)
    signed = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    public = serialization.load_pem_public_key(files[bundle.SIGNER])

    public.verify(base64.b64decode(sealed["signatures"][0]["sig"]), signed)
    assert sealed["payloadType"] == "application/vnd.in-toto+json"
    assert (value["_type"], value["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://in-toto.io/attestation/test-result/v0.1",
    )
    assert [each["name"] for each in value["subject"]] == ["run.jsonl", "index.html", "signer.pub"]
    assert all(
        each["digest"] == {"sha256": statement.sha256(files[each["name"]])} for each in value["subject"]
    )
    assert value["predicate"]["result"] == "WARNED"
    assert value["predicate"]["warnedTests"] == ["bearer/presentation/error-code@own"]
    assert value["predicate"]["configuration"][:2] == [
        {"name": "authconform", "uri": "pkg:generic/authconform@0.1.0"},
        {"name": "profile originchain", "digest": {"sha256": whole().start.profile_digest[7:]}},
    ]


# --- tampering -------------------------------------------------------------------------------------


# One byte in any file, at its beginning, in the middle or at its end, with the zip file made good again.
@pytest.mark.parametrize("name", bundle.FILES)
@pytest.mark.parametrize("bit", [0, 5])
def test_one_byte_of_a_file(packed, key, tmp_path, name, bit):
    content = archive.unpack(packed)[name]
    for at in {0, 1, len(content) // 3, len(content) // 2, len(content) - 2, len(content) - 1}:
        changed = bytearray(content)
        changed[at] ^= 1 << bit
        tampered = repacked(packed, **{name.replace(".", "_"): bytes(changed)})
        for public in (None, key.public):
            found = checked(tampered, tmp_path, public)
            assert found.altered, at
            assert found.altered[0].startswith(name), (at, found.altered)


# Every single byte of the certificate itself, its last base64 digits and white space included.
def test_every_byte_of_the_certificate(packed, tmp_path):
    content = archive.unpack(packed)[bundle.CERTIFICATE]
    others = {name: data for name, data in archive.unpack(packed).items() if name != bundle.CERTIFICATE}
    for at in [*range(0, len(content), 97), *range(len(content) - 260, len(content))]:
        changed = bytearray(content)
        changed[at] ^= 1
        assert checked(archive.pack(others | {bundle.CERTIFICATE: bytes(changed)}), tmp_path).altered, at


# Every byte of the zip file around the files: it is altered, or no bundle any more, and never intact.
def test_every_byte_around_the_files(packed, tmp_path):
    inside = set()
    for content in archive.unpack(packed).values():
        start = packed.index(content)
        inside |= {*range(start, start + len(content))}
    around = [at for at in range(len(packed)) if at not in inside]
    assert len(around) > 400
    for at in around:
        changed = bytearray(packed)
        changed[at] ^= 1
        try:
            assert checked(bytes(changed), tmp_path).altered, at
        except InputError as error:
            assert "is no bundle" in str(error)


# A file that is gone, or one that was put in, is named.
def test_files_that_are_missing_or_added(packed, tmp_path):
    def altered(**changed):
        return checked(repacked(packed, **changed), tmp_path).altered

    assert altered(index_html=None) == ("index.html is missing",)
    assert altered(run_jsonl=None) == ("run.jsonl is missing",)
    assert altered(notes=b"x") == ("notes is not part of what was signed",)
    assert altered(signer_pub=None) == ("signer.pub is missing",)


# Somebody else's key is told, by both fingerprints.
def test_another_key(packed, key, tmp_path):
    other = keys.Key(Ed25519PrivateKey.generate()).public

    assert checked(packed, tmp_path, other).altered == (
        f"it is signed by another key, {key.public.fingerprint}, not by {other.fingerprint}",
    )


# A run that was changed, with a statement made good but not signed again.
def test_a_statement_that_nobody_signed(packed, key, tmp_path):
    files = dict(archive.unpack(packed))
    files["run.jsonl"] = files["run.jsonl"].replace(b"targets/staging.yaml", b"targets/product.yaml")
    sealed = envelope.opened(files.pop(bundle.CERTIFICATE))
    payload = statement.written(replace(whole(), start=replace(whole().start, target="x")), files)
    files[bundle.CERTIFICATE] = replace(sealed, payload=payload).json()
    found = checked(archive.pack(files), tmp_path)

    assert found.altered == ("certificate.intoto.json is not signed by the key in signer.pub",)
    assert found.signer is None


# Who holds the key can sign anything: a failing run, or a statement that says more than its run.
def test_a_signature_is_not_enough(key, tmp_path):
    failing = whole(sample.broken()[1])
    signed = bundle.made(data_of(failing, tmp_path), failing, key)
    assert checked(signed, tmp_path, key.public).altered == (
        "the run in it gets no certificate: the API does not conform: rfc9110/11.1-scheme-case in 1 case",
    )

    files = dict(archive.unpack(signed))
    del files[bundle.CERTIFICATE]
    files[bundle.CERTIFICATE] = envelope.seal(statement.written(whole(), files), key).json()
    assert checked(archive.pack(files), tmp_path, key.public).altered == (
        "the statement says something else than the run",
    )


# Something signed by this key that is no test result is none, whatever it says.
@pytest.mark.parametrize("payload", [b"{}", b"[]", b"no json", b'{"subject": [1]}', b"[" * 100_000])
def test_another_statement(packed, key, tmp_path, payload):
    sealed = envelope.seal(payload, key).json()
    found = checked(repacked(packed, certificate_intoto_json=sealed), tmp_path)

    assert found.altered == ("the statement is none of a test result",)


# --- no bundle, or a hostile one -------------------------------------------------------------------


def refusal(data: bytes, folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        checked(data, folder)
    return str(caught.value).replace(f"{folder}/", "")


# A bundle that was cut off anywhere, at the end of its last file too, is none.
def test_a_truncated_bundle(packed, tmp_path):
    for length in (3, 4, 29, 40, len(packed) // 2):
        assert "bundle.zip is no bundle: it is " in refusal(packed[:length], tmp_path)
    for missing in (1, 22, 100):
        assert checked(packed[:-missing], tmp_path).altered == (
            "the zip file around the files is not as it was written",
        )


# Something else is no bundle: another file, an empty zip file, another zip file.
def test_another_file_is_no_bundle(tmp_path):
    hint = ". Give the file that authconform certify wrote."

    assert refusal(b"", tmp_path) == f"bundle.zip is no bundle: it is no zip file, or an empty one{hint}"
    assert (
        refusal(b"<html>", tmp_path) == f"bundle.zip is no bundle: it is no zip file, or an empty one{hint}"
    )
    assert refusal(archive.pack({"a": b""}), tmp_path) == (
        f"bundle.zip is no bundle: it holds no certificate.intoto.json{hint}"
    )
    with pytest.raises(InputError, match="cannot be read: No such file or directory"):
        bundle.verified(tmp_path / "nothing.zip")


# A bomb never unfolds: nothing compressed is read at all. Nor are two files of one name, or a thousand.
def test_hostile_zip_files(packed, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("run.jsonl", b"\0" * 50_000_000)
    assert "its files are compressed, encrypted or otherwise" in refusal(bomb.read_bytes(), tmp_path)

    one = archive.pack({"a": b"x"})
    local = one[: one.index(b"PK\1\2")]
    assert "it holds two files 'a'" in refusal(local + one, tmp_path)
    many = archive.pack({f"{number}": b"" for number in range(1000)})
    assert "it holds more than 16 files" in refusal(many, tmp_path)
    longer = bytearray(one)
    struct.pack_into("<II", longer, 18, 0xFFFFFFF0, 0xFFFFFFF0)
    assert "it is cut off" in refusal(bytes(longer), tmp_path)


# A path that leads elsewhere leads nowhere: it is only a name that nobody signed, and nothing is written.
def test_a_path_that_leads_elsewhere(packed, tmp_path):
    files = archive.unpack(packed)
    found = checked(archive.pack({**files, "../../outside": b"x", "/etc/x": b"x"}), tmp_path)

    assert found.altered == (
        "../../outside is not part of what was signed",
        "/etc/x is not part of what was signed",
    )
    assert os.listdir(tmp_path) == ["bundle.zip"]


# What is too large is not even looked at.
def test_a_huge_file(tmp_path):
    path = tmp_path / "huge.zip"
    with path.open("wb") as file:
        file.truncate(archive.LARGEST + 2)

    with pytest.raises(InputError, match="it is larger than 256 MiB"):
        bundle.verified(path)


# --- keys ------------------------------------------------------------------------------------------


# Only its owner can read the private key, whatever the umask; openssl reads both and agrees on the name.
def test_a_key_is_made(tmp_path):
    public = keys.make(tmp_path / "release")

    assert stat.S_IMODE((tmp_path / "release").stat().st_mode) == 0o600
    assert keys.read(tmp_path / "release").public.fingerprint == public.fingerprint
    assert keys.read_public(tmp_path / "release.pub").fingerprint == public.fingerprint
    der = ["openssl", "pkey", "-pubin", "-in", str(tmp_path / "release.pub"), "-outform", "DER"]
    try:
        told = subprocess.run(der, capture_output=True, timeout=20, check=True).stdout
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    assert statement.sha256(told) == public.fingerprint


# A key that is there is never lost.
@pytest.mark.parametrize("there", ["release", "release.pub"])
def test_a_key_is_not_overwritten(tmp_path, there):
    (tmp_path / there).write_text("precious")

    with pytest.raises(InputError, match=f"{there} is there already. Give another name"):
        keys.make(tmp_path / "release")
    assert (tmp_path / there).read_text() == "precious"
    assert os.listdir(tmp_path) == [there]


# A file that holds another key, or none, is told with what to give.
def test_files_that_hold_no_such_key(tmp_path, key):
    rsa = generate_private_key(65537, 2048)
    pem = rsa.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "rsa").write_bytes(pem)
    (tmp_path / "text").write_text("no key")
    (tmp_path / "private").write_bytes(key.pem())

    with pytest.raises(InputError, match="the key in .*/rsa is not an Ed25519 key. Make one with"):
        keys.read(tmp_path / "rsa")
    with pytest.raises(InputError, match="text holds no private key without a password. Make one with"):
        keys.read(tmp_path / "text")
    for name in ("text", "private"):
        with pytest.raises(InputError, match=f"{name} holds no Ed25519 public key. Give the NAME.pub"):
            keys.read_public(tmp_path / name)

"""Faults of Basic credentials that OrigoID shares with other APIs: what differs here, and what falls."""

from __future__ import annotations

from reference_server.faults.origoid import entry
from reference_server.faults.origoid.entry import CATALOGUE
from reference_server.faults.origoid.wrong import first_account
from reference_server.faults.shared.basic import BASIC
from reference_server.faults.shared.basic_form import BASIC_FORM
from reference_server.faults.shared.paired import Paired

PAIRED = Paired(
    somebody=first_account,
    wrong_password=entry.WRONG_PASSWORD,
    unknown_user=entry.UNKNOWN_USER,
    half=entry.HALF,
    whole=entry.WHOLE,
    case=entry.PASSWORD_CASE,
    first_colon=entry.FIRST_COLON,
    no_colon=entry.NO_COLON,
    no_base64=entry.NO_BASE64,
    control=entry.CONTROL,
    slot=entry.SLOT,
    swapped=entry.SWAPPED,
    swapped_token=entry.SWAPPED,
    scheme=entry.SCHEME,
    incomplete=entry.INCOMPLETE,
    elsewhere=entry.OTHER_SLOT,
    uniform=entry.UNIFORM,
    uniform_exchange=entry.UNIFORM_EXCHANGE,
    enumeration=entry.ENUMERATION,
    steady=("practice/conflict-steady", "origoid/conflict"),
)

BASIC.enter(CATALOGUE, PAIRED)
BASIC_FORM.enter(CATALOGUE, PAIRED)

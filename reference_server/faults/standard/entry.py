"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared import challenge
from reference_server.faults.shared.sets import because as because
from reference_server.standard.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("standard")
fault = CATALOGUE.fault

STATUS = "rfc9110/11.4-status"
"""That what is refused is answered with 401: falls with whatever is not refused."""

TYPE = ("rfc9068/4-type", STATUS)
ISSUER = ("rfc8725/3.8-issuer", STATUS)
ISSUER_EXACT = ("rfc8725/3.8-issuer-exact", STATUS)
AUDIENCE = ("rfc7519/4.1.3-audience", STATUS)
AUDIENCE_LIST = ("rfc7519/4.1.3-audience-list", STATUS)
AUDIENCE_EXACT = ("rfc7519/4.1.3-audience-exact", STATUS)
NO_AUDIENCE = ("rfc8725/3.9-audience-required", STATUS)
SUBJECT = ("rfc8725/3.8-subject", STATUS)
FOREIGN_KEY = ("rfc8725/3.8-foreign-key", STATUS)
KID_BOUND = ("rfc8725/3.8-kid-bound", STATUS)
CONFUSED = ("rfc8725/3.1-key-confusion", STATUS)
PINNED = ("rfc8725/3.1-alg-pinned", STATUS)
SIGNATURE_RANGE = ("rfc7518/3.4-signature-range", STATUS)
SIGNATURE_LENGTH = ("rfc7518/3.4-signature-length", STATUS)
ENCODING = ("rfc8725/3.7-utf-8", STATUS)
NO_SCOPE = ("asvs/10.3.2-no-scope",)
LIMITED = "rfc6585/4-status"
"""That what is too much is answered with 429: falls with whatever is looked at all the same."""
GUESSING = ("asvs/6.3.1-guessing", LIMITED)
CLAIMED = ("asvs/4.1.3-limit-by-field", LIMITED)
MISSING = ("practice/key-missing-refused", "rfc6750/3-missing-refused", STATUS)
"""What is asked of every operation without a credential."""

SHOWN = (
    *challenge.SHOWN,
    challenge.ERROR,
    "rfc7617/2-realm",
    "rfc7617/2.1-charset",
    "practice/no-echo",
    "practice/no-internals",
)
"""What every refusal shows: its challenge, and nothing that it should keep to itself."""

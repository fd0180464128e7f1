"""Why something matters and what most likely mends it, in a few words for whoever has to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """Two or three sentences: what can happen as things are, and what most likely mends it."""

    why: str
    fix: str


MISSING = Advice(
    "Whoever knows the address is let in: nothing has to be stolen or guessed.",
    "Demand a credential before routing, for every method and path, and exempt public operations one by "
    "one instead of protecting private ones one by one.",
)
UNKNOWN = Advice(
    "A secret that is not compared is no secret: whoever knows what credentials look like can make one.",
    "Look the whole value up (by its SHA-256, say) and let only a hit through. Look for a default that "
    "lets through: an exception that is swallowed, a check of the form alone, a mode for tests that was "
    "left on.",
)
ALTERED = Advice(
    "If a changed credential is still accepted, only part of it counts: the rest need not be guessed, and "
    "logs or caches that cut or fold values hold credentials that work.",
    "Compare all of the value, byte for byte and in constant time: no prefix search, no collation that "
    "folds case, no trimming or decoding before the lookup.",
)
MALFORMED = Advice(
    "What a lenient parser takes for a credential, a proxy or log in front of it may not: such "
    "differences are how requests get past one of them. A parser that fails outright can be used to bring "
    "the API down.",
    "Parse the field by its grammar in one place, refuse all that does not fit, and let no exception of "
    "the parser reach the caller as a 5xx.",
)
ELSEWHERE = Advice(
    "URLs and undocumented fields end up in logs, histories and caches, and filters in front of the API "
    "do not look there: a credential that works there leaks, and gets past them.",
    "Read the credential from its documented place alone, and remove fallbacks that the framework turns "
    "on by itself.",
)
FOREIGN = Advice(
    "One customer can read or change what belongs to another, with a credential that is rightly theirs.",
    "Once the credential is known, compare its instance with the one that the request names (host, path, "
    "parameters, fields of the body), for every operation and method, HEAD and OPTIONS included; let "
    "queries filter by the credential's instance and not by the one asked for.",
)
SPOOFED = Advice(
    "What a client writes into a field is believed as if the own proxy had written it: anybody can choose "
    "who they are, or where.",
    "Drop these fields where requests come in, and believe them only on connections from the proxy itself.",
)
PATHS = Advice(
    "The rule that protects a path and the router that serves it read it differently, so that another "
    "spelling or method gets past the rule.",
    "Normalise the path once, before both; tie the check to the operation that is about to run and not to "
    "a pattern of its URL, and refuse what it does not know.",
)
ACCEPTED = Advice(
    "Callers who do everything right are turned away, and work around it with something worse.",
    "Read the answer beside the clause: usually a parser is stricter than the standard (letter case, "
    "spaces, order of members), or an operation was left out of a rule.",
)
REVOKED = Advice(
    "Revocation is what is left after a leak. As long as the credential still works, so does whoever took "
    "it.",
    "Ask at each request whether it is still valid, or limit what caches of that answer may live; drop "
    "them when it is revoked, on every replica, and close no door on one path only (connections, "
    "conditional requests, other operations).",
)
TARGETED = Advice(
    "If revoking one credential stops others, nobody dares to revoke in working hours.",
    "Revoke by the credential's own id; look for a deletion by name, prefix or owner.",
)
EXPIRED = Advice(
    "A credential that outlives its end makes every old backup, log and laptop a key.",
    "Compare the end with the clock at every use, in UTC, with a leeway of seconds; treat a time that "
    "cannot be read as over.",
)
EARLY = Advice(
    "A token that was made for later opens the API now, before anybody watches for it.",
    "Compare nbf with the clock as exp is compared, with the same leeway of seconds.",
)
SIGNATURE = Advice(
    "Whoever can change a token without the key can be anybody: claims are only as good as their signature.",
    "Verify before anything in the token is believed, with a library's one call that takes the key and "
    "the list of allowed algorithms; never decode first and verify where that seems to be needed.",
)
ALGORITHM = Advice(
    "If the token chooses its algorithm, the attacker does: with none, or a public key used as a secret, "
    "they sign their own.",
    "Tie each key to one algorithm in the configuration and pass that list of one to the library; never "
    "take alg from the header.",
)
KEY = Advice(
    "The header of a token is written by whoever sends it. If it can point to another key, that key is "
    "theirs.",
    "Use kid for an exact lookup among the configured keys of that account, and refuse where there is "
    "none: no default key, no trying of others, no file, query or address made of it.",
)
JOSE_FORM = Advice(
    "Two readers that understand one token differently can be played against each other, and a parser "
    "that falls over can be made to.",
    "Let a strict JOSE library read the token, refuse duplicate members and wrong types, and turn each of "
    "its errors into the documented refusal.",
)
CLAIMS = Advice(
    "A claim of an unexpected type silently switches its check off in many libraries, and the token is "
    "then good for ever, or too soon.",
    "Check the type of each registered claim before its value, and refuse the token where it is not as "
    "the RFC has it.",
)
COMMON_SECRET = Advice(
    "Secrets from documents and samples are the first that are tried; tokens signed with one can be made "
    "by anybody.",
    "Make the secret from at least 32 random bytes, different in each environment, and refuse to start "
    "with one that is short or known.",
)
BASIC = Advice(
    "Basic credentials are what people type and programs put together: a server that reads them otherwise "
    "locks out the right ones, or lets wrong ones in.",
    "Decode strictly, split at the first colon, compare user-id and password whole, and treat all that "
    "does not decode as a refusal.",
)
TWICE = Advice(
    "With two credentials in a request, each hop may look at another one: what a filter approved need not "
    "be what the API then obeys.",
    "Refuse a request with more than one credential, or document which one counts, and never mix what "
    "they allow.",
)
MANAGEMENT = Advice(
    "A leaked credential that can make others outlives its own revocation.",
    "Give management rights of its own, and check them on every one of its operations.",
)
SECRECY = Advice(
    "Whoever sees the answer, its log or a screenshot later has the credential too.",
    "Show a secret once, when it is made; afterwards only its documented beginning and four characters. "
    "Keep it as a hash, so that nothing else could be shown.",
)
CACHES = Advice(
    "A cache on the way may keep the answer and give it to somebody else, or keep a secret that was shown "
    "once.",
    "Send Cache-Control: no-store with every answer that holds a secret, and private or no-store with "
    "what depends on the credential.",
)
ECHO = Advice(
    "A credential that is mistyped by one character is nearly the right one, and error messages travel: "
    "into logs, tickets and pages.",
    "Name what was wrong and never the value; check what the framework adds in its error pages.",
)
INTERNALS = Advice(
    "Stack traces, queries and file names tell an attacker what to try next.",
    "Answer all unexpected errors in one handler, with an id to look up in the log, and turn debug pages "
    "off.",
)
CHALLENGE = Advice(
    "Clients and gateways read the challenge to learn how to authenticate; without a right one they "
    "guess, or show a person a useless dialogue.",
    "Add WWW-Authenticate in the one place that makes the 401, with the scheme and quoted parameters.",
)
STATUS = Advice(
    "Clients decide by the status whether to obtain another credential, to give up or to try again; a "
    "wrong one makes them do the wrong thing.",
    "Map each reason for refusal to its documented status in one place: 401 where the credential is the "
    "trouble, 403 where it is known and not enough.",
)
UNIFORM = Advice(
    "What differs between refusals tells which part of a guess was right: users, keys and addresses can "
    "then be found one at a time.",
    "Let all causes go through one function that makes one answer, after the same work: hash a dummy "
    "password where the user is not known, compare in constant time.",
)
CORS = Advice(
    "CORS decides which web pages may read the answers. Too much lets any page act for whoever visits it; "
    "too little breaks the pages that are meant.",
    "Compare Origin with a list, as whole strings and for the account at hand; repeat it with Vary: "
    "Origin; answer preflights before authentication, and never reflect what was sent.",
)
ISSUING = Advice(
    "Credentials that repeat or can be guessed need not be stolen.",
    "Make each from a cryptographic random source, 128 bits or more, with no time, counter or id in it.",
)
ROTATION = Advice(
    "If the new credential does not work at once, or the old one stops too early, rotation means "
    "downtime, and so is put off.",
    "Let several credentials be valid side by side, and make a new one known everywhere before it is shown.",
)
GRANT = Advice(
    "Clients rely on the members of this answer to use the token and to renew it in time.",
    "Compare the answer with RFC 6749 section 5.1, its types and media type too; most libraries do it "
    "right when they are not bypassed.",
)
GRANT_REFUSED = Advice(
    "Whoever obtains a token without the right to has all that the token opens.",
    "Check the client, the grant and each parameter before a token is made, and refuse what is not known.",
)
PLAIN = Advice(
    "Everybody on the way reads the credential.",
    "Listen on HTTPS alone, or redirect without looking at the request and revoke what came in the clear.",
)
DOCUMENTED = Advice(
    "Clients were written against the documentation; what is otherwise breaks them, or makes them depend "
    "on what was never promised.",
    "Mend the answer, or else the document: one of them is wrong.",
)
DISABLED = Advice(
    "What was switched off is believed to be off: nobody watches it any more.",
    "Ask for the state of the credential and of its account at each use, not only when it is issued.",
)
REPEATED = Advice(
    "An answer that changes from one time to the next is a cache or a replica that disagrees; enough "
    "tries find the one that lets through.",
    "Compare the replicas' configuration, and look for a cache in front of the decision.",
)
REFUSED = Advice(
    "What should have been refused was served: the rule that this clause states is not in force.",
    "Find the place that decides on this request, and let it refuse unless everything fits.",
)

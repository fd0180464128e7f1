"""First drafts of a profile and a target: what is known filled in, what is not asked in comments."""

from harness.outline.from_openapi import outlined
from harness.outline.parts import QUESTION, Credential, Operation, Outline
from harness.outline.written import profile_text, schema_text, target_text

__all__ = [
    "QUESTION",
    "Credential",
    "Outline",
    "Operation",
    "outlined",
    "profile_text",
    "schema_text",
    "target_text",
]

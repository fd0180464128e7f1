"""What reports/README.md says about the run file is so."""

import json
import re
from pathlib import Path

import sample

from harness.report.lines import end_json, outcome_json, start_json
from harness.report.verdict import EXIT_CODES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")


# The table of lines names every key of each line, in the order in which it is written.
def test_every_key_is_named():
    run = sample.everything()
    written = [start_json(run.start), outcome_json(run.outcomes[0]), end_json(run.end)]
    rows = [row for row in TEXT.splitlines() if "| `kind` " in row]

    assert [re.findall(r"`(\w+)`", row) for row in rows] == [list(line) for line in written]


# The table of verdicts has the exit codes that the program returns.
def test_every_exit_code_is_named():
    assert re.findall(r"^\| `([\w-]+)` \| (\d) \|", TEXT, re.MULTILINE) == [
        (verdict, str(code)) for verdict, code in EXIT_CODES.items()
    ]


# The schema is where the text links to.
def test_the_schema_is_where_it_is_said_to_be():
    link = re.search(r"\]\((\S+run\.schema\.json)\)", TEXT)[1]

    assert (
        json.loads((ROOT / "reports" / link).read_text(encoding="utf-8"))["title"] == "a line of a run file"
    )

"""The runner of console blocks itself: it must be able to fail."""

from __future__ import annotations

from pathlib import Path

import blocks

PAGE = """
<!-- file: folder/greeting.txt -->
```
hello on 8123
```

```console
$ cat folder/greeting.txt
hello on 8123
$ false
$ echo $?
1
$ cat nothing.txt
…No such file…
```
"""


# Files are written first, a command's exit code is the next one's to see, a port is any free one.
def test_runs_in_one_shell(tmp_path: Path) -> None:
    with blocks.Shell(tmp_path) as shell:
        ran = list(blocks.run(PAGE, shell))

    assert [each.command for each in ran] == [
        "cat folder/greeting.txt",
        "false",
        "echo $?",
        "cat nothing.txt",
    ]
    assert all(blocks.matches(each.expected, each.actual) for each in ran)
    assert f"hello on {shell.port}\n" == (tmp_path / "folder" / "greeting.txt").read_text()


# An ellipsis stands for anything within its line or, alone, for lines; all else must be the same.
def test_what_matches() -> None:
    assert blocks.matches("a\n…\nd\n", "a\nb\nc\nd\n")
    assert blocks.matches("in 0.7 s at http://a.test:8080\n", "in 12.25 s at http://a.test:41071\n")
    assert blocks.matches("took … long\n", "took very very long\n")
    assert not blocks.matches("took … long\n", "took\nlong\n")
    assert not blocks.matches("3 pass\n", "4 pass\n")
    assert not blocks.matches("a\n", "a\nb\n")


# A command that goes on in the background is as long as its page says, and ends with the page.
def test_background(tmp_path: Path) -> None:
    page = "```console\n$ (echo ready; sleep 600) &\nready\n$ echo next\nnext\n```\n"
    with blocks.Shell(tmp_path) as shell:
        ran = list(blocks.run(page, shell))

    assert [each.actual for each in ran] == ["ready\n", "next\n"]
    assert shell.process.poll() is not None

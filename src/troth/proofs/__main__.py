"""``python -m troth.proofs FILE --key KEY``: the offline verifier by itself.

Exit status: 0 verified, 1 not verified, 2 the key or a file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from troth.core.errors import TrothError
from troth.proofs.errors import NotVerified
from troth.proofs.file import read_older, read_text
from troth.proofs.verify import verify_file


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one file, print the report (or, on the error stream, the failure) and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m troth.proofs", description="Verify a file of Troth's evidence.")
    parser.add_argument("file", help="the evidence file")
    parser.add_argument("--key", required=True, help="the verifier key, or @FILE that holds it")
    parser.add_argument("--older", help="a file with a checkpoint you kept, or an older evidence file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    words = parser.parse_args(arguments)
    try:
        key = read_text(words.key[1:]) if words.key.startswith("@") else words.key
        report = verify_file(words.file, key.strip(), read_older(words.older) if words.older else None)
    except TrothError as error:
        sys.stderr.write(f"{'not verified' if isinstance(error, NotVerified) else 'error'}: {error} [{error.code}]\n")
        return error.exit_status
    sys.stdout.write((json.dumps(report.to_json(), indent=2) if words.json else report.to_text()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

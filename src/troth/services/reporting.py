"""What a check found, handed to those who write it down in one form or another."""

from __future__ import annotations

from troth import __version__
from troth.publish.report import CheckReport
from troth.services.checking import Checked


def report_of(checked: Checked) -> CheckReport:
    """The values of a check that a report is made of."""
    return CheckReport(
        checked.register.policy,
        checked.register.data_map,
        checked.results,
        checked.at,
        __version__,
        checked.databases,
        checked.unreached,
        checked.limits,
        checked.elsewhere,
        len(checked.warnings),
        checked.ages,
        checked.lines,
    )

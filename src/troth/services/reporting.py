"""What a check found or a first look saw, handed to those who write it down in one form or another."""

from __future__ import annotations

from troth import __version__
from troth.publish.look_report import HeldTable, LookReport, Wrong
from troth.publish.report import CheckReport
from troth.services.checking import Checked
from troth.services.unknown import Looked


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


def look_report_of(looked: Looked) -> LookReport:
    """The values of a look that its page is made of."""
    sight = looked.sight
    return LookReport(
        looked.database,
        looked.convention,
        looked.at,
        __version__,
        tuple(
            HeldTable(
                each.table,
                each.rows,
                each.items,
                each.relation,
                each.target,
                each.oldest,
                each.latest,
                each.months,
            )
            for each in sight.holdings
        ),
        tuple(
            Wrong(each.code, each.table, each.column, each.rows, each.hits, each.drawn, each.scheme)
            for each in sight.suspicions
        ),
        sight.others,
        sight.undecided,
        sight.unread,
        looked.limits,
        looked.next,
    )

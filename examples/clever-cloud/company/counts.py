"""How many rows break each promise, in plain SQL and without Troth: what its numbers are compared with.

python company/counts.py hosting.db 2026-06-30   # as JSON
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Promise:
    """What the policy says in a few words, and the queries that count what breaks it: place → SQL.

    A place is a table, with the fields when rows stay and these have to go. ``:days180`` and its like are the
    moments before which something is past its time.
    """

    id: str
    words: str
    queries: dict[str, str]


_CLOSED = "SELECT id FROM customers WHERE closed_at < :today"
_LEFT = f"""SELECT organization_id FROM memberships GROUP BY organization_id
    HAVING count(*) = sum(customer_id IN ({_CLOSED}))"""

_PROCESSED = "(last_contact_at < :year OR decided_at < :months3)"

PROMISES = (
    Promise(
        "retention.analytics",
        "Visits are kept for 180 days",
        {"visits": "SELECT count(*) FROM visits WHERE recorded_at < :days180"},
    ),
    Promise(
        "form.analytics.ip",
        "… with the first half of the IP address only",
        {"visits ip": "SELECT count(*) FROM visits WHERE ip NOT LIKE '%.0.0' AND ip NOT LIKE '%::'"},
    ),
    Promise(
        "retention.security",
        "Access logs are kept for 1 year",
        {
            "access_log": "SELECT count(*) FROM access_log WHERE recorded_at < :year",
            "customers last_login_at, last_login_ip": """SELECT count(*) FROM customers
                WHERE last_login_at < :year AND (closed_at IS NULL OR closed_at >= :years5)""",
        },
    ),
    Promise(
        "retention.connection_data",
        "Connection data are kept for 1 year",
        {"connection_log": "SELECT count(*) FROM connection_log WHERE recorded_at < :year"},
    ),
    Promise(
        "retention.account",
        "Account data are kept while the contract lasts",
        {
            "memberships": f"SELECT count(*) FROM memberships WHERE customer_id IN ({_CLOSED})",
            "organizations": f"SELECT count(*) FROM organizations WHERE id IN ({_LEFT})",
            "applications": f"SELECT count(*) FROM applications WHERE organization_id IN ({_LEFT})",
            "addons": f"""SELECT count(*) FROM addons WHERE application_id IN
                (SELECT id FROM applications WHERE organization_id IN ({_LEFT}))""",
            "customers password_hash, totp_secret": """SELECT count(*) FROM customers WHERE closed_at < :today
                AND closed_at >= :years5 AND (password_hash != '' OR totp_secret IS NOT NULL)""",
        },
    ),
    Promise(
        "retention.account_legal.information",
        "… e-mail, phone and login 1 year longer",
        {
            "customers email, phone": """SELECT count(*) FROM customers
                WHERE closed_at < :year AND closed_at >= :years5 AND email NOT LIKE '%@erased.example'""",
            "customers login": """SELECT count(*) FROM customers
                WHERE closed_at < :year AND closed_at >= :years5 AND login NOT LIKE 'erased-%'""",
        },
    ),
    Promise(
        "retention.account_legal.identity",
        "… name and address 5 years longer",
        {"customers": "SELECT count(*) FROM customers WHERE closed_at < :years5 AND full_name != ''"},
    ),
    Promise(
        "retention.account_legal.accounting",
        "Invoices are kept for 10 financial years",
        {
            "invoices": "SELECT count(*) FROM invoices WHERE issued_at < :years10",
            "payments": """SELECT count(*) FROM payments
                WHERE invoice_id IN (SELECT id FROM invoices WHERE issued_at < :years10)""",
        },
    ),
    Promise(
        "retention.support",
        "Support goes with the contract it serves",
        {
            "support_conversations": f"SELECT count(*) FROM support_conversations WHERE customer_id IN ({_CLOSED})",
            "support_messages": f"""SELECT count(*) FROM support_messages WHERE conversation_id IN
                (SELECT id FROM support_conversations WHERE customer_id IN ({_CLOSED}))""",
        },
    ),
    Promise(
        "retention.recruitment",
        "Candidates go 12 months after the last contact",
        {
            "candidates": f"SELECT count(*) FROM candidates WHERE {_PROCESSED}",
            "interviews": f"""SELECT count(*) FROM interviews
                WHERE candidate_id IN (SELECT id FROM candidates WHERE {_PROCESSED})""",
        },
    ),
    Promise(
        "retention.hotline",
        "The number of a call goes with the request",
        {"hotline_calls": "SELECT count(*) FROM hotline_calls WHERE closed_at < :today"},
    ),
    Promise(
        "retention.rights_requests",
        "Requests about rights go a year after the reply",
        {"rights_requests": "SELECT count(*) FROM rights_requests WHERE replied_at < :year"},
    ),
    Promise(
        "retention.postmortem",
        "Instructions go 6 months after a death",
        {
            "directives": """SELECT count(*) FROM directives WHERE death_notified_at < :months6
                OR customer_id IN (SELECT id FROM customers WHERE closed_at < :years5)"""
        },
    ),
    Promise(
        "closed_list.platform",
        "No personal data but what the policy names",
        {
            "customers marketing_score": """SELECT count(*) FROM pragma_table_info('customers')
                WHERE name = 'marketing_score'"""
        },
    ),
)


def broken(db: sqlite3.Connection, at: date) -> dict[str, dict[str, int]]:
    """For each promise, how many rows break it in each place."""
    moments = moments_before(at)
    return {
        promise.id: {place: db.execute(query, moments).fetchone()[0] for place, query in promise.queries.items()}
        for promise in PROMISES
    }


def moments_before(at: date) -> dict[str, str]:
    """What happened before these moments is past its time on the day ``at``, which begins at midnight in Paris."""
    return {
        "today": _midnight(at),
        "days180": _midnight(at - timedelta(days=180)),
        "months3": _midnight(_months_before(at, 3)),
        "months6": _midnight(_months_before(at, 6)),
        "year": _midnight(_years_before(at, 1)),
        "years5": _midnight(_years_before(at, 5)),
        "years10": _midnight(date(at.year - 10, 1, 1)),
    }


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 3, 1)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:  # a shorter month
        return date(year, month + 2, 1)


def _midnight(day: date) -> str:
    moment = datetime.combine(day, time(), ZoneInfo("Europe/Paris"))
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def main(database: str, at: str) -> None:
    with closing(sqlite3.connect(database)) as db:
        print(json.dumps(broken(db, date.fromisoformat(at)), indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])

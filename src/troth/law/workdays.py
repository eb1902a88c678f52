"""Working days of a country: all but Saturdays, Sundays and public holidays (Art. 2(2) of Regulation 1182/71)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from troth.core.errors import InputError

_SATURDAY = 5
_WEEKEND = {_SATURDAY: "Saturday", 6: "Sunday"}


@dataclass(frozen=True, slots=True)
class Workdays:
    """``country`` is its ISO 3166 code, ``region`` a part of it whose own holidays count too (``57``: Moselle)."""

    country: str
    region: str | None = None

    def rest(self, day: date) -> str | None:
        """Why ``day`` is no working day: the holiday's name in the country's language, or the day of the week."""
        return _holidays(self.country, self.region, day.year).get(day) or _WEEKEND.get(day.weekday())

    def rolled(self, day: date) -> tuple[date, tuple[str, ...]]:
        """The first working day from ``day`` on, and why the days before it are none (Art. 3(4))."""
        why: list[str] = []
        while (rest := self.rest(day)) is not None:
            why.append(rest)
            day += timedelta(days=1)
        return day, tuple(why)

    def after(self, day: date, number: int) -> date:
        """The last of ``number`` working days after ``day``, which is not counted itself."""
        for _ in range(number):
            day, _why = self.rolled(day + timedelta(days=1))
        return day


@cache
def _holidays(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """One year's public holidays. Raises ``InputError`` for a country or region that is not known."""
    from holidays import country_holidays  # noqa: PLC0415 — it knows 250 countries, and few commands count days

    try:
        spoken = country_holidays(country, subdiv=region).default_language
        return country_holidays(country, subdiv=region, years=year, expand=False, language=spoken)
    except NotImplementedError:
        place = f"{region} in {country}" if region else country
        raise InputError(
            f"the public holidays of '{place}' are not known here",
            hint="name a country by its two letters (FR), a region by its ISO 3166-2 code",
            code="LAW-UNKNOWN",
        ) from None

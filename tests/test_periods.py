"""Periods as clients ask for them: in the broker's time zone, clocks that are set back included."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.problems import Problem, Violation
from handlers.times import Period, tenant_time, within

ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York"])
# Of New York: clocks are set on at 7:00 UTC on 8 March, and back at 6:00 UTC on 1 November.
YEAR = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
CHANGES = [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
NEAR = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.floats(-7200, 7200),
)
MOMENTS = YEAR | NEAR


def holds(period: Period, moment: datetime) -> bool:
    return (period.start is None or moment >= period.start) and (
        period.until is None or moment < period.until
    )


@given(MOMENTS, MOMENTS, MOMENTS, ZONES)
def test_whatever_is_shown_with_a_time_of_the_period_lies_in_it(
    one: datetime, other: datetime, moment: datetime, zone: str
) -> None:
    start, end = sorted(tenant_time(each, zone) for each in (one, other))
    shown, period = tenant_time(moment, zone), within(start, end, zone)
    if start <= shown <= end:
        assert holds(period, moment)


@given(MOMENTS, MOMENTS)
def test_where_clocks_are_never_set_a_period_is_exactly_what_is_shown(
    one: datetime, moment: datetime
) -> None:
    zone = "Asia/Shanghai"
    bound, shown = tenant_time(one, zone), tenant_time(moment, zone)
    assert holds(within(bound, "", zone), moment) == (shown >= bound)
    assert holds(within("", bound, zone), moment) == (shown <= bound)


def test_the_hour_that_comes_twice_is_all_in_a_period_that_names_it() -> None:
    time = "2026-11-01 01:30:00"
    period = within(time, time, "America/New_York")
    assert period.start == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert period.until == datetime(2026, 11, 1, 6, 30, 1, tzinfo=UTC)


def test_without_times_a_period_is_open() -> None:
    assert within("", "", "UTC") == Period(None, None)


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(Problem) as refused:
        within("2026-01-15 00:00:01", "2026-01-15 00:00:00", "UTC")
    assert refused.value.code == "DATE_RANGE_INVALID"
    assert refused.value.errors == [Violation("/query/start_time", "range")]

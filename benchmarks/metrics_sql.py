"""The six outcomes as one statement each, over the same tables of facts.

Each statement does what the formula does: the same matching, exclusions, clock, censoring and
breakdowns, and the strata of the standard mix. It leaves out what costs a formula time as well:
the intervals of curves and of medians, and the counts beside the number. Every line it answers
is (dimension, value of it, n, hits or median); the line without a dimension is the whole.
"""

# ruff: noqa: S608  the statements are put together from constants of this file

from collections.abc import Mapping
from typing import Final

_LEFT: Final = "left_out NOT IN (1, 2, 3, 4, 6)"
_LEFT_HANDLED: Final = "left_out NOT IN (1, 2, 3, 4, 5, 6)"
_LEFT_CLOSED: Final = "left_out NOT IN (1, 2, 3, 6)"
_TELL: Final = """
SELECT CASE WHEN GROUPING(journey) + GROUPING(risk) + GROUPING(channel) = 0 THEN 'mix' ELSE
  concat_ws('', {names}) END AS dimension,
  concat_ws('/', {columns}) AS value, count(*) AS n, {hits} AS hits
FROM told GROUP BY GROUPING SETS ((), (journey, risk, channel), {sets})
"""


def _tell(*names: str, hits: str = "count(*) FILTER (WHERE hit)") -> str:
    every = tuple(dict.fromkeys((*names, "journey", "risk", "channel")))
    return _TELL.format(
        names=", ".join(f"CASE WHEN GROUPING({one}) = 0 THEN '{one}' END" for one in every),
        columns=", ".join(every),
        hits=hits,
        sets=", ".join(f"({one})" for one in names),
    )


RECONTACT: Final = f"""
WITH events AS (
  SELECT issue, resolved_at AS at, 0 AS kind FROM qa_measuredepisode
   WHERE resolved_at IS NOT NULL AND NOT withdrawn AND issue <> 0
  UNION ALL
  SELECT issue, at, 1 FROM qa_measuredcontact WHERE no_return = 0 AND issue <> 0
), placed AS (
  SELECT issue, at, kind, max(at) FILTER (WHERE kind = 0) OVER (
    PARTITION BY issue ORDER BY at, kind DESC ROWS UNBOUNDED PRECEDING) AS last FROM events
), returned AS (
  SELECT issue, last AS resolved_at, min(at) AS back FROM placed
   WHERE kind = 1 AND last IS NOT NULL GROUP BY issue, last
), told AS MATERIALIZED (
  SELECT m.*, e.assumed, back <= %(now)s AS came,
    coalesce(back <= %(now)s AND back <= resolved_at + interval '7 days', false) AS hit,
    EXTRACT(EPOCH FROM least(back, %(now)s) - resolved_at)::float8 / 86400 AS days
  FROM qa_measuredepisode e LEFT JOIN returned USING (issue, resolved_at)
  JOIN qa_measuredmix m ON m.key = e.of
  WHERE resolved_at >= %(begin)s AND resolved_at < %(end)s AND NOT withdrawn AND {_LEFT}
), counted AS (
  SELECT days, count(*) FILTER (WHERE came) AS d, sum(count(*)) OVER (ORDER BY days DESC) AS n
  FROM told WHERE NOT assumed GROUP BY days
)
SELECT 'survival', '', count(*)::bigint,
  1 - exp(sum(ln(greatest(1 - d / n::float8, 1e-300))) FILTER (WHERE days <= 7)) FROM counted
 WHERE d > 0
UNION ALL {_tell("journey", "channel", "pattern", "cue_sheet_version", "ai_version")}
"""
TRANSFERS: Final = f"""
WITH moves AS (
  SELECT DISTINCT ON (handover) contact,
    CASE WHEN back_seconds <= 300 THEN 5 ELSE transfer END AS kind
  FROM qa_measuredhandover WHERE at <= %(now)s ORDER BY handover
), moved AS (SELECT DISTINCT contact FROM moves WHERE kind IN (2, 3, 7)
), told AS MATERIALIZED (
  SELECT m.*, moved.contact IS NOT NULL AS hit
  FROM qa_measuredcontact c LEFT JOIN moved USING (contact) JOIN qa_measuredmix m ON m.key = c.of
  WHERE at >= %(begin)s AND at < %(end)s AND handled AND {_LEFT_HANDLED}
)
{_tell("journey", "channel", "queue", "cue_sheet_version")}
"""
TIMES: Final = f"""
WITH ordered AS (
  SELECT *, lag(resolved_at) OVER (PARTITION BY case_id ORDER BY number) AS before
  FROM qa_measuredepisode WHERE opened_at <= %(now)s
), matters AS (
  SELECT *, count(*) FILTER (WHERE number > 1 AND NOT coalesce(
    opened_at - before <= interval '24 hours' AND same_cause, false)) OVER (
    PARTITION BY case_id ORDER BY number) AS breaks FROM ordered
), ended AS (
  SELECT DISTINCT ON (case_id) case_id, withdrawn,
    CASE WHEN resolved_at <= %(now)s THEN resolved_at END AS resolved_at
  FROM matters WHERE breaks = 0 ORDER BY case_id, number DESC
), timed AS (
  SELECT m.*, resolved.resolved_at IS NOT NULL AND NOT withdrawn AS happened,
    resolved.resolved_at IS NOT NULL AS over,
    EXTRACT(EPOCH FROM coalesce(resolved.resolved_at, %(now)s) - c.opened_at)::float8 / 3600
      AS hours
  FROM qa_measuredcase c LEFT JOIN ended resolved ON resolved.case_id = c.id
  JOIN qa_measuredmix m ON m.key = c.of
  WHERE c.opened_at >= %(begin)s AND c.opened_at < %(end)s AND {_LEFT}
), cut AS (
  SELECT dimension, value, hours, count(*) AS c,
    count(*) FILTER (WHERE happened) AS d, count(*) FILTER (WHERE over) AS o
  FROM timed CROSS JOIN LATERAL (VALUES ('', ''), ('journey', journey), ('channel', channel),
    ('pattern', pattern), ('cue_sheet_version', cue_sheet_version), ('queue', queue)
  ) AS one (dimension, value) GROUP BY dimension, value, hours
), risk AS (
  SELECT *, sum(c) OVER (PARTITION BY dimension, value ORDER BY hours DESC)::float8 AS n FROM cut
), staying AS (
  SELECT *, coalesce(exp(sum(ln(greatest(1 - o / n, 1e-300))) OVER (
    PARTITION BY dimension, value ORDER BY hours
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), 1) AS before FROM risk
), curve AS (
  SELECT *, sum(before * d / n) OVER (PARTITION BY dimension, value ORDER BY hours) AS share
  FROM staying
)
SELECT dimension, value, sum(c)::bigint, min(hours) FILTER (WHERE share >= 0.5 - 1e-12)
FROM curve GROUP BY dimension, value
"""
WORK: Final = f"""
WITH told AS MATERIALIZED (
  SELECT m.*, w.contact, least(seconds, 1800) / 60 AS minutes
  FROM qa_measuredwork w JOIN qa_measuredmix m ON m.key = w.of
  WHERE wrapped_at >= %(begin)s AND wrapped_at < %(end)s AND seconds IS NOT NULL
    AND {_LEFT_HANDLED}
), each AS (
  SELECT dimension, value, contact, sum(minutes) AS minutes
  FROM told CROSS JOIN LATERAL (VALUES ('', ''), ('journey', journey), ('channel', channel),
    ('queue', queue)) AS one (dimension, value) GROUP BY dimension, value, contact
)
SELECT dimension, value, count(*), avg(minutes) FROM each GROUP BY dimension, value
"""
EXCEPTIONS: Final = f"""
WITH executed AS (
  SELECT DISTINCT ON (step) case_id, exception, recovered FROM qa_measuredstep
  WHERE started_at <= %(now)s AND {_LEFT} ORDER BY step, started_at DESC
), failed AS (SELECT DISTINCT case_id FROM executed WHERE exception <> 0 AND NOT recovered
), told AS MATERIALIZED (
  SELECT m.*, failed.case_id IS NOT NULL AS hit
  FROM qa_measuredcase c LEFT JOIN failed ON failed.case_id = c.id
  JOIN qa_measuredmix m ON m.key = c.of
  WHERE opened_at >= %(begin)s AND opened_at < %(end)s AND {_LEFT}
)
{_tell("journey", "pattern", "risk", "ai_version")}
"""
COMPLETENESS: Final = f"""
WITH told AS MATERIALIZED (
  SELECT m.*, required = counted AS hit
  FROM qa_measuredcase c JOIN qa_measuredmix m ON m.key = c.of
  WHERE closed_at >= %(begin)s AND closed_at < %(end)s AND required > 0 AND {_LEFT_CLOSED}
)
{_tell("journey", "pattern", "risk")}
"""
STATEMENTS: Final[Mapping[str, str]] = {
    "recontact_rate": RECONTACT,
    "transfer_rate": TRANSFERS,
    "time_to_resolution": TIMES,
    "after_contact_work": WORK,
    "exception_rate": EXCEPTIONS,
    "audit_completeness": COMPLETENESS,
}

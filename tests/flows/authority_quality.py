"""Who is let through on which page of quality and measurement."""

from tests.flows.authority_rows import PEOPLE, QUALITY, QUALITY_REVIEW, Row, said

QUALITY_PAGES: dict[str, Row] = {
    # The one that stands here is nobody's yet: a lead sees it, and nobody answers it.
    "admin/reviews/": Row(get="VYL"),
    f"{QUALITY_REVIEW}": Row(get="L"),
    f"{QUALITY_REVIEW}take/": Row(post=""),
    f"{QUALITY_REVIEW}save/": Row(post="", body=said(revision="0")),
    f"{QUALITY_REVIEW}submit/": Row(post="", body=said(revision="0")),
    f"{QUALITY_REVIEW}skip/": Row(post="", body=said(reason="language")),
    f"{QUALITY_REVIEW}give/": Row(post="L", body=lambda named: {"person": named["analyst_id"]}),
    f"{QUALITY_REVIEW}ask-stop/": Row(post="", body=said(reason="It goes on.")),
    f"{QUALITY_REVIEW}release/": Row(post=""),
    f"{QUALITY_REVIEW}coach/": Row(post=""),
    f"{QUALITY_REVIEW}gold/": Row(post=""),
    f"{QUALITY_REVIEW}gold/withdraw/": Row(post=""),
    # Whoever is let in is told that the document named is none.
    f"{QUALITY_REVIEW}propose/": Row(post="L"),
    "admin/my-reviews/": Row(get=PEOPLE),
    "admin/my-reviews/<uuid:quality_review_id>/": Row(get=""),
    "admin/my-reviews/<uuid:quality_review_id>/acknowledge/": Row(post=""),
    "admin/my-reviews/<uuid:quality_review_id>/dispute/": Row(post=""),
    "admin/my-reviews/coaching/<uuid:coaching_id>/": Row(post=""),
    "admin/disputes/": Row(get="L"),
    "admin/disputes/export/": Row(get="L"),
    "admin/disputes/<uuid:dispute_id>/": Row(get="L"),
    "admin/disputes/<uuid:dispute_id>/decide/": Row(
        post="L", body=said(value="no", reason="So it was asked.")
    ),
    # Nobody else leads quality in the scene: whoever is let in is told to choose a lead.
    "admin/disputes/<uuid:dispute_id>/hand-over/": Row(
        post="L", body=said(lead="", reason="I am away.")
    ),
    "admin/reviews/of/<str:case_id>/": Row(get="VYL/YL"),
    "admin/reviews/units/<uuid:unit_id>/leave-out/": Row(
        post="L", body=said(flag="test", reason="A trial of the phone.")
    ),
    # The unit of the scene is not left out, its session is closed, and no period is held.
    "admin/reviews/units/<uuid:unit_id>/take-back/": Row(post="", body=said(reason="It counts.")),
    "admin/reviews/ask/<uuid:unit_id>/": Row(post="VCYLM/CYLM", body=said(reason="A complaint.")),
    "admin/quality/": Row(get=QUALITY),
    "admin/quality/estimate/": Row(get=QUALITY),
    "admin/quality/estimate/file/": Row(get=QUALITY),
    "admin/quality/ai/": Row(get=QUALITY),
    # Nothing of an AI was reviewed in the scene.
    "admin/quality/ai/file/": Row(get=""),
    "admin/calibrations/": Row(get="VYL"),
    "admin/calibrations/series/": Row(get="VYL"),
    "admin/calibrations/open/": Row(post="L", body=said(count="2")),
    "admin/calibrations/<uuid:session_id>/": Row(get="VYL"),
    "admin/calibrations/<uuid:session_id>/remind/": Row(post=""),
    "admin/calibrations/<uuid:session_id>/close/": Row(post="L"),
    "admin/scorecards/": Row(get=QUALITY),
    "admin/scorecards/<str:key>/": Row(get=QUALITY),
    "admin/samples/": Row(get=QUALITY),
    "admin/samples/redraw.py": Row(get=QUALITY),
    "admin/samples/<uuid:sample_id>/": Row(get=QUALITY),
    "admin/samples/<uuid:sample_id>/frame.csv": Row(get=QUALITY),
    "admin/samples/<uuid:sample_id>/proof.json": Row(get=QUALITY),
    # The numbers of the scene's sample are held.
    "admin/samples/<uuid:sample_id>/units/": Row(get=""),
    "admin/samples/<uuid:sample_id>/redraw/": Row(post=QUALITY),
    "admin/samples/<uuid:sample_id>/explain/": Row(
        post="L", body=said(explanation="cancel", reason="It was wrong.")
    ),
    "admin/samples/<uuid:sample_id>/agree/": Row(post=""),
    "admin/sampling-plans/": Row(get=QUALITY),
    "admin/sampling-plans/<str:key>/": Row(get=QUALITY),
    "admin/findings/": Row(get=QUALITY),
    "admin/findings/export/": Row(get=QUALITY),
    "admin/findings/<uuid:finding_id>/settle/": Row(post="VYL/YL", body=said(state="confirmed")),
    "admin/findings/<uuid:finding_id>/reopen/": Row(post="VYL/YL"),
    "admin/outcomes/": Row(get=QUALITY),
    # The thing of the scene is no kind of file.
    "admin/outcomes/export/<str:kind>/": Row(get=""),
    "admin/outcomes/<str:key>/": Row(get=QUALITY),
    "admin/outcomes/<str:key>/cases/": Row(get=QUALITY),
    "admin/outcomes/<str:key>/compare/": Row(get=QUALITY),
    # The alert that stands here is owned by supervisors; a QA lead sets targets.
    "admin/hours/": Row(get=QUALITY),
    "admin/hours/set/": Row(
        post="L", body=said(time_zone="Europe/Berlin", since="2030-01-07", monday="09:00-17:00")
    ),
    "admin/journey-outcomes/": Row(get=QUALITY),
    "admin/journey-outcomes/<str:key>/": Row(get=QUALITY),
    "admin/targets/": Row(get=QUALITY),
    "admin/targets/<str:key>/": Row(get=QUALITY),
    "admin/outcome-alerts/": Row(get=QUALITY),
    "admin/outcome-alerts/<uuid:outcome_alert_id>/": Row(get=QUALITY),
    "admin/outcome-alerts/<uuid:outcome_alert_id>/acknowledge/": Row(
        post="VL", body=said(note="The queue has more people now.")
    ),
    "admin/outcome-alerts/<uuid:outcome_alert_id>/close/": Row(
        post="VL", body=said(note="It was a fault of the import.")
    ),
    "admin/metric-definitions/": Row(get=QUALITY),
    "admin/metric-definitions/<str:key>/": Row(get=QUALITY),
    "admin/baseline/": Row(get=QUALITY),
    "admin/baseline/<str:key>/": Row(get=QUALITY),
    "admin/baseline/<str:key>/cases/": Row(get=QUALITY),
    "admin/baseline/<str:key>/case/<path:ref>/": Row(get=QUALITY),
}

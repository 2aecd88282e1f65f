"""In which order the parts of the report are read."""

from evaluation.sections import (
    activity,
    after_support,
    casework,
    completeness,
    costs,
    experience,
    flow,
    impact,
    methods,
    outcomes,
    over_time,
    reach,
    run_charts,
    scorecard,
    summary,
)

# In the order they are read: what the figures rest on comes before any figure.
SECTIONS = (
    completeness.build,
    summary.build,
    scorecard.build,
    flow.build,
    reach.build,
    activity.build,
    run_charts.build,
    impact.build,
    costs.build,
    over_time.build,
    after_support.build,
    outcomes.build,
    experience.build,
    casework.build,
    completeness.received,
    methods.build,
)

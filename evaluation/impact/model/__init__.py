"""What the estimators fit: past attendances as features, Poisson regression, matching, and rates drawn from a gamma."""

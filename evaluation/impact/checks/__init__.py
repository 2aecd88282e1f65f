"""What stands beside the headline, so that it can be doubted: balance, placebo, largest person, E-value."""

"""What stands beside the headline, so that it can be doubted: balance, placebo, negative control, largest
person, E-value."""

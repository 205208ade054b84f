"""The scorecards, sampling plans and metric definitions that ship ready to use."""

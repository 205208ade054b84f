"""What scorecards, sampling plans and metric definitions share as governed documents."""

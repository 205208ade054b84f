"""The review workflow that policies, knowledge and cue sheets share."""

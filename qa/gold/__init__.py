"""Reviews with agreed answers, given out again unseen to learn how reviewers score."""

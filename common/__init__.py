"""What the site and the comment service both know: the organisation's facts, its language, its threads."""

"""AWS in this process, for tests that run thousands of schedules: see `door`."""

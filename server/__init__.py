"""The only place that knows Flask, the environment, the wall clock and processes."""

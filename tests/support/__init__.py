"""What the tests stand on: a PostgreSQL of their own, a clock, honest builders."""

"""The committed contract of the API, and how it is built."""

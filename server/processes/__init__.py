"""The long-running processes: worker, sentinel, web, and the parent of all three."""

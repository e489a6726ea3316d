"""The operator's commands, one module for each kind; ``server.cli`` gathers them."""

from rich.console import Console

console = Console(soft_wrap=True)
errors = Console(stderr=True)

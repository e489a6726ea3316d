"""The story as the terminal shows it: a line a step, each only after it was seen."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console

HANGZHOU = ZoneInfo("Asia/Shanghai")


class Telling:
    """Counts the steps that were seen."""

    def __init__(self, console: Console, expected: int) -> None:
        self.console, self.expected, self.seen = console, expected, 0

    def step(self, at: datetime, who: str, what: str) -> None:
        """One step, seen through the API."""
        self.seen += 1
        clock = f"{at.astimezone(HANGZHOU):%H:%M:%S}"
        count = f"{self.seen:>2}/{self.expected}"
        self.console.print(
            f"[dim]{count}[/dim] [cyan]{clock}[/cyan] [bold]{who}[/bold] {what}",
            highlight=False,
        )

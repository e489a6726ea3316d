"""Carriers: one small class for each way out of the house, by a channel's kind."""

from pathlib import Path

from contact import providers
from contact.carriers.console import ConsoleCarrier
from contact.carriers.file import FileCarrier
from contact.carriers.http import HttpCarrier
from contact.carriers.outgoing import Carrier, Note, Outgoing, SendError, mask
from contact.carriers.webhook import WebhookCarrier
from core.errors import Misconfigured
from core.words import ChannelKind
from models import MessageChannel

__all__ = [
    "Carrier",
    "ConsoleCarrier",
    "FileCarrier",
    "HttpCarrier",
    "Note",
    "Outgoing",
    "SendError",
    "WebhookCarrier",
    "for_channel",
    "mask",
]


def for_channel(
    channel: MessageChannel, *, folder: Path | None, demo: bool, anywhere: bool
) -> Carrier:
    """The carrier of a channel; ``Misconfigured`` where it lacks what it needs.

    ``folder`` is where the file channel writes; ``demo`` lets it write bodies.
    ``anywhere``: the operator lets webhooks lead into private networks, by http too.
    """
    match channel.kind:
        case ChannelKind.CONSOLE:
            return ConsoleCarrier()
        case ChannelKind.FILE:
            if folder is None:
                raise Misconfigured("There is no folder for the file channel.")
            return FileCarrier(folder, demo=demo)
        case ChannelKind.WEBHOOK:
            if channel.target is None or channel.secret is None:
                raise Misconfigured("A webhook needs its target and its secret.")
            return WebhookCarrier(channel.target, channel.secret, anywhere=anywhere)
        case ChannelKind.SMS:
            provider = providers.settings(channel.settings).provider
            if channel.target is None or channel.secret is None or provider is None:
                raise Misconfigured("A provider needs address, secret and template.")
            return HttpCarrier(
                channel.target, channel.secret, provider, anywhere=anywhere
            )

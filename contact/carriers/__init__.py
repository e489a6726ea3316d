"""Carriers: one small class for each way out of the house, by a channel's kind."""

from functools import partial
from pathlib import Path

from contact import call_documents, providers
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
    channel: MessageChannel,
    *,
    folder: Path | None,
    demo: bool,
    anywhere: bool,
    public_url: str,
) -> Carrier:
    """The carrier of a channel; ``Misconfigured`` where it lacks what it needs.

    ``folder`` is where the file channel writes; ``demo`` lets it write bodies.
    ``anywhere``: the operator lets channels lead into private networks, by http too.
    ``public_url``: where a call's digit comes back to.
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
        case ChannelKind.SMS | ChannelKind.VOICE:
            return _by_provider(channel, anywhere=anywhere, public_url=public_url)


def _by_provider(
    channel: MessageChannel, *, anywhere: bool, public_url: str
) -> HttpCarrier:
    target, secret = channel.target, channel.secret
    provider = providers.settings(channel.settings).provider
    if target is None or secret is None or provider is None:
        raise Misconfigured("A provider needs address, secret and template.")
    document = None
    if channel.kind is ChannelKind.VOICE:
        shown = channel.callback_secret or ""
        where = call_documents.callback(public_url, channel.id, shown)
        document = partial(call_documents.of, callback=where)
    return HttpCarrier(target, secret, provider, anywhere=anywhere, document=document)

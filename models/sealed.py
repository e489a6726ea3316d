"""Personal values at rest: the one column type that holds them, and its attribute.

A personal column stores AES-GCM bytes bound to ``table.column.primary key``, so a value
copied into another row or column does not open. Nothing filters, sorts or joins on such
a column; a phone is found by its keyed digest.
"""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar, overload

from sqlalchemy import Dialect, LargeBinary, TypeDecorator

from core.errors import Misconfigured
from core.keyring import CannotOpen, Keyring, UnknownKey

T = TypeVar("T")


class Envelope(bytes):
    """Sealed bytes: the only thing a ``Sealed`` column takes."""

    __slots__ = ()


Reload = Callable[[], Keyring | None]


def _nothing_newer() -> Keyring | None:
    return None


class _Ring:
    """The process's keyring; ``reload`` tells of a newer one while the process runs."""

    def __init__(self) -> None:
        self._keyring: Keyring | None = None
        self._reload: Reload = _nothing_newer
        self._lock = threading.Lock()

    def use(self, keyring: Keyring, reload: Reload = _nothing_newer) -> None:
        """Seal and open with ``keyring`` from now on.

        ``reload`` gives the keyring that has taken its place, or ``None`` while none
        has. It is asked before each sealing, and when a value names an unknown key, so
        that a rotation needs no restart.
        """
        self._keyring, self._reload = keyring, reload

    def seal(self, plain: str, *, bound_to: str) -> Envelope:
        """Sealed under the key that is current now."""
        self._refresh()
        return Envelope(self.keyring.seal(plain, bound_to=bound_to))

    def open(self, envelope: bytes, *, bound_to: str) -> str:
        """The plain text, with a key that was made after this process began too."""
        try:
            return self.keyring.open(envelope, bound_to=bound_to)
        except UnknownKey:
            self._refresh()
        return self.keyring.open(envelope, bound_to=bound_to)

    def _refresh(self) -> None:
        with self._lock:  # whoever comes second finds what the first one read
            self._keyring = self._reload() or self._keyring

    @property
    def keyring(self) -> Keyring:
        """The keyring in use, or ``Misconfigured``."""
        if self._keyring is None:
            raise Misconfigured("No keys are loaded: run `vouchsafe keys generate`.")
        return self._keyring


ring = _Ring()


class Sealed(TypeDecorator[Envelope]):
    """A personal column. Binding anything but an ``Envelope`` raises."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(
        self, value: Envelope | None, dialect: Dialect
    ) -> bytes | None:
        """Let only sealed bytes through."""
        if value is not None and not isinstance(value, Envelope):
            raise TypeError("an unsealed value reached a personal column")
        return None if value is None else bytes(value)

    def process_result_value(
        self, value: bytes | None, dialect: Dialect
    ) -> Envelope | None:
        """Sealed bytes as they are; the attribute opens them."""
        return None if value is None else Envelope(value)


class _Row(Protocol):
    """What ``Personal`` needs of a row."""

    @property
    def __tablename__(self) -> str: ...

    @property
    def id(self) -> object:
        """The primary key."""


class Personal(Generic[T]):
    """Plain value outside, envelope inside: ``name = Personal("name_sealed")``.

    Setting it before the row has its id is an error of the caller.
    """

    def __init__(
        self,
        column: str,
        load: Callable[[str], T],
        dump: Callable[[T], str] = str,
    ) -> None:
        self.column, self.load, self.dump = column, load, dump

    def _bound_to(self, row: _Row) -> str:
        column = self.column.removesuffix("_sealed")  # as it is called in the table
        return f"{row.__tablename__}.{column}.{row.id}"

    def sealed(self, row: _Row, value: T | None) -> Envelope | None:
        """The value as the row holds it."""
        if value is None:
            return None
        plain = self.dump(value)
        return ring.seal(plain, bound_to=self._bound_to(row))

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...

    @overload
    def __get__(self, row: object, owner: type) -> T | None: ...

    def __get__(self, row: object | None, owner: type) -> Self | T | None:
        if row is None:
            return self
        envelope: Envelope | None = getattr(row, self.column)
        if envelope is None:
            return None
        bound_to = self._bound_to(row)  # type: ignore[arg-type]
        return self.load(ring.open(envelope, bound_to=bound_to))

    def __set__(self, row: object, value: T | None) -> None:
        setattr(row, self.column, self.sealed(row, value))  # type: ignore[arg-type]

    def readable(self, row: object) -> T | None:
        """The row's value, or ``None`` where it cannot be opened.

        For the paths on which one damaged value must not cost a person his alarm:
        ``User.phone.readable(user)``.
        """
        try:
            return self.__get__(row, type(row))
        except CannotOpen:
            return None


def text(column: str) -> Personal[str]:
    """A personal text."""
    return Personal(column, str)

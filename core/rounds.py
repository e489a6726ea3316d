"""A round over many things of which one that fails stops no other."""

from collections.abc import Callable, Iterable


def total(works: Iterable[Callable[[], int]]) -> int:
    """Do all of them; the sum of what they did.

    What failed is raised at the end, together, as an ``ExceptionGroup``.
    """
    done, failures = 0, []
    for work in works:
        try:
            done += work()
        except Exception as error:
            failures.append(error)
    if failures:
        raise ExceptionGroup("not all of a round succeeded", failures)
    return done

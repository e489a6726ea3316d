"""Coverage: where help would not come as it should, now and for two weeks."""

from accounts.access import Action
from safety import coverage
from safety.coverage import Gap
from server.endpoint import Call, Room, endpoint
from server.schemas import coverage as schemas

room = Room("coverage", __name__, url_prefix="/v1/coverage", description=__doc__)


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_POLICIES,
    answer=schemas.CoverageSchema,
)
def look_ahead(call: Call) -> dict[str, object]:
    """List what keeps ladders and rotas from reaching people within 14 days."""
    window = coverage.window(call.now)
    found = coverage.ahead(
        call.session, call.actor.organisation_id, window, demo=call.runtime.demo
    )
    shown = [_shown(one) for one in found]
    return {"starts_at": window.start, "ends_at": window.end, "gaps": shown}


def _shown(gap: Gap) -> dict[str, object]:
    return {
        "kind": gap.kind,
        "policy": gap.policy,
        "step": gap.step,
        "rota_id": gap.rota_id,
        "user_id": gap.user_id,
        "starts_at": gap.interval.start if gap.interval else None,
        "ends_at": gap.interval.end if gap.interval else None,
        "words_en": coverage.WORDS_EN[gap.kind],
        "words_zh": coverage.WORDS_ZH[gap.kind],
    }

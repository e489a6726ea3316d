"""What a lender says of a case and its borrower, as enumerations."""

from enum import StrEnum


class Employment(StrEnum):
    """What the borrower does for a living: it tells when he may be at home."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    SELF_EMPLOYED = "self_employed"
    UNEMPLOYED = "unemployed"
    RETIRED = "retired"
    STUDENT = "student"
    AT_HOME = "at_home"


class AbilityToPay(StrEnum):
    """What the lender thinks the borrower can pay."""

    ABLE = "able"
    PARTLY = "partly"
    UNABLE = "unable"


class WillingnessToPay(StrEnum):
    """What the lender thinks the borrower wants to pay."""

    WILLING = "willing"
    HESITANT = "hesitant"
    UNWILLING = "unwilling"


class ChangeOf(StrEnum):
    """What of a case an import changed."""

    CASE = "case"
    BORROWER = "borrower"
    PLACE = "place"

"""Thin rows: columns, constraints, indexes. No rules live here."""

from models.account_codes import FormerPin, Invitation, ResetCode
from models.alerts import Alert, AlertEntry, Policy, PolicyStep
from models.audit import AuditPending, AuditRow, AuditSeal
from models.badges import Badge, BadgePhoto, BadgeTransition
from models.base import Base
from models.cases import Borrower, Case, CaseChange, Consent, Place, Wish
from models.contacts import Contact
from models.imports import Import, ImportChunk, ImportProblem
from models.messages import (
    DeliveryReport,
    Message,
    MessageChannel,
    Receipt,
    Reply,
)
from models.organisations import Creditor, CreditorListing, Organisation
from models.payments import Payment
from models.place_memory import Incident, PlaceMark
from models.privacy import AccessRecord, BorrowerHold, Erasure
from models.processes import Installation, ProcessPulse
from models.purges import NamedHold, PurgeReceipt
from models.repeats import KeptAnswer
from models.rotas import Rota, RotaLayer, RotaOverride, RotaParticipant
from models.second_factors import RecoveryCode, SecondFactor
from models.tries import KnownSource, Try
from models.users import Device, LoginSession, User
from models.vehicles import Vehicle
from models.verifications import Verification, VisitCode
from models.visits import Visit, Visitor, VisitTransition
from models.watches import Watch, WatchEvent, WatchTransition
from models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "AccessRecord",
    "Alert",
    "AlertEntry",
    "AuditPending",
    "AuditRow",
    "AuditSeal",
    "Badge",
    "BadgePhoto",
    "BadgeTransition",
    "Base",
    "Borrower",
    "BorrowerHold",
    "Case",
    "CaseChange",
    "Consent",
    "Contact",
    "Creditor",
    "CreditorListing",
    "DeliveryReport",
    "Device",
    "Erasure",
    "FormerPin",
    "Import",
    "ImportChunk",
    "ImportProblem",
    "Incident",
    "Installation",
    "Invitation",
    "KeptAnswer",
    "KnownSource",
    "LoginSession",
    "Message",
    "MessageChannel",
    "NamedHold",
    "Organisation",
    "Payment",
    "Place",
    "PlaceMark",
    "Policy",
    "PolicyStep",
    "ProcessPulse",
    "PurgeReceipt",
    "Receipt",
    "RecoveryCode",
    "Reply",
    "ResetCode",
    "Rota",
    "RotaLayer",
    "RotaOverride",
    "RotaParticipant",
    "SecondFactor",
    "Try",
    "User",
    "Vehicle",
    "Verification",
    "Visit",
    "VisitCode",
    "VisitTransition",
    "Visitor",
    "Watch",
    "WatchEvent",
    "WatchTransition",
    "Webhook",
    "WebhookDelivery",
    "Wish",
]

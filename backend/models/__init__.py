"""The tables, plain SQLAlchemy: they know neither Flask nor each other's pages."""

from backend.models.accounts import Invite, LoginSession, Role, User
from backend.models.base import NAMES, Base, Pictured
from backend.models.changes import Change, ChangedSample, ChangeKind, Lease
from backend.models.decisions import Kept, LabelConfirmation, PairDecision
from backend.models.feedback import Feedback
from backend.models.readings import VersionReading
from backend.models.samples import (
    Display,
    MeterType,
    Part,
    Split,
    State,
    Training,
    TrainingAugmentation,
    TrainingElement,
    checked_value,
)
from backend.models.telegram import Purpose, TelegramChat, TelegramReading, TelegramUpdate, UpdateState
from backend.models.versions import (
    FINDER,
    READER,
    Action,
    NeuralModel,
    NeuralVersion,
    Publication,
    Run,
    RunKind,
    RunState,
)

__all__ = [
    "FINDER",
    "NAMES",
    "READER",
    "Action",
    "Base",
    "Change",
    "ChangeKind",
    "ChangedSample",
    "Display",
    "Feedback",
    "Invite",
    "Kept",
    "LabelConfirmation",
    "Lease",
    "LoginSession",
    "MeterType",
    "NeuralModel",
    "NeuralVersion",
    "PairDecision",
    "Part",
    "Pictured",
    "Publication",
    "Purpose",
    "Role",
    "Run",
    "RunKind",
    "RunState",
    "Split",
    "State",
    "TelegramChat",
    "TelegramReading",
    "TelegramUpdate",
    "Training",
    "TrainingAugmentation",
    "TrainingElement",
    "UpdateState",
    "User",
    "VersionReading",
    "checked_value",
]

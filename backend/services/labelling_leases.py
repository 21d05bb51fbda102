"""Who has which picture of the labelling queue. The lease's key is the picture: a second one cannot be made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from backend.models import Lease, State, Training
from backend.models.base import now

LEASE = timedelta(minutes=5)  # the page renews it every minute
WAITING = (State.NEW.value, State.PROPOSED.value)


def held(session: Session, person: str) -> list[Training]:
    """The pictures that this person holds, in the order in which they see them. Those answered elsewhere drop out."""
    query = select(Training).join(Lease, Lease.training_id == Training.id).options(joinedload(Training.meter_type))
    mine = query.where(Lease.person == person, Lease.expires_at > now(), Training.state.in_(WAITING))
    return list(session.scalars(mine.order_by(Lease.place, Lease.training_id)))


def holder(session: Session, training_id: int) -> str | None:
    """Who has a picture just now; nobody else gets it until the transaction ends."""
    found = session.scalars(select(Lease).where(Lease.training_id == training_id).with_for_update()).first()
    return found.person if found is not None and found.expires_at > now() else None


def free() -> ColumnElement[bool]:
    """The condition for samples that nobody has."""
    return ~exists().where(Lease.training_id == Training.id, Lease.expires_at > now())


def others(person: str) -> Select[tuple[int]]:
    """The samples that others have."""
    return select(Lease.training_id).where(Lease.person != person, Lease.expires_at > now())


def renew(session: Session, person: str) -> None:
    """Let this person keep what they have."""
    mine = update(Lease).where(Lease.person == person, Lease.expires_at > now())
    session.execute(mine.values(expires_at=now() + LEASE), execution_options={"synchronize_session": False})


def give_back(session: Session, training_id: int) -> None:
    """End a lease."""
    statement = delete(Lease).where(Lease.training_id == training_id)
    session.execute(statement, execution_options={"synchronize_session": False})


def lease(session: Session, person: str, ids: list[int], most: int, first: bool = False) -> int:
    """Lease up to `most` of these for a person, behind what they have or before it; returns how many.

    What another one has, or what waits no more, is left out.
    """
    moment, got = now(), 0
    place = end_of(session, person, first)
    for training_id in ids:
        if got == most:
            break
        place += -1 if first else 1
        mine = {"person": person, "place": place, "expires_at": moment + LEASE}
        if not lease_one(session, training_id, mine, moment):
            continue
        # Looked at only now: who answers a picture changes its state before the lease goes.
        state = session.scalar(select(Training.state).where(Training.id == training_id).with_for_update())
        if state in WAITING:
            got += 1
        else:
            give_back(session, training_id)
    return got


def end_of(session: Session, person: str, first: bool) -> int:
    """The place of the first or the last picture that a person has."""
    order = Lease.place.asc() if first else Lease.place.desc()
    return session.scalar(select(Lease.place).where(Lease.person == person).order_by(order).limit(1)) or 0


def lease_one(session: Session, training_id: int, values: dict[str, Any], moment: datetime) -> bool:
    """Insert a lease, or take over one that ran out or is this person's own; tells whether it is theirs now."""
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    inserted = (postgresql.insert if on_postgresql else sqlite.insert)(Lease).values(training_id=training_id, **values)
    takeable = (Lease.expires_at <= moment) | (Lease.person == values["person"])
    statement = inserted.on_conflict_do_update(index_elements=["training_id"], set_=values, where=takeable)
    return session.scalar(statement.returning(Lease.training_id)) is not None

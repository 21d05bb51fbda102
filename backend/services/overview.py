"""The overview: what is published, how far the labelling is, the last runs, and where the data has holes.

The counts come out of indexes alone, so that they stay quick with 100,000 samples; the holes need every label and are
asked for apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, defer, joinedload

from backend.database import db, reading_session
from backend.models import (
    READER,
    MeterType,
    NeuralVersion,
    Publication,
    Run,
    Split,
    State,
    Training,
    TrainingAugmentation,
    TrainingElement,
)
from backend.services import samples
from backend.services.coverage import Hole, coverage, holes, shown_places
from backend.services.sample_filter import Filter

RUNS = 5
TYPES = 12  # meter types with the most labelled samples whose holes are looked for
WAITING = (State.NEW.value, State.PROPOSED.value)


@dataclass(frozen=True)
class Samples:
    """How many samples there are by what they are for and how far they are; how many of them need a look."""

    counts: dict[tuple[int, str], int]
    doubtful: int
    contradicted: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def of(self, *states: str, split: Split | None = None) -> int:
        """How many have one of these states, of one side of the split or of all."""
        wanted = {each.value for each in Split} if split is None else {split.value}
        return sum(count for (side, state), count in self.counts.items() if side in wanted and state in states)

    @property
    def waiting(self) -> int:
        """How many nobody has labelled yet."""
        return self.of(*WAITING)

    @property
    def labelled(self) -> int:
        """How many are labelled."""
        return self.of(State.LABELLED.value)


@dataclass(frozen=True)
class Overview:
    """What the first page of the panel shows; `publication` is how the published version came to be that."""

    published: NeuralVersion | None
    publication: Publication | None
    samples: Samples
    fragments: int
    augmentations: int
    runs: list[Run]


@dataclass(frozen=True)
class Gaps:
    """The digits of a meter type that were seldom or never seen, the worst first."""

    meter_type: MeterType
    holes: list[Hole]
    cells: int


def overview() -> Overview:
    """Everything but the holes."""
    session = db.session()
    read = (NeuralVersion.published, NeuralVersion.slot == READER)
    current = select(NeuralVersion).where(*read).options(joinedload(NeuralVersion.model))
    published = session.scalar(current)
    last = select(Publication).where(Publication.version_id == published.id) if published else None
    ran = select(Run).options(
        defer(Run.log), defer(Run.result), joinedload(Run.version).joinedload(NeuralVersion.model)
    )
    return Overview(
        published=published,
        publication=session.scalar(last.order_by(Publication.id.desc()).limit(1)) if last is not None else None,
        samples=count_samples(session),
        fragments=session.scalar(select(func.count(TrainingElement.id))) or 0,
        augmentations=session.scalar(select(func.count(TrainingAugmentation.id))) or 0,
        runs=list(session.scalars(ran.order_by(Run.id.desc()).limit(RUNS))),
    )


def count_samples(session: Session) -> Samples:
    """Count the samples."""
    query = select(Training.type, Training.state, func.count()).group_by(Training.type, Training.state)
    counts = {(side, state): number for side, state, number in session.execute(query)}
    return Samples(counts, count(session, Filter(doubtful=True)), count(session, Filter(disagrees=True)))


def count(session: Session, wanted: Filter) -> int:
    """How many samples a filter of the list lets through."""
    return session.scalar(select(func.count()).select_from(samples.matching(wanted).subquery())) or 0


def gaps() -> list[Gaps]:
    """The meter types with the most labelled samples to teach, with their holes."""
    labelled = (Training.state == State.LABELLED.value) & (Training.type == Split.TEACH.value)
    often = select(Training.meter_type_id).where(labelled).group_by(Training.meter_type_id)
    with reading_session() as session:
        ids = list(session.scalars(often.order_by(text("count(*) DESC"), Training.meter_type_id).limit(TYPES)))
        kinds = [session.get_one(MeterType, number) for number in ids]
        session.expunge_all()
    found = []
    for kind in kinds:
        counts = coverage(kind.id)
        places = shown_places(counts, kind)
        found.append(Gaps(kind, holes(counts, places), 10 * places))
    return found

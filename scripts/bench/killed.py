"""What is done while being killed: each operation, how it is prepared, and what has to hold afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import func, select

from backend.app import create_app
from backend.database import db
from backend.domain.card import Card
from backend.models import Training, TrainingAugmentation
from backend.services import dataset_import, generation, versions
from backend.settings import Settings, get_settings
from scripts.bench.generation import METER_TYPE, plant
from scripts.bench.killed_server import Server, add_account, drawn
from scripts.bench.planting import make_version

ROWS = 30  # of one import
PICTURES = 40  # of one generation
VERSIONS = 3


@dataclass(frozen=True)
class Installed:
    """Where an installation is."""

    instance: Path
    static: Path
    database_url: str
    inputs: Path

    def settings(self) -> Settings:
        """The settings that lead to it."""
        return Settings(instance=self.instance, static=self.static, database_url=self.database_url)


class Life(Protocol):
    """Processes that do an operation again and again, and say through a pipe what is begun and what acknowledged."""

    pipe: Connection

    def kill(self) -> None:
        """Kill them; on return they are dead and nothing more is said."""


class Operation(Protocol):
    """Something that is done again and again, each time with a number of its own."""

    def prepare(self, place: Installed) -> None:
        """Fill the installation with what is needed."""

    def begin(self, place: Installed, first: int) -> Life:
        """Let somebody do it again and again from this number on."""

    def torn(self, place: Installed) -> Iterator[str]:
        """What is half there right after a kill, before anything is repaired."""

    def lost(self, acknowledged: set[int], under_way: set[int]) -> Iterator[str]:
        """What was acknowledged and is not there, or is there in part, after the restart."""


class Child:
    """A process that does an operation by itself, as a command does. What returns is acknowledged."""

    def __init__(self, name: str, place: Installed, first: int) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload(["scripts.bench.killed"])
        self.pipe, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=live, args=(name, place, first, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.join()


def live(name: str, place: Installed, first: int, pipe: Connection) -> None:
    """In a process of its own: do an operation until killed, saying when each begins and when it is acknowledged."""
    operation = OPERATIONS[name]
    assert isinstance(operation, Command)
    with create_app(place.settings()).app_context():
        for number in count(first):
            pipe.send(("begun", number))
            operation.do(place, number)
            pipe.send(("done", number))


def counted(source_or_seed: Any) -> dict[Any, int]:
    """How many rows there are of each source, or of each seed."""
    found = db.session.execute(select(source_or_seed, func.count()).group_by(source_or_seed))
    return {key: number for key, number in found}  # noqa: C416 (rows, not tuples)


def whole(there: dict[Any, int], acknowledged: set[Any], size: int) -> Iterator[str]:
    """Each batch is there as a whole or not at all; the acknowledged ones are there."""
    yield from (f"{key}: {number} of {size} rows" for key, number in there.items() if number not in (0, size))
    yield from (f"{key}: acknowledged and lost" for key in acknowledged - there.keys())


class Upload:
    """One picture at a time by several clients, through HTTP to the panel's upload; what is killed is the server."""

    password = ""

    def prepare(self, place: Installed) -> None:
        """An account that may upload."""
        self.password = add_account()

    def begin(self, place: Installed, first: int) -> Life:
        """Start the server and its clients."""
        return Server(place.settings(), self.password, first)

    def torn(self, place: Installed) -> Iterator[str]:
        """A row and a file cannot be half there; `check` says what is."""
        return iter(())

    def lost(self, acknowledged: set[int], under_way: set[int]) -> Iterator[str]:
        """Every acknowledged picture is there, once."""
        return whole(counted(Training.source), {str(number) for number in acknowledged}, 1)


class Command:
    """What a command does, in a process of its own."""

    name = ""

    def prepare(self, place: Installed) -> None:
        """Nothing is needed."""

    def begin(self, place: Installed, first: int) -> Life:
        """Start the process."""
        return Child(self.name, place, first)

    def do(self, place: Installed, number: int) -> None:
        """Do it; returning acknowledges it."""
        raise NotImplementedError

    def torn(self, place: Installed) -> Iterator[str]:
        """A row and a file cannot be half there; `check` says what is."""
        return iter(())


class Import(Command):
    """A folder at a time, as `import_training_data` does."""

    name = "import"

    def do(self, place: Installed, number: int) -> None:
        """Write a folder, which nobody has acknowledged yet, and import it."""
        folder = place.inputs / str(number)
        (folder / "images").mkdir(parents=True)
        rows = [f"{n}.png,0,{number * ROWS + n},{number}\n" for n in range(ROWS)]
        (folder / "training.csv").write_text("image,type,correct_value,source\n" + "".join(rows), "utf-8")
        for n in range(ROWS):
            (folder / "images" / f"{n}.png").write_bytes(drawn(number * ROWS + n))
        dataset_import.import_dataset(folder, "bench")

    def lost(self, acknowledged: set[int], under_way: set[int]) -> Iterator[str]:
        """Every acknowledged folder is there, and none in part."""
        return whole(counted(Training.source), {str(number) for number in acknowledged}, ROWS)


class Generate(Command):
    """Some pictures at a time, as `generate_images` does."""

    name = "generate"

    def prepare(self, place: Installed) -> None:
        """Fragments."""
        plant()

    def do(self, place: Installed, number: int) -> None:
        """Generate one batch, marked by its seed."""
        generation.generate(METER_TYPE, PICTURES, number, "bench")

    def lost(self, acknowledged: set[int], under_way: set[int]) -> Iterator[str]:
        """Every acknowledged batch is there, and none in part."""
        return whole(counted(TrainingAugmentation.seed), acknowledged, PICTURES)


class Publish(Command):
    """One version after the other, as `publish` does."""

    name = "publish"
    newest = -1  # the last acknowledged number when it was looked at last
    published: str | None = None  # what was published then: it may have been under way when its process was killed

    def prepare(self, place: Installed) -> None:
        """Versions to publish."""
        self.newest, self.published = -1, None
        for number in range(1, VERSIONS + 1):
            make_version(place.static / "model", number)

    def do(self, place: Installed, number: int) -> None:
        """Publish the next one."""
        versions.publish(self.path(number), "bench", override="nobody can compare networks that nothing can run")

    def path(self, number: int) -> str:
        """Which version a number stands for."""
        return f"planted/{number % VERSIONS + 1}"

    def torn(self, place: Installed) -> Iterator[str]:
        """At every moment browsers are told of one whole version."""
        pointer = place.static / "model" / "current.json"
        if not pointer.exists():
            return
        try:
            folder = pointer.parent / json.loads(pointer.read_bytes())["path"]
            Card.load(folder).verify(folder)
        except (ValueError, KeyError) as error:
            yield f"torn: {error}"

    def lost(self, acknowledged: set[int], under_way: set[int]) -> Iterator[str]:
        """What was published last is what is published: the one under way, or the last acknowledged one, if any."""
        newest = max(acknowledged, default=-1)
        before = self.path(newest) if newest > self.newest else self.published
        possible = {before, *map(self.path, under_way)}
        row = versions.published(db.session())
        pointed = versions.pointed_at(get_settings().static / "model" / versions.POINTER)
        found = row.path if row else None
        if found != pointed or pointed not in possible:
            yield f"expected one of {possible}, got {pointed} in current.json and {found} in the database"
        self.newest, self.published = newest, pointed


OPERATIONS: dict[str, Operation] = {
    "upload": Upload(),
    "import": Import(),
    "generate": Generate(),
    "publish": Publish(),
}

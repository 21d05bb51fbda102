"""Dockerfiles as lists of instructions; only what those of `containers/` use is known, all else is refused."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

KNOWN = "ARG FROM ENV WORKDIR COPY RUN USER EXPOSE HEALTHCHECK ENTRYPOINT CMD".split()
FROM = re.compile(r"(\S+)(?: AS (\w+))?")
HEALTH = re.compile(r"((?:--\S+\s+)*)CMD\s+(.*)", re.S)


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name, and the rest of it on one line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """A command in its JSON form. Raises ValueError for one that a shell would have to take apart."""
        try:
            words = json.loads(self.rest)
        except ValueError:
            words = None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"expected {self.name} with a JSON list of words, got {self.rest}")
        return words


@dataclass(frozen=True)
class Stage:
    """What lies between one FROM and the next: the base image, the stage's name (may be empty), its instructions."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def last(self, name: str) -> Instruction | None:
        """The instruction of this name that counts: the last."""
        return next((each for each in reversed(self.instructions) if each.name == name), None)

    @property
    def health(self) -> list[str]:
        """The command of the health check. Raises ValueError where there is none."""
        check = self.last("HEALTHCHECK")
        found = HEALTH.fullmatch(check.rest) if check else None
        if not found:
            raise ValueError(f"expected a HEALTHCHECK with CMD, got {check.rest if check else 'none'}")
        return Instruction("HEALTHCHECK", found[2]).words


def read(file: Path) -> list[Stage]:
    """The stages of a Dockerfile, ARGs of the head put into the FROMs. Raises ValueError for what is not known."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for each in instructions(file.read_text(encoding="utf-8")):
        if each.name == "ARG":
            if stages:
                raise ValueError(f"expected ARG before the first FROM in {file.name}, got {each.rest}")
            name, _, value = each.rest.partition("=")
            arguments[name] = value
        elif each.name == "FROM":
            found = FROM.fullmatch(re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], each.rest))
            if not found:
                raise ValueError(f"expected FROM with an image, got {each.rest} in {file.name}")
            stages.append(Stage(found[1], found[2] or "", ()))
        else:
            stage = stages.pop()
            stages.append(Stage(stage.base, stage.name, (*stage.instructions, each)))
    return stages


def instructions(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, without its comments and line breaks. Raises ValueError."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    found = [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]
    if unknown := [each.name for each in found if each.name not in KNOWN]:
        raise ValueError(f"expected instructions among {', '.join(KNOWN)}, got {unknown[0]}")
    return found

"""Accounts: one-time links, passwords, sessions that end on the server.

Tokens are kept as hashes only: who reads the database can neither log in nor set up an account. Passwords are
hashed with argon2id; checking one takes the same time whether the name exists or not.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.sentences import Translatable
from backend.models import Invite, LoginSession, Role, User
from backend.models.accounts import NAME_LENGTH
from backend.models.base import SYSTEM, now

SESSION_LASTS = timedelta(days=7)
LINK_LASTS = timedelta(hours=24)
SHORTEST, LONGEST = 10, 200  # characters of a password; hashing longer ones is a way to keep the server busy
DIFFERENT = 5  # characters that a password has at least
hasher = PasswordHasher()
NOBODY = hasher.hash(secrets.token_hex(16))  # what the password is checked against when there is no such name


class AccountError(Translatable, ValueError):
    """A name, password or link that cannot be taken."""


def log_in(name: str, password: str) -> str | None:
    """Begin a session and return its token; None when name or password is wrong or the account is closed."""
    with reading_session() as reading:  # hashing takes a while, and keeps no writer waiting
        found = reading.scalars(select(User).where(User.key == key_of(name))).first()
        right = matches(found.password_hash if found else NOBODY, password)
    session = db.session()
    user = session.get(User, found.id) if found and right else None
    if user is None or found is None or not user.active or user.password_hash != found.password_hash:
        return None
    if hasher.check_needs_rehash(user.password_hash):
        user.password_hash = hasher.hash(password)
    token = begin_session(session, user)
    session.commit()
    return token


def begin_session(session: Session, user: User) -> str:
    """Add a session of `user` and return its token; sessions that are over go."""
    token, moment = secrets.token_urlsafe(32), now()
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= moment))
    expires = moment + SESSION_LASTS
    session.add(LoginSession(token_sha256=hashed(token), user=user, created_at=moment, expires_at=expires))
    return token


def whose(token: str) -> User | None:
    """Return whose session a token is, while it lasts and the account is open. The row is for reading only."""
    found = select(User).join(LoginSession).where(LoginSession.token_sha256 == hashed(token))
    with reading_session() as session:  # a page that changes things does not hold the write lock from here on
        return session.scalars(found.where(LoginSession.expires_at > now(), User.active)).first()


def log_out(token: str) -> None:
    """End a session: whoever copied its cookie is out too."""
    db.session.execute(delete(LoginSession).where(LoginSession.token_sha256 == hashed(token)))
    db.session.commit()


def change_password(token: str, old: str, new: str) -> None:
    """Give the one whose session this is a new password; all their other sessions end. Raises AccountError."""
    known = whose(token)
    if known is None or not matches(known.password_hash, old):
        raise AccountError("expected your present password, got another one")
    user = db.session.get_one(User, known.id)
    set_password(user, new)
    others = LoginSession.token_sha256 != hashed(token)
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id, others))
    db.session.commit()


def invite(role: Role, person: str, user_id: int | None = None) -> str:
    """Make a one-time link's token: for a new account, or a new password of the account `user_id`."""
    session, token = db.session(), secrets.token_urlsafe(32)
    if user_id is not None and session.get(User, user_id) is None:
        raise AccountError("expected an account, got none with the number %(number)s", number=user_id)
    invitation = Invite(token_sha256=hashed(token), role=role.value, user_id=user_id, created_by=person)
    invitation.expires_at = now() + LINK_LASTS
    session.add(invitation)
    session.commit()
    return token


def first_link() -> str | None:
    """Make the link for setting up the first admin; None when there is one. Earlier such links end."""
    if admins(db.session()):
        return None
    withdraw_first_links(db.session())
    return invite(Role.ADMIN, SYSTEM)


def invitation(token: str) -> Invite | None:
    """Return what a link is for, while it can be used."""
    found = db.session.scalars(select(Invite).where(Invite.token_sha256 == hashed(token))).first()
    return found if found and found.used_at is None and found.expires_at > now() else None


def accept(token: str, name: str, password: str) -> str:
    """Use a link: make the account, or set its password; returns the token of a new session. Raises AccountError."""
    session, moment = db.session(), now()
    usable = (Invite.token_sha256 == hashed(token), Invite.used_at.is_(None), Invite.expires_at > moment)
    used = session.execute(update(Invite).where(*usable).values(used_at=moment))
    assert isinstance(used, CursorResult)
    if used.rowcount != 1:
        session.rollback()
        raise AccountError("expected a link that was not used yet and is not too old; ask for a new one")
    link = session.scalars(select(Invite).where(Invite.token_sha256 == hashed(token))).one()
    try:
        user = reset(session, link.user, password) if link.user else add(session, name, password, Role(link.role))
    except AccountError:
        session.rollback()
        raise
    if link.role == Role.ADMIN.value:
        withdraw_first_links(session)
    began = begin_session(session, user)
    session.commit()
    return began


def create_admin(name: str, password: str, person: str) -> User:
    """Make an admin, or make an account an admin with this password. Raises AccountError."""
    session = db.session()
    user = session.scalars(select(User).where(User.key == key_of(name))).first()
    if user is None:
        user = add(session, name, password, Role.ADMIN, person)
    else:
        reset(session, user, password)
        user.role, user.active, user.updated_by = Role.ADMIN.value, True, person
    withdraw_first_links(session)
    session.commit()
    return user


def change(user_id: int, person: str, role: Role | None = None, active: bool | None = None) -> User:
    """Give an account another role, close or reopen it; there is always an admin left. Raises AccountError."""
    session = db.session()
    session.execute(select(User.id).where(User.role == Role.ADMIN.value).with_for_update())  # two last ones at once
    user = session.get(User, user_id)
    if user is None:
        raise AccountError("expected an account, got none with the number %(number)s", number=user_id)
    user.role, user.updated_by = role.value if role else user.role, person
    user.active = user.active if active is None else active
    session.flush()
    if not admins(session):
        session.rollback()
        raise AccountError("expected at least one admin to be left: give somebody else the role first")
    if not user.active:
        session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
        session.execute(delete(Invite).where(Invite.user_id == user.id))
    session.commit()
    return user


def add(session: Session, name: str, password: str, role: Role, person: str | None = None) -> User:
    """Add an account, made by itself unless `person` says who made it. Raises AccountError."""
    shown = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(shown) <= NAME_LENGTH or not shown.isprintable():
        raise AccountError("expected a name of 1 to %(most)s printable characters", most=NAME_LENGTH)
    if session.scalar(select(User.id).where(User.key == key_of(shown))):
        raise AccountError("expected a name that nobody has yet, got %(name)s", name=shown)
    made = {"created_by": person or shown, "updated_by": person or shown}
    user = User(name=shown, key=key_of(shown), role=role.value, active=True, **made)
    set_password(user, password)
    session.add(user)
    return user


def reset(session: Session, user: User, password: str) -> User:
    """Set a new password and end every session. Raises AccountError."""
    set_password(user, password)
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    return user


def set_password(user: User, password: str) -> None:
    """Keep the hash of a password. Raises AccountError for one that is easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError("expected a password of %(least)s to %(most)s characters", least=SHORTEST, most=LONGEST)
    if len(set(password)) < DIFFERENT:
        raise AccountError("expected a password of at least %(least)s different characters", least=DIFFERENT)
    if key_of(password) == user.key:
        raise AccountError("expected a password that is not the name, got the name")
    user.password_hash = hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Tell whether a password belongs to a hash."""
    try:
        return len(password) <= LONGEST and hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def admins(session: Session) -> int:
    """Count the admins who can log in."""
    can = select(func.count()).select_from(User).where(User.role == Role.ADMIN.value, User.active)
    return session.scalar(can) or 0


def withdraw(number: int) -> None:
    """Make a link worthless that nobody used."""
    db.session.execute(delete(Invite).where(Invite.id == number, Invite.used_at.is_(None)))
    db.session.commit()


def withdraw_first_links(session: Session) -> None:
    """Forget links for the first admin that were not used."""
    session.execute(delete(Invite).where(Invite.created_by == SYSTEM, Invite.used_at.is_(None)))


def key_of(name: str) -> str:
    """The form in which names are compared: "Аня" and "аня " are one person."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()[:NAME_LENGTH]


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

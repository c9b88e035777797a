"""Accounts: making one, and finding the one that somebody claims to have."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import Accept, Register, UsernameTakenError, UserRegistered
from backend.auth.service.account_rules import check_email, check_username, normal_email
from backend.auth.service.beginnings import was_changed
from backend.auth.service.passwords import check_password
from backend.kit.clock import utc
from backend.kit.errors import InvalidRequestError
from backend.kit.ids import UserId, new_id
from backend.kit.parts import Parts

_PASSWORD_TABLE = "auth_password"  # noqa: S105 - the name of a table
_EMAIL_LABEL = "email 1"
"""The label is the version: a new key is a new label, and both are looked at until all have
moved."""


@dataclass(frozen=True, slots=True)
class Form:
    """A registration form that follows the rules."""

    username: str
    username_key: str
    password: str = field(repr=False)
    email: str | None = field(repr=False)
    age_band: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The account that somebody claims to have."""

    user: models.User
    hashed: str = field(repr=False)


def check_form(request: Register) -> Form:
    """The form, if it follows the rules. Raises InvalidRequestError naming the field."""
    check_terms(is_agreed=request.terms)
    username_key = check_username(request.username)
    password = check_password(request.password, request.username)
    email = check_email(request.email) if request.email else None
    return Form(request.username, username_key, password, email, request.age_answer)


def check_guest_form(request: Accept) -> Form:
    """The same of somebody who needs no password. Raises InvalidRequestError naming the field."""
    check_terms(is_agreed=request.terms)
    username_key = check_username(request.username)
    return Form(request.username, username_key, "", None, request.age_answer)


def check_terms(*, is_agreed: bool) -> None:
    """Raise InvalidRequestError unless they agreed."""
    if not is_agreed:
        raise InvalidRequestError("We can only go on if you agree to the terms.", "terms")


class Accounts:
    """Makes and finds accounts, inside the transactions of the service."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def make(self, session: AsyncSession, form: Form, hashed: str | None) -> models.User:
        """A new account; without a hash for who gets in another way. Raises UsernameTakenError."""
        now = utc(self._parts.clock)
        user = models.User(
            id=new_id(),
            username=form.username,
            username_key=form.username_key,
            state="active",
            epoch=0,
            age_band=form.age_band,
            created=now,
        )
        insert = self._parts.database.insert_ignore(models.User).values(**user.model_dump())
        if not was_changed(await session.execute(insert)):
            raise UsernameTakenError("That name is taken. Add a little something?", "username")
        if hashed is not None:
            self.set_password(session, user.id, hashed)
        if form.email:
            claim = models.UserEmail(
                user_id=user.id, hmac=self._email_hmac(form.email), verified_at=None
            )
            session.add(claim)
        event = UserRegistered(user_id=UserId(user.id), username=user.username)
        await self._parts.outbox.add(session, event)
        return user

    async def find_claimed(self, session: AsyncSession, identifier: str) -> Claimed | None:
        """The account of a username or of an e-mail address that its owner has verified.

        An address that nobody verified opens nothing: else whoever registers with yours first
        would be there when you arrive (auth.md A8).
        """
        query = select(models.User, models.Password).join(
            models.Password, col(models.Password.user_id) == col(models.User.id)
        )
        if "@" in identifier:
            hmac = self._email_hmac(normal_email(identifier))
            query = query.join(
                models.UserEmail, col(models.UserEmail.user_id) == col(models.User.id)
            ).where(
                col(models.UserEmail.hmac) == hmac, col(models.UserEmail.verified_at).is_not(None)
            )
        else:
            query = query.where(col(models.User.username_key) == identifier.strip().lower())
        row = (await session.execute(query)).first()
        if row is None or row[0].state != "active":
            return None
        user, password = row[0], row[1]
        hashed = self._parts.keyring.open_sealed(
            _PASSWORD_TABLE, "sealed_hash", user.id, password.sealed_hash
        )
        return Claimed(user, hashed.decode())

    async def update_password(self, session: AsyncSession, user_id: str, hashed: str) -> None:
        """Keep another hash of the same password."""
        row = await session.get_one(models.Password, user_id)
        row.sealed_hash = self._seal(user_id, hashed)
        session.add(row)

    def set_password(self, session: AsyncSession, user_id: str, hashed: str) -> None:
        """The first password of an account."""
        session.add(
            models.Password(
                user_id=user_id,
                sealed_hash=self._seal(user_id, hashed),
                changed_at=utc(self._parts.clock),
            )
        )

    def _seal(self, user_id: str, hashed: str) -> str:
        return self._parts.keyring.seal(_PASSWORD_TABLE, "sealed_hash", user_id, hashed.encode())

    def _email_hmac(self, email: str) -> str:
        return self._parts.keyring.mac(_EMAIL_LABEL, email).hex()

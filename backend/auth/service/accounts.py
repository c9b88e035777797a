"""Accounts: making one, and finding the one that somebody claims to have."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import models
from backend.auth.contract import Accept, Register, UsernameTakenError, UserRegistered
from backend.auth.service.account_rules import check_email, check_username, normal_email
from backend.auth.service.addresses import Addresses
from backend.auth.service.beginnings import was_changed
from backend.auth.service.forgetting import tombstone_keys
from backend.kit.clock import utc
from backend.kit.errors import InvalidRequestError
from backend.kit.ids import UserId, new_id
from backend.kit.parts import Parts

_PASSWORD_TABLE = "auth_password"  # noqa: S105 - the name of a table


@dataclass(frozen=True, slots=True)
class Form:
    """A registration form that follows the rules, but for its password."""

    username: str
    username_key: str
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
    email = check_email(request.email) if request.email else None
    return Form(request.username, username_key, email, request.age_answer)


def check_guest_form(request: Accept) -> Form:
    """The same of somebody who needs no password. Raises InvalidRequestError naming the field."""
    check_terms(is_agreed=request.terms)
    username_key = check_username(request.username)
    return Form(request.username, username_key, None, request.age_answer)


def check_terms(*, is_agreed: bool) -> None:
    """Raise InvalidRequestError unless they agreed."""
    if not is_agreed:
        raise InvalidRequestError("We can only go on if you agree to the terms.", "terms")


class Accounts:
    """Makes and finds accounts, inside the transactions of the service."""

    def __init__(self, parts: Parts, addresses: Addresses) -> None:
        self._parts = parts
        self._addresses = addresses

    async def make(self, session: AsyncSession, form: Form, hashed: str | None) -> models.User:
        """A new account; without a hash for who gets in another way.

        Its address is a claim that nobody has verified. Raises UsernameTakenError.
        """
        now = utc(self._parts.clock)
        await self._check_not_gone(session, form.username_key)
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
            raise _taken()
        if hashed is not None:
            self.set_password(session, user.id, hashed)
        if form.email:
            claim = models.UserEmail(
                user_id=user.id, hmac=self._addresses.hmac(form.email), verified_at=None
            )
            session.add(claim)
        event = UserRegistered(user_id=UserId(user.id), username=user.username)
        await self._parts.outbox.add(session, event)
        return user

    async def find_claimed(self, session: AsyncSession, identifier: str) -> Claimed | None:
        """The account of a username or of an e-mail address that its owner has verified.

        An address that nobody verified opens nothing: else whoever registers with yours first
        would be there when you arrive (docs/security.md A8).
        """
        query = select(models.User, models.Password).join(
            models.Password, col(models.Password.user_id) == col(models.User.id)
        )
        if "@" in identifier:
            macs = self._addresses.hmacs(normal_email(identifier))
            query = query.join(
                models.UserEmail, col(models.UserEmail.user_id) == col(models.User.id)
            ).where(
                col(models.UserEmail.hmac).in_(macs), col(models.UserEmail.verified_at).is_not(None)
            )
        else:
            query = query.where(col(models.User.username_key) == identifier.strip().lower())
        row = (await session.execute(query)).first()
        # Whoever has to stay away is told so, once the password was right (see `Core.admit`).
        if row is None or row[0].state == "deleted":
            return None
        return Claimed(row[0], self._open(row[1]))

    async def find_hash(self, session: AsyncSession, user_id: str) -> str | None:
        """The hash of an account's password, or None where it has none."""
        password = await session.get(models.Password, user_id)
        return self._open(password) if password else None

    async def is_free(self, session: AsyncSession, username_key: str) -> bool:
        """Whether nobody has that name yet."""
        taken = select(models.User.id).where(col(models.User.username_key) == username_key)
        return (await session.scalars(taken)).first() is None

    async def update_password(self, session: AsyncSession, user_id: str, hashed: str) -> None:
        """Keep another hash of the same password."""
        row = await session.get_one(models.Password, user_id)
        row.sealed_hash = self._seal(user_id, hashed)
        session.add(row)

    async def change_password(
        self, session: AsyncSession, user_id: str, hashed: str, *, is_short: bool
    ) -> None:
        """Another password, or the first."""
        row = await session.get(models.Password, user_id)
        if row is None:
            self.set_password(session, user_id, hashed, is_short=is_short)
            return
        row.sealed_hash, row.is_short = self._seal(user_id, hashed), is_short
        row.changed_at = utc(self._parts.clock)
        session.add(row)

    def set_password(
        self, session: AsyncSession, user_id: str, hashed: str, *, is_short: bool = False
    ) -> None:
        """The first password of an account."""
        session.add(
            models.Password(
                user_id=user_id,
                sealed_hash=self._seal(user_id, hashed),
                is_short=is_short,
                changed_at=utc(self._parts.clock),
            )
        )

    async def _check_not_gone(self, session: AsyncSession, username_key: str) -> None:
        gone = col(models.User.username_key).in_(tombstone_keys(self._parts.keyring, username_key))
        if (await session.scalars(select(models.User.id).where(gone))).first() is not None:
            raise _taken()

    def _open(self, password: models.Password) -> str:
        hashed = self._parts.keyring.open_sealed(
            _PASSWORD_TABLE, "sealed_hash", password.user_id, password.sealed_hash
        )
        return hashed.decode()

    def _seal(self, user_id: str, hashed: str) -> str:
        return self._parts.keyring.seal(_PASSWORD_TABLE, "sealed_hash", user_id, hashed.encode())


def _taken() -> UsernameTakenError:
    return UsernameTakenError("That name is taken. Add a little something?", "username")

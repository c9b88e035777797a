"""Mail on its way out: by SMTP, or into a folder on a laptop. Who has no mailer sends none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from backend.kit.ids import new_id
from backend.kit.settings import SettingError, Settings

TIMEOUT_SECONDS = 10.0
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"smtp": 25, "smtps": 465}
_PERMANENT = 500
"""Answers from here on are final (RFC 5321 4.2.1); those below ask to try again."""


class MailRefusedError(Exception):
    """Nobody will ever take this mail. Trying again is of no use."""


class MailAwayError(Exception):
    """It could not be handed over now."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text for one person."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    """Hands mail over to whoever carries it."""

    async def send(self, mail: Mail) -> None:
        """Returns when it was taken. Raises MailRefusedError or MailAwayError."""
        ...


def mailer_of(settings: Settings) -> Mailer | None:
    """The mailer that the settings ask for; None when this house sends no mail.

    Raises SettingError, so that a wrong address is found at the start and not by a member.
    """
    if settings.mail_url in {"", "none"}:
        return None
    if "@" not in parseaddr(settings.mail_from)[1]:
        raise SettingError("SOSA_MAIL_FROM must be an address, like SoSa <hello@example.org>.")
    url = urlsplit(settings.mail_url)
    if url.scheme == "folder":
        return FolderMailer(settings.data_dir / "mail", settings.mail_from)
    return SmtpMailer(_smtp_options(url), settings.mail_from)


class SmtpMailer:
    """Hands mail to an SMTP server, a connection for each."""

    def __init__(self, options: Mapping[str, Any], sender: str) -> None:
        self._options = options
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        # Imported at the first mail: a function that never sends one pays nothing for it.
        smtp = import_module("aiosmtplib")
        message = written(mail, self._sender)
        try:
            async with smtp.SMTP(timeout=TIMEOUT_SECONDS, **self._options) as server:
                await server.send_message(message, recipients=[mail.to])
        except smtp.SMTPRecipientsRefused as error:
            raise _failure(error.recipients[0].code) from None
        except smtp.SMTPResponseException as error:
            # The server's words may quote the address, and errors end in logs.
            raise _failure(error.code) from None
        except smtp.SMTPNotSupported:
            raise MailRefusedError("not supported") from None
        except (smtp.SMTPException, OSError) as error:
            raise MailAwayError(type(error).__name__) from None


class FolderMailer:
    """Leaves mail in a folder that only its owner may read: for trying things out on a laptop."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{new_id()}.eml"
        path.touch(mode=0o600)
        path.write_bytes(written(mail, self._sender).as_bytes())


def written(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it travels."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    # Keeps holiday notices and the like from answering (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def _smtp_options(url: SplitResult) -> Mapping[str, Any]:
    if url.scheme not in _PORTS or not url.hostname:
        raise SettingError(
            "SOSA_MAIL_URL must be smtp://user:password@host:587?starttls, smtps://… or folder:"
        )
    has_tls = url.scheme == "smtps" or url.query == "starttls"
    if url.username and not has_tls and url.hostname not in _LOCAL:
        raise SettingError("SOSA_MAIL_URL holds a password: add ?starttls, or use smtps://.")
    return {
        "hostname": url.hostname,
        "port": url.port or _PORTS[url.scheme],
        "username": unquote(url.username) if url.username else None,
        "password": unquote(url.password) if url.password else None,
        "use_tls": url.scheme == "smtps",
        # Said outright: left to itself the client would go on in clear when the offer of TLS was
        # cut out of the greeting.
        "start_tls": url.query == "starttls",
    }


def _failure(code: int) -> MailRefusedError | MailAwayError:
    error = MailRefusedError if code >= _PERMANENT else MailAwayError
    return error(str(code))

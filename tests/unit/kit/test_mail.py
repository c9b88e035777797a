"""Mail on its way out, to a server that really takes it, and to a folder."""

from pathlib import Path

import pytest

from backend.kit.mail import Mail, MailAwayError, MailRefusedError, SmtpMailer, mailer_of
from backend.kit.settings import SettingError, Settings
from tests.catcher import catching

MAIL = Mail("ada@sosa.example", "Hello", "Grüße aus der Savanne\n")


def settings(url: str, data_dir: Path | None = None) -> Settings:
    sender = "SoSa <hello@sosa.example>"
    return Settings(mail_url=url, mail_from=sender, data_dir=data_dir or Path("nowhere"))


async def test_a_mail_arrives_as_it_was_written() -> None:
    with catching() as post:
        mailer = mailer_of(settings(post.url))
        assert mailer
        await mailer.send(MAIL)
        (caught,) = post.mails
        assert (caught.to, caught.subject, caught.text) == (MAIL.to, MAIL.subject, MAIL.text)


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such user", MailRefusedError), ("451 later", MailAwayError)],
)
async def test_never_and_not_now_are_told_apart(answer: str, error: type[Exception]) -> None:
    with catching() as post:
        post.answer = answer
        mailer = mailer_of(settings(post.url))
        assert mailer
        with pytest.raises(error) as caught:
            await mailer.send(MAIL)
        assert MAIL.to not in str(caught.value)


async def test_a_server_that_is_away_is_no_reason_to_give_up() -> None:
    with catching() as post:
        url = post.url
    mailer = mailer_of(settings(url))
    assert mailer
    with pytest.raises(MailAwayError):
        await mailer.send(MAIL)


async def test_starttls_is_insisted_on() -> None:
    # The catcher speaks no TLS: exactly what somebody on the line would make ours look like.
    with catching() as post:
        mailer = mailer_of(settings(f"{post.url}?starttls"))
        assert mailer
        with pytest.raises(MailAwayError):
            await mailer.send(MAIL)
        assert not post.mails


async def test_a_folder_keeps_what_its_owner_alone_may_read(tmp_path: Path) -> None:
    mailer = mailer_of(settings("folder:", tmp_path))
    assert mailer
    await mailer.send(MAIL)
    (path,) = (tmp_path / "mail").iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"To: ada@sosa.example" in path.read_bytes()


def test_no_url_is_no_mail() -> None:
    assert mailer_of(settings("")) is None


def test_a_password_goes_over_no_open_line() -> None:
    assert isinstance(mailer_of(settings("smtp://u:p@127.0.0.1:25")), SmtpMailer)
    assert isinstance(mailer_of(settings("smtps://u:p@mail.example.org")), SmtpMailer)
    with pytest.raises(SettingError, match="SOSA_MAIL_URL"):
        mailer_of(settings("smtp://u:p@mail.example.org"))


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_a_url_that_makes_no_sense_is_named(url: str) -> None:
    with pytest.raises(SettingError, match="SOSA_MAIL_URL"):
        mailer_of(settings(url))


def test_a_sender_that_is_none_is_named() -> None:
    with pytest.raises(SettingError, match="SOSA_MAIL_FROM"):
        mailer_of(Settings(mail_url="folder:", mail_from="SoSa"))


def test_a_password_in_the_url_is_not_shown() -> None:
    assert "hunter2" not in repr(settings("smtps://u:hunter2@mail.example.org"))

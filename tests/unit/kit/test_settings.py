from pathlib import Path

import pytest

from backend.kit.settings import SettingError, Settings


def test_no_setting_at_all_is_the_monolith_on_a_laptop():
    settings = Settings.from_environment({})
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.origin == "http://localhost:3000"
    assert settings.database_of("auth") == "sqlite+aiosqlite:///.data/sosa.db"
    assert not settings.is_https


def test_every_variable_reaches_its_field():
    settings = Settings.from_environment(
        {
            "SOSA_HOST": "0.0.0.0",  # noqa: S104
            "SOSA_PORT": "8080",
            "SOSA_DATA_DIR": "/var/lib/sosa",
            "SOSA_PUBLIC_ORIGIN": "https://chat.example.org/",
            "SOSA_RATE_LIMIT_SCALE": "2.5",
            "SOSA_MESSAGING_DATABASE_URL": "postgresql+asyncpg://m@db/m",
            "SOSA_DATABASE_URL": "postgresql+asyncpg://all@db/all",
            "PATH": "/bin",
        }
    )
    assert settings.data_dir == Path("/var/lib/sosa")
    assert (settings.origin, settings.is_https) == ("https://chat.example.org", True)
    assert settings.rate_limit_scale == 2.5
    assert settings.database_of("messaging") == "postgresql+asyncpg://m@db/m"
    assert settings.database_of("auth") == "postgresql+asyncpg://all@db/all"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SOSA_PORT", "many"),
        ("SOSA_PORT", "0"),
        ("SOSA_PORT", "65536"),
        ("SOSA_RATE_LIMIT_SCALE", "0"),
        ("SOSA_RATE_LIMIT_SCALE", "fast"),
        ("SOSA_LOG_LEVEL", "LOUD"),
        ("SOSA_TRUSTED_PROXIES", "-1"),
        ("SOSA_TRUSTED_PROXIES", "all"),
        ("SOSA_INSIDE", "localhost"),
        ("SOSA_INSIDE", "10.0.0.1/8"),
        ("SOSA_PUBLIC_ORIGIN", "chat.example.org"),
        ("SOSA_PUBLIC_ORIGIN", "https://chat.example.org/path"),
        ("SOSA_PUBLIC_ORIGIN", "ftp://chat.example.org"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(variable: str, value: str):
    with pytest.raises(SettingError, match=variable):
        Settings.from_environment({variable: value})


def test_a_password_in_a_database_url_is_not_shown():
    settings = Settings.from_environment(
        {"SOSA_DATABASE_URL": "postgresql+asyncpg://u:hunter2@h/d"}
    )
    assert "hunter2" not in repr(settings)

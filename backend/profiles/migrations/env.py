from alembic import context

from backend.kit.migrations import run_environment

run_environment(context, "profiles")

"""Reading what members write: Markdown, mentions, emoji and commands, into a tree (ADR-0014)."""

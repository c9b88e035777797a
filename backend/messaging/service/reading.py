"""Messages and events as the rows have them now.

Everything here takes a connection, so that what is asked together is answered from one snapshot.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from backend.kit.ids import MessageId, RoomId, UserId
from backend.messaging.contract import (
    MAX_NAMED,
    MAX_QUOTE,
    EventKind,
    Message,
    Quote,
    Reaction,
    RoomEvent,
)
from backend.messaging.contract.body import Body
from backend.messaging.contract.files import File
from backend.messaging.service.file_rows import files_of
from backend.messaging.service.tables import EVENTS, MESSAGES, REACTIONS
from backend.messaging.text.tree import glimpse

Row = sa.RowMapping | Mapping[str, Any]

_QUOTED = MESSAGES.alias("quoted")
IS_THERE = MESSAGES.c.deleted_at.is_(None)


def selected() -> sa.Select[Any]:
    """A query for rows that `complete` understands; to be narrowed."""
    return sa.select(
        MESSAGES,
        _QUOTED.c.seq.label("quoted_seq"),
        _QUOTED.c.author_id.label("quoted_author_id"),
        _QUOTED.c.text.label("quoted_text"),
        _QUOTED.c.body.label("quoted_body"),
        _QUOTED.c.deleted_at.label("quoted_deleted_at"),
    ).select_from(MESSAGES.outerjoin(_QUOTED, _QUOTED.c.id == MESSAGES.c.reply_to))


def complete(reader: Connection, query: sa.Select[Any]) -> list[Message]:
    """The messages of a query made from `selected`, in its order, with what hangs on them.

    One more query for each kind of thing, and only where it can hang on one of them.
    """
    rows = reader.execute(query).mappings().all()
    reactions = _read_reactions(reader, [row["id"] for row in rows if row["rev"]])
    files = files_of(reader, [row["id"] for row in rows if row["file_count"]])
    return [to_message(row, reactions.get(row["id"], ()), files.get(row["id"], ())) for row in rows]


def read_messages(reader: Connection, ids: Iterable[str]) -> dict[MessageId, Message]:
    """Those of the messages that are there, by their ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    query = selected().where(MESSAGES.c.id.in_(wanted), IS_THERE)
    return {message.id: message for message in complete(reader, query)}


def read_events(reader: Connection, query: sa.Select[int, str, str]) -> list[RoomEvent]:
    """The events of a query for EVENTS, in its order, with the messages as they are by now."""
    rows = reader.execute(query).all()
    messages = read_messages(reader, (row.message_id for row in rows))
    return [to_event(row.seq, row.kind, row.message_id, messages) for row in rows]


def events_of(room_id: RoomId) -> sa.Select[int, str, str]:
    """A query for the events of a room; to be narrowed and ordered."""
    return sa.select(EVENTS.c.seq, EVENTS.c.kind, EVENTS.c.message_id).where(
        EVENTS.c.room_id == room_id
    )


def to_event(
    seq: int, kind: EventKind, message_id: MessageId, messages: Mapping[MessageId, Message]
) -> RoomEvent:
    """An event, with its message where that is among those that are there."""
    message = messages.get(message_id)
    if message is None:
        return RoomEvent(seq=seq, kind=kind, gone=message_id)
    return RoomEvent(seq=seq, kind=kind, message=message)


def to_message(row: Row, reactions: Sequence[Reaction] = (), files: Sequence[File] = ()) -> Message:
    """The message that a row holds; a row that was not read by `selected` must answer nothing."""
    return Message(
        id=MessageId(row["id"]),
        client_id=row["client_id"],
        author_id=UserId(row["author_id"]),
        text=row["text"],
        body=to_body(row["body"]),
        sent_at=row["sent_at"],
        seq=row["seq"],
        rev=row["rev"],
        edited_at=row["edited_at"],
        reply_to=_to_quote(row) if row["reply_to"] else None,
        reactions=tuple(reactions),
        pinned_at=row["pinned_at"],
        files=tuple(files),
    )


def to_body(kept: bytes | None) -> Body | None:
    """The body that a row holds."""
    return None if kept is None else msgspec.json.decode(kept, type=Body)


def to_kept(body: Body | None) -> bytes | None:
    """A body as a row holds it."""
    return None if body is None else msgspec.json.encode(body)


def _to_quote(row: Row) -> Quote:
    quoted = MessageId(row["reply_to"])
    if row["quoted_seq"] is None or row["quoted_deleted_at"] is not None:
        return Quote(id=quoted)
    return Quote(
        id=quoted,
        seq=row["quoted_seq"],
        author_id=UserId(row["quoted_author_id"]),
        # Who has not lifted the veil there does not find it lifted here.
        text=glimpse(row["quoted_text"], to_body(row["quoted_body"]))[:MAX_QUOTE],
    )


def _read_reactions(reader: Connection, ids: Sequence[str]) -> dict[str, list[Reaction]]:
    found: dict[str, list[Reaction]] = {}
    if not ids:
        return found
    for row in reader.execute(_named(ids)):
        reactions = found.setdefault(row.message_id, [])
        if reactions and reactions[-1].emoji == row.emoji:
            last = reactions.pop()
            users = (*last.users, UserId(row.user_id))
        else:
            users = (UserId(row.user_id),)
        reactions.append(Reaction(emoji=row.emoji, count=row.total, users=users))
    return found


def _named(ids: Sequence[str]) -> sa.Select[Any]:
    """Who gave which emoji: the first MAX_NAMED of each, each with the count of all."""
    each = (REACTIONS.c.message_id, REACTIONS.c.emoji)
    ranked = (
        sa.select(
            REACTIONS.c.message_id,
            REACTIONS.c.emoji,
            REACTIONS.c.user_id,
            sa.func.count().over(partition_by=each).label("total"),
            sa.func.min(REACTIONS.c.seq).over(partition_by=each).label("first"),
            sa.func.row_number().over(partition_by=each, order_by=REACTIONS.c.seq).label("rank"),
        )
        .where(REACTIONS.c.message_id.in_(ids))
        .subquery()
    )
    return (
        sa.select(ranked)
        .where(ranked.c.rank <= MAX_NAMED)
        .order_by(ranked.c.message_id, ranked.c.first, ranked.c.rank)
    )

"""What messaging refuses, and why."""

from dataclasses import dataclass

from backend.kit.errors import ConflictError, ForbiddenError, InvalidRequestError


@dataclass(eq=False)
class EmptyMessageError(InvalidRequestError):
    """Nothing one could see is left of the draft after trimming."""

    code = "empty_message"


@dataclass(eq=False)
class MessageTooLongError(InvalidRequestError):
    """The draft is longer than MAX_TEXT after trimming."""

    code = "message_too_long"


@dataclass(eq=False)
class DraftIdTakenError(ConflictError):
    """The device used this id before, in another room or as another member. Choose a new one."""

    code = "draft_id_taken"


@dataclass(eq=False)
class NotYoursError(ForbiddenError):
    """Only who wrote a message may change what it says."""

    code = "not_yours"


@dataclass(eq=False)
class TooManyEmojiError(ConflictError):
    """The message has MAX_EMOJI different ones already."""

    code = "too_many_emoji"

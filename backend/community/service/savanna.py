"""The community that everyone starts in. Its ids are fixed, so that two processes make one."""

from backend.community.models import CommunityRow, RoomRow

SOSA = CommunityRow(
    id="sosa",
    name="SoSa",
    description=(
        "The big watering hole. Everybody comes by here, nobody gets eaten. Pull up a log, say hi,"
        " and stay as long as you like."
    ),
)

SOSA_ROOMS = (
    RoomRow(
        id="sosa-general",
        community_id=SOSA.id,
        name="general",
        topic="Anything, everything, and what you had for lunch. Bring your own marshmallow.",
        position=0,
    ),
    RoomRow(
        id="sosa-games",
        community_id=SOSA.id,
        name="games",
        topic="One more round, we said, four rounds ago. Boards, cards, pixels and dice.",
        position=1,
    ),
    RoomRow(
        id="sosa-pets",
        community_id=SOSA.id,
        name="pets",
        topic="Fur, fins, feathers, scales. Pictures are not required, but they are expected.",
        position=2,
    ),
)

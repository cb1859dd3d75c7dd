"""One table: which queue each bell rings in, and why each queue stands apart.

breaking  alerts and letters: a process of its own, never behind a digest
collect   fetching waits for other people's servers
render    templates and inlining use a core for seconds
deliver   one drain holds one pipe to a relay for up to 40 seconds
feedback  what comes back must not wait for what goes out
upkeep    planning and counting: short, and always on time
"""

from mailer.kernel.bells import Bell

QUEUES: dict[Bell, str] = {
    Bell.COLLECT_DUE: "upkeep",
    Bell.COLLECT: "collect",
    Bell.PLAN: "upkeep",
    Bell.RENDER: "render",
    Bell.OPEN: "render",
    Bell.LETTERS: "breaking",
    Bell.URGENT: "breaking",
    Bell.DELIVER: "deliver",
    Bell.LOOK_URGENT: "breaking",
    Bell.LOOK: "deliver",
    Bell.HEAR: "feedback",
    Bell.UPKEEP: "upkeep",
}

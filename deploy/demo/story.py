"""The story: from the publication of a year to its league table and into the next, through the public HTTP surface.

Each chapter is one function of the ``Stage``. Simulated time moves by the stepper only.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from deploy.demo import bans, inspection, kaifeng, kaifeng_classes, overdue, pool, rural, zhengzhou
from deploy.demo.stage import Chapter, Stage
from deploy.demo.words import both

CHAPTERS: Final[tuple[Chapter, ...]] = tuple(
    (both(f"chapters.{chapter.__module__.rpartition('.')[2]}.{chapter.__name__}"), chapter)
    for chapter in (
        rural.publish,
        rural.pass_quota_down,
        rural.import_roster,
        rural.register,
        overdue.give_places,
        pool.nominate,
        kaifeng.pass_quota_down,
        kaifeng.send_roster,
        overdue.open_list,
        pool.choose,
        rural.open_class,
        kaifeng_classes.open_classes,
        kaifeng_classes.move_twice,
        rural.move_class,
        kaifeng_classes.check_in,
        rural.check_in,
        rural.dismiss_and_complete,
        kaifeng_classes.complete,
        bans.confirm_bans,
        inspection.inspect,
        bans.appeal,
        inspection.freeze_and_restate,
        bans.next_year,
        zhengzhou.publish,
        zhengzhou.select,
        zhengzhou.train,
    )
)


async def play(stage: Stage, chapters: Sequence[Chapter], tell: Callable[[str, datetime], None]) -> None:
    """The chapters, telling each when it is over."""
    for title, chapter in chapters:
        await chapter(stage)
        tell(title, await stage.stepper.now())

"""The demonstration's accounts: one for each role, without passwords. Teachers are added when the roster is in."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def account(key: str, role: str, zh: str, en: str, duty: tuple[str, str], **bound: str) -> dict[str, Any]:
    """One line of the choice "who do you enter as?"; ``bound`` is unit=code or person=id."""
    return {"account": key, "role": role, "name": {"zh": zh, "en": en}, "duty": {"zh": duty[0], "en": duty[1]}, **bound}


OFFICERS = [
    account(
        "province",
        "province",
        "省级管理员",
        "Province",
        ("发布计划、决定禁训。", "Publishes the year, decides bans."),
        unit="410000",
    ),
    account(
        "province-2",
        "province",
        "省级复核人",
        "Province, second person",
        ("复核禁训决定。", "Second person for bans."),
        unit="410000",
    ),
    account(
        "project-office",
        "project_office",
        "项目执行办公室",
        "Project office",
        ("看各承训单位报来的材料和培训进度。", "Receives what institutions report, follows their classes."),
        unit="410000",
    ),
    account(
        "city",
        "city",
        "市级管理员（郑州市）",
        "City (Zhengzhou)",
        ("分名额、批准请假理由。", "Passes quota down, accepts reasons."),
        unit="410100",
    ),
    account(
        "county",
        "county",
        "县级管理员（新密市）",
        "County (Xinmi)",
        ("分名额、导入名册。", "Passes quota down, imports rosters."),
        unit="410183",
    ),
    account(
        "school",
        "school",
        "学校（示例乡中心小学）",
        "School (synthetic)",
        ("推荐教师、看本校教师的培训。", "Its teachers and their training."),
        unit="410183-s001",
    ),
    account(
        "institution",
        "institution",
        "承训单位（示例师范大学）",
        "Institution (synthetic)",
        ("排班、交材料、报到、结业。", "Schedules, hands in, checks in, completes."),
        unit="inst-001",
    ),
    account(
        "inspector",
        "inspector",
        "专家工作组",
        "Expert group",
        ("检查承训单位、打分、更正评分。", "Inspects institutions, scores them, corrects a score."),
        unit="410000",
    ),
    account(
        "ops",
        "ops",
        "运维人员",
        "Operations",
        ("停住的消息、积压、通道。", "Parked messages, backlog, channels."),
        unit="410000",
    ),
]


def write(path: Path, people: list[dict[str, str]], officers: Sequence[dict[str, Any]] = OFFICERS) -> None:
    """Write the accounts; ``people`` are places with ``person_id`` and ``name``."""
    teachers = [account(f"teacher-{i}", "teacher", f"教师（{p['name']}）", f"Teacher ({p['name']})",
                        ("我的培训、报到码、我的记录。", "My training, check-in code, my record."), person=p["person_id"])
                for i, p in enumerate(people)]  # fmt: skip
    path.write_text(json.dumps([*officers, *teachers], ensure_ascii=False, indent=1) + "\n")

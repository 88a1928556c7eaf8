"""Every relative link in our pages leads to a file that is there, and to a heading that is in it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def anchors(text):
    """As mdBook and code hosts make them of headings."""
    headings = re.findall(r"^#+\s+(.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower() for heading in headings)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading)) for heading in plain}


def pages():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        return sorted(ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists())
    return sorted(page for page in ROOT.rglob("*.md") if not {"target", "node_modules"} & set(page.parts))


def main():
    wrong, count = [], 0
    for page in pages():
        for link in LINK.findall(without_code(page.read_text())):
            if re.match(r"[a-z]+:", link):
                continue
            count += 1
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                wrong.append(f"{page.relative_to(ROOT)}: {link}: there is no such file")
            elif anchor and anchor not in anchors(target.read_text()):
                wrong.append(f"{page.relative_to(ROOT)}: {link}: there is no such heading")
    summary = (ROOT / "docs/SUMMARY.md").read_text()
    for page in sorted((ROOT / "docs").rglob("*.md")):
        name = page.relative_to(ROOT / "docs").as_posix()
        if name != "SUMMARY.md" and f"({name})" not in summary:
            wrong.append(f"docs/SUMMARY.md: {name} is not listed")
    print("\n".join(wrong) or f"{count} links lead somewhere")
    return 1 if wrong else 0


sys.exit(main())

"""The page's commands, run where it says, as they stand there.

A comment above a block of `sh` says where and with what:
    <!-- test: on MACHINES -->             one after the other, or on the street, where callers are
    <!-- …, with the last line from M -->  what M printed last is pasted
    <!-- …, with NAME from M -->           the same, as a variable
    <!-- …, with /FOLDER from M -->        that folder was copied from M
    <!-- …, under load -->                 while exchanges go on, none of which may fail
    <!-- test: in containers -->           in a checkout of its own
    <!-- test: on an engine -->            by engine.py alone, where there is one; `with NAME from it`, `under load` as above
    <!-- test: not from here -->           left out
"""

import re

ENGINE = "on an engine"
BLOCK = re.compile(r"^(?:<!-- test: (?P<note>[^\n]*) -->\n)?```sh\n(?P<lines>.*?)^```$", re.M | re.S)


def blocks(text):
    for found in BLOCK.finditer(text):
        if not found["note"]:
            raise SystemExit(f"deploy: where is this run?\n{found['lines']}")
        yield found["note"], found["lines"]


def last_line(text):
    return text.rstrip("\n").rpartition("\n")[2]


class Reader:
    """Runs one block after the other; remembers what each machine printed."""

    def __init__(self, street, load, on_street, in_containers):
        self.street, self.load, self.printed = street, load, {}
        self.on_street, self.in_containers = on_street, in_containers

    def read(self, text):
        ran = 0
        for note, lines in blocks(text):
            if note == "not from here" or note.startswith(ENGINE):
                continue
            print(f"-- {note}:\n{lines}", end="", flush=True)
            if note == "in containers":
                self.in_containers(lines)
            else:
                self._run(note, lines)
            ran += 1
        return ran

    def _run(self, note, lines):
        given, variables = "", {}
        where, *more = note.removeprefix("on ").split(", ")
        names = [where, *(part.removeprefix("then ") for part in more if part.startswith("then "))]
        for part in more:
            match part.split(" "):
                case ["with", "the", "last", "line", "from", other]:
                    given = last_line(self.printed[other]) + "\n"
                case ["with", path, "from", other] if path.startswith("/"):
                    self._copy(path, other, names)
                case ["with", name, "from", other]:
                    variables[name] = last_line(self.printed[other])
                case ["under", "load"] | ["then", _]:
                    pass
                case _:
                    raise SystemExit(f"deploy: what is '{part}'?")
        if where == "the street":
            self.on_street(lines, variables)
            return
        with self.load("under load" in more):
            for name in names:
                self.printed[name] = self.street.machines[name].do(lines, given, **variables)
                print(self.printed[name], end="", flush=True)

    def _copy(self, path, other, names):
        archive = self.street.machines[other].do(f"tar --create --directory / .{path} | base64")
        for name in names:
            self.street.machines[name].do("base64 --decode | tar --extract --directory /", archive)

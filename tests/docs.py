"""The pages that people write about the program, held against what it says of itself; the reference that is generated is held
by tests/api/reference. Called by docs.sh with the program, and the file in which a running `hallpass dev --json` says where
it is."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
hallpass, ready = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
wrong = []


def ask(*arguments):
    run = subprocess.run([hallpass, *arguments], capture_output=True, text=True, check=True, cwd="/")
    return run.stdout


def same(what, page, program):
    for name in sorted(page - program):
        wrong.append(f"{what}: `{name}` is on the page and not in the program")
    for name in sorted(program - page):
        wrong.append(f"{what}: `{name}` is in the program and not on the page")
    print(f"{what}: {len(program)}")


def rows(page):
    """The cells of all tables in a page."""
    for line in page.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def example():
    """The example of a configuration file is one that the program takes."""
    page = (DOCS / "reference/configuration.md").read_text()
    text = "\n".join(re.findall(r"^```toml\n(.*?)^```", page, flags=re.M | re.S))
    target = Path(sys.argv[2]).parent / "example.toml"
    target.write_text(text)
    ask("--config", str(target), "config", "dump")


def exit_codes():
    listed = re.search(r"Exit codes: (.*)", ask("--help"), flags=re.S)[1]
    program = {(int(code), words.strip()) for code, words in re.findall(r"(\d) ([^·]+)", listed.replace("\n", " "))}
    page = (DOCS / "reference/exit-codes.md").read_text()
    same("exit codes", {row[0].strip("`") for row in rows(page)}, {str(code) for code, _ in program})


def errors():
    source = (ROOT / "src/http/errors.rs").read_text()
    program = set(re.findall(r'^    "([a-z_]+)",$', source, flags=re.M))
    same("errors", {page.stem for page in (DOCS / "errors").glob("*.md")} - {"index"}, program)
    index = (DOCS / "errors/index.md").read_text()
    same("errors in the index", set(re.findall(r"\[([a-z_]+)\]\(\1\.md\)", index)), program)
    # Who is told a code: callers, apps to which a browser goes back, people.
    answers = (ROOT / "src/http/answer.rs").read_text()
    called = set(re.findall(r'=> \(\d{3}, "([a-z_]+)", "', answers))
    backs = (ROOT / "src/flow/authorize/fault.rs").read_text()
    sent = set(re.findall(r'Self::\w+(?:\(_\))? => "([a-z_]+)",$', backs, flags=re.M))
    words = (ROOT / "src/http/pages/words/errors.rs").read_text()
    shown = set(re.findall(r"^    ([a-z_]+),$", words.partition("\nerrors!(")[2], flags=re.M))
    same("codes that are told", program, called | sent | shown)
    for part, codes in (("As JSON", called), ("Back to the app", sent), ("On a page", shown)):
        listed = re.findall(r"\[([a-z_]+)\]", index.partition(f"\n## {part}\n")[2].partition("\n## ")[0])
        same(f"errors in the index, {part}", set(listed), codes)
    schemas = (DOCS / "openapi.yaml").read_text().partition("\n    Error:\n")[2].partition("\n    Jwks:\n")[0]
    same("errors in openapi.yaml", set(re.findall(r"- ([a-z_]+)$", schemas, flags=re.M)), called)


def endpoints():
    import yaml
    from openapi_spec_validator import validate

    document = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    validate(document)
    base = ready["issuer"]
    with urllib.request.urlopen(f"{base}/.well-known/openid-configuration", timeout=5) as answer:
        metadata = set(json.load(answer))
    schema = document["components"]["schemas"]["Metadata"]
    same("metadata in openapi.yaml", set(schema["properties"]), metadata)
    same("metadata that openapi.yaml requires", set(schema["required"]), metadata)
    table = (ROOT / "src/http/mod.rs").read_text()
    account = (ROOT / "src/http/account/mod.rs").read_text()
    found = re.findall(r'(\w+)\((?:&?format!\(|&)?(?:at\()?"(/[^"]*)"', table)
    rows_ = {(kind, path.replace("{base}", "").replace("{{", "{").replace("}}", "}")) for kind, path in found if path != "/account"}
    # Pages are for people; an OpenAPI document is for programs.
    pages = {path for kind, path in rows_ if kind == "page" and not path.startswith("/oauth/")}
    pages |= {f"/account{path}" for path in re.findall(r'at\("([^"]*)"\)', account)}
    paths = {path for _, path in rows_} - pages
    same("endpoints in openapi.yaml", set(document["paths"]), paths)
    page = (DOCS / "reference/endpoints.md").read_text()
    for path in sorted(paths | pages):
        if f"`{path}`" not in page and f" {path}\n" not in page:
            wrong.append(f"endpoints: `{path}` is not on the page")
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            if method not in ("get", "head"):
                continue
            address = base + path.replace("{code}", "invalid_client").replace("{name}", "none")
            try:
                with urllib.request.urlopen(urllib.request.Request(address, method=method.upper()), timeout=5) as answer:
                    status, kind = answer.status, answer.headers.get_content_type()
            except urllib.error.HTTPError as error:
                status, kind = error.code, error.headers.get_content_type()
            response = about["responses"].get(str(status), {})
            if "$ref" in response:
                response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
            if kind not in response.get("content", {}):
                wrong.append(f"openapi.yaml: {method} {path} answers {status} as {kind}")


for check in (example, exit_codes, errors, endpoints):
    check()
print("\n".join(wrong) or "the pages say what the program does")
sys.exit(1 if wrong else 0)

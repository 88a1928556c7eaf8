"""Who takes part: each library, what it runs as, and the profile that the docs name for it."""

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What a service is told of its resource: `alg` and `typ` of its tokens.
PROFILES = {"standard": ("ES256", "at+jwt"), "compat": ("RS256", "JWT"), "modern": ("EdDSA", "at+jwt")}
LANGUAGES = ("javascript", "python", "go", "java")


@dataclass(frozen=True)
class Stranger:
    name: str
    language: str
    program: str
    # The packages whose versions the table shows.
    packages: tuple[str, ...]
    # The files that the docs show.
    recipe: tuple[str, ...]
    # What the docs say to choose.
    profile: str = "standard"
    notes: str = ""
    # Whether it is one of those that meet two nodes behind nginx.
    often: bool = False

    def command(self, packages: Path) -> list[str]:
        match self.language:
            case "javascript":
                return ["node", str(packages / "javascript" / self.program)]
            case "python":
                return [str(packages / "python/bin/python"), str(HERE / "python" / self.program)]
            case "go":
                return [str(packages / "go" / self.program)]
            case _:
                return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(packages / "java" / f"{self.program}.jar")]

    def version(self) -> str:
        """Of each package, in the order of the name; Spring's are those of Boot."""
        boot = "Boot " if "spring" in self.packages[0] else ""
        return boot + ", ".join(pinned(self, package) for package in self.packages)

    def lines(self) -> int:
        """Lines of the recipe that are neither empty nor a comment nor an import."""
        text = "\n".join((HERE / file).read_text() for file in self.recipe)
        text = re.sub(r'"""(.|\n)*?"""|/\*(.|\n)*?\*/|^import \((.|\n)*?^\)', "", text, flags=re.M)
        skipped = r"\s*($|//|#|import |from \S+ import |package )"
        return sum(not re.match(skipped, line) for line in text.splitlines())


def pinned(stranger: Stranger, package: str) -> str:
    file, pattern = {
        "javascript": ("javascript/package.json", r'"{}": "([^"]+)"'),
        "python": ("python/requirements.txt", r"^{}(?:\[\w+\])?==(\S+)"),
        "go": ("go/go.mod", r"{}(?:/v\d+)? v(\S+)"),
        "java": (f"java/{stranger.program}/pom.xml", r"<artifactId>{}</artifactId>\s*<version>([^<]+)"),
    }[stranger.language]
    return re.search(pattern.format(re.escape(package)), (HERE / file).read_text(), flags=re.M)[1]


def javascript(name, program, packages, **more):
    return Stranger(name, "javascript", program, packages, (f"javascript/{program}",), **more)


def python(name, program, packages, **more):
    return Stranger(name, "python", program, packages, (f"python/{program}",), **more)


def go(name, program, packages, **more):
    return Stranger(name, "go", program, packages, (f"go/{program}/main.go",), **more)


def java(name, program, packages, classes, **more):
    recipe = tuple(f"java/{program}/src/main/{file}" for file in classes)
    return Stranger(name, "java", program, packages, recipe, **more)


# What is counted is looks for any key, so that nothing is left for one that has to be read again.
LIMITED = "while strangers show it unknown keys, it may answer 503 to good tokens"

VERIFIERS = (
    javascript("jose", "verify-jose.mjs", ("jose",), often=True),
    javascript(
        "jsonwebtoken, jwks-rsa",
        "verify-jwks-rsa.mjs",
        ("jsonwebtoken", "jwks-rsa"),
        notes=f"no EdDSA; {LIMITED}",
    ),
    javascript(
        "express-oauth2-jwt-bearer",
        "verify-express.mjs",
        ("express-oauth2-jwt-bearer",),
        notes="says 401 when its keys can't be had",
    ),
    javascript("fast-jwt, jwks-rsa", "verify-fast-jwt.mjs", ("fast-jwt", "jwks-rsa"), notes=LIMITED),
    python("PyJWT", "verify_pyjwt.py", ("PyJWT",), often=True),
    python("joserfc", "verify_joserfc.py", ("joserfc",), notes="fetches no keys: the recipe does"),
    go("go-oidc", "verify-go-oidc", ("github.com/coreos/go-oidc",), often=True, notes="its keys have no age"),
    go(
        "golang-jwt, keyfunc",
        "verify-keyfunc",
        ("github.com/golang-jwt/jwt", "github.com/MicahParks/keyfunc"),
        notes="reads its keys again in the background",
    ),
    java(
        "Spring Security",
        "verify-spring",
        ("spring-boot-starter-parent",),
        ("java/com/example/Orders.java", "resources/application.yaml"),
        profile="compat",
        often=True,
        notes="by `issuer-uri`, without a bean; its keys have no age",
    ),
    java(
        "java-jwt, jwks-rsa",
        "verify-auth0",
        ("java-jwt", "jwks-rsa"),
        ("java/com/example/Orders.java",),
        notes="no EdDSA; its keys have no age",
    ),
)

CLIENTS = (
    javascript("openid-client", "client-openid-client.mjs", ("openid-client",), often=True),
    javascript("oauth4webapi", "client-oauth4webapi.mjs", ("oauth4webapi",), often=True),
    python("Authlib", "client_authlib.py", ("Authlib",), often=True),
    python("requests-oauthlib", "client_requests_oauthlib.py", ("requests-oauthlib",), often=True),
    go("x/oauth2", "client-oauth2", ("golang.org/x/oauth2",), often=True),
    java(
        "Spring Security",
        "client-spring",
        ("spring-boot-starter-parent",),
        ("java/com/example/Caller.java", "resources/application.yaml"),
        often=True,
    ),
)

//! The floors of the house: nobody looks up, nobody looks sideways.
//!
//! Which room is on which floor stands in the crate doc of `src/lib.rs`, and is read from there.

#[path = "floors/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use source::{rooms_named, tokens};

/// Rooms of the top floor start, wire and listen together; they know each other.
const TOP: u32 = 6;
/// Numbers and nothing else: everyone reads them, neighbours too.
const NUMBERS: &str = "limit";

type Floors = BTreeMap<String, u32>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files of Rust below `folder`, each with its path from there.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).unwrap_or_else(|error| panic!("{}: {error}", at.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path.strip_prefix(folder).expect("below it").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The plan: `//! 4  flow · jobs    what they do`.
fn floors(lib: &str) -> Floors {
    let lines = lib.lines().filter_map(|line| line.strip_prefix("//! "));
    let mut floors = Floors::new();
    for line in lines {
        let Some((floor, rest)) = line.split_once("  ") else { continue };
        let Ok(floor) = floor.parse() else { continue };
        let rooms = rest.split("  ").next().unwrap_or_default();
        floors.extend(rooms.split(" · ").map(|room| (room.trim().to_owned(), floor)));
    }
    floors.insert("main".to_owned(), TOP);
    floors
}

fn room(path: &Path) -> String {
    let first = path.components().next().expect("a path").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// What is wrong with one file.
fn complaints(floors: &Floors, path: &Path, text: &str) -> Vec<String> {
    let own = room(path);
    let Some(floor) = floors.get(&own) else {
        return vec![format!("{} is on no floor: src/lib.rs does not name it", path.display())];
    };
    let mut complaints = Vec::new();
    for other in rooms_named(path, text) {
        let Some(other_floor) = floors.get(&other).filter(|_| other != own) else { continue };
        let how = if other_floor > floor {
            "up"
        } else if other_floor == floor && *floor != TOP && other != NUMBERS {
            "sideways"
        } else {
            continue;
        };
        complaints.push(format!("{} looks {how} at {other}", path.display()));
    }
    complaints.dedup();
    complaints
}

fn plan() -> Floors {
    floors(&fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs"))
}

#[test]
fn nobody_looks_up_or_sideways() {
    let floors = plan();
    let sources = sources(&root().join("src"));

    let complaints: Vec<String> = sources
        .iter()
        .filter(|(path, _)| path != Path::new("lib.rs"))
        .flat_map(|(path, text)| complaints(&floors, path, text))
        .collect();

    assert!(sources.len() > 50, "the files are found");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_plan_names_every_room_and_no_other() {
    let floors = plan();
    let rooms: std::collections::BTreeSet<String> =
        sources(&root().join("src")).iter().map(|(path, _)| room(path)).filter(|room| room != "lib").collect();

    assert_eq!(rooms.iter().collect::<Vec<_>>(), floors.keys().collect::<Vec<_>>());
}

#[test]
fn a_look_in_the_wrong_direction_is_seen_however_it_is_written() {
    let floors = plan();
    let look = |path: &str, text: &str| complaints(&floors, Path::new(path), text);

    assert_eq!(look("store/key.rs", "use crate::flow::Flows;"), ["store/key.rs looks up at flow"]);
    assert_eq!(look("store/mod.rs", "fn x() { crate::http::app() }"), ["store/mod.rs looks up at http"]);
    assert_eq!(look("store/key.rs", "use super::super::flow;"), ["store/key.rs looks up at flow"]);
    assert_eq!(look("store/mod.rs", "mod tests { use super::super::flow; }"), ["store/mod.rs looks up at flow"]);
    assert_eq!(look("clock.rs", "use super::config;"), ["clock.rs looks sideways at config"]);
    assert_eq!(
        look("token/signer.rs", "use crate::{clock::Clock, credential::{Pepper, flow}, policy};"),
        ["token/signer.rs looks sideways at credential"]
    );
    for fine in [
        "// crate::http",
        "let x = \"crate::http\";",
        "let x = r#\"crate::http\"#;",
        "use super::key;",
        "mod tests { use super::*; }",
        "use crate::{credential, clock}; let quote = '\"'; use crate::store::Store;",
    ] {
        assert_eq!(look("store/key.rs", fine), [""; 0], "{fine}");
    }
    assert_eq!(look("cli/dev/mod.rs", "use crate::{app, telemetry};"), [""; 0], "the top floor knows itself");
    assert_eq!(look("config/mod.rs", "use crate::limit;"), [""; 0], "everyone reads the numbers");
    assert_eq!(look("limit.rs", "use crate::config;"), ["limit.rs looks sideways at config"]);
}

/// Whether a file may name actix-web: only who speaks HTTP, and for its runtime who starts or repeats something.
fn may_name_actix(path: &Path, text: &str) -> bool {
    let tokens = tokens(text);
    let names = |at: &usize| tokens[*at] == "actix_web";
    match &*room(path) {
        "http" | "demo" | "app" | "main" => true,
        "jobs" | "cli" => (0..tokens.len())
            .filter(names)
            .all(|at| tokens.get(at + 2).is_some_and(|next| ["rt", "test"].contains(&next.as_str()))),
        _ => !(0..tokens.len()).any(|at| names(&at)),
    }
}

#[test]
fn only_http_speaks_actix_only_the_store_sql_and_only_upstream_openid() {
    for (path, text) in sources(&root().join("src")) {
        assert!(may_name_actix(&path, &text), "{} names actix_web", path.display());
        let speaks_sql = tokens(&text).iter().any(|token| token == "sea_orm" || token == "sqlx");
        let is_test = path.ends_with("tests.rs");
        assert!(!speaks_sql || is_test || room(&path) == "store", "{} names sea_orm", path.display());
        let speaks_openid = tokens(&text).iter().any(|token| token == "openidconnect");
        assert!(!speaks_openid || room(&path) == "upstream", "{} names openidconnect", path.display());
    }
}

/// Whoever comes to the demo provider may be anyone: `serve` must have no way to it.
#[test]
fn only_dev_starts_the_demo_provider() {
    for (path, text) in sources(&root().join("src")) {
        let names_it = rooms_named(&path, &text).iter().any(|room| room == "demo");
        let may_name_it = room(&path) == "demo" || path.starts_with("cli/dev");
        assert!(!names_it || may_name_it, "{} names demo", path.display());
    }
}

#[test]
fn what_services_and_apps_depend_on_knows_nothing_of_the_server() {
    for (member, other) in [("verifier", "hallpass_client"), ("client", "hallpass_verifier")] {
        let strangers = ["hallpass", "entity", "migration", other];
        for (path, text) in sources(&root().join(member)) {
            let named = tokens(&text).into_iter().find(|token| strangers.contains(&token.as_str()));
            assert_eq!(named, None, "{member}/{}", path.display());
        }
        let manifest = fs::read_to_string(root().join(member).join("Cargo.toml")).expect("a manifest");
        for name in strangers.map(|name| name.replace('_', "-")) {
            let depends = manifest
                .lines()
                .any(|line| line.strip_prefix(&*name).is_some_and(|rest| rest.starts_with([' ', '.', '='])));
            assert!(!depends, "{member}/Cargo.toml names {name}");
        }
    }
}

#[test]
fn migrations_know_no_entity() {
    for (path, text) in sources(&root().join("migration")) {
        assert!(!tokens(&text).iter().any(|token| token == "entity"), "migration/{}", path.display());
    }
    let manifest = fs::read_to_string(root().join("migration/Cargo.toml")).expect("a manifest");
    assert!(!manifest.lines().any(|line| line.starts_with("entity")));
}

//! What a service takes in with this crate: few crates, and an HTTP client only if it wants one.

use std::collections::BTreeSet;
use std::process::Command;

/// The crates that a service builds, this one included. The same as
/// `cargo tree -p hallpass-verifier -e normal --prefix none … | sort -u | wc -l`, which counts a crate twice where the
/// tree comes by it again and leaves out what it depends on.
fn crates(features: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let tree = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--package", "hallpass-verifier", "--edges", "normal"])
        .args(["--prefix", "none"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn has(crates: &BTreeSet<String>, name: &str) -> bool {
    crates.iter().any(|line| line.split(' ').next() == Some(name))
}

#[test]
fn without_an_http_client_it_is_75_at_most() {
    for features in [&["--no-default-features"][..], &["--no-default-features", "--features", "tower,metrics"]] {
        let crates = crates(features);

        assert!(crates.len() <= 75, "{}: {crates:#?}", crates.len());
        for heavy in ["reqwest", "hyper", "rustls", "axum", "tower", "actix-web", "jsonwebtoken"] {
            assert!(!has(&crates, heavy), "{heavy}");
        }
    }
}

#[test]
fn with_one_it_is_150_at_most() {
    for features in [&[][..], &["--features", "tower,metrics"], &["--features", "jsonwebtoken"]] {
        let crates = crates(features);

        assert!(crates.len() <= 150, "{}: {crates:#?}", crates.len());
        assert!(has(&crates, "reqwest") && !has(&crates, "axum") && !has(&crates, "openssl"));
    }
}

#[test]
fn the_layer_for_tower_needs_its_traits_and_no_framework() {
    let (without, with) =
        (crates(&["--no-default-features"]), crates(&["--no-default-features", "--features", "tower"]));

    let more: Vec<_> = with.difference(&without).filter_map(|line| line.split(' ').next()).collect();

    assert_eq!(more, ["bytes", "http", "tower-layer", "tower-service"]);
}

//! Keycloak signs people in here. It is large and slow, so only who asks for it by `tests/run keycloak` meets it.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hallpass::clock::Clock;
use hallpass::flow::{ProviderWish, ResourceWish};
use hallpass::policy::admission::Admission;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use url::Url;

use super::{CLIENT_ID, CLIENT_SECRET, Guest, sign_in};
use crate::strangers::source;
use crate::support::{Browser, ORDERS, Portal, owned, within};

/// It builds itself anew when it starts for the first time.
const PATIENCE: Duration = Duration::from_mins(6);

/// A Keycloak with a realm of ours, in memory.
struct Keycloak {
    issuer: String,
    child: Child,
}

impl Keycloak {
    /// Starts it with one client, which is us.
    async fn start(folder: &Path, redirect_uri: &str) -> Self {
        let realm = std::fs::read(source("upstream/keycloak-realm.json")).expect("a realm");
        let mut realm: Value = serde_json::from_slice(&realm).expect("JSON");
        realm["clients"][0]["redirectUris"] = json!([redirect_uri]);
        let imports = folder.join("data/import");
        std::fs::create_dir_all(&imports).expect("a folder");
        // It insists on the name.
        std::fs::write(imports.join("staff-realm.json"), realm.to_string()).expect("a realm to import");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let mut command = Command::new(folder.join("bin/kc.sh"));
        command
            .args(["start-dev", "--db=dev-mem", "--import-realm", "--http-host=127.0.0.1"])
            .arg(format!("--http-port={port}"))
            .stdin(Stdio::null());
        // It is a script, and Java beside it: they end together.
        command.process_group(0);
        let child = command.spawn().expect("Keycloak starts");
        let mut keycloak = Self { issuer: format!("http://127.0.0.1:{port}/realms/staff"), child };
        let address = ([127, 0, 0, 1], port).into();
        let is_open = async || {
            assert!(keycloak.child.try_wait().is_ok_and(|ended| ended.is_none()), "Keycloak runs");
            TcpStream::connect::<SocketAddr>(address).await.is_ok()
        };
        assert!(within(PATIENCE, is_open).await, "Keycloak listens");
        keycloak
    }
}

impl Drop for Keycloak {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_person_signs_in_at_keycloak_and_their_groups_make_roles() {
    let Some(folder) = std::env::var_os("HALLPASS_TEST_KEYCLOAK").map(PathBuf::from) else {
        eprintln!("HALLPASS_TEST_KEYCLOAK does not say where it is: NOBODY SIGNED IN AT KEYCLOAK");
        return;
    };
    let portal = Portal::by(Clock::System, |_| ()).await;
    let keycloak = Keycloak::start(&folder, &portal.house.flows.callback("staff")).await;
    let claims = Some(owned(&["name", "email", "email_verified", "groups", "roles"]));
    portal.house.change_resource(ORDERS, ResourceWish { claims, ..ResourceWish::default() }).await;
    let roles = [("engines".to_owned(), vec!["admin".to_owned()])].into();
    let wish = ProviderWish {
        preset: Some("keycloak".to_owned()),
        issuer: Some(keycloak.issuer.clone()),
        client_id: Some(CLIENT_ID.to_owned()),
        client_secret: Some(CLIENT_SECRET.to_owned().into()),
        admission: Some(Admission { roles, allowed_domains: owned(&["acme.example"]), ..Admission::default() }),
        ..ProviderWish::default()
    };
    portal.house.flows.create_provider("staff", &wish).await.unwrap();
    let mut guest = Guest::new(&portal);

    let findings = portal.house.flows.test_provider("staff").await.unwrap();
    let (first, tokens) = sign_in(&portal, &mut guest, "staff", &[]).await;
    let claims = portal.house.verify(&tokens.access, ORDERS).await.unwrap();
    guest.browser = Browser::new(&portal.house);
    let (signed_in_there, _) = sign_in(&portal, &mut guest, "staff", &[]).await;
    let (asked_again, _) = sign_in(&portal, &mut guest, "staff", &[("prompt", "login")]).await;
    guest = Guest::new(&portal);
    let (asked_to_choose, _) = sign_in(&portal, &mut guest, "staff", &[("prompt", "select_account")]).await;

    assert!(findings.iter().all(|finding| finding.outcome.is_ok()), "{findings:?}");
    assert_eq!((claims.name.as_deref(), claims.email.as_deref()), (Some("Ada Lovelace"), Some("ada@acme.example")));
    assert_eq!(claims.email_verified, Some(true));
    assert_eq!((claims.groups, claims.roles), (Some(owned(&["engines", "poets"])), Some(owned(&["admin"]))));
    assert_eq!(first.forms.len(), 1, "{first:?}");
    assert!(signed_in_there.forms.is_empty(), "{signed_in_there:?}");
    assert!(asked_again.forms[0].contains("password"), "{asked_again:?}");
    assert!(asked_to_choose.forms[0].contains("password"), "{asked_to_choose:?}");
    assert!(Url::parse(&first.back).unwrap().query_pairs().any(|(name, _)| name == "iss"), "{first:?}");
}

//! `hallpass providers`: where people sign in, made and changed from a shell.

use serde_json::json;

use crate::support::{CLIENT_ID, CLIENT_SECRET, House, Outcome, Portal, Program, Provider, Served};

const CREATE: [&str; 7] = ["providers", "create", "acme", "--client-id", "hall", "--issuer", "https://id.example"];

async fn show(house: &House) -> serde_json::Value {
    Program::beside(house, &["providers", "show", "acme", "--json"]).good().await.json()
}

#[tokio::test]
async fn a_preset_brings_all_that_is_known_of_it() {
    let house = House::open().await;

    let made =
        Program::beside(&house, &["providers", "create", "g", "--preset", "google", "--client-id", "hall", "--json"])
            .variable("HALLPASS_ISSUER", "https://id.example")
            .good()
            .await;

    let shown = made.json();
    assert_eq!(
        (&shown["issuer"], &shown["scopes"]),
        (&json!("https://accounts.google.com"), &json!(["openid", "profile", "email"]))
    );
    assert_eq!((&shown["claims"]["groups"], &shown["client_secret"]), (&json!(null), &json!(null)));
    assert_eq!(shown["redirect_uri"], "https://id.example/login/callback/g");
    for words in ["https://id.example/login/callback/g", "--client-secret-file", "providers test g"] {
        assert!(made.stderr.contains(words), "{words}: {made:?}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named_with_how_to_mend_it() {
    let house = House::open().await;
    let create = |more: &[&str]| {
        Program::beside(&house, &[&["providers", "create", "acme", "--client-id", "hall"], more].concat())
    };
    let issuer = ["--issuer", "https://id.example"];

    for (more, words) in [
        (&[][..], "say its issuer; for openid it looks like https://id.example"),
        (&["--preset", "microsoft"], "https://login.microsoftonline.com/<tenant id>/v2.0"),
        (&["--preset", "keycloak"], "https://<host>/realms/<realm>"),
        (&["--issuer", "http://id.example"], "https address"),
        (&["--preset", "google", issuer[0], issuer[1]], "https://accounts.google.com"),
        (&[issuer[0], issuer[1], "--claim", "mail=email"], "preferred_username"),
        (&[issuer[0], issuer[1], "--allowed-domain", "@acme.example"], "example.com"),
        (&[issuer[0], issuer[1], "--role", "admins=two words"], "no role"),
        (&[issuer[0], issuer[1], "--param", "state=x"], "`state`"),
        (&[issuer[0], issuer[1], "--client-secret-file", "nowhere"], "nowhere"),
    ] {
        let outcome = create(more).run().await;

        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(words), "{words}: {outcome:?}");
    }
    assert_eq!(house.flows.list_providers().await.unwrap(), []);
}

#[tokio::test]
async fn a_secret_comes_from_a_file_an_input_or_the_environment_and_is_never_shown() {
    let house = House::open().await;
    let file = house.path().join("secret");
    std::fs::write(&file, "hush-file\n").unwrap();
    let file = file.display().to_string();
    Program::beside(&house, &CREATE).good().await;
    let update = |more: &[&str]| Program::beside(&house, &[&["providers", "update", "acme"], more].concat());
    let mut sealed = Vec::new();

    for program in [
        update(&["--client-secret-file", &file]),
        update(&["--client-secret-file", "-"]).input("hush-input\n"),
        update(&[]).variable("HALLPASS_CLIENT_SECRET", "hush-variable"),
        update(&[]).variable("HALLPASS_CLIENT_SECRET_FILE", &file),
    ] {
        let outcome = program.argument("--json").good().await;

        assert_eq!(outcome.json()["client_secret"], "***");
        assert!(!format!("{outcome:?}").contains("hush"), "{outcome:?}");
        sealed.push(house.flows.find_provider("acme").await.unwrap().sealed_secret.unwrap());
    }
    sealed.dedup();
    assert_eq!(sealed.len(), 4, "each of them was another");
    assert!(!sealed.iter().any(|bytes| bytes.windows(4).any(|four| four == b"hush")));
    let empty = update(&["--client-secret-file", "-"]).run().await;
    let none = update(&["--no-client-secret", "--json"]).good().await.json();
    assert_eq!((empty.code, &none["client_secret"]), (Some(2), &json!(null)));
}

#[tokio::test]
async fn what_is_not_said_stays_and_what_is_said_replaces() {
    let house = House::open().await;
    let create = [
        &CREATE[..],
        &["--allowed-domain", "acme.example", "--role", "admins=owner", "--role", "admins=staff", "--param", "hd=acme"],
        &["--claim", "email=mail", "--claim", "groups=", "--require-verified-email", "--scope", "openid"],
    ];
    Program::beside(&house, &create.concat()).good().await;
    let update = |more: &[&str]| Program::beside(&house, &[&["providers", "update", "acme"], more].concat());

    update(&["--title", "Acme", "--claim", "name=full_name", "--link-by-email"]).good().await;
    let changed = show(&house).await;
    update(&["--role", "all=guest", "--allowed-domain", "", "--param", "", "--require-verified-email", "false"])
        .good()
        .await;
    let again = show(&house).await;

    assert_eq!((&changed["title"], &changed["allowed_domains"]), (&json!("Acme"), &json!(["acme.example"])));
    assert_eq!(
        (&changed["roles"], &changed["params"]),
        (&json!({ "admins": ["owner", "staff"] }), &json!({ "hd": "acme" }))
    );
    let claims = &changed["claims"];
    assert_eq!(
        (&claims["email"], &claims["name"], &claims["groups"]),
        (&json!("mail"), &json!("full_name"), &json!(null))
    );
    assert_eq!((&changed["require_verified_email"], &changed["link_by_email"]), (&json!(true), &json!(true)));
    assert_eq!((&again["roles"], &again["allowed_domains"]), (&json!({ "all": ["guest"] }), &json!([])));
    assert_eq!((&again["params"], &again["require_verified_email"]), (&json!({}), &json!(false)));
    assert_eq!((&again["scopes"], &again["link_by_email"]), (&json!(["openid"]), &json!(true)));
}

#[tokio::test]
async fn a_provider_is_switched_off_on_and_away() {
    let portal = Portal::open().await;
    let run = async |arguments: &[&str]| Program::beside(&portal.house, arguments).run().await;
    let open = async || portal.house.flows.list_open_providers().await.unwrap().len();

    let disabled = (run(&["providers", "disable", "acme"]).await.code, open().await);
    let enabled = (run(&["providers", "enable", "acme"]).await.code, open().await);
    let deleted = (run(&["providers", "delete", "acme"]).await.code, open().await);
    let again = run(&["providers", "delete", "acme"]).await;

    assert_eq!((disabled, enabled, deleted, again.code), ((Some(0), 0), (Some(0), 1), (Some(0), 0), Some(6)));
}

/// `providers test acme` of a house whose provider it is; the clocks are real, as the program's own is.
async fn test(house: &House, provider: &Provider, secret: &str) -> Outcome {
    let create = ["providers", "create", "acme", "--client-id", CLIENT_ID, "--issuer", &provider.url];
    let beside = |arguments: &[&str]| {
        Program::beside(house, arguments)
            .variable("HALLPASS_ISSUER", house.issuer())
            .variable("HALLPASS_UPSTREAM_ALLOWED_NETWORKS", "127.0.0.0/8")
    };
    beside(&create).variable("HALLPASS_CLIENT_SECRET", secret).good().await;
    beside(&["providers", "test", "acme"]).run().await
}

#[tokio::test]
async fn a_test_says_what_is_right_and_what_is_wrong() {
    let (one, other) = tokio::join!(House::open(), House::open());
    let provider = Provider::open(&hallpass::clock::Clock::System).await;

    let good = test(&one, &provider, CLIENT_SECRET).await;
    provider.says("metadata", "issuer", "https://evil.test");
    let wrong = test(&other, &provider, CLIENT_SECRET).await;
    let json = Program::beside(&other, &["providers", "test", "acme", "--json"])
        .variable("HALLPASS_ISSUER", other.issuer())
        .run()
        .await;
    let unsaid = Program::beside(&one, &["providers", "test", "acme"]).run().await;

    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(!good.stdout.contains('✘') && good.stdout.matches('✔').count() >= 6, "{good:?}");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.stdout.contains("✘ metadata") && wrong.stdout.contains("another issuer"), "{wrong:?}");
    assert_eq!((json.code, &json.json()["ok"]), (Some(1), &json!(false)));
    assert!(json.stdout.contains("upstream.allowed_networks"), "{json:?}");
    assert_eq!(unsaid.code, Some(2));
    assert!(unsaid.stderr.contains("HALLPASS_ISSUER"), "{unsaid:?}");
}

#[tokio::test]
async fn a_test_of_who_hangs_or_is_not_there_says_where_it_ended() {
    let provider = async |change: &dyn Fn(&Provider)| {
        let (house, provider) = tokio::join!(House::open(), Provider::open(&hallpass::clock::Clock::System));
        change(&provider);
        test(&house, &provider, CLIENT_SECRET).await
    };

    let (metadata, keys, token, closed) = tokio::join!(
        provider(&|provider| provider.answers("/.well-known/openid-configuration", Served::Hangs)),
        provider(&|provider| provider.answers("/jwks", Served::Hangs)),
        provider(&|provider| provider.answers("/token", Served::Hangs)),
        provider(&|provider| provider.says("metadata", "token_endpoint", super::nowhere())),
    );
    let house = House::open().await;
    let mut away = Provider::open(&hallpass::clock::Clock::System).await;
    away.url = super::nowhere();
    let away = test(&house, &away, CLIENT_SECRET).await;

    for (outcome, name, words) in [
        (metadata, "discovery", "slow"),
        (keys, "keys", "no answer within"),
        (token, "client", "slow"),
        (closed, "client", "can't be reached"),
        (away, "discovery", "can't be reached"),
    ] {
        assert_eq!(outcome.code, Some(1), "{name}: {outcome:?}");
        let wrong: Vec<&str> = outcome.stdout.lines().filter(|line| line.contains('✘')).collect();
        let [line] = wrong[..] else { panic!("one thing is wrong, {name}: {outcome:?}") };
        assert!(line.contains(&format!("✘ {name}")) && line.contains(words), "{name}: {line}");
    }
}

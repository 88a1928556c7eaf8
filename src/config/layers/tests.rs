use super::*;

fn layers() -> Layers {
    Layers::new(&Settings::default())
}

#[test]
fn each_layer_lies_on_the_one_below() {
    let mut layers = layers();
    layers.overlay_file("f", "[server]\nlisten = '127.0.0.1:1'\nworkers = 1\n[keys]\nexpiry = '7d'").unwrap();
    layers.overlay_variable("SERVER_LISTEN", "127.0.0.1:2").unwrap();
    layers.overlay_variable("SERVER_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1").unwrap();
    layers.overlay_flag("server.workers", "3").unwrap();

    let settings = layers.finish().unwrap();

    assert_eq!((settings.server.listen.port(), settings.server.workers), (2, 3));
    assert_eq!(settings.server.trusted_proxies, ["10.0.0.0/8", "192.0.2.1"]);
    assert_eq!(settings.keys.expiry.to_string(), "7d");
}

#[test]
fn a_secret_that_looks_like_a_number_stays_as_it_is() {
    let mut layers = layers();
    layers.overlay_variable("DATABASE_URL", "00123").unwrap();

    assert_eq!(layers.finish().unwrap().database.url.reveal(), "00123");
}

#[test]
fn an_unknown_name_is_answered_with_the_right_one() {
    let words = [
        layers().overlay_file("hallpass.toml", "[server]\nlistn = 1").unwrap_err().to_string(),
        layers().overlay_variable("SERVER_LISTN", "1").unwrap_err().to_string(),
        layers().overlay_flag("isuer", "1").unwrap_err().to_string(),
    ];

    assert_eq!(words[0], "hallpass.toml: there is no setting `server.listn`; did you mean `server.listen`?");
    assert_eq!(
        words[1],
        "environment: there is no setting `HALLPASS_SERVER_LISTN`; did you mean `HALLPASS_SERVER_LISTEN`?"
    );
    assert_eq!(words[2], "--set: there is no setting `isuer`; did you mean `issuer`?");
}

#[test]
fn a_wrong_value_is_named_with_its_setting() {
    let mut layers = layers();
    layers.overlay_file("f", "[keys]\nexpiry = 'soon'").unwrap();

    let words = layers.finish().unwrap_err().to_string();

    assert!(words.contains("`keys.expiry`") && words.contains("90d"), "{words}");
}

#[test]
fn of_two_names_of_one_thing_the_last_one_counts() {
    let mut layers = layers();
    layers.overlay_file("f", "[database]\nurl_file = 'a'").unwrap();
    layers.overlay_flag("database.url", "sqlite:b").unwrap();
    let database = layers.finish().unwrap().database;

    assert_eq!((database.url.reveal(), database.url_file), ("sqlite:b", None));
}

#[test]
fn no_password_is_repeated_or_taken_from_an_argument() {
    let mut wrong = layers();
    wrong.overlay_file("f", "database = 'postgres://u:secret@h/d'").unwrap();

    assert!(!wrong.finish().unwrap_err().to_string().contains("secret"));
    let words = layers().overlay_flag("database.url", "postgres://u:secret@h/d").unwrap_err().to_string();
    assert!(words.contains("no password") && !words.contains("secret"));
}

#[test]
fn a_root_key_is_taken_from_no_file_and_no_argument() {
    assert!(layers().overlay_file("f", "root_key = 'x'").is_err());
    assert!(layers().overlay_flag("root_key", "x").is_err());
}

#[test]
fn a_client_secret_is_refused_in_the_file_and_may_be_in_a_variable_of_any_name() {
    let mut named = layers();
    named.overlay_file("f", "[[providers]]\nname = 'acme'\nclient_secret_env = 'HALLPASS_ACME'").unwrap();

    let words = layers().overlay_file("f", "[[providers]]\nname = 'acme'\nclient_secret = 'hush'").unwrap_err();

    let words = words.to_string();
    assert!(words.contains("acme") && words.contains("client_secret_env") && !words.contains("hush"), "{words}");
    assert!(named.names_secret("HALLPASS_ACME") && !named.names_secret("HALLPASS_ACMEE"));
}

#[test]
fn a_list_of_tables_is_suggested_too() {
    let words = layers().overlay_file("f", "[[provider]]\nname = 'acme'").unwrap_err().to_string();

    assert!(words.contains("did you mean `providers`?"), "{words}");
}

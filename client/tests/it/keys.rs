//! Where the key comes from, and what happens when it changes.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hallpass_client::{Error, Key, KeyFuture, KeySource, NoKey, Refusal};

use crate::support::{House, KEY, NEXT_KEY};

fn keys(house: &House) -> Vec<String> {
    house.asked().into_iter().map(|asked| asked.key).collect()
}

#[tokio::test]
async fn a_file_is_read_again_for_each_trade() {
    let house = House::open().await;
    house.knows(&[KEY, NEXT_KEY]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, format!("{KEY}\n")).unwrap();
    let source = house.source_with(|builder| builder.key_from_file(&file));
    source.token().await.unwrap();
    source.token().await.unwrap();

    fs::write(&file, NEXT_KEY).unwrap();
    house.advance(256);
    house.until(|house| house.trades() == 2).await;

    assert_eq!(keys(&house), [KEY, NEXT_KEY]);
}

/// As the kubelet does it: a link to a folder is replaced in one step.
#[tokio::test]
async fn a_mounted_secret_may_be_rotated_under_us() {
    let house = House::open().await;
    house.knows(&[KEY, NEXT_KEY]);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (version, key) in [("v1", KEY), ("v2", NEXT_KEY)] {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("key"), key).unwrap();
    }
    std::os::unix::fs::symlink("v1", at("..data")).unwrap();
    std::os::unix::fs::symlink("..data/key", at("key")).unwrap();
    let source = house.source_with(|builder| builder.key_from_file(at("key")));
    source.token().await.unwrap();

    std::os::unix::fs::symlink("v2", at("..new")).unwrap();
    fs::rename(at("..new"), at("..data")).unwrap();
    fs::remove_dir_all(at("v1")).unwrap();
    house.advance(300);

    assert!(source.token().await.is_ok());
    assert_eq!(keys(&house), [KEY, NEXT_KEY]);
}

#[tokio::test]
async fn a_key_that_was_replaced_while_it_was_refused_is_read_once_more() {
    let house = House::open().await;
    house.knows(&[NEXT_KEY]);
    let asked = Arc::new(AtomicUsize::new(0));
    let source = house.source_with(|builder| {
        builder.key_from(move || {
            let key = if asked.fetch_add(1, Ordering::SeqCst) == 0 { KEY } else { NEXT_KEY };
            async move { Ok::<_, Error>(key.to_owned()) }
        })
    });

    assert!(source.token().await.is_ok());
    assert_eq!(keys(&house), [KEY, NEXT_KEY]);
}

#[tokio::test]
async fn a_key_that_stays_refused_is_shown_once_and_the_new_one_as_soon_as_it_is_there() {
    let house = House::open().await;
    let source = house.source();
    house.knows(&[NEXT_KEY]);

    for _ in 0..10 {
        let error = source.token().await.unwrap_err();
        assert!(matches!(error, Error::Refused(Refusal { ref error, .. }) if error == "invalid_client"), "{error}");
    }
    assert_eq!(house.trades(), 1);
    house.has_key(NEXT_KEY);
    house.advance(1);
    assert!(source.token().await.is_ok());
    assert_eq!(keys(&house), [KEY, NEXT_KEY]);
}

#[tokio::test]
async fn a_refused_key_is_shown_again_after_half_a_minute_to_whoever_needs_a_token() {
    let house = House::open().await;
    let source = house.source();
    house.knows(&[]);
    source.token().await.unwrap_err();

    house.advance(29);
    source.token().await.unwrap_err();
    assert_eq!(house.trades(), 1);
    house.advance(1);
    source.token().await.unwrap_err();
    source.token().await.unwrap_err();
    assert_eq!(house.trades(), 2);
    house.knows(&[KEY]);
    house.advance(30);
    assert!(source.token().await.is_ok(), "somebody has enabled it again");
}

#[tokio::test]
async fn while_a_token_is_good_nobody_sees_that_the_key_died_and_its_successor_is_found() {
    let house = House::open().await;
    let source = house.source();
    source.token().await.unwrap();
    source.token().await.unwrap();
    house.knows(&[NEXT_KEY]);

    house.advance(256);
    house.until(|house| house.trades() == 2).await;
    for _ in 0..3 {
        house.advance(6);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(source.token().await.unwrap().reveal(), "token-1");
    }
    assert_eq!(house.trades(), 2, "the dead key is not shown again");
    house.has_key(NEXT_KEY);
    house.advance(6);
    house.until(|house| house.trades() == 3).await;

    assert_eq!(keys(&house), [KEY, KEY, NEXT_KEY]);
    house.advance(30);
    assert_eq!(source.token().await.unwrap().reveal(), "token-3");
}

#[tokio::test]
async fn what_is_no_key_goes_nowhere() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let from_file = || house.source_with(|builder| builder.key_from_file(&file));

    let missing = from_file().token().await.unwrap_err();
    fs::write(&file, "two\nlines").unwrap();
    let malformed = from_file().token().await.unwrap_err();
    fs::write(&file, [0xff, 0xfe]).unwrap();
    let binary = from_file().token().await.unwrap_err();
    let unset =
        house.source_with(|builder| builder.key_from_variable("HALLPASS_NO_SUCH_KEY")).token().await.unwrap_err();

    assert!(matches!(missing, Error::Key(NoKey::File { kind: std::io::ErrorKind::NotFound, .. })), "{missing}");
    assert!(matches!(malformed, Error::Key(NoKey::Malformed)), "{malformed}");
    assert!(matches!(binary, Error::Key(NoKey::File { .. })), "{binary}");
    assert_eq!(unset.to_string(), "there is no key to show: HALLPASS_NO_SUCH_KEY is not set");
    assert_eq!(house.trades(), 0);
}

#[tokio::test]
async fn a_file_that_is_just_being_written_is_looked_at_again() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, "").unwrap();
    let source = house.source_with(|builder| builder.key_from_file(&file));
    let caller = tokio::spawn(async move { source.token().await.map(drop) });
    tokio::time::sleep(Duration::from_millis(20)).await;

    fs::write(&file, KEY).unwrap();

    house.advance_until_done(5, caller).await.unwrap();
}

#[tokio::test]
async fn a_callback_that_fails_is_asked_again() {
    let house = House::open().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let source = house.source_with(|builder| {
        builder.key_from(move || {
            let number = asked.fetch_add(1, Ordering::SeqCst);
            async move { if number < 2 { Err("the vault is away") } else { Ok(KEY.to_owned()) } }
        })
    });
    let caller = tokio::spawn(async move { source.token().await.map(drop) });

    house.advance_until_done(5, caller).await.unwrap();
    assert_eq!(house.trades(), 1);
}

#[tokio::test]
async fn a_callback_that_hangs_is_given_up_on() {
    let house = House::open().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let source = house.source_with(|builder| {
        builder.attempt_timeout(Duration::from_millis(100)).key_from(move || {
            let number = asked.fetch_add(1, Ordering::SeqCst);
            async move {
                if number == 0 {
                    std::future::pending::<()>().await;
                }
                Ok::<_, Error>(KEY.to_owned())
            }
        })
    });
    let caller = tokio::spawn(async move { source.token().await.map(drop) });

    house.advance_until_done(30, caller).await.unwrap();
}

#[tokio::test]
async fn a_callback_that_panics_is_left_alone_for_a_while_and_asked_again() {
    let house = House::open().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let source = house.source_with(|builder| {
        builder.key_from(move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            assert!(number >= 4, "the callback has a flaw");
            async { Ok::<_, Error>(KEY.to_owned()) }
        })
    });
    let caller = tokio::spawn(async move { source.token().await.map(drop) });

    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1, "no time has passed");
    house.advance_until_done(10, caller).await.unwrap();
}

/// A mount may be on a network that hangs, and the app needs the threads of its runtime itself.
#[cfg(unix)]
#[test]
fn a_file_that_hangs_holds_one_thread_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    // A pipe that nobody writes to, to open it for reading hangs.
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).max_blocking_threads(2).enable_all().build();
    runtime.unwrap().block_on(async {
        let house = House::open().await;
        let source =
            house.source_with(|builder| builder.key_from_file(&file).attempt_timeout(Duration::from_millis(20)));
        let callers = ["https://a.example", "https://b.example"].map(|resource| {
            let source = source.clone();
            tokio::spawn(async move { source.token_for(resource, &[]).await.map(drop) })
        });
        for _ in 0..20 {
            house.advance(1);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        let of_the_app = tokio::task::spawn_blocking(|| ());
        let is_free = tokio::time::timeout(Duration::from_secs(2), of_the_app).await;

        // Whoever still reads is let go, or the runtime could not end.
        let pipe = fs::OpenOptions::new().read(true).write(true).open(&file).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, KEY).unwrap();
        drop(pipe);
        assert!(is_free.is_ok());
        drop(callers);
    });
}

struct OfOnesOwn;

impl KeySource for OfOnesOwn {
    fn key(&self) -> KeyFuture<'_> {
        Box::pin(async { Key::parse(KEY) })
    }
}

#[tokio::test]
async fn a_source_of_keys_may_be_ones_own() {
    let house = House::open().await;

    assert!(house.source_with(|builder| builder.key_source(OfOnesOwn)).token().await.is_ok());
}

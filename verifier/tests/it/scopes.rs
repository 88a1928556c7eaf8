//! What a route may ask of a token's scope.

use hallpass_verifier::{Challenge, Claims, ScopeRule};

#[test]
fn a_rule_that_is_written_wrongly_lets_nobody_in() {
    let claims = Claims { scope: Some("a b".parse().unwrap()), ..Claims::default() };

    for rule in [
        ScopeRule::all_of(" "),
        ScopeRule::all_of("a  b"),
        ScopeRule::all_of("a "),
        ScopeRule::any_of(" "),
        ScopeRule::any_of("c,a"),
        ScopeRule::any_of("a  b"),
        ScopeRule::any_of("a "),
        ScopeRule::nothing().and_any_of("  "),
    ] {
        assert!(matches!(rule.check(&claims), Err(Challenge::InsufficientScope { .. })), "{rule:?}");
    }
    assert!(ScopeRule::nothing().check(&Claims::default()).is_ok());
    assert!(ScopeRule::all_of("b a").check(&claims).is_ok());
}

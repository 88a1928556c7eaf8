use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{Fault, check, object};

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(20, 30, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,3}", inner), 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_has_no_double_and_is_not_too_deep_is_good(value in any_json()) {
        let expected = if depth(&value) > 16 { Err(Fault::TooDeep) } else { Ok(()) };

        prop_assert_eq!(check(&value.to_string()), expected);
    }

    #[test]
    fn a_double_is_found_wherever_it_is(
        names in prop::collection::btree_set("[a-z]{1,4}", 1..60),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        levels in 0..15_usize,
    ) {
        let mut names: Vec<String> = names.into_iter().collect();
        let again = from.get(&names).clone();
        names.insert(to.index(names.len() + 1), again);
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":[{{\"a\":0}}]")).collect();
        let text = format!("{}{{{}}}{}", "[".repeat(levels), members.join(","), "]".repeat(levels));

        let expected = if levels > 13 { Fault::TooDeep } else { Fault::DuplicateMember };
        prop_assert_eq!(check(&text), Err(expected));
    }

    #[test]
    fn what_is_good_is_json_and_what_is_no_json_is_not_good(text in r#"[\[\]{}:,"\\a0.eE+ u-]{0,12}"#) {
        match (check(&text), serde_json::from_str::<Value>(&text)) {
            (Ok(()), json) => prop_assert!(json.is_ok()),
            (Err(Fault::NotJson), json) => prop_assert!(json.is_err()),
            (Err(Fault::DuplicateMember | Fault::TooDeep), _) => {}
        }
    }
}

#[test]
fn only_an_object_is_one() {
    for text in ["[]", "[\"a\"]", "null", "1", "\"a\"", "", " "] {
        assert_eq!(object::<Map<String, Value>>(text.as_bytes()), Err(Fault::NotJson), "{text}");
    }
    assert!(object::<Map<String, Value>>(b" \r\n{\"a\": 1}\t").is_ok());
    assert_eq!(object::<Map<String, Value>>(b"{\"a\": \"\xff\"}"), Err(Fault::NotJson));
    assert_eq!(object::<Map<String, Value>>(b"{\"a\": 1, \"a\": 1}"), Err(Fault::DuplicateMember));
}

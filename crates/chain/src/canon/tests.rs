use proptest::prelude::*;
use serde_json::json;

use super::*;

fn canonical(value: &Value) -> String {
    String::from_utf8(to_canonical(value).unwrap()).unwrap()
}

#[test]
fn keys_sort_by_utf16_code_units() {
    // RFC 8785 §3.2.3: the astral key comes before U+FB33, which UTF-8 order would reverse.
    let value = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet",
        "1": "One", "\u{1f600}": "Emoji", "\u{80}": "Control", "\u{f6}": "O With Diaeresis"
    });
    assert_eq!(
        canonical(&value),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
         \"\u{f6}\":\"O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji\",\
         \"\u{fb33}\":\"Hebrew Letter Dalet\"}"
    );
}

#[test]
fn strings_escape_only_what_json_forces() {
    // RFC 8785 §3.2.2.2.
    let value = json!("\u{20ac}$\u{f}\nA'B\"\\\"/\u{8}\t\u{c}\r\u{7f}\u{1b}");
    let expected = "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\\b\\t\\f\\r\u{7f}\\u001b\"";
    assert_eq!(canonical(&value), expected);
}

#[test]
fn integers_go_to_two_to_the_53_minus_1_and_no_further() {
    let max = 9_007_199_254_740_991_i64;
    assert_eq!(canonical(&json!([0, 10, max, -max])), "[0,10,9007199254740991,-9007199254740991]");
    for wrong in [json!(max + 1), json!(-max - 1), json!(u64::MAX), json!(i64::MIN), json!(1.5)] {
        assert_eq!(to_canonical(&wrong), Err(CanonError::Number(wrong.to_string())));
    }
}

#[test]
fn texts_with_a_second_reading_are_refused() {
    let cases: [(&str, CanonError); 12] = [
        ("{\"a\":1,\"a\":1}", CanonError::DuplicateKey("a".into())),
        ("{\"b\":{\"a\":1,\"\\u0061\":2}}", CanonError::DuplicateKey("a".into())),
        ("{\"b\":1,\"a\":2}", CanonError::NotCanonical(2)),
        ("{ }", CanonError::NotCanonical(1)),
        ("[1] ", CanonError::NotCanonical(3)),
        ("\"\\u0041\"", CanonError::NotCanonical(1)),
        ("\"\\/\"", CanonError::NotCanonical(1)),
        ("1.0", CanonError::Number("1".into())),
        ("1e3", CanonError::Number("1000".into())),
        ("-0", CanonError::Number("-0".into())),
        ("9007199254740992", CanonError::Number("9007199254740992".into())),
        ("18446744073709551616", CanonError::Number("18446744073709552000".into())),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_canonical(text.as_bytes()), Err(expected), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    let cases: [&[u8]; 11] = [
        b"",
        b"{",
        b"01",
        b"+1",
        b"nul",
        b"1 2",
        b"\"\n\"",
        b"\"\\ud800\"",
        b"\"\xff\"",
        b"\"\xc0\x80\"",
        b"\xef\xbb\xbf1",
    ];
    for text in cases {
        let result = parse_canonical(text);
        assert!(matches!(result, Err(CanonError::NotJson(_))), "{text:?} gave {result:?}");
    }
}

#[test]
fn nesting_ends_at_32() {
    let array = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let object = |levels: usize| format!("{}0{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    for text in [array(DEPTH_MAX), object(DEPTH_MAX)] {
        let value = parse_canonical(text.as_bytes()).unwrap();
        assert_eq!(canonical(&value), text);
        assert_eq!(to_canonical(&json!([value])), Err(CanonError::Depth));
    }
    for text in [array(DEPTH_MAX + 1), object(DEPTH_MAX + 1), array(100_000)] {
        assert_eq!(parse_canonical(text.as_bytes()), Err(CanonError::Depth));
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let max = INTEGER_MAX as i64;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-max..=max).prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any characters, those around the surrogates and the controls more often.
fn any_text() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        any::<char>(),
        prop::char::range('\u{0}', '\u{7f}'),
        prop::char::range('\u{d700}', '\u{10100}'),
    ];
    prop::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    #[test]
    fn agrees_with_serde_jcs(value in any_value()) {
        let ours = to_canonical(&value).unwrap();
        prop_assert_eq!(&ours, &serde_jcs::to_vec(&value).unwrap());
        prop_assert_eq!(parse_canonical(&ours).unwrap(), value);
    }

    #[test]
    fn one_value_has_one_spelling(value in any_value(), at: prop::sample::Index, byte: u8) {
        let bytes = to_canonical(&value).unwrap();
        let mut edited = bytes.clone();
        edited[at.index(bytes.len())] = byte;
        if let Ok(other) = parse_canonical(&edited) {
            prop_assert_eq!(other == value, edited == bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        if let Ok(value) = parse_canonical(&bytes) {
            prop_assert_eq!(to_canonical(&value).unwrap(), bytes);
        }
    }
}

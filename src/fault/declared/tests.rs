//! Checks the table of fault kinds.

use super::*;

/// The fields of an example that are written as durations.
fn spans(kind: FaultKind) -> Vec<Span> {
    let told = serde_json::to_value(kind).unwrap();
    let fields = told.get(kind.name()).and_then(|fields| fields.as_object()).into_iter().flatten();
    fields.filter_map(|(_, value)| value.as_str()?.parse().ok()).collect()
}

#[test]
fn each_kind_stands_at_its_place_under_its_name() {
    for (place, declared) in FaultKind::ALL.iter().enumerate() {
        assert_eq!(declared.example.index(), place, "{}", declared.name);
        let told = serde_json::to_string(&declared.example).unwrap();
        assert!(told.contains(&format!("\"{}\"", declared.name)), "{told}");
    }
}

#[test]
fn each_kind_that_takes_time_is_shortened_and_no_other_changes() {
    let mut with_time = 0;
    for mut kind in FaultKind::ALL.iter().map(|declared| declared.example) {
        let before = kind;
        let had = spans(kind);
        assert!(had.len() <= 1, "{kind:?}");
        kind.shorten(Span::from_days(9));
        assert_eq!(kind, before, "nothing becomes longer");
        kind.shorten(Span::SECOND);
        match had.as_slice() {
            [] => assert_eq!(kind, before),
            _ => assert_eq!(spans(kind), [Span::SECOND], "{before:?} is not shortened"),
        }
        with_time += had.len();
    }
    assert!(with_time >= 8, "{with_time}");
}

#[test]
fn what_is_drawn_is_within_the_limits() {
    let mut draw = Rng::new(1);
    for declared in FaultKind::ALL {
        for _ in 0..50 {
            let kind = declared.sample(&mut draw);
            let within = |limit: Limit| (limit.from..=limit.to).contains(&limit.is);
            assert!(kind.limit().is_none_or(within), "{kind:?}");
        }
    }
}

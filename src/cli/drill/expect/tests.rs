//! Tests of the grammar, and of the figures.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::docs;
use crate::drill::{End, Sometimes};

fn read(text: &str) -> Expectation {
    Expectation::read(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn what_is_written_is_read() {
    for (text, canonical, of, op, over, under) in [
        ("recovered >= 95%", "recovered >= 95%", Of::Share, Op::AtLeast, 95, 100),
        ("  Recovered>=95.5 %", "recovered >= 95.5 %", Of::Share, Op::AtLeast, 955, 1_000),
        ("locked-out = 0%", "locked out = 0%", Of::Share, Op::Equal, 0, 100),
        ("locked_out == 0%", "locked out = 0%", Of::Share, Op::Equal, 0, 100),
        (
            "time to recover p95 < 1h",
            "time to recover p95 < 1h",
            Of::Percentile(95),
            Op::Less,
            3_600_000,
            1_000,
        ),
        (
            "time-to-recover MEDIAN ≤ 1h 30m",
            "time to recover p50 <= 1h 30m",
            Of::Percentile(50),
            Op::AtMost,
            5_400_000,
            1_000,
        ),
        ("tickets < 20%", "tickets < 20%", Of::Share, Op::Less, 20, 100),
        ("tickets mean < 0.3", "tickets mean < 0.3", Of::Mean, Op::Less, 3, 10),
        ("emails max <= 4", "emails max <= 4", Of::Max, Op::AtMost, 4, 1),
        ("calls min > 0", "calls min > 0", Of::Min, Op::More, 0, 1),
        ("re-synced ≥ 1%", "re-synced >= 1%", Of::Share, Op::AtLeast, 1, 100),
        ("Voicemail\t<\n1%", "voicemail < 1%", Of::Share, Op::Less, 1, 100),
    ] {
        let expectation = read(text);
        assert_eq!(expectation.to_string(), canonical, "{text}");
        assert_eq!(
            (expectation.of, expectation.op, expectation.bound),
            (of, op, Ratio { over, under }),
            "{text}"
        );
    }
}

#[test]
fn a_mistake_is_shown_where_it_is_with_what_would_work() {
    let mut told = String::new();
    for text in [
        "",
        "recovered",
        ">= 95%",
        "p95 < 1h",
        "recovered => 95%",
        "recovered != 95%",
        "recovered >=",
        "recoverd >= 95%",
        "xyzzy < 1%",
        "time to recover p95 < 60",
        "time to recover p95 < 20%",
        "time to recover < 1h",
        "time to recover p0 < 1h",
        "time to recover p101 < 1h",
        "time to recover p95 < soon",
        "time to recover p95 < forever",
        "tickets < 3",
        "tickets p95 < 1h",
        "tickets mean < 20%",
        "recovered p95 >= 95%",
        "recovered >= 0.95",
        "recovered >= 1.2345678901%",
        "recovered >= 950%",
        "größe é >= 5%",
    ] {
        let error = Expectation::read(text).unwrap_err();
        told.push_str(&format!("{error}\n\n"));
    }
    let error = Expectation::read(&"x".repeat(201)).unwrap_err();
    told.push_str(&error);
    insta::assert_snapshot!("mistakes", told);
}

#[test]
fn the_page_has_a_row_for_each_figure() {
    for (_, name, _) in Figure::named() {
        assert!(docs::FIGURES.contains(&format!("| `{name}` |")), "{name}");
    }
    let rows = docs::FIGURES.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Figure::named().count(), "a row for each figure, and no other");
    let help = long_help();
    assert!(Figure::named().all(|(_, name, _)| help.contains(&format!("  {name} "))), "{help}");
}

fn tally() -> Tally {
    let mut tally = Tally { runs: 1_000, ..Tally::default() };
    (tally.ends.recovered, tally.ends.signed_in) = (150, 800);
    (tally.ends.with_support, tally.ends.locked_out) = (49, 1);
    tally.sometimes = vec![0; Sometimes::ALL.len()];
    tally.sometimes[Sometimes::Voicemail as usize] = 7;
    tally.figures.end_seeds = [Some(1), Some(3), Some(20), Some(900)];
    for seed in 0..1_000 {
        tally.figures.tickets.add(seed, u64::from(seed % 4 == 1) * (1 + u64::from(seed == 501)));
    }
    for seed in 0..200 {
        tally.figures.time_to_recover.add(seed, 60 * (seed + 1));
    }
    tally
}

#[test]
fn a_figure_is_measured_exactly_over_the_runs_in_which_it_applies() {
    let tally = tally();
    for (text, met, is, example) in [
        ("recovered >= 15%", true, "15.00 % (150 of 1000 owners)", None),
        ("recovered > 15%", false, "15.00 % (150 of 1000 owners)", Some(900)),
        ("locked out = 0%", false, "0.10 % (1 of 1000 owners)", Some(900)),
        ("locked out < 0.1%", false, "0.10 % (1 of 1000 owners)", Some(900)),
        ("locked out <= 0.1%", true, "0.10 % (1 of 1000 owners)", None),
        (
            "recovered when needed >= 75%",
            true,
            "75.00 % (150 of 200 owners who did not sign in as usual)",
            None,
        ),
        (
            "recovered when needed < 75%",
            false,
            "75.00 % (150 of 200 owners who did not sign in as usual)",
            Some(3),
        ),
        ("voicemail < 0.7%", false, "0.70 % (7 of 1000 runs)", None),
        ("tickets <= 25%", true, "25.00 % (250 of 1000 runs)", None),
        ("tickets < 25%", false, "25.00 % (250 of 1000 runs)", Some(501)),
        ("tickets mean <= 0.251", true, "0.25 (1000 runs)", None),
        ("tickets mean < 0.251", false, "0.25 (1000 runs)", Some(501)),
        ("tickets max = 2", true, "2 (1000 runs)", None),
        ("tickets p75 = 0", true, "0 (1000 runs)", None),
        ("tickets p76 = 1", true, "1 (1000 runs)", None),
        ("time to recover p95 <= 190m", true, "3h 10m (200 recovered owners)", None),
        ("time to recover p95 < 190m", false, "3h 10m (200 recovered owners)", Some(199)),
        ("time to recover min > 1m", false, "1m (200 recovered owners)", Some(0)),
        ("time to reset p95 < 1h", false, "unknown: there are no resets", Some(1)),
    ] {
        let expectation = read(text);
        let Expected { is: measured, met: holds, .. } = expectation.of(&tally);
        assert_eq!((measured.as_str(), holds), (is, met), "{text}");
        if !met {
            assert_eq!(expectation.example(&tally), example, "{text}");
        }
    }
    assert_eq!(Figure::all().filter(|figure| matches!(figure, Figure::Ended(End::Recovered))).count(), 1);
}

#[test]
fn nothing_is_expected_of_no_runs() {
    for figure in Figure::all() {
        let bound = if figure.is_time() { "max >= 0s" } else { ">= 0%" };
        let expectation = read(&format!("{} {bound}", figure.name()));
        let expected = expectation.of(&Tally::default());
        assert!(!expected.met && expected.is.starts_with("unknown: there are no "), "{expected:?}");
        assert_eq!(expectation.example(&Tally::default()), None);
    }
}

#[test]
fn figures_of_an_edited_file_do_not_overflow() {
    let mut tally = Tally { runs: u64::MAX, ..Tally::default() };
    tally.ends.recovered = u64::MAX;
    let most = u64::MAX;
    tally.figures = serde_json::from_value(serde_json::json!({
        "tickets": { "counts": { most.to_string(): most, "1": most }, "least": [0, 0], "most": [most, most] },
        "time_to_recover": { "counts": { most.to_string(): most }, "least": null, "most": null },
    }))
    .unwrap();
    for text in [
        "tickets mean < 999999999",
        "tickets < 1%",
        "recovered = 100%",
        "time to recover p95 < 1s",
        "tickets p99 > 1",
    ] {
        let _ = (read(text).of(&tally), read(text).example(&tally));
    }
}

/// A text of the grammar.
fn written() -> impl Strategy<Value = String> {
    let figures: Vec<Figure> = Figure::all().collect();
    let blank = || select(vec!["", " ", "  ", "\t"]);
    let of = prop_oneof![
        (1..=100_u8).prop_map(|p| format!("p{p}")),
        select(vec!["mean", "median", "min", "max"]).prop_map(str::to_owned)
    ];
    let sign = select(vec!["<", "<=", "=", "==", ">=", ">", "≤", "≥"]);
    let number = (0..1_000_000_u32, proptest::option::of(0..1_000_u32));
    (select(figures), of, sign, number, any::<bool>(), blank(), blank(), select(vec!['-', '_', ' ']))
        .prop_map(|(figure, of, sign, (whole, rest), share, one, other, joint)| {
            let number = rest.map_or_else(|| whole.to_string(), |rest| format!("{whole}.{rest:03}"));
            let name = figure.name().replace(' ', &joint.to_string());
            let (of, bound) = if figure.is_time() {
                (format!(" {of}"), format!("{whole}s"))
            } else if figure.is_count() && !share {
                (format!(" {of}"), number)
            } else {
                (String::new(), format!("{}%", if whole < 100 { number } else { (whole % 101).to_string() }))
            };
            format!("{one}{name}{of}{other}{sign}{one}{bound}{other}")
        })
}

proptest! {
    #[test]
    fn what_the_grammar_makes_reads_back_as_it_is_told(text in written()) {
        let expectation = Expectation::read(&text).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&Expectation::read(&expectation.to_string()).unwrap(), &expectation, "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic_and_a_mistake_is_marked(text in "[a-z0-9 <>=%.≤!p-]{0,30}|\\PC{0,60}") {
        if let Err(error) = Expectation::read(&text) {
            prop_assert!(error.contains('^') && error.contains(&text), "{}", error);
        }
    }

    #[test]
    fn one_changed_character_makes_no_panic(text in written(), at in 0..40_usize, by in any::<char>()) {
        let mut letters: Vec<char> = text.chars().collect();
        let at = at % letters.len();
        letters[at] = by;
        let _ = Expectation::read(&letters.into_iter().collect::<String>());
    }
}

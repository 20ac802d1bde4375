//! Recordings of `lostkey serve` read back as they are written.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::event::{AnsweredBy, NoReply};
use crate::fault::Fault;
use crate::message::{Digits, Manner, Method, Script, ScriptAct, ScriptStep, TextSender};

/// Texts of one line and of many, with everything that YAML might take for something else.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        r"\PC{0,40}",
        "(?s).{0,60}",
        "[ -~\n]{0,200}",
        Just("<Response>\n  <Say>Your code is 1 2 3.</Say>\n</Response>\n".to_owned()),
        Just("012345".to_owned()),
        Just("+34600000001".to_owned()),
        Just("yes".to_owned()),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    // Fields with several values come after those with one.
    let names = || select(vec!["To", "From", "Body", "Url", "no: yes", "1", "Ünicode"]);
    let single = vec((names(), texts()), 0..6).prop_map(|fields| {
        let mut seen: Vec<(String, String)> = Vec::new();
        for (name, value) in fields {
            if seen.iter().all(|(known, _)| known != name) {
                seen.push((name.to_owned(), value));
            }
        }
        seen
    });
    (single, vec(texts(), 0..4)).prop_map(|(mut fields, several)| {
        if several.len() > 1 {
            fields.extend(several.into_iter().map(|value| ("StatusCallbackEvent".to_owned(), value)));
        }
        fields
    })
}

fn urls() -> impl Strategy<Value = String> {
    r"https?://[a-z]{1,8}(\.test)?(:[1-9][0-9]{0,3})?/[a-z?=&%#0-9]{0,30}"
}

fn orders() -> impl Strategy<Value = Recorded> {
    let body = prop_oneof![pairs().prop_map(OrderBody::Form), "\\{.*\\}".prop_map(OrderBody::Json)];
    let account = option::of("AC[0-9a-f]{1,32}");
    (select(vec!["POST", "DELETE"]), "/[A-Za-z0-9/.-]{0,30}", account, body).prop_map(
        |(method, path, account, body)| {
            Recorded::Order(RestOrder { method: method.to_owned(), path, account, body })
        },
    )
}

fn replies() -> impl Strategy<Value = AppReply> {
    let header = || option::of("[!-~]([ -~]{0,30}[!-~])?");
    prop_oneof![
        (200..=599_u16, header(), header(), texts())
            .prop_map(|(status, kind, location, body)| AppReply::Answered { status, kind, location, body }),
        select(vec![NoReply::Down, NoReply::Cut, NoReply::TimedOut]).prop_map(AppReply::Lost),
        Just(AppReply::Pending),
    ]
}

fn mails() -> impl Strategy<Value = Recorded> {
    let address = || "[a-z]{1,8}(\\+[a-z]{1,4})?@[a-z]{1,8}\\.test";
    let from = prop_oneof![Just(String::new()), address()];
    let plain = texts().prop_map(|text| text.replace('\r', "").replace('\n', "\r\n").into_bytes());
    let message = prop_oneof![plain, vec(any::<u8>(), 0..200)];
    let reaches = select(vec![MailStage::Recipient, MailStage::Data, MailStage::Text, MailStage::Message]);
    (from, vec(address(), 1..12), reaches, message)
        .prop_map(|(from, to, reaches, message)| Recorded::Mail(AppMail { from, to, reaches, message }))
}

fn keys() -> impl Strategy<Value = Digits> {
    "[0-9*#A-D]{1,32}".prop_map(|keys| Digits::read(&keys).unwrap())
}

fn spans() -> impl Strategy<Value = Span> {
    prop_oneof![Just(Span::ZERO), (0..100_000_000_u64).prop_map(Span::from_millis)]
}

fn scripts() -> impl Strategy<Value = Script> {
    let act = prop_oneof![
        (keys(), spans()).prop_map(|(keys, gap)| ScriptAct::Press { keys, gap }),
        Just(ScriptAct::HangUp),
    ];
    let step = (option::of("[ -~]{0,30}"), spans(), act).prop_map(|(hears, after, does)| ScriptStep {
        hears: hears.map(Into::into),
        after,
        does,
    });
    let manner = prop_oneof![
        spans().prop_map(Manner::AnswersAfter),
        spans().prop_map(Manner::RejectsAfter),
        select(vec![
            Manner::Rings,
            Manner::Busy,
            Manner::Voicemail(AnsweredBy::MachineStart),
            Manner::Unreachable,
        ]),
    ];
    (manner, vec(step, 0..4)).prop_map(|(manner, steps)| Script { manner, steps })
}

fn by_hand() -> impl Strategy<Value = Recorded> {
    let number = || Number::read("+34600000002").unwrap();
    let sender =
        || select(vec!["+15005550006", "12345", "MyApp"]).prop_map(|text| TextSender::read(text).unwrap());
    let act = prop_oneof![
        Just(PhoneAct::Answers),
        Just(PhoneAct::HangsUp),
        (keys(), spans(), spans()).prop_map(|(keys, after, gap)| PhoneAct::Presses { keys, after, gap }),
        (sender(), texts()).prop_map(|(to, body)| PhoneAct::Texts { to, body }),
        option::of(scripts()).prop_map(PhoneAct::Follows),
    ];
    let has = prop_oneof![
        Just(PersonAct::LosesPhone),
        Just(PersonAct::FindsPhone),
        option::of("[a-z-]{1,10}x").prop_map(PersonAct::ShowsCode),
    ];
    let method = select(vec![Method::Get, Method::Post]);
    let addresses = (urls(), method, option::of(urls()))
        .prop_map(|(url, method, fallback)| SenderAddresses { url, method, fallback });
    let kinds: Vec<FaultKind> = FaultKind::ALL.iter().map(|declared| declared.example).collect();
    let fault = select(kinds).prop_map(|kind| Fault { kind, of: None, to: None, which: Which::Every });
    let visit = (1..=100_u32, select(vec!["GET", "HEAD", "POST"]), "/[a-z/-]{0,30}", pairs());
    prop_oneof![
        act.prop_map(move |act| Recorded::Phone(number(), act)),
        (0..4_u16, has).prop_map(|(who, act)| Recorded::Person(PersonId(who), act)),
        (sender(), option::of(addresses)).prop_map(|(sender, hooks)| Recorded::Sender(sender, hooks)),
        vec(fault, 0..4).prop_map(Recorded::Faults),
        visit.prop_map(|(browser, method, path, form)| {
            Recorded::Page(PageVisit { browser, method: method.to_owned(), path, form })
        }),
    ]
}

fn recordings() -> impl Strategy<Value = Recording> {
    let method = select(vec![Method::Get, Method::Post]);
    let asked = option::of((0..1_000_000_u64).prop_map(Time::from_millis));
    let answer = (method, urls(), asked, replies())
        .prop_map(|(method, url, asked, reply)| Recorded::Webhook(AppAnswer { method, url, asked, reply }));
    let what = prop_oneof![orders(), answer, urls().prop_map(Recorded::Scanned), mails(), by_hand()];
    let inputs = vec((0..400_000_000_u64, any::<bool>(), what), 0..8).prop_map(|mut inputs| {
        inputs.sort_by_key(|(at, ..)| *at);
        let next = |(at, early, what)| RecordedInput { at: Time::from_millis(at), early, what };
        inputs.into_iter().map(next).collect::<Vec<_>>()
    });
    (inputs, any::<[bool; 2]>(), option::of("AC[0-9a-f]{32}")).prop_map(
        |(inputs, [ends_early, at_once], account)| {
            let until = Time::from_millis(400_000_000);
            Recording { until, ends_early, account, at_once, inputs }
        },
    )
}

proptest! {
    #[test]
    fn a_recording_reads_back_as_it_is_written(recording in recordings(), tag in option::of("[a-z]{1,8}")) {
        let mut story = Story::read(FULL, "recorded.yaml").unwrap();
        (story.recorded, story.tag) = (Some(recording), tag);
        // Without this, faults of phone calls could be rejected as unable to strike.
        story.policy.phone_number = crate::policy::PhoneNumber::LastTyped;
        let written = story.write();
        match Story::read(&written, "recorded.yaml") {
            Ok(again) => prop_assert!(again == story, "{}", written),
            Err(error) => prop_assert!(false, "{}\n{}", error.rendered(), written),
        }
    }

    #[test]
    fn no_slip_in_a_recording_makes_the_reader_panic(
        recording in recordings(),
        slips in vec(any::slips(), 1..4),
    ) {
        let mut story = Story::read(FULL, "recorded.yaml").unwrap();
        story.recorded = Some(recording);
        let written = story.write();
        any::never_panics(&slips.iter().fold(written, |text, slip| any::slipped(&text, slip)));
    }
}

#[test]
fn a_recording_shows_none_of_its_texts() {
    let order = RestOrder {
        method: "POST".to_owned(),
        path: "/Messages.json".to_owned(),
        account: None,
        body: OrderBody::Form(vec![("Body".to_owned(), "secret 042137".to_owned())]),
    };
    let input = RecordedInput { at: Time::ZERO, early: false, what: Recorded::Order(order) };
    let shown = format!("{:?} {input:?}", Recording { inputs: vec![input.clone()], ..Recording::default() });
    assert!(!shown.contains("042137"), "{shown}");
    assert!(input.bytes() > "secret 042137".len());
}

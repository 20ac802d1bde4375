//! Round trips of documents, and the errors of invalid ones.

use proptest::prelude::*;

use super::*;
use crate::base::secret::Code;
use crate::base::time::Span;
use crate::message::{Digits, Gather, Hook, Key, Method, Place, Record, Speech, Twiml, UrlId, Verb};

fn say(text: &str) -> Verb {
    Verb::Say(Speech::Text(text.into()))
}

fn inside(verbs: &str) -> String {
    format!("<Response>{verbs}</Response>")
}

#[track_caller]
fn check_read(text: &str, verbs: &[Verb]) {
    assert_eq!(parse(text), Ok(Twiml { verbs: verbs.to_vec() }), "{text}");
}

/// `expected` is the position, the code and the message.
#[track_caller]
fn check_refused(text: &str, expected: &str) {
    let error = parse(text).expect_err(text);
    let told = format!("{}:{} {} {}", error.line, error.column, error.code(), error.why);
    assert_eq!(told, expected, "{text}");
}

#[test]
fn each_verb_and_its_defaults() {
    check_read("<Response/>", &[]);
    check_read("<Response></Response>", &[]);
    check_read(
        &inside("<Say>Hello.</Say><Pause/><Hangup/>"),
        &[say("Hello."), Verb::Pause(Span::SECOND), Verb::Hangup],
    );
    check_read(
        &inside("<Pause length='3'/><Redirect/>"),
        &[Verb::Pause(Span::from_secs(3)), Verb::Redirect(None)],
    );
    check_read(&inside("<Redirect method='POST'> </Redirect>"), &[Verb::Redirect(None)]);
    check_read(
        &inside("<Gather/>"),
        &[Verb::Gather(Gather {
            prompts: Vec::new(),
            timeout: Span::from_secs(5),
            num_digits: None,
            finish_on_key: Some(Key::HASH),
            action_on_empty: false,
            action: None,
            takes_keys: true,
        })],
    );
}

#[test]
fn each_attribute_of_gather() {
    let text = r#"<Gather input="dtmf" method="POST" action="" language="de-DE" numDigits="6" timeout="15"
        finishOnKey="*" actionOnEmptyResult="true"><Say>Key in.</Say><Pause/></Gather>"#;
    check_read(
        &inside(text),
        &[Verb::Gather(Gather {
            prompts: vec![say("Key in."), Verb::Pause(Span::SECOND)],
            timeout: Span::from_secs(15),
            num_digits: Some(6),
            finish_on_key: Some(Key::STAR),
            action_on_empty: true,
            action: None,
            takes_keys: true,
        })],
    );
    let gather = Gather { finish_on_key: None, num_digits: Some(u8::MAX), ..Gather::default() };
    check_read(&inside("<Gather finishOnKey='' numDigits='300'/>"), &[Verb::Gather(gather)]);
}

#[test]
fn words_are_said_as_they_are_heard() {
    for (text, heard) in [
        ("<Say>Tom &amp; Jerry &lt;3 &#33;</Say>", "Tom & Jerry <3 !"),
        ("<Say>\n    Two\n    lines\t.\r\n</Say>", "Two lines ."),
        ("<Say><![CDATA[<b> & more]]></Say>", "<b> & more"),
        ("<Say voice=\"alice\" language=\"en-GB\">Hello.</Say>", "Hello."),
        ("<Say><prosody rate='slow'>Slowly<break/>now</prosody>.</Say>", "Slowly now."),
        ("<Say>Hel<!-- never mind -->lo.</Say>", "Hello."),
    ] {
        check_read(&inside(text), &[say(heard)]);
    }
    check_read(&inside("<Say loop='2'>Again.</Say>"), &[say("Again."), say("Again.")]);
}

#[test]
fn our_own_sentences_are_known_by_their_meaning() {
    let spoken = Speech::TheCode(Code::new(42, 6));
    check_read(&inside(&format!("<Say>{}</Say>", spoken.sentence())), &[Verb::Say(spoken)]);
    let asks = Speech::KeyInTheCode;
    check_read(&inside(&format!("<Say>{}</Say>", asks.sentence())), &[Verb::Say(asks)]);
}

#[test]
fn what_may_stand_around_the_root() {
    for text in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response/>\n",
        "\u{feff}<?xml version=\"1.0\"?><Response/>",
        "<!-- a --><Response xmlns:xsi='x' xsi:noNamespaceSchemaLocation='y'/><!-- b -->",
        "<!DOCTYPE Response><Response/>",
    ] {
        check_read(text, &[]);
    }
}

#[test]
fn bad_xml_is_12100() {
    for (text, told) in [
        ("", "1:1 12100 this is not well-formed XML: there is no root element"),
        ("Hello", "1:1 12100 this is not well-formed XML: there are words before the root element"),
        (
            "\n<?xml version='1.0'?><Response/>",
            "2:1 12100 this is not well-formed XML: the declaration must be at the very start",
        ),
        ("<Response>", "1:11 12100 this is not well-formed XML: `<Response>` is not closed"),
        ("<Response><Say>Hi", "1:18 12100 this is not well-formed XML: `<Say>` is not closed"),
        (
            "<Response>\n  <Say>Hi</Pause>\n</Response>",
            "2:10 12100 this is not well-formed XML: ill-formed document: expected `</Say>`, but `</Pause>` was found",
        ),
        (
            "<Response/><Response/>",
            "1:12 12100 this is not well-formed XML: something follows the root element",
        ),
        ("<Response/> Bye", "1:12 12100 this is not well-formed XML: something follows the root element"),
        (
            "<Response><Say>a &b; c</Say></Response>",
            "1:18 12100 this is not well-formed XML: the entity `&b;` is not known",
        ),
        (
            "<Response><Say>a & c</Say></Response>",
            "1:18 12100 this is not well-formed XML: ill-formed document: entity or character reference not closed: \
             `;` not found before end of input",
        ),
        (
            "<Response><Say>\u{1}</Say></Response>",
            "1:16 12100 this is not well-formed XML: it cannot hold the character U+0001",
        ),
        (
            "<Response><Say>&#1;</Say></Response>",
            "1:16 12100 this is not well-formed XML: it cannot hold the character U+0001",
        ),
        (
            "<Response><Gather numDigits=6/></Response>",
            "1:11 12100 this is not well-formed XML: position 17: attribute value must be enclosed \
             in `\"` or `'`",
        ),
    ] {
        check_refused(text, told);
    }
}

#[test]
fn another_root_is_12102() {
    for (text, told) in [
        (
            "<!DOCTYPE html>\n<html><body>Oops</body></html>",
            "2:1 12102 the root element is `<html>`; it must be `<Response>`",
        ),
        ("<response/>", "1:1 12102 the root element is `<response>`; it must be `<Response>`"),
    ] {
        check_refused(text, told);
    }
}

#[test]
fn what_does_not_fit_the_schema_is_12200() {
    let run = "`<Say>`, `<Pause>`, `<Gather>`, `<Record>`, `<Redirect>` and `<Hangup>`";
    for (verbs, told) in [
        (
            "<say>Hi</say>",
            format!("1:11 12200 `<say>` is not a verb; the verbs are {run}, and are case-sensitive"),
        ),
        ("<Play/>", format!("1:11 12200 `<Play>` is not supported by this phone company; it supports {run}")),
        (
            "<Say loop='0'>Hi</Say>",
            format!(
                "1:11 12200 `<Say loop=\"0\">`, without an end, is not supported by this phone company; it supports {run}"
            ),
        ),
        (
            "<Gather input='speech'/>",
            format!(
                "1:11 12200 `<Gather input=\"speech\">` is not supported by this phone company; it supports {run}"
            ),
        ),
        (
            "<Gather method='GET'/>",
            format!(
                "1:11 12200 `<Gather method=\"GET\">` is not supported by this phone company; it supports {run}"
            ),
        ),
        (
            "<Gather><Hangup/></Gather>",
            "1:19 12200 `<Hangup>` cannot be inside `<Gather>`; only `<Say>` and `<Pause>` can".to_owned(),
        ),
        ("<Say>a <Pause/></Say>", "1:18 12200 `<Say>` cannot contain `<Pause>`".to_owned()),
        ("<Say>a <Say>b</Say></Say>", "1:18 12200 `<Say>` cannot contain `<Say>`".to_owned()),
        ("<Pause lenght='3'/>", "1:11 12200 `<Pause>` has no attribute `lenght`; it has `length`".to_owned()),
        ("<Hangup now='1'/>", "1:11 12200 `<Hangup>` has no attribute `now`; it has none".to_owned()),
        ("Hello", "1:11 12200 `<Response>` contains text; only `<Say>` can contain text".to_owned()),
        (
            "<Hangup>Bye</Hangup>",
            "1:22 12200 `<Hangup>` contains text; only `<Say>` can contain text".to_owned(),
        ),
        (
            "<Gather action='/next'/>",
            "1:11 12200 `<Gather>` points to `/next`, which cannot be requested".to_owned(),
        ),
        (
            "<Redirect>/next</Redirect>",
            "1:26 12200 `<Redirect>` points to `/next`, which cannot be requested".to_owned(),
        ),
    ] {
        check_refused(&inside(verbs), &told);
    }
    let unlimited = r#"<Gather numdigits="6"/>"#;
    assert_eq!(parse(&inside(unlimited)).unwrap_err().code(), 12200);
}

#[test]
fn bad_values_have_codes_of_their_own() {
    for (verb, code) in [
        ("<Gather finishOnKey='##'/>", 13310),
        ("<Gather finishOnKey='A'/>", 13310),
        ("<Gather method='PUT'/>", 13312),
        ("<Gather timeout='0'/>", 13313),
        ("<Gather timeout='auto'/>", 13313),
        ("<Gather timeout='+5'/>", 13313),
        ("<Gather timeout='99999999999'/>", 13313),
        ("<Gather numDigits='0'/>", 13314),
        ("<Gather numDigits='six'/>", 13314),
        ("<Gather actionOnEmptyResult='yes'/>", 13338),
        ("<Gather input='keys'/>", 12200),
        ("<Pause length='-1'/>", 13910),
        ("<Pause length=''/>", 13910),
        ("<Redirect method='PUT'/>", 13710),
        ("<Record maxLength='0'/>", 12200),
        ("<Record finishOnKey='x'/>", 12200),
        ("<Record timeout='never'/>", 12200),
        ("<Record playBeep='no'/>", 12200),
        ("<Gather><Record/></Gather>", 12200),
        ("<Say loop='often'>Hi</Say>", 13510),
        ("<Say/>", 13520),
        ("<Say> \n </Say>", 13520),
    ] {
        assert_eq!(parse(&inside(verb)).unwrap_err().code(), code, "{verb}");
    }
    check_refused(
        &inside("\n\n   <Gather timeout='5 s'/>"),
        "3:4 13313 `timeout=\"5 s\"` of `<Gather>` is not a whole number of seconds above zero",
    );
}

#[test]
fn documents_have_limits() {
    let longest = "x".repeat(BODY_MAX - write(&Twiml::default()).len() - "<Say></Say>".len());
    let document = parse(&inside(&format!("<Say>{longest}</Say>"))).unwrap();
    assert_eq!((check(&document), write(&document).len()), (Ok(()), BODY_MAX));
    let over = "x".repeat(BODY_MAX + 1 - inside("<Say></Say>").len());
    check_refused(
        &inside(&format!("<Say>{over}</Say>")),
        "1:1 11750 the document has 65537 bytes; it may have 65536",
    );
    // White space around verbs counts towards the size, but is not written back.
    let spaces = |more: usize| inside(&" ".repeat(BODY_MAX + more - inside("").len()));
    assert_eq!(parse(&spaces(0)).map(|document| document.verbs), Ok(vec![]));
    assert_eq!(parse(&spaces(1)).unwrap_err().why, BadTwiml::TooBig(BODY_MAX + 1));
    // Found by mutating documents: a text short enough to be read became too long once its quotes were
    // escaped, so it would have run in memory but been refused on the wire.
    let quotes = "\"".repeat(12_000);
    let why = parse(&inside(&format!("<Say>{quotes}</Say>"))).unwrap_err().why;
    assert_eq!(why, BadTwiml::TooBig(72_070));
    assert_eq!(check(&Twiml { verbs: vec![say(&quotes)] }), Err(why));
    for most in ["<Pause/>".repeat(VERBS_MAX), format!("<Say loop='{VERBS_MAX}'>Hi</Say>")] {
        assert_eq!(parse(&inside(&most)).unwrap().verbs.len(), VERBS_MAX);
    }
    for verbs in [
        "<Pause/>".repeat(VERBS_MAX + 1),
        format!("<Say loop='{}'>Hi</Say>", VERBS_MAX + 1),
        format!("<Say loop='{}'>Hi</Say>", u32::MAX),
        format!("<Gather>{}</Gather>", "<Pause/>".repeat(VERBS_MAX)),
    ] {
        assert_eq!(parse(&inside(&verbs)).unwrap_err().why, BadTwiml::TooManyVerbs);
    }
    let (half, second) = (VERBS_MAX / 2, Verb::Pause(Span::SECOND));
    let gather = Gather { prompts: vec![second.clone(); half], ..Gather::default() };
    let mut verbs = vec![second.clone(); half - 1];
    verbs.push(Verb::Gather(gather));
    assert_eq!(check(&Twiml { verbs: verbs.clone() }), Ok(()));
    verbs.push(second);
    assert_eq!(check(&Twiml { verbs }), Err(BadTwiml::TooManyVerbs));
    let deep = "<p>".repeat(1_000);
    assert_eq!(parse(&inside(&format!("<Say>{deep}"))).unwrap_err().code(), 12100);
    let deep = "<Gather>".repeat(1_000);
    assert_eq!(parse(&inside(&deep)).unwrap_err().why, BadTwiml::Nested("Gather"));
}

#[test]
fn a_written_document_can_be_read_by_people() {
    let gather = Gather {
        prompts: vec![say("Key in <the> code."), Verb::Pause(Span::from_secs(2))],
        num_digits: Some(6),
        finish_on_key: None,
        ..Gather::default()
    };
    let verbs =
        vec![Verb::Gather(gather), say("Bye\u{7}bye."), Verb::Pause(Span::SECOND), Verb::Redirect(None)];
    assert_eq!(
        write(&Twiml { verbs }),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
         <Gather numDigits=\"6\" finishOnKey=\"\"><Say>Key in &lt;the&gt; code.</Say><Pause length=\"2\"/></Gather>\
         <Say>Bye bye.</Say><Pause/><Redirect/></Response>"
    );
}

/// `warnings` are the codes of the skipped features.
#[track_caller]
fn check_lenient(verbs: &str, expected: &[Verb], warnings: &[u32]) {
    let reading = read(&inside(verbs), Dialect::Lenient, &mut resolve).expect(verbs);
    assert_eq!(reading.document.verbs, expected, "{verbs}");
    assert_eq!(reading.warnings.iter().map(TwimlError::code).collect::<Vec<_>>(), warnings, "{verbs}");
}

#[test]
fn a_foreign_document_is_run_as_far_as_it_can_be() {
    let (second, any) = (Verb::Pause(Span::SECOND), Gather::default());
    for (verbs, expected, warnings) in [
        ("<Say>Hi.</Say><Hangup/>", vec![say("Hi."), Verb::Hangup], &[][..]),
        // A verb without an audible effect here is a pause.
        ("<Play>a.mp3</Play><Say>Hi.</Say>", vec![second.clone(), say("Hi.")], &[12200]),
        ("<Dial><Number>+34</Number></Dial>", vec![second.clone()], &[12200]),
        (
            "<Gather><Play>a.mp3</Play></Gather>",
            vec![Verb::Gather(Gather { prompts: vec![second.clone()], ..any.clone() })],
            &[12200],
        ),
        // Speech is not simulated; keys count if they are enabled.
        (
            "<Gather input='dtmf speech' speechTimeout='auto' hints='yes, no' bargeIn='true'/>",
            vec![Verb::Gather(any.clone())],
            &[12200],
        ),
        (
            "<Gather input='speech'/>",
            vec![Verb::Gather(Gather { takes_keys: false, ..any.clone() })],
            &[12200],
        ),
        // Features that Twilio only warns of have no effect.
        ("<Gather numdigits='6'/>", vec![Verb::Gather(any)], &[12200]),
        ("<Say/><Pause lenght='3'/><Hangup now='1'/>", vec![second, Verb::Hangup], &[13520, 12200, 12200]),
        // A loop that fits is not cut, and both dialects read the same.
        ("<Say loop='200'>Hi.</Say>", vec![say("Hi."); 200], &[]),
        // A loop that does not fit takes half of the verbs that are left, and the next one half of the rest.
        ("<Say loop='0'>Hi.</Say>", vec![say("Hi."); 128], &[12200]),
        (
            "<Say loop='1000'>Hi.</Say><Say loop='999'>Ho.</Say><Hangup/>",
            [vec![say("Hi."); 128], vec![say("Ho."); 64], vec![Verb::Hangup]].concat(),
            &[12200, 12200],
        ),
        ("<Reject reason='busy'/>", vec![Verb::Hangup], &[12200]),
        (
            "<Record maxLength='30' finishOnKey='' playBeep='false' transcribe='true'/>",
            vec![Verb::Record(Record {
                max_length: Span::from_secs(30),
                finish_on_key: Digits::EMPTY,
                beeps: false,
                ..Record::default()
            })],
            &[],
        ),
    ] {
        check_lenient(verbs, &expected, warnings);
        let unheard = verbs.contains("transcribe");
        assert_eq!(parse(&inside(verbs)).is_ok(), warnings.is_empty() && !unheard, "{verbs}");
    }
    let many = "<Say/>".repeat(WARNINGS_MAX + 1);
    assert_eq!(
        read(&inside(&many), Dialect::Lenient, &mut resolve).map(|reading| reading.warnings.len()),
        Ok(WARNINGS_MAX)
    );
}

#[test]
fn what_twilio_fails_at_fails_in_both_dialects() {
    for (verbs, code) in [
        ("<Jump/>", 12200),
        ("<say>Hi</say>", 12200),
        ("<Gather><Dial/></Gather>", 12200),
        ("<Gather numDigits='six'/>", 13314),
        ("<Gather input='keys'/>", 12200),
        ("<Gather method='PUT'/>", 13312),
        ("<Gather action='nowhere'/>", 12200),
        ("<Redirect>nowhere</Redirect>", 12200),
        ("<Say>Hi", 12100),
    ] {
        for dialect in [Dialect::Strict, Dialect::Lenient] {
            let error = read(&inside(verbs), dialect, &mut resolve).expect_err(verbs);
            assert_eq!(error.code(), code, "{verbs} {dialect:?}");
        }
    }
}

#[test]
fn addresses_are_resolved_by_whoever_reads() {
    let url = |url, method| Some(Hook { method, ..Hook::post(Place::Url(UrlId(url))) });
    let gather = |action| Verb::Gather(Gather { action, ..Gather::default() });
    for (verb, expected) in [
        ("<Gather/>", gather(None)),
        ("<Gather method='POST' action=' '/>", gather(None)),
        ("<Gather action='/3'/>", gather(url(3, Method::Post))),
        ("<Gather action='/3' method='GET'/>", gather(url(3, Method::Get))),
        ("<Redirect/>", Verb::Redirect(None)),
        ("<Redirect>\n /3 </Redirect>", Verb::Redirect(url(3, Method::Post))),
        ("<Redirect method='GET'>/3</Redirect>", Verb::Redirect(url(3, Method::Get))),
    ] {
        check_lenient(verb, std::slice::from_ref(&expected), &[]);
        assert_eq!(reread(&inside(verb)), Ok(Twiml { verbs: vec![expected] }), "{verb}");
    }
    // The document's own address with GET is resolved by the caller.
    let own = Hook { method: Method::Get, ..Hook::post(Place::Url(UrlId(9))) };
    let mut known = |address: &str, method| (address.is_empty() && method == Method::Get).then_some(own);
    let reading = read(&inside("<Gather method='GET'/>"), Dialect::Strict, &mut known).unwrap();
    assert_eq!(reading.document.verbs, [gather(Some(own))]);
}

fn a_speech() -> impl Strategy<Value = Speech> {
    prop_oneof![
        Just(Speech::KeyInTheCode),
        Just(Speech::CouldNot),
        (0..1_000_000_u32).prop_map(|value| Speech::TheCode(Code::new(value, 6))),
        "[!-~é👍]{1,8}( [!-~]{1,8}){0,4}".prop_map(|text| Speech::of_sentence(&text)),
    ]
}

fn a_prompt() -> impl Strategy<Value = Verb> {
    prop_oneof![
        a_speech().prop_map(Verb::Say),
        (1..100_u64).prop_map(|seconds| Verb::Pause(Span::from_secs(seconds))),
    ]
}

/// Address 3 is written as `/3`.
fn address(hook: Hook) -> Option<String> {
    match hook.at {
        Place::Url(url) => Some(format!("/{}", url.0)),
        Place::Console(..) => None,
    }
}

fn resolve(address: &str, method: Method) -> Option<Hook> {
    let number = address.strip_prefix('/')?.parse().ok()?;
    Some(Hook { method, ..Hook::post(Place::Url(UrlId(number))) })
}

fn written(document: &Twiml) -> String {
    write_with(document, &mut address)
}

fn reread(text: &str) -> Result<Twiml, TwimlError> {
    read(text, Dialect::Strict, &mut resolve).map(|reading| reading.document)
}

/// An address, or the document's own.
fn an_address() -> impl Strategy<Value = Option<Hook>> {
    let method = prop_oneof![Just(Method::Get), Just(Method::Post)];
    prop::option::of(
        (0..9_u32, method).prop_map(|(url, method)| Hook { method, ..Hook::post(Place::Url(UrlId(url))) }),
    )
}

fn a_redirect() -> impl Strategy<Value = Verb> {
    an_address().prop_map(Verb::Redirect)
}

fn a_verb() -> impl Strategy<Value = Verb> {
    let key = prop_oneof![Just(None), "[0-9#*]".prop_map(|key| key.chars().next().and_then(Key::of))];
    let count = prop_oneof![Just(None), (1..=u8::MAX).prop_map(Some)];
    let prompts = prop::collection::vec(a_prompt(), 0..4);
    let gather = (prompts, 1..60_u64, count, key, any::<bool>(), an_address()).prop_map(
        |(prompts, timeout, num_digits, finish_on_key, action_on_empty, action)| {
            let timeout = Span::from_secs(timeout);
            let usual = Gather::default();
            Verb::Gather(Gather {
                prompts,
                timeout,
                num_digits,
                finish_on_key,
                action_on_empty,
                action,
                ..usual
            })
        },
    );
    let record =
        (1..60_u64, "[0-9#*]{0,3}", any::<bool>(), an_address()).prop_map(|(secs, keys, beeps, action)| {
            let (timeout, max_length) = (Span::from_secs(secs), Span::from_secs(secs * 60));
            Verb::Record(Record {
                timeout,
                finish_on_key: Digits::read(&keys).unwrap(),
                max_length,
                beeps,
                action,
            })
        });
    prop_oneof![a_prompt(), gather, record, a_redirect(), Just(Verb::Hangup)]
}

fn a_document() -> impl Strategy<Value = Twiml> {
    prop::collection::vec(a_verb(), 0..6).prop_map(|verbs| Twiml { verbs })
}

/// Invalid documents, which can be constructed in memory.
fn a_wild_document() -> impl Strategy<Value = Twiml> {
    let wild_gather = (prop::collection::vec(a_verb(), 0..3), 0..9_000_u64, any::<u8>(), "[0-9#*A-D]")
        .prop_map(|(prompts, timeout, count, key)| {
            Verb::Gather(Gather {
                prompts,
                timeout: Span::from_millis(timeout),
                num_digits: Some(count % 4),
                finish_on_key: key.chars().next().and_then(Key::of),
                ..Gather::default()
            })
        });
    let wild = prop_oneof![
        wild_gather,
        "[ \u{1}\u{7f}\u{ffff}a]{0,2}".prop_map(|text| say(&text)),
        (0..3_000_u64).prop_map(|length| Verb::Pause(Span::from_millis(length))),
        Just(Verb::Pause(Span::FOREVER)),
        a_verb(),
    ];
    prop::collection::vec(wild, 0..4).prop_map(|verbs| Twiml { verbs })
}

proptest! {
    #[test]
    fn a_document_reads_back_as_it_is_written(document in a_document()) {
        prop_assert_eq!(check(&document), Ok(()));
        prop_assert_eq!(reread(&written(&document)), Ok(document.clone()));
        let lenient = read(&written(&document), Dialect::Lenient, &mut resolve);
        prop_assert_eq!(lenient, Ok(Reading { document, warnings: vec![] }), "nothing is wrong with it");
    }

    #[test]
    fn both_stages_refuse_the_same_documents(document in a_wild_document()) {
        let (in_memory, on_the_wire) = (check(&document), reread(&written(&document)));
        prop_assert_eq!(in_memory.err(), on_the_wire.err().map(|error| error.why));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(?s).{0,200}") {
        let _ = parse(&text);
        let _ = read(&text, Dialect::Lenient, &mut resolve);
    }

    #[test]
    fn nothing_in_a_response_makes_the_parser_panic(
        parts in prop::collection::vec(prop_oneof![
            Just("<Say>"), Just("</Say>"), Just("<Gather"), Just("<Gather>"), Just("</Gather>"), Just(">"),
            Just("<Pause length='"), Just("'"), Just("\""), Just("/>"), Just("&"), Just("&#"), Just(";"),
            Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"), Just("<?"), Just("?>"), Just("<!"),
            Just(" numDigits="), Just(" loop='9'"), Just("<Play>"), Just("</Play>"), Just("<Redirect>/3</Redirect>"),
            Just(" action='/4'"), Just(" input='speech'"), Just(" hints='x'"), Just(" colour='red'"), Just("<Say/>"), Just("</Response>"), Just("<p>"), Just("é"), Just("\n"),
        ], 0..30)
    ) {
        let text = inside(&parts.concat());
        let strict = read(&text, Dialect::Strict, &mut resolve);
        match read(&text, Dialect::Lenient, &mut resolve) {
            Err(error) => {
                prop_assert!(error.line > 0 && error.column > 0);
                prop_assert!(strict.is_err(), "the strict dialect refuses whatever the lenient one refuses");
            }
            Ok(reading) => {
                prop_assert_eq!(check(&reading.document), Ok(()));
                prop_assert!(strict.is_err() || strict == Ok(reading.clone()), "{:?}", strict);
                let again = read(&written(&reading.document), Dialect::Lenient, &mut resolve);
                prop_assert_eq!(again.map(|again| again.document), Ok(reading.document));
            }
        }
    }

    #[test]
    fn a_damaged_document_is_read_or_refused(
        document in a_document(),
        at in any::<prop::sample::Index>(),
        other in any::<char>(),
    ) {
        let mut text: Vec<char> = written(&document).chars().collect();
        let at = at.index(text.len());
        text[at] = other;
        let text: String = text.into_iter().collect();
        // Any document that can be read survives a round trip.
        if let Ok(read) = reread(&text) {
            prop_assert_eq!(check(&read), Ok(()));
            prop_assert_eq!(reread(&written(&read)), Ok(read));
        }
    }
}

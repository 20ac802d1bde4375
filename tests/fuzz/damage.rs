//! Fuzz inputs: valid and broken texts, damaged as by people, merges, editors and networks.

use std::fs;
use std::path::Path;

use lostkey::base::rng::{Rng, Stream};

use crate::samples;
use crate::target::Target;

/// Longest input, in bytes; above the readers' size limits it would only test those limits.
const INPUT_MAX: usize = 300_000;

/// Tokens that often break parsers.
const ODD: [&str; 40] = [
    "\n",
    "\n\n",
    "\t",
    " ",
    ":",
    ": ",
    "- ",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "| ",
    ">",
    "---\n",
    "...\n",
    "%",
    "@",
    "<<: ",
    "?",
    "~",
    "null",
    "\0",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "é",
    "🔑",
    "<",
    ">",
    "&#x0;",
    "&amp;",
    "<!--",
    "]]>",
    "<![CDATA[",
];

const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1",
    "00",
    "255",
    "256",
    "65535",
    "65536",
    "4294967296",
    "18446744073709551616",
    "1e9",
    "0x10",
    "1.5",
    "99999999999999999999d",
];

const DOCUMENTS: [&str; 8] = [
    "<Response/>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n  <Say>Hello.</Say>\n  <Hangup/>\n</Response>\n",
    "<Response><Gather numDigits=\"6\" timeout=\"15\"><Say>Key in the code.</Say></Gather><Say>Bye.</Say></Response>",
    "<Response><Gather finishOnKey=\"\" numDigits=\"1\"><Say language=\"en\">Press any key.</Say><Pause/></Gather>\
     <Redirect method=\"POST\"></Redirect></Response>",
    "<Response><Say loop=\"3\">Your code is <say-as interpret-as=\"digits\">1 2 3</say-as>.</Say><Pause length=\"2\"/></Response>",
    "<Response><Gather input=\"dtmf\" action=\"\" method=\"POST\" actionOnEmptyResult=\"true\" finishOnKey=\"*\">\
     <Say><![CDATA[Tom & Jerry]]> &amp; &#65;</Say></Gather></Response>",
    "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>",
    "<Response><Dial><Number>+34600000001</Number></Dial><Play>beep.mp3</Play></Response>",
];

const HEADS: [&str; 6] = [
    "CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n",
    "CONNECT verify.dublin.ie1.twilio.com:443 HTTP/1.0\r\n\r\n\u{16}\u{3}\u{1}",
    "CONNECT api.twilio.com:443 HTTP/1.1\r\nUser-Agent: curl/8.5.0\r\nProxy-Connection: Keep-Alive\r\n\r\n",
    "CONNECT [::1]:443 HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\n\r\n",
    "GET http://user:pass@app.test:5000/hook?a=b HTTP/1.1\r\nHost: app.test\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
];

/// The material of inputs.
pub(crate) struct Corpus {
    texts: Vec<String>,
    /// The words of the texts.
    words: Vec<String>,
}

impl Corpus {
    pub(crate) fn of(target: Target) -> Self {
        let texts: Vec<String> = match target {
            Target::Stories => ["scenarios", "tests/broken/stories", "tests/weak/scenarios"]
                .iter()
                .flat_map(|at| stories(at))
                .collect(),
            Target::Twiml => owned(&DOCUMENTS),
            Target::Connect => owned(&HEADS),
            Target::Texts => owned(&samples::TEXTS),
            Target::Smtp => owned(&samples::SMTP),
            Target::Forms => owned(&samples::FORMS),
            Target::Queries => owned(&samples::QUERIES),
            Target::Gateways => owned(&samples::GATEWAYS),
            Target::Overrides => owned(&samples::FRAGMENTS),
            Target::Verify => owned(&samples::VERIFICATIONS),
        };
        let cut = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
        let mut words: Vec<String> = texts
            .iter()
            .flat_map(|text| text.split(cut))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        words.dedup();
        Self { texts, words }
    }

    /// The input of this seed.
    pub(crate) fn input(&self, seed: u64) -> Vec<u8> {
        let mut dice = Dice(Rng::new(seed));
        if dice.below(20) == 0 {
            return (0..dice.below(400)).map(|_| dice.below(256) as u8).collect();
        }
        let mut bytes = if dice.below(20) == 0 {
            let some = dice.below(60);
            (0..some).flat_map(|_| self.token(&mut dice)).collect()
        } else {
            dice.of(&self.texts).clone().into_bytes()
        };
        for _ in 0..=dice.below(5) {
            bytes = self.damaged(bytes, &mut dice);
        }
        bytes.truncate(INPUT_MAX);
        bytes
    }

    fn token(&self, dice: &mut Dice) -> Vec<u8> {
        let token = match dice.below(3) {
            0 => *dice.of(&ODD),
            1 => *dice.of(&NUMBERS),
            _ => dice.of(&self.words).as_str(),
        };
        token.as_bytes().to_vec()
    }

    /// Applies one random damage.
    fn damaged(&self, mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
        let (from, to) = dice.range(bytes.len());
        match dice.below(12) {
            0 if from < to => bytes[from] = dice.below(256) as u8,
            1 => drop(bytes.drain(from..to.min(from + 12))),
            2 => drop(bytes.splice(from..from, self.token(dice))),
            3 => drop(bytes.splice(word_around(&bytes, from), self.token(dice))),
            4 => {
                let chunk = bytes[from..to].repeat(1 + dice.below(40));
                bytes.splice(from..from, chunk);
            }
            5 => {
                let other = dice.of(&self.texts).as_bytes().to_vec();
                let (from_other, to_other) = dice.range(other.len());
                bytes.splice(from..to, other[from_other..to_other].iter().copied());
            }
            6 => bytes.truncate(from),
            7 => {
                let (open, close) =
                    *dice.of(&[("<Gather>", "</Gather>"), ("<Say>", "</Say>"), ("[", "]"), ("{ a: ", "}")]);
                let deep = 1 + dice.below(200);
                bytes.splice(to..to, close.repeat(deep).into_bytes());
                bytes.splice(from..from, open.repeat(deep).into_bytes());
            }
            _ => return in_lines(&bytes, dice, self),
        }
        bytes
    }
}

/// Applies one random damage to whole lines.
fn in_lines(bytes: &[u8], dice: &mut Dice, corpus: &Corpus) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    match dice.below(6) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(one, lines[other].clone()),
        2 => lines.swap(one, other),
        3 => drop(lines[one].splice(0..0, b"    "[..1 + dice.below(4)].iter().copied())),
        4 => {
            let foreign = dice.of(&corpus.texts);
            let foreign: Vec<&str> = foreign.lines().collect();
            if !foreign.is_empty() {
                lines.insert(one, dice.of(&foreign).as_bytes().to_vec());
            }
        }
        _ => {
            let at = lines[one].iter().position(|byte| *byte == b':').map_or(lines[one].len(), |at| at + 1);
            lines[one].truncate(at);
            lines[one].push(b' ');
            lines[one].extend(corpus.token(dice));
        }
    }
    lines.join(&b'\n')
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The range of the word at this position.
fn word_around(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let from = bytes[..at].iter().rposition(|byte| !is_word(byte)).map_or(0, |before| before + 1);
    let to = bytes[at..].iter().position(|byte| !is_word(byte)).map_or(bytes.len(), |len| at + len);
    from..to
}

fn stories(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    paths.sort();
    paths.iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

/// Random choices from one seed.
struct Dice(Rng);

impl Dice {
    /// A number below `bound`; 0 if `bound` is 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0.below(Stream::Story, bound as u32) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A range below `len`, usually a short one.
    fn range(&mut self, len: usize) -> (usize, usize) {
        let from = self.below(len);
        let most = if self.below(4) == 0 { len - from } else { (len - from).min(40) };
        (from, from + self.below(most + 1))
    }
}

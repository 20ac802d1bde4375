//! Drawing faults: each kind that there is, with its numbers, on any of the first occurrences.
//!
//! A drawn fault strikes a bounded number of times, so that each run has a second phase in which
//! nothing goes wrong any more, and in which a way out is due.

use crate::draw::Draw;
use crate::draw::Stream;
use crate::drill::mix::Mix;
use crate::event::AnsweredBy;
use crate::event::WebhookKind;
use crate::fault::Around;
use crate::fault::CrashWhen;
use crate::fault::Fault;
use crate::fault::FaultKind;
use crate::fault::Which;
use crate::time::Span;

/// The kinds of fault by their names in stories; a kind's place is what coverage is kept under.
pub(super) const NAMES: &[&str] = &[
    "mail-late",
    "mail-lost",
    "mail-to-spam",
    "mail-twice",
    "mail-bounced",
    "mail-refused",
    "mail-cut",
    "mail-scanned",
    "link-truncated",
    "call-refused",
    "call-failed",
    "call-times-out",
    "call-queued",
    "call-stuck",
    "call-never-rings",
    "call-busy",
    "call-rejected",
    "call-to-voicemail",
    "call-drops",
    "key-lost",
    "key-doubled",
    "keys-silent",
    "webhook-fails",
    "webhook-times-out",
    "webhook-unreadable",
    "webhook-redirected",
    "callback-lost",
    "callback-twice",
    "callback-late",
    "app-crashes",
    "ticket-lost",
    "ticket-fails",
    "ticket-late",
    "call-declined",
    "call-canceled",
    "webhook-html",
];

/// How often a fault strikes at the most, and the last of the occurrences on which it strikes alone.
const STRIKES_MAX: u32 = 3;

/// The faults of a mix, ready for drawing.
#[derive(Clone, Debug)]
pub(super) struct FaultDraw {
    none: u32,
    most: u32,
    left_out: u32,
    /// The shares, added up.
    sums: Vec<u32>,
}

impl FaultDraw {
    pub(super) fn new(mix: &Mix) -> Self {
        let mut sum = 0;
        let sums = NAMES.iter().map(|kind| {
            sum += mix.faults.shares.get(*kind).copied().unwrap_or(0);
            sum
        });
        let sums = sums.collect();
        Self { none: mix.faults.none, most: mix.faults.most, left_out: mix.faults.left_out, sums }
    }

    /// Draws the faults of a run.
    pub(super) fn draw(&self, draw: &mut Draw, faults: &mut Vec<Fault>) {
        if draw.below(Stream::Story, 100) < self.none {
            return;
        }
        let count = 1 + draw.below(Stream::Story, self.most);
        let left_out = self.swarm(draw);
        for _ in 0..count {
            let place = self.place(draw);
            if left_out & (1 << place) != 0 {
                continue;
            }
            let which = match draw.below(Stream::Story, 4) {
                0 | 1 => Which::Nth(1 + draw.below(Stream::Story, STRIKES_MAX) as u16),
                2 => Which::Nth(1),
                _ => Which::First(1 + draw.below(Stream::Story, STRIKES_MAX) as u16),
            };
            faults.push(Fault { kind: kind(place, draw), of: None, which });
        }
    }

    /// Which kinds this run does without: a bit each.
    fn swarm(&self, draw: &mut Draw) -> u64 {
        let mut bits = 0;
        for place in 0..NAMES.len() {
            bits |= u64::from(draw.below(Stream::Story, 100) < self.left_out) << place;
        }
        bits
    }

    fn place(&self, draw: &mut Draw) -> usize {
        let most = self.sums.last().copied().unwrap_or(1);
        let at = draw.below(Stream::Story, most);
        self.sums.partition_point(|sum| *sum <= at)
    }
}

fn one_of<T: Copy>(draw: &mut Draw, all: &[T]) -> T {
    all[draw.below(Stream::Story, all.len() as u32) as usize]
}

const fn mins(minutes: u64) -> Span {
    Span::from_mins(minutes)
}

const HOOKS: [WebhookKind; 3] = [WebhookKind::Fetch, WebhookKind::Action, WebhookKind::Status];
const LATE: [Span; 5] = [Span::from_secs(30), mins(5), mins(20), mins(70), Span::from_hours(5)];
const DOWN: [Span; 4] = [Span::from_secs(1), Span::from_secs(20), mins(2), mins(30)];

/// The kind of fault at this place, with its numbers drawn.
fn kind(place: usize, draw: &mut Draw) -> FaultKind {
    let coin = draw.below(Stream::Story, 2) == 0;
    match place {
        0 => FaultKind::MailLate { by: one_of(draw, &LATE) },
        1 => FaultKind::MailLost,
        2 => FaultKind::MailToSpam,
        3 => FaultKind::MailTwice { after: one_of(draw, &LATE) },
        4 => FaultKind::MailBounced,
        5 => FaultKind::MailRefused { code: one_of(draw, &[421, 450, 451, 452, 550, 552]) },
        6 => FaultKind::MailCut { taken: coin },
        7 => FaultKind::MailScanned,
        8 => FaultKind::LinkTruncated,
        9 => FaultKind::CallRefused { code: one_of(draw, &[21_211, 21_215, 20_429]) },
        10 => FaultKind::CallFailed { http: one_of(draw, &[500, 503]), placed: coin },
        11 => FaultKind::CallTimesOut { placed: coin },
        12 => FaultKind::CallQueued { by: one_of(draw, &LATE[..3]) },
        13 => FaultKind::CallStuck,
        14 => FaultKind::CallNeverRings,
        15 => FaultKind::CallBusy,
        16 => FaultKind::CallRejected { sip: one_of(draw, &[404, 480, 603, 607, 608]) },
        17 => FaultKind::CallToVoicemail {
            taken_for: one_of(draw, &[AnsweredBy::MachineStart, AnsweredBy::Human, AnsweredBy::Unknown]),
        },
        18 => FaultKind::CallDrops { after: Span::from_secs(u64::from(1 + draw.below(Stream::Story, 20))) },
        19 => FaultKind::KeyLost { nth: 1 + draw.below(Stream::Story, 6) as u8 },
        20 => FaultKind::KeyDoubled { nth: 1 + draw.below(Stream::Story, 6) as u8 },
        21 => FaultKind::KeysSilent,
        22 => FaultKind::WebhookFails { webhook: one_of(draw, &HOOKS), http: one_of(draw, &[500, 502, 503]) },
        23 => FaultKind::WebhookTimesOut { webhook: one_of(draw, &HOOKS), heard: coin },
        24 => FaultKind::WebhookUnreadable { webhook: one_of(draw, &HOOKS[..2]) },
        25 => FaultKind::WebhookRedirected { webhook: one_of(draw, &HOOKS[..2]) },
        26 => FaultKind::CallbackLost,
        27 => FaultKind::CallbackTwice,
        28 => FaultKind::CallbackLate { by: one_of(draw, &LATE) },
        29 => FaultKind::AppCrashes {
            around: one_of(
                draw,
                &[Around::Page, Around::Mail, Around::Call, Around::Webhook, Around::Ticket, Around::Reset],
            ),
            when: if coin { CrashWhen::Before } else { CrashWhen::After },
            down: one_of(draw, &DOWN),
        },
        30 => FaultKind::TicketLost,
        31 => FaultKind::TicketFails,
        32 => FaultKind::TicketLate { by: one_of(draw, &LATE) },
        33 => FaultKind::CallDeclined { sip: one_of(draw, &[486, 603]) },
        34 => FaultKind::CallCanceled { after: one_of(draw, &DOWN[..3]) },
        _ => FaultKind::WebhookHtml { webhook: one_of(draw, &HOOKS[..2]) },
    }
}

/// The place of a kind among [`NAMES`]: what a fault is counted under.
pub(super) const fn place_of(kind: &FaultKind) -> usize {
    match kind {
        FaultKind::MailLate { .. } => 0,
        FaultKind::MailLost => 1,
        FaultKind::MailToSpam => 2,
        FaultKind::MailTwice { .. } => 3,
        FaultKind::MailBounced => 4,
        FaultKind::MailRefused { .. } => 5,
        FaultKind::MailCut { .. } => 6,
        FaultKind::MailScanned => 7,
        FaultKind::LinkTruncated => 8,
        FaultKind::CallRefused { .. } => 9,
        FaultKind::CallFailed { .. } => 10,
        FaultKind::CallTimesOut { .. } => 11,
        FaultKind::CallQueued { .. } => 12,
        FaultKind::CallStuck => 13,
        FaultKind::CallNeverRings => 14,
        FaultKind::CallBusy => 15,
        FaultKind::CallRejected { .. } => 16,
        FaultKind::CallToVoicemail { .. } => 17,
        FaultKind::CallDrops { .. } => 18,
        FaultKind::KeyLost { .. } => 19,
        FaultKind::KeyDoubled { .. } => 20,
        FaultKind::KeysSilent => 21,
        FaultKind::WebhookFails { .. } => 22,
        FaultKind::WebhookTimesOut { .. } => 23,
        FaultKind::WebhookUnreadable { .. } => 24,
        FaultKind::WebhookRedirected { .. } => 25,
        FaultKind::CallbackLost => 26,
        FaultKind::CallbackTwice => 27,
        FaultKind::CallbackLate { .. } => 28,
        FaultKind::AppCrashes { .. } => 29,
        FaultKind::TicketLost => 30,
        FaultKind::TicketFails => 31,
        FaultKind::TicketLate { .. } => 32,
        FaultKind::CallDeclined { .. } => 33,
        FaultKind::CallCanceled { .. } => 34,
        FaultKind::WebhookHtml { .. } => 35,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_drawn_at_its_place_and_named_as_in_stories() {
        let mut draw = Draw::new(1);
        for (place, name) in NAMES.iter().enumerate() {
            for _ in 0..20 {
                let kind = kind(place, &mut draw);
                assert_eq!(place_of(&kind), place);
                let told = serde_json::to_string(&kind).unwrap();
                assert!(told.contains(&format!("\"{name}\"")), "{told} is no {name}");
            }
        }
    }

    #[test]
    fn what_is_drawn_strikes_a_bounded_number_of_times() {
        let faults = FaultDraw::new(Mix::usual());
        let (mut drawn, mut kinds) = (Vec::new(), 0_u64);
        for seed in 0..5_000 {
            drawn.clear();
            faults.draw(&mut Draw::new(seed), &mut drawn);
            for fault in &drawn {
                kinds |= 1 << place_of(&fault.kind);
                assert!(matches!(fault.which, Which::Nth(1..=3) | Which::First(1..=3)), "{fault:?}");
            }
        }
        assert_eq!(kinds, (1 << NAMES.len()) - 1, "each kind is drawn by somebody");
    }
}

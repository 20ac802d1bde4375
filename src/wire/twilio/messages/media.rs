//! The media of a text as the REST API shows them (TW-media).

use reqwest::Url;
use serde_json::{Value, json};

use crate::base::time::Epoch;
use crate::message::TextSid;
use crate::providers::messaging::Text;
use crate::wire::twilio::messages::rest::Texts;
use crate::wire::twilio::paging::{INVALID_PAGE, Paging, TimeFilter, is_sid};
use crate::wire::twilio::rest::{ACCOUNTS, RestResponse, error};
use crate::wire::twilio::webhook::stamp;

/// What kinds of files media are, by the end of their addresses.
const KINDS: [(&str, &str); 9] = [
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("vcf", "text/vcard"),
    ("webp", "image/webp"),
];

/// The kind of any other file. Twilio fetches the file and looks; lostkey fetches none.
const OTHER_KIND: &str = "application/octet-stream";

impl Texts<'_> {
    /// Lists the media of a text in the order in which they were given.
    pub(super) fn list_media(&self, text: TextSid) -> RestResponse {
        let mut created = Vec::new();
        let read = Paging::read(self.request.query, |name, value| {
            if let "DateCreated" | "DateCreated<" | "DateCreated>" = name {
                created.push(TimeFilter::read(name, value)?);
            }
            Ok(())
        });
        let paging = match read {
            Ok(paging) if paging.after.as_deref().is_none_or(|sid| is_sid("ME", sid)) => paging,
            Ok(_) => return error(INVALID_PAGE),
            Err(code) => return error(code),
        };
        let path = format!("{ACCOUNTS}{}/Messages/{text}/Media.json", self.account);
        self.door.enter(|world| {
            let epoch = world.story().epoch;
            let Some(text) = world.text_of_sid(text) else { return error(20_404) };
            let made = text.log().first().map(|(at, _)| epoch.unix_secs(*at));
            let places = 0..text.media().len();
            // The page after a medium has the later ones; the medium itself may have been deleted meanwhile.
            let after = |sid: &String| places.clone().find(|place| *sid == media_sid(text.sid(), *place));
            let skipped =
                paging.after.as_ref().map_or(0, |sid| after(sid).map_or(places.end, |place| place + 1));
            let fitting = places.clone().skip(skipped).filter(|place| {
                self.accounts.has_medium(text.sid(), *place)
                    && created.iter().all(|filter| filter.takes(made))
            });
            let show = |place: &usize| medium(text, *place, self.account, epoch);
            let page =
                paging.page((&path, "media_list"), fitting, |place| media_sid(text.sid(), *place), show);
            RestResponse { status: 200, body: Some(page), holds: None }
        })
    }

    /// Shows one medium of a text.
    pub(super) fn fetch_medium(&self, text: TextSid, sid: &str) -> RestResponse {
        let Some(place) = self.place_of(text, sid) else { return error(20_404) };
        self.door.enter(|world| {
            let epoch = world.story().epoch;
            let text = world.text_of_sid(text);
            let body = text.map(|text| medium(text, place, self.account, epoch));
            body.map_or_else(
                || error(20_404),
                |body| RestResponse { status: 200, body: Some(body), holds: None },
            )
        })
    }

    /// Removes a medium from what the API shows. What the handset got stays, and so does `num_media`.
    pub(super) fn delete_medium(&self, text: TextSid, sid: &str) -> RestResponse {
        let Some(place) = self.place_of(text, sid) else { return error(20_404) };
        self.accounts.delete_medium(text, place);
        RestResponse { status: 204, body: None, holds: None }
    }

    /// The place of a medium among those of a text; `None` if there is none, or no more.
    fn place_of(&self, text: TextSid, sid: &str) -> Option<usize> {
        let count = self.door.world().text_of_sid(text)?.media().len();
        let place = (0..count).find(|place| media_sid(text, *place) == sid)?;
        self.accounts.has_medium(text, place).then_some(place)
    }
}

/// A medium of a text, whose own SID follows from that of the text.
fn media_sid(text: TextSid, place: usize) -> String {
    format!("ME{:032x}", text.id.wrapping_add(1 + place as u128))
}

fn medium(text: &Text, place: usize, account: &str, epoch: Epoch) -> Value {
    let (parent, sid) = (text.sid().to_string(), media_sid(text.sid(), place));
    let made = text.log().first().map(|(at, _)| stamp(epoch.unix_secs(*at)));
    json!({
        "account_sid": account,
        "content_type": text.media().get(place).map(|url| kind_of(url)),
        "date_created": made,
        "date_updated": made,
        "parent_sid": parent,
        "uri": format!("{ACCOUNTS}{account}/Messages/{parent}/Media/{sid}.json"),
        "sid": sid,
    })
}

/// The content type that the end of an address promises.
fn kind_of(url: &str) -> &'static str {
    let path = Url::parse(url).map(|url| url.path().to_ascii_lowercase()).unwrap_or_default();
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    KINDS.iter().find(|(known, _)| *known == ending).map_or(OTHER_KIND, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_the_kind() {
        for (url, kind) in [
            ("http://a.test/one.png", "image/png"),
            ("https://a.test/x.y/ONE.JPEG?size=2#top", "image/jpeg"),
            ("http://a.test/one.png/two", OTHER_KIND),
            ("http://a.test/?file=one.png", OTHER_KIND),
            ("nowhere.png", OTHER_KIND),
            ("", OTHER_KIND),
        ] {
            assert_eq!(kind_of(url), kind, "{url}");
        }
    }

    #[test]
    fn media_have_sids_of_their_own() {
        let text = TextSid { id: u128::MAX, media: true };
        let (first, second) = (media_sid(text, 0), media_sid(text, 1));
        assert_eq!(first, format!("ME{}", "0".repeat(32)));
        assert!(first != second && is_sid("ME", &first) && is_sid("ME", &second));
        for other in ["", "ME", "ME1", &first[1..], &first.replace("ME", "SM"), &first.replace("00", "0g")] {
            assert!(!is_sid("ME", other), "{other}");
        }
    }
}

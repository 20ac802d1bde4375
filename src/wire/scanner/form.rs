//! The form that a scanner would submit: the only one of a page.

use reqwest::Url;
use scraper::Html;
use scraper::node::Element;

use crate::wire::form::Form;

/// Kinds of input that a browser does not send unless the reader acts.
const NOT_SENT: [&str; 5] = ["button", "image", "reset", "submit", "file"];

/// A form that is ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filled {
    /// Where it goes.
    pub(super) to: Url,
    /// Its fields as the page has them, and its button if that has a name.
    pub(super) fields: Form,
}

/// The only form of the page at this address that is sent with POST.
///
/// # Errors
/// The number of such forms, if it is not one.
pub(super) fn only_form(page: &str, at: &Url) -> Result<Filled, usize> {
    let document = Html::parse_document(page);
    let is_post = |element: &Element| {
        let method = element.attr("method").unwrap_or_default();
        element.name() == "form" && method.eq_ignore_ascii_case("post")
    };
    let forms = document.tree.nodes().filter(|node| node.value().as_element().is_some_and(is_post));
    let forms: Vec<_> = forms.collect();
    let [form] = forms.as_slice() else { return Err(forms.len()) };
    let action = form.value().as_element().and_then(|form| form.attr("action")).unwrap_or_default();
    // An address that cannot be read counts as none: the form goes to its own page.
    let mut to = at.join(action).unwrap_or_else(|_| at.clone());
    to.set_fragment(None);
    let mut fields = Form::new();
    let mut pressed = false;
    for element in form.descendants().filter_map(|node| node.value().as_element()) {
        let kind = kind(element);
        let Some(name) = element.attr("name").filter(|name| !name.is_empty()) else {
            // A button without a name is pressed, too.
            pressed |= kind == "submit";
            continue;
        };
        let is_button = kind == "submit" && !pressed;
        pressed |= is_button;
        if element.attr("disabled").is_none() && (is_button || is_sent(element, &kind)) {
            let usual = if matches!(kind.as_str(), "checkbox" | "radio") { "on" } else { "" };
            fields = fields.with(name, element.attr("value").unwrap_or(usual));
        }
    }
    Ok(Filled { to, fields })
}

/// The kind of a control, in lower case; empty for what is no control.
fn kind(element: &Element) -> String {
    let declared = element.attr("type").map(str::to_ascii_lowercase);
    match element.name() {
        "input" => declared.unwrap_or_else(|| "text".to_owned()),
        "button" => declared.unwrap_or_else(|| "submit".to_owned()),
        _ => String::new(),
    }
}

/// Whether a browser sends a control without an action of the reader.
fn is_sent(element: &Element, kind: &str) -> bool {
    match kind {
        "" => false,
        "checkbox" | "radio" => element.attr("checked").is_some(),
        kind => element.name() == "input" && !NOT_SENT.contains(&kind),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at() -> Url {
        Url::parse("http://127.0.0.1:9/verify/abc?x=1").unwrap()
    }

    #[test]
    fn the_only_form_is_filled_as_the_page_has_it() {
        let form = |inner: &str| format!("<p><form method=POST action='/confirm'>{inner}</form>");
        for (page, sent) in [
            (form(""), Ok("/confirm ")),
            (form("<input type=hidden name=csrf value='a b'><button>Go</button>"), Ok("/confirm csrf=a+b")),
            (form("<button name=do value=yes>Go</button>"), Ok("/confirm do=yes")),
            (form("<button name=a value=1></button><button name=b value=2></button>"), Ok("/confirm a=1")),
            (form("<input type=submit><input type=submit name=b value=2>"), Ok("/confirm ")),
            (
                form("<input name=t><input name=c type=checkbox><input name=d type=checkbox checked>"),
                Ok("/confirm t=&d=on"),
            ),
            (form("<input name=x value=1 disabled><input value=2><input type=file name=f>"), Ok("/confirm ")),
            ("<form method=post></form>".to_owned(), Ok("/verify/abc?x=1 ")),
            (format!("<form action=/search><input name=q></form>{}", form("")), Ok("/confirm ")),
            ("<form action=/search></form>".to_owned(), Err(0)),
            (String::new(), Err(0)),
            (format!("{}{}", form(""), form("")), Err(2)),
        ] {
            let found = only_form(&page, &at()).map(|filled| {
                let query = filled.to.query().map(|query| format!("?{query}")).unwrap_or_default();
                format!("{}{query} {}", filled.to.path(), filled.fields.body())
            });
            assert_eq!(found, sent.map(str::to_owned), "{page}");
        }
    }

    proptest! {
        #[test]
        fn no_page_makes_the_scanner_panic(page in r#"(<form method=post>|</form>|<input name=a |<button>|type=|[a-z<>"'=]){0,40}"#) {
            let _ = only_form(&page, &at());
        }
    }
}

//! The HTML part of an email as its reader sees it: the text, and the links with their labels.

use scraper::{Html, Node};

use crate::wire::mime::link;

/// Elements whose content is not shown.
const NOT_SHOWN: [&str; 6] = ["head", "script", "style", "template", "title", "noscript"];

/// Elements that end the line.
const BLOCKS: [&str; 20] = [
    "address",
    "blockquote",
    "br",
    "div",
    "dd",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// What an HTML part shows.
#[derive(Default)]
pub(super) struct Page {
    /// The text, a line for each block.
    pub(super) text: String,
    /// The target of each link, and its label.
    pub(super) links: Vec<(String, String)>,
}

impl Page {
    /// Reads a part. The traversal is a loop, so deeply nested elements cannot overflow the stack.
    pub(super) fn read(html: &str) -> Self {
        let document = Html::parse_document(link::head(html));
        let mut reader = Reader::default();
        let mut node = document.tree.root();
        'open: loop {
            if reader.open(node.value())
                && let Some(child) = node.first_child()
            {
                node = child;
                continue;
            }
            loop {
                reader.close(node.value());
                if let Some(next) = node.next_sibling() {
                    node = next;
                    continue 'open;
                }
                let Some(parent) = node.parent() else { break 'open };
                node = parent;
            }
        }
        let text = reader.page.text.trim_end().len();
        reader.page.text.truncate(text);
        reader.page
    }
}

#[derive(Default)]
struct Reader {
    page: Page,
    /// The link that is open, and its label so far.
    anchor: Option<(String, String)>,
}

impl Reader {
    /// Enters a node; returns whether its children are shown.
    fn open(&mut self, node: &Node) -> bool {
        match node {
            Node::Text(text) => self.say(text),
            Node::Element(element) => {
                let name = element.name();
                let style = element.attr("style").unwrap_or_default();
                let style: String = style.chars().filter(|sign| !sign.is_whitespace()).collect();
                let hidden =
                    element.attr("hidden").is_some() || style.to_lowercase().contains("display:none");
                if hidden || NOT_SHOWN.contains(&name) {
                    return false;
                }
                if BLOCKS.contains(&name) {
                    self.end_line();
                } else if name == "td" || name == "th" {
                    self.say(" ");
                } else if name == "a" {
                    self.anchor = element.attr("href").map(|href| (href.to_owned(), String::new()));
                } else if name == "img"
                    && let (Some(alt), Some((_, words))) = (element.attr("alt"), &mut self.anchor)
                {
                    words.push_str(alt);
                }
            }
            _ => {}
        }
        true
    }

    fn close(&mut self, node: &Node) {
        let Node::Element(element) = node else { return };
        if element.name() == "a" {
            self.page.links.extend(self.anchor.take());
        } else if BLOCKS.contains(&element.name()) {
            self.end_line();
        }
    }

    /// Adds text; collapses white space to one space (CSS Text section 4.1.1).
    fn say(&mut self, text: &str) {
        for sign in text.chars() {
            let space = sign.is_whitespace();
            let out = &mut self.page.text;
            if !space {
                out.push(sign);
            } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
            if let Some((_, words)) = &mut self.anchor {
                words.push(if space { ' ' } else { sign });
            }
        }
    }

    fn end_line(&mut self) {
        let kept = self.page.text.trim_end_matches(' ').len();
        self.page.text.truncate(kept);
        if !self.page.text.is_empty() && !self.page.text.ends_with('\n') {
            self.page.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_a_reader_sees() {
        for (html, text) in [
            ("", ""),
            ("plain", "plain"),
            ("<title>T</title><style>p{}</style><p>One</p><p>Two  \n three</p>", "One\nTwo three"),
            ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
            ("a<br>b<script>c</script>", "a\nb"),
            ("<span style='Display : none'>x</span>y<i hidden>z</i>", "y"),
            ("<b>1</b><b>2</b>&nbsp;&amp;", "12 &"),
        ] {
            assert_eq!(Page::read(html).text, text, "{html}");
        }
    }

    #[test]
    fn links_have_their_words() {
        let page = Page::read("<a href=x>One <b>two</b></a><a>no</a><a href=y><img alt=Three></a>");
        let one = ("x".to_owned(), "One two".to_owned());
        assert_eq!(page.links, [one, ("y".to_owned(), "Three".to_owned())]);
    }

    #[test]
    fn deep_nesting_is_read_to_the_end() {
        let page = Page::read(&format!("{}x", "<b>".repeat(20_000)));
        assert_eq!(page.text, "x");
    }
}

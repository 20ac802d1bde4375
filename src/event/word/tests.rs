//! A label leads back to its word.

use super::*;

#[test]
fn a_label_leads_back_to_its_word() {
    for page in PageName::ALL {
        assert_eq!(PageName::from_label(page.label()), Some(*page));
    }
    for notice in Notice::ALL {
        assert_eq!(Notice::from_label(notice.label()), Some(*notice));
    }
    for kind in MailKind::ALL {
        assert_eq!(MailKind::from_label(kind.label()), Some(*kind));
    }
}

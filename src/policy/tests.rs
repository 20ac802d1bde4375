//! A story states the differences from the norm.

use super::*;

#[test]
fn a_story_says_only_what_differs_from_the_norm() {
    let policy: Policy = serde_yaml::from_str("link-lifetime: 24h\nreplay: nothing\n").unwrap();
    assert_eq!(policy, Policy { link_lifetime: Span::DAY, replay: Replay::Nothing, ..Policy::NORM });
}

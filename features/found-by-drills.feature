Feature: Found by drills
  What a drill has found and what was mended since, as it was shrunk: in each, all oracles are silent.

  Scenario: The code stands in one tab, and its owner goes on in another
    An oracle took the tab for another browser.

    Given the story "code-on-another-tab"
    When everybody acts by habit
    And at 00:00:50 Eve opens the newest link
    And at 00:00:51 Eve confirms
    And at 00:00:52 Ana goes to "Your Security Credentials"
    And at 00:01:02 Ana goes on in another tab
    And at 00:01:03 Ana goes to "Step 3: sign in"
    Then the story comes to its end
    And Ana is signed in

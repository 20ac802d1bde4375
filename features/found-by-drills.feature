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

  Scenario: A stranger's ticket swallows the owner's, which says the same
    The desk took the second form for the first one sent again, and closed both with the first.

    Given the story "ticket-of-a-stranger"
    When everybody acts by habit
    And at 17:47:54 Mallory signs in with the password and a wrong code
    And at 17:47:55 Mallory changes the phone number to +14155550100
    And at 17:47:56 Mallory asks support because "I did not receive the call"
    Then the story comes to its end

  Scenario: The app is down when the keys of a call are reported
    The trace did not tell any more who had keyed in the code that was reported once more.

    Given the story "keys-reported-again"
    When everybody acts by habit
    And at 00:02:01.195 Mallory asks support because "My phone number has changed" giving phone +14155550100
    And at 00:02:20 Mallory asks support because "I did not receive the call"
    Then the story comes to its end

  Scenario: A stranger posts the digits of a call once more
    An oracle took the keys that were pressed last for those that the digits came from.

    Given the story "digits-posted-again"
    When everybody acts by habit
    And at 00:04:49 Mallory posts the call's last digits once more
    Then the story comes to its end

  Scenario: A stranger posts the request for a call's document once more
    The service took it for a new talk, and its page went on promising a call that was over.

    Given the story "document-posted-again"
    When everybody acts by habit
    And at 00:06:04 Mallory posts the call's last request for a document once more
    Then the story comes to its end

  Scenario: The app crashes over the answer to the call
    An oracle took a request that nobody saw answered for one that never came.

    Given the story "crash-over-the-document"
    When everybody acts by habit
    And at 00:05:49 Ana goes to "Step 2: phone number verification"
    Then the story comes to its end

  Scenario: The app crashes over the report that its code was spoken
    An oracle took a report that nobody saw answered for one that was not heard.

    Given the story "spoken-and-unheard"
    When everybody acts by habit
    Then the story comes to its end

Feature: Found by drills
  Bugs that drills found and that are fixed, each as the shrunk story. No oracle may object to any.

  Scenario: The code stands in one tab, and its owner goes on in another
    An oracle treated the tab as another browser.

    Given the story "code-on-another-tab"
    When everybody acts by habit
    And at 00:00:50 Eve opens the newest link
    And at 00:00:51 Eve confirms
    And at 00:00:52 Ana goes to "Your Security Credentials"
    And at 00:01:02 Ana goes on in another tab
    And at 00:01:03 Ana goes to "Step 3: sign in"
    Then the story comes to its end
    And Ana is back in

  Scenario: A stranger's ticket swallows the owner's, which says the same
    The desk treated the second form as a retry of the first, and closed both when it closed the first.

    Given the story "ticket-of-a-stranger"
    When everybody acts by habit
    And at 17:47:54 Mallory signs in with the password and a wrong code
    And at 17:47:55 Mallory changes the phone number to +14155550100
    And at 17:47:56 Mallory asks support because "I did not receive the call"
    Then the story comes to its end

  Scenario: The app is down when the keys of a call are reported
    The trace no longer showed who had keyed in the code once its keys were reported again.

    Given the story "keys-reported-again"
    When everybody acts by habit
    And at 00:02:01.195 Mallory asks support because "My phone number has changed" giving phone +14155550100
    And at 00:02:20 Mallory asks support because "I did not receive the call"
    Then the story comes to its end

  Scenario: A stranger posts the digits of a call once more
    An oracle assumed that the digits came from the keys that were pressed last.

    Given the story "digits-posted-again"
    When everybody acts by habit
    And at 00:04:49 Mallory posts the call's last digits once more
    Then the story comes to its end

  Scenario: A stranger posts the request for a call's document once more
    The service treated it as a new conversation, and its page kept announcing a call that had ended.

    Given the story "document-posted-again"
    When everybody acts by habit
    And at 00:06:04 Mallory posts the call's last request for a document once more
    Then the story comes to its end

  Scenario: The app crashes over the answer to the call
    An oracle treated a request with an unknown response as a request that never arrived.

    Given the story "crash-over-the-document"
    When everybody acts by habit
    And at 00:05:49 Ana goes to "Step 2: phone number verification"
    Then the story comes to its end

  Scenario: The app crashes over the report that its code was spoken
    An oracle treated a callback with an unknown response as a callback that the service never received.

    Given the story "spoken-and-unheard"
    When everybody acts by habit
    Then the story comes to its end

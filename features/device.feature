Feature: The device
  The clock drifts, the display shows nothing, or the owner types a code twice.

  @W03
  Scenario: A drifting token is re-synced
    Given the story "drifting-token"
    When Ana signs in with her user name, password and a code
    Then the code is refused
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    Then her device is in sync
    When she signs in with her user name, password and the next code
    Then she is signed in
    When 30 days pass
    And she signs in with her user name, password and a code
    Then she is signed in

  @W02
  Scenario Outline: A device that shows nothing, and alternative factors are the way
    Given the story "<story>"
    When Ana signs in with her user name and password
    Then she has no code to enter
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    Then she is signed in

    Examples:
      | story         |
      | broken-device |
      | dead-battery  |

  @W04
  Scenario: The clock is beyond the re-sync window
    Given the story "drifted-too-far"
    When Ana signs in with her user name, password and a code
    Then the code is refused
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    Then her device is not in sync
    And she reads "The two MFA codes do not match: the device could not be re-synced"
    When she goes straight to "Troubleshoot MFA"
    Then she is offered "Sign in using alternative factors"

  @W06
  Scenario: Re-sync takes two consecutive codes, in order, once
    Given the story "drifting-token"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters the same code twice
    Then she reads "The two MFA codes are not consecutive: wait for the next two"
    When she enters two consecutive codes in reverse
    Then she reads "The two MFA codes are not consecutive: wait for the next two"
    When she enters two codes that are not consecutive
    Then she reads "The two MFA codes are not consecutive: wait for the next two"
    When she enters two consecutive codes
    Then her device is in sync
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters the same two codes again
    Then she reads "These MFA codes have already been used: wait for the next two"

  @W06
  Scenario: A code opens the door once
    Given the story "working-device"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    When she signs out
    And she signs in with her user name, password and the same code
    Then the code is refused as used already
    When she enters the next code
    Then she is signed in

  @W04
  Scenario: Left alone, the owner puts away a device that cannot be re-synced
    Given the story "drifted-too-far"
    When Ana is left alone for 1 day
    Then she got back in with "new device"
    And the codes of "token" are refused

  @W03
  Scenario: A slow clock with a time step of its own
    Given the story "strong-app"
    When Ana signs in with her user name, password and a code
    Then the code is refused
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    Then "app" is in sync: it was 20 steps behind
    When she signs in with her user name, password and the next code
    Then she is signed in
    When she signs out
    And she signs in with her user name, password and the same code
    Then the code is refused as used already

  @W06
  Scenario: Codes of seven digits, every fifteen seconds
    Given the story "fast-token"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    When she signs out
    And 15 seconds pass
    And she signs in with her user name, password and the same code
    Then the code is refused as used already
    When she enters the next code
    Then she is signed in

  Scenario: New devices can be of another kind
    Given the story "strong-new-devices"
    When Ana signs in with her user name, password and a code
    And she assigns a new MFA device
    And she signs out and signs in again with her user name, password and a code of the new device
    Then she is signed in
    And the codes of "phone-app" are accepted

  Scenario: Left alone in another browser, Ana signs in there
    Given the story "working-device"
    When Ana goes on in another browser
    And she is left alone for 1 day
    Then Ana is back in

  @W06 @W30
  Scenario: A restart does not make a used code good again
    Given the story "crash-after-ticket"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    When she signs out
    And she asks support to reset MFA because "I did not receive the call", giving her email address, account number, phone number and full name
    And 11 seconds pass
    And she signs in with her user name, password and the same code
    Then the code is refused as used already

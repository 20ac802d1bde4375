Feature: The counter token
  A token with a button and no clock (HOTP, RFC 4226): each press shows the next code. The service
  knows how many codes it has received, but not how often the button was pressed.

  Scenario: Each press shows a code, and each code opens the door once
    Given the story "counter-token"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    When she signs out
    And she signs in with her user name, password and the same code
    Then the code is refused as used already
    When she enters the next code
    Then she is signed in

  @W05
  Scenario: The cat on the button
    Given the story "cat-on-the-button"
    When Ana signs in with her user name, password and a code
    Then the code is refused
    And she reads "The MFA code is not correct"
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    Then her device is in sync
    And "token" is in sync: it was 31 codes ahead
    And every address on file was told "An MFA device was re-synced"
    When she signs in with her user name, password and the next code
    Then she is signed in

  @W05
  Scenario: A few presses are looked over
    Given the story "counter-token"
    When Ana signs in with her user name, password and a code
    And she signs out
    And she presses the button of "token" 10 times
    And she signs in with her user name, password and a code
    Then she is signed in

  @W05
  Scenario: One press more is too many
    Given the story "counter-token"
    When Ana signs in with her user name, password and a code
    And she signs out
    And she presses the button of "token" 11 times
    And she signs in with her user name, password and a code
    Then the code is refused

  @W05
  Scenario: The counter is beyond what re-sync searches
    Given the story "counter-token"
    When Ana presses the button of "token" 1001 times
    And she signs in with her user name, password and a code
    Then the code is refused
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    Then her device is not in sync
    And she reads "The two MFA codes do not match: the device could not be re-synced"
    When she goes straight to "Troubleshoot MFA"
    Then she is offered "Sign in using alternative factors"

  @W05
  Scenario: A counter token that ran too far is put away
    Given the story "counter-token"
    When Ana presses the button of "token" 2000 times
    And she is left alone for 1 day
    Then she got back in with "new device"
    And the codes of "token" are refused

  @W05
  Scenario: Left alone, the owner re-syncs
    Given the story "cat-on-the-button"
    When Ana is left alone for 1 hour
    Then she got back in with "token"

  @W06
  Scenario: Re-sync takes two consecutive codes, in order, once
    Given the story "cat-on-the-button"
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

  @W01
  Scenario: A counter token is the new device
    Given the story "counter-new-devices"
    When Ana signs in with her user name, password and a code
    And she assigns a new MFA device
    And she deactivates "phone-app"
    And she signs out and signs in again with her user name, password and a code of the new device
    Then she is signed in
    And the codes of "phone-app" are refused

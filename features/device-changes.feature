Feature: Devices that change in mid-story
  Devices are lost and found, clocks are set, batteries replaced, apps restored from an older backup. The
  owner acts on what is at hand, and the service knows only the codes that are typed.

  @W01
  Scenario: The phone is lost between two sign-ins
    Given the story "lost-at-one"
    When Ana is left alone for 3 hours
    Then she got back in with "new device"
    And the codes of "phone-app" are refused

  @W01
  Scenario: The phone is found while its owner is on the way back in
    Given the story "working-device"
    When Ana loses "phone-app"
    And she signs in with her user name and password
    Then she has no code to enter
    When she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she finds "phone-app" again
    And she signs in with her user name, password and a code
    Then she is signed in

  @W01
  Scenario: Who has lost one of several, and is signed in, removes it
    Given the story "three-devices"
    When Ana signs in with her user name, password and a code of "token"
    And she loses "phone-app"
    And she is left alone for 1 hour
    Then the codes of "spare-app" are accepted
    And she has 2 MFA devices on file
    And every address on file was told "An MFA device was deactivated"

  @W02
  Scenario: A new battery, and the token is as good as before
    Given the story "dead-battery"
    When Ana signs in with her user name and password
    Then she has no code to enter
    When she replaces the battery of "token"
    And she enters a code
    Then she is signed in

  @W04
  Scenario: A clock that drifted too far is set right
    Given the story "drifted-too-far"
    When Ana signs in with her user name, password and a code
    Then the code is refused
    When she sets the clock of "token" right
    And she enters a code
    Then she is signed in

  @W03
  Scenario: A clock that is set right after a re-sync is off for the service
    Given the story "drifting-token"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    Then her device is in sync
    When she enters the next code
    Then she is signed in
    When she sets the clock of "token" right
    And she signs out
    And she signs in with her user name, password and a code
    Then the code is refused

  @W05
  Scenario: An app restored from an older backup shows codes that were used
    Given the story "token-restored"
    When 3 hours and 30 minutes pass
    And Ana signs in with her user name, password and a code
    Then the code is refused as used already
    When she presses the button of "counter-app" 1 time
    And she enters a code
    Then she is signed in

  @W05
  Scenario: Left alone with a restored app, the owner gets back in
    Given the story "token-restored"
    When Ana is left alone for 6 hours
    Then she is back in

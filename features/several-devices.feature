Feature: Several devices
  An account can have eight devices, and any one of them is enough to sign in. Each has its own clock
  or counter and its own used codes, and is deactivated separately.

  Scenario: Any of them will do
    Given the story "three-devices"
    Then the codes of "phone-app" are accepted
    And the codes of "spare-app" are accepted
    And the codes of "token" are accepted

  @W06
  Scenario: What one has used, the others have not
    Given the story "three-devices"
    When Ana signs in with her user name, password and a code of "phone-app"
    Then she is signed in
    When she signs out
    And she signs in with her user name, password and the same code
    Then the code is refused as used already
    When she enters a code of "spare-app"
    Then she is signed in

  Scenario: The wrong entry of the app
    Given the story "three-devices"
    When Ana signs in with her user name, password and the code of the wrong entry
    Then the code is refused
    And she reads "The MFA code is not correct"
    When she enters a code of "phone-app"
    Then she is signed in

  @W01
  Scenario: The lost one is removed, and the others stay
    Given the story "three-devices"
    When Ana signs in with her user name, password and a code of "token"
    And she deactivates "phone-app"
    Then she has 2 MFA devices on file
    When she assigns a new MFA device
    Then she has 3 MFA devices on file
    And every address on file was told "An MFA device was deactivated"
    And every address on file was told "An MFA device was assigned"
    And the codes of "phone-app" are refused
    And the codes of "new device" are accepted
    And the codes of "spare-app" are accepted
    And the codes of "token" are accepted

  @W01 @W32
  Scenario: Whoever found the lost one is shut out
    Given the story "one-of-two-lost"
    When Ana signs in with her user name, password and a code of "token"
    And she deactivates "phone-app"
    And Mallory signs in with the user name, password and a code of "phone-app"
    Then the code is refused
    And nobody but Ana has ever been signed in

  @W01
  Scenario: Left alone, the owner takes the one in the drawer and removes the lost one
    Given the story "one-of-two-lost"
    When Ana is left alone for 1 hour
    Then she got back in with "token"
    When Mallory signs in with the user name, password and a code of "phone-app"
    Then the code is refused

  @W01 @W32
  Scenario: After a recovery that assigned a new one, the finder is shut out and the owner brings the other back
    Given the story "one-of-two-lost"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    And she assigns a new MFA device
    Then she has 1 MFA device on file
    And her device "phone-app" no longer counts
    And her device "token" no longer counts
    And every address on file was told "Earlier MFA devices no longer count"
    When Mallory signs in with the user name, password and a code of "phone-app"
    Then the code is refused
    And nobody but Ana has ever been signed in
    When Ana reactivates "token"
    Then she has 2 MFA devices on file
    And her device "phone-app" no longer counts
    And the codes of "token" are accepted
    And the codes of "new device" are accepted

  @W01
  Scenario: Left alone after a recovery, the owner brings back the one that she still has
    Given the story "one-of-two-lost"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    And she assigns a new MFA device
    And she is left alone for 1 hour
    Then she got back in with "token"
    And her device "phone-app" no longer counts
    And the codes of "new device" are accepted

  @W03
  Scenario: Each has its own drift
    Given the story "two-clocks"
    When Ana signs in with her user name, password and a code of "token"
    Then the code is refused
    When she enters a code of "phone-app"
    Then the code is refused
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes of "token"
    Then "token" is in sync: it was 40 steps behind
    And the codes of "phone-app" are refused
    When she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes of "phone-app"
    Then "phone-app" is in sync: it was 20 steps ahead
    And the codes of "phone-app" are accepted
    And the codes of "token" are accepted

  @W03
  Scenario: Left alone, the owner tries the other one before the pages
    Given the story "two-clocks"
    When Ana is left alone for 1 hour
    Then she got back in with "phone-app"

  Scenario: A ninth does not fit
    Given the story "three-devices"
    When Ana signs in with her user name, password and a code
    And she assigns 5 new MFA devices
    Then she has 8 MFA devices on file
    When she chooses "Assign MFA device"
    Then she reads "No more MFA devices can be assigned: deactivate one first"
    When she deactivates "spare-app"
    And she assigns a new MFA device
    Then she has 8 MFA devices on file
    And the codes of "new device 6" are accepted
    And the codes of "new device 1" are accepted

  @W32
  Scenario: Typos at one device do not wear out another
    Given the story "three-failures"
    When Ana signs in with her user name and password
    And she enters a wrong code 2 times
    And she enters a code of "token"
    Then she is signed in
    When she signs out and signs in again with her user name and password
    And she enters a wrong code 1 time
    Then the codes of "phone-app" are accepted
    And the codes of "token" are accepted

  Scenario: The owner is told when a device is disabled
    Given the story "three-failures"
    When Ana signs in with her user name and password
    And she enters a wrong code 3 times
    Then every address on file was told "An MFA device was disabled"

  Scenario: Guesses at the old device do not throttle the new one, whichever changes first
    Given the story "stranger-locks-out"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    When Mallory signs in with her user name and password
    And she enters a wrong code 6 times
    Then she reads "Too many tries"
    When Ana assigns a new MFA device
    And Ana deactivates "phone-app"
    And Ana signs out and signs in again with her user name and password
    And Ana enters a code of "new device"
    Then Ana is signed in

  @W32
  Scenario: When all are disabled, alternative factors are the way
    Given the story "three-failures"
    When Ana signs in with her user name and password
    And she enters a wrong code 3 times
    And she enters a code of "token"
    Then she reads "This MFA device is disabled: sign in using alternative factors"
    When she goes straight to "Troubleshoot MFA"
    Then she is offered "Sign in using alternative factors"

  @W06
  Scenario: What the remaining device has used stays used
    Given the story "three-devices"
    When Ana signs in with her user name, password and a code of "spare-app"
    And she deactivates "phone-app"
    And she signs out
    And she signs in with her user name, password and the same code
    Then the code is refused as used already

@W01
Feature: The device is lost
  The phone or token that generates the codes is lost. The owner knows the password, reads the email
  and answers the phone. These proofs must be enough, and fewer must not be.

  Scenario: The device is lost
    Given the story "lost-device"
    When Ana signs in with her user name and password
    Then she is asked for an MFA code
    When she chooses "Troubleshoot MFA"
    Then she may re-sync her device or sign in using alternative factors
    When she chooses "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified
    When she chooses "Sign in to the console"
    Then she is on "Your Security Credentials"
    When she deactivates the MFA device
    And she signs out and signs in again with her user name and password
    Then she is not asked for an MFA code
    When she assigns a new MFA device
    And she signs out and signs in again with her user name, password and a code of the new device
    Then she is signed in
    And the old device's codes are refused

  Scenario: Recovery gives a session, and MFA stays on
    Given the story "lost-device"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    Then she is signed in
    And every address on file was told "Your account was recovered using alternative factors"
    When she signs out and signs in again with her user name and password
    Then she is asked for an MFA code

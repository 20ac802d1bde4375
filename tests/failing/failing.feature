Feature: Expectations that do not hold
  A snapshot contains the output of `lostkey run` for these scenarios.

  Scenario: A page that is not there
    Given the story "lost-device"
    When Ana signs in with her user name and password
    Then she is on "Your Security Credentials"

  Scenario: A call that does not come in time
    Given the story "call-never-arrives"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen

  Scenario: Words that no step has
    Given the story "lost-device"
    When Ana signs in with her user name and pasword
    Then she is asked for an MFA code

  Scenario: A button that is not offered
    Given the story "lost-device"
    When Ana signs in with her user name and password
    And she chooses "Call me now"

  Scenario: A finding that nobody announced
    Given the story "codes-work-twice"
    When Ana signs in with her user name, password and a code
    And she signs out
    And she signs in with her user name, password and the same code

  Scenario: A button that no page has
    Given the story "lost-device"
    When Ana signs in with her user name and password
    And she chooses "Troubleshot MFA"

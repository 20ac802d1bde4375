Feature: Each oracle objects to a weak policy
  The stories beside this feature have one weakness each. The flow lets its users do what the norm
  does not; the oracle says so.

  Scenario: Access, where the e-mail link alone recovers an account
    Given the story "email-is-enough"
    When Ana has verified her email address as the only step
    And she chooses "Sign in to the console"
    Then she is signed in
    And the oracle "access" objects

  Scenario: Support proof, where support resets without asking who asks
    Given the story "support-asks-nothing"
    When Mallory asks support to reset MFA because "Other", giving "+1 415 555 0100" as the phone number
    And 1 day passes
    Then the oracle "support-proof" objects

  Scenario: Single use, where nothing is remembered of codes
    Given the story "codes-work-twice"
    When Ana signs in with her user name, password and a code
    And she signs out
    And she signs in with her user name, password and the same code
    Then she is signed in
    And the oracle "single-use" objects

  Scenario: Single use, where a link works for ever
    Given the story "links-work-twice"
    When Ana has verified her email address
    And she opens the link and confirms
    Then the oracle "single-use" objects

  Scenario: Lifetime, where links live for a month
    Given the story "links-live-long"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    And 2 days pass
    And she opens the link and confirms
    Then the oracle "lifetime" objects

  Scenario: Number called, where whatever was typed last is called
    Given the story "last-number-typed"
    When Mallory asks support to reset MFA because "Other", giving "+1 415 555 0100" as the phone number
    And Ana has verified her email address
    And she chooses "Call me now"
    Then the oracle "number-called" objects

  Scenario: Notices, where nobody is told
    Given the story "nobody-is-told"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    And she deactivates the MFA device
    Then the oracle "notices" objects

  Scenario: Way out, where the support form stands behind the sign-in
    Given the story "support-behind-sign-in"
    When Ana is left alone for 3 days
    Then the oracle "way-out" objects

Feature: The call
  Step 2 depends on a phone call, and calls fail in more ways than emails do. No failure may let a
  stranger in, and none may leave the owner without a way in.

  @W15
  Scenario: The call never comes
    Given the story "call-never-arrives"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 2 minutes she reads "Phone verification could not be completed"
    And the number shown is hers
    When she chooses "Call me now" again
    Then within 2 minutes she reads "Phone verification could not be completed"
    When she asks support to reset MFA because "I did not receive the call", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When she answers and proves who she is
    Then support resets MFA
    And she signs in with her user name and password and is not asked for an MFA code
    And every address on file was told

  @W17
  Scenario: The call is not answered, and the next one is
    Given the story "lost-device"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    And within 2 minutes she reads "Phone verification could not be completed"
    When she chooses "Call me now" again
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified

  @W21
  Scenario: A wrong code is keyed in, and the right one after it
    Given the story "lost-device"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in a wrong code
    Then her phone number is not verified
    When she keys in the code displayed on her screen
    Then her phone number is verified

  @W24
  Scenario Outline: The provider refuses the number
    Given the story "<story>"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 1 minute she reads "Phone verification could not be completed"
    And 0 calls were placed
    And she is offered "Contact support"

    Examples:
      | story                  |
      | number-refused-21211   |
      | number-refused-21215   |

  @W28
  Scenario: There is no phone number on file
    Given the story "no-phone-on-file"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA"
    And she chooses "Sign in using alternative factors"
    Then she reads "There is no phone number on file: only support can reset MFA"
    And she is on "Troubleshoot MFA"
    And she is offered "Contact support"

  @W32
  Scenario: Whoever has the password alone gets no further than the mail
    Given the story "stranger-with-password"
    When Mallory signs in with her user name and password
    Then she is asked for an MFA code
    When she goes straight to "Your Security Credentials"
    Then she reads "Complete the steps before this one first"
    And she is on "MFA code"
    When she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    And she goes straight to "Step 2: phone number verification"
    Then she reads "Complete the steps before this one first"
    When she goes straight to "Step 3: sign in"
    Then she is on "Step 1: email address verification"
    And she is not signed in
    And nobody but Ana has ever been signed in

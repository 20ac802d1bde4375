Feature: Strangers at the door
  A stranger who knows the password tries every other way in, and forges requests. Only the owner may
  get in, and the stranger must not be able to lock the owner out.

  @W32
  Scenario: With the password and the mailbox, a stranger stops at the phone
    Given the story "stranger-with-mailbox"
    When Mallory has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana hangs up
    Then within 2 minutes Mallory reads "Phone verification could not be completed"
    When she goes straight to "Step 3: sign in"
    Then she is on "Step 2: phone number verification"
    When she goes straight to "Your Security Credentials"
    Then she reads "Complete the steps before this one first"
    And nobody but Ana has ever been signed in

  @W32
  Scenario: Near the phone, a stranger stops at the mail
    Given the story "stranger-near-phone"
    When Mallory signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches Ana's inbox within 10 minutes
    When Mallory goes straight to "Step 2: phone number verification"
    Then she reads "Complete the steps before this one first"
    And Ana's phone does not ring within 10 minutes
    And nobody but Ana has ever been signed in

  @W32
  Scenario: The owner confirms a mail that a stranger asked for, and the phone still stands between
    Given the story "stranger-locks-out"
    When Mallory signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches Ana's inbox within 10 minutes
    When Ana opens the link and confirms
    And Mallory goes straight to "Step 2: phone number verification"
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana keys in a wrong code
    Then Mallory's phone number is not verified
    And nobody but Ana has ever been signed in

  @W32
  Scenario: A stranger who only guesses passwords shuts nobody out for longer than an hour
    Given the story "stranger-locks-out"
    When Mallory signs in with a wrong password 6 times
    Then she reads "Too many tries"
    When 1 hour passes
    And Ana signs in with her user name, password and a code
    Then she is signed in

  @W32
  Scenario: A stranger who only guesses codes leaves the owner's other ways open
    Given the story "stranger-locks-out"
    When Mallory signs in with her user name and password
    And she enters a wrong code 6 times
    Then she reads "Too many tries"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    Then she is signed in
    And nobody but Ana has ever been signed in

  @W32
  Scenario: A stranger learns nothing about who has an account
    Given the story "stranger-with-password"
    When Mallory signs in with a user name that nobody has
    Then she reads "The user name or password is not correct"
    When she signs in with a wrong password
    Then she reads "The user name or password is not correct"

  @W32 @W26
  Scenario Outline: <what> moves nothing
    Given the story "stranger-with-mailbox"
    When Mallory has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Mallory forges <forgery>
    Then the forged request is refused
    And Mallory's phone number is not verified

    Examples:
      | what                               | forgery                                      |
      | A forged key press                 | the digits of a call without a signature     |
      | A key press with a false signature | the digits of a call with a wrong signature  |
      | A forged end of the call           | that the call was completed                  |

  @W26
  Scenario: A key press that is posted once more, signature and all, opens nothing
    Given the story "stranger-with-mailbox"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified
    When Mallory has verified her email address
    And she chooses "Call me now"
    And she posts the digits of the last call once more
    Then the repeated request changes nothing
    When she posts the status of the last call once more
    Then the repeated request changes nothing
    And Mallory's phone number is not verified

  Scenario: A change of factors ends the sessions of other browsers
    Given the story "working-device"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    When she goes on in another browser
    And she signs in with her user name, password and the next code
    And she deactivates the MFA device
    And she goes on in the first browser
    Then she is asked to sign in again

  Scenario: Two tabs share one session
    Given the story "working-device"
    When Ana signs in with her user name, password and a code
    And she goes on in another tab
    And she goes straight to "Your Security Credentials"
    Then she is signed in
    When she signs out
    And she goes on in the first browser
    And she chooses "Sign out"
    Then she reads "Your session has ended: sign in again"

  Scenario: A page that was left open in one tab still works after a step in another
    Given the story "lost-device"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link in another tab and confirms
    And she goes on in the first browser
    And she returns to the first browser
    Then she is on "Step 2: phone number verification"

  Scenario: A form of another site's page changes nothing
    Given the story "working-device"
    When Ana signs in with her user name, password and a code
    And she is lured into posting "Deactivate" from another site
    Then she reads "This request did not come from our page"
    When she goes straight to "Your Security Credentials"
    And she signs out and signs in again with her user name and password
    Then she is asked for an MFA code

  @W32
  Scenario: A detour to alternative factors allows no more guesses
    Given the story "stranger-locks-out"
    When Mallory signs in with her user name and password
    And she enters a wrong code 5 times
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she goes straight to "MFA code"
    And she enters a wrong code 1 time
    Then she reads "Too many tries"

  @W32
  Scenario: A call that a stranger orders leaves the code on the owner's screen alone
    Given the story "stranger-with-mailbox"
    When Mallory has verified her email address
    And Ana signs in with her user name and password
    And Ana chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And Ana chooses "Send verification email"
    And 5 minutes pass
    And Ana opens the link and confirms
    And Ana chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana picks up
    And Mallory chooses "Call me now"
    And Ana keys in the code displayed on her screen
    Then her phone number is verified

  @W28 @W32
  Scenario: After a reset by support, the password alone opens nothing until a new device counts
    Given the story "stranger-locks-out"
    When Ana asks support to reset MFA because "I did not receive the call", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When she answers and proves who she is
    Then support resets MFA
    When Mallory signs in with her user name and password
    Then she reads "MFA is off: verify your email address or your phone number to sign in"
    When she goes straight to "Your Security Credentials"
    Then she reads "Complete the steps before this one first"
    When Ana has verified her email address as the only step
    And Ana chooses "Sign in to the console"
    And Ana assigns a new MFA device
    Then nobody but Ana has ever been signed in
    When Mallory signs in with her user name and password
    Then she is asked for an MFA code

  @W32
  Scenario: A stolen session cookie is worthless after its owner has signed out
    Given the story "stolen-session"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana signs out
    And Mallory comes back with the stolen session cookie
    Then she is on "Sign in"
    And she is asked to sign in again
    And nobody but Ana has ever been signed in

  @W32
  Scenario Outline: A stolen session cookie is worthless after its owner has <done> in another browser
    Given the story "stolen-session"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana goes on in another browser
    And she signs in with her user name, password and the next code
    And she <does>
    And Mallory comes back with the stolen session cookie
    Then she is on "Sign in"
    And she is asked to sign in again
    And nobody but Ana has ever been signed in

    Examples:
      | done                  | does                       |
      | removed MFA           | deactivates the MFA device |
      | assigned a new device | assigns a new MFA device   |

  @W32 @W28
  Scenario: A stolen session cookie is worthless after support has reset MFA
    Given the story "stolen-session"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana asks support to reset MFA because "I did not receive the call", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When she answers and proves who she is
    Then support resets MFA
    When Mallory comes back with the stolen session cookie
    Then she is on "Sign in"
    And she is asked to sign in again
    And nobody but Ana has ever been signed in

  @W32
  Scenario Outline: A copied session cookie is no factor: some minutes after the sign-in, the thief has to sign in to <do>
    Given the story "stolen-session"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Mallory comes back with the stolen session cookie
    And 6 minutes pass
    Then Mallory has to sign in again to <do>
    And Ana is not signed in
    When Ana signs in with her user name, password and the next code
    Then she is signed in
    And Mallory is not signed in

    Examples:
      | do                                           |
      | deactivate the MFA device                    |
      | assign an MFA device                         |
      | change the phone number to "+1 415 555 0100" |

  @W32
  Scenario: What is done with one copy of a cookie is held against neither another copy nor the owner
    Given the story "copied-twice"
    When everybody acts by habit
    And at 00:00:01 Ana signs in with the password and a code
    And at 00:00:05 Mallory deactivates the device
    And at 00:00:08 Mallory comes back with the stolen session cookie
    And at 00:01:05 Ana signs in with the password
    Then the story comes to its end

  @W32
  Scenario: A call that a thief asks for in a copied session is announced in the session, so to its owner, too
    Given the story "copied-call"
    When everybody acts by habit
    Then the story comes to its end

  @W32
  Scenario: Whoever comes back to an old page looks again, and does not take it for a session
    Given the story "old-page"
    When everybody acts by habit
    And at 00:00:00 Ana signs in with the password and a code
    And at 00:03:00 Mallory deactivates the device
    Then the story comes to its end
    And Ana got back in with "new device"

  @W32
  Scenario: An owner who changes devices long after the sign-in signs in again first
    Given the story "working-device"
    When Ana signs in with her user name, password and a code
    And 10 minutes pass
    Then she has to sign in again to deactivate the MFA device
    When she signs in with her user name, password and the next code
    And she deactivates the MFA device
    And she assigns a new MFA device
    And she signs out and signs in again with her user name, password and a code of the new device
    Then she is signed in

  @W32
  Scenario: One wrong password each ten minutes keeps nobody out of their own browser
    Given the story "stranger-locks-out"
    When Mallory signs in with a wrong password every 10 minutes for 20 hours
    And Ana signs in with her user name, password and a code
    Then she is signed in

  @W32
  Scenario: One wrong MFA code each ten minutes keeps nobody out of their own browser
    Given the story "stranger-locks-out"
    When Mallory signs in with her user name and password
    And she enters a wrong code every 10 minutes for 3 hours
    And Ana signs in with her user name, password and a code
    Then she is signed in

  @W32
  Scenario: A browser in which nobody has signed in yet waits with the strangers
    Given the story "stranger-locks-out"
    When Mallory signs in with a wrong password 6 times
    And Ana goes on in another browser
    And she signs in with her user name, password and a code
    Then she reads "Too many tries"
    When she goes on in the first browser
    And she signs in with her user name, password and a code
    Then she is signed in

Feature: That was not me
  A notice says what happened, when, and where to go if that was not its reader (NIST SP 800-63B-4 section 4.6). The
  owner changes the password, signs out everywhere or asks support, and whoever came before is out.

  @W32
  Scenario: A new password takes the current one, and every address is told
    Given the story "warned-owner"
    When Ana signs in with her user name, password and a code
    And she changes the password, giving a wrong current one
    Then she reads "The current password is not correct"
    When she changes the password
    Then she reads "Your password is changed"
    And every address on file was told "Your password was changed"
    When Mallory signs in with her user name and password
    Then she reads "The user name or password is not correct"
    When Ana signs out and signs in again with her user name and password
    Then she is asked for an MFA code

  @W32
  Scenario: A new password ends the sign-in of a stranger who typed the old one
    Given the story "warned-owner"
    When Mallory signs in with the user name, password and a wrong code
    Then the code is refused
    When Ana signs in with her user name, password and a code
    And she changes the password
    And Mallory goes straight to "MFA code"
    Then she reads "Your session has ended: sign in again"

  @W32
  Scenario: A stolen session cookie is worthless after its owner has changed the password in another browser
    Given the story "warned-owner"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana goes on in another browser
    And she signs in with her user name, password and the next code
    And she changes the password
    And 1 minute passes
    And Mallory comes back with the stolen session cookie
    Then she reads "Your session has ended: sign in again"

  @W32
  Scenario: Signing out everywhere ends a stolen session and a sign-in under way
    Given the story "warned-owner"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Mallory signs in with the user name, password and a wrong code
    And Ana signs out everywhere
    Then she reads "You are signed out in all browsers"
    When Mallory goes straight to "MFA code"
    Then she reads "Your session has ended: sign in again"
    When Mallory comes back with the stolen session cookie
    Then she reads "Your session has ended: sign in again"
    When Ana signs in with her user name, password and the next code
    Then she is signed in

  @W32
  Scenario: An owner by habit changes the password after somebody has asked for a verification email
    Given the story "warned-owner"
    When everybody acts by habit
    And Mallory signs in with her user name and password
    And Mallory chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And Mallory chooses "Send verification email"
    Then Ana's password is changed within 1 hour
    When Mallory signs in with her user name and password
    Then she reads "The user name or password is not correct"
    And nobody but Ana has ever been signed in

  @W32
  Scenario: An owner by habit signs out everywhere after somebody has asked for a verification email
    Given the story "warned-owner-signs-out"
    When everybody acts by habit
    And Mallory signs in with her user name and password
    And Mallory chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And Mallory chooses "Send verification email"
    Then Ana's sessions all end within 1 hour
    When Mallory goes straight to "Step 1: email address verification"
    Then she reads "Your session has ended: sign in again"

  @W32
  Scenario: An owner reacts to a notice when told to
    Given the story "warned-owner"
    When Mallory signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches Ana's inbox within 10 minutes
    When Ana reacts to the notice
    Then Ana's password is changed within 1 hour

  @W32
  Scenario: Who did not do this asks support, which leads to a reset by support, after the usual proof
    Given the story "warned-owner-asks-support"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana asks support to reset MFA because "I did not do this", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When Mallory comes back with the stolen session cookie
    Then she is on "Your Security Credentials"
    When she signs out
    And Ana answers and proves who she is
    Then support resets MFA
    And every address on file was told "Support has reset MFA on your account"
    When Mallory signs in with her user name and password
    Then she reads "The user name or password is not correct"
    When Ana signs in with her user name and password
    Then she is on "Step 1: email address verification"

  @W32
  Scenario: A stranger has changed the password, and support gives its owner another one
    Given the story "warned-owner-asks-support"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Mallory comes back with the stolen session cookie
    And she changes the password
    Then she reads "Your password is changed"
    When Ana signs in with her user name and password
    Then she reads "The user name or password is not correct"
    When Ana asks support to reset MFA because "I did not do this", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When Ana answers and proves who she is
    Then support resets MFA
    When Mallory signs in with her user name and password
    Then she reads "The user name or password is not correct"
    When everybody acts by habit
    And 1 hour passes
    Then Ana is back in

  @W32
  Scenario: An owner by habit tells support of an intrusion, and first of all changes the password
    Given the story "warned-owner-asks-support"
    When everybody acts by habit
    And Mallory signs in with her user name and password
    And Mallory chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And Mallory chooses "Send verification email"
    Then support calls the number on file within 1 day
    And Ana's password is changed within 1 day
    When Mallory signs in with her user name and password
    Then she reads "The user name or password is not correct"
    And nobody but Ana has ever been signed in

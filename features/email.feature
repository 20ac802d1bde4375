Feature: The email
  Step 1 depends on an email with a link, which can be late, duplicated, opened elsewhere or cut off.

  @W07
  Scenario: The mail is later than the link lives, and a new one is asked for
    Given the story "mail-too-late"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 3 hours
    When she opens the link
    Then she reads "This link has expired: ask for a new email"
    When she signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    Then her email address is verified

  @W13
  Scenario: The link is opened in another browser
    Given the story "lost-device"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link in another browser and confirms
    Then the other browser says "Your email address is verified: go back"
    And the other browser is not signed in
    When she returns to the first browser
    Then she is on "Step 2: phone number verification"

  @W13
  Scenario: The link works once, and not after a resend
    Given the story "lost-device"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she chooses "Resend the email"
    Then 2 emails with a verification link reach her inbox within 10 minutes
    When she opens the link of the 1st email
    Then she reads "A newer link was sent: use that one"
    When she opens the link of the 2nd email
    And she confirms
    Then her email address is verified
    When she opens the link of the 2nd email
    Then she reads "This link has already been used"

  @W14
  Scenario: The connection is cut after the mail was taken, and it is sent again
    Given the story "mail-cut-after"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then 2 emails with a verification link reach her inbox within 10 minutes
    When she opens the link of the 1st email
    And she confirms
    Then her email address is verified
    When she opens the link of the 2nd email
    Then she reads "This link has already been used"

  @W14
  Scenario: The connection is cut before the mail was taken, and it is sent again
    Given the story "mail-cut-before"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then 1 email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    Then her email address is verified

  @W30
  Scenario: The app crashes between sending the mail and recording that it did
    Given the story "crash-after-mail"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then 2 emails with a verification link reach her inbox within 10 minutes
    When she opens the link and confirms
    Then her email address is verified

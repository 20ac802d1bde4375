Feature: Mails that do not come as they should
  Emails are late, lost, in spam, duplicated, out of order, bounced, refused, scanned or have a broken
  link. An honest owner still gets in, and no stranger gets in because of the fault.

  @W07 @W08
  Scenario: The mail is lost, and a second one is asked for
    Given the story "mail-lost"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then no email reaches her inbox within 10 minutes
    When she chooses "Resend the email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    Then her email address is verified

  @W08
  Scenario: The mail is in the spam folder
    Given the story "mail-to-spam"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her spam folder within 10 minutes
    When she chooses "Resend the email"
    Then an email with a verification link reaches her inbox within 10 minutes

  @W09
  Scenario: The mail comes twice, and its link works once
    Given the story "mail-twice"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then 2 emails with a verification link reach her inbox within 10 minutes
    When she opens the link of the 1st email
    And she confirms
    Then her email address is verified
    When she opens the link of the 2nd email
    Then she reads "This link has already been used"

  @W09
  Scenario: The second mail overtakes the first
    Given the story "mails-reordered"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    And 5 minutes pass
    And she chooses "Resend the email"
    Then 2 emails with a verification link reach her inbox within 1 hour
    When she opens the link
    Then she reads "A newer link was sent: use that one"
    When she opens the link of the 1st email
    And she confirms
    Then her email address is verified

  @W10
  Scenario: The mail is sent back, and support is the way
    Given the story "mail-bounces"
    When Ana is left alone for 2 days
    Then she is back in
    And support resets MFA

  @W10
  Scenario: The mailbox does not exist, and the page says so
    Given the story "no-such-mailbox"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    And she goes straight to "Step 1: email address verification"
    Then she reads "The email could not be sent: try again"
    And she is offered "Contact support"

  @W11
  Scenario: The mail server wants to be asked again
    Given the story "greylisted"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then no email reaches her inbox within 5 minutes
    And an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    Then her email address is verified

  @W12
  Scenario: A scanner fetches the link first
    Given the story "link-scanned"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    And a scanner has fetched the link
    And she is on "Step 1: email address verification"
    When she opens the link and confirms
    Then her email address is verified

  @W12
  Scenario: The link arrives wrapped, and the next one does not
    Given the story "link-truncated"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link
    Then she reads "This link is not valid"
    When she goes straight to "Step 1: email address verification"
    And she chooses "Resend the email"
    Then an email with a verification link reaches her inbox within 10 minutes
    When she opens the link and confirms
    Then her email address is verified

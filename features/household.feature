Feature: People who share a phone and a mailbox
  Two people share a phone, and support calls it. To prove one's identity is not enough: it must be that
  of the owner of the ticket's account (NIST SP 800-63B-4 sections 4.2 and 4.2.2.2, ASVS 6.4.4).

  Scenario: Whoever answers for another proves nothing, and a stranger's ticket moves nobody
    Given the story "shared-phone"
    When Mallory asks support to reset MFA because "Other", giving "+34600000001" as the phone number
    Then support calls Ana's number within 1 day
    When Ben answers and proves who he is
    Then support does not reset MFA
    When Mallory signs in with her user name and password
    Then she is asked for an MFA code
    And nobody but Ana has ever been signed in

  Scenario: The owner is called again after another answered, and gets her reset
    Given the story "shared-phone"
    When Ana asks support to reset MFA because "Other", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When Ben answers and proves who he is
    Then support does not reset MFA
    And support calls the number on file within 1 day
    When Ana answers and proves who she is
    Then support resets MFA
    When Ana signs in with her user name and password and is not asked for an MFA code
    And Ben signs in with his user name and password
    Then Ben is asked for an MFA code

  Scenario: Where another always answers, papers prove who asks
    Given the story "shared-phone"
    When Ana asks support to reset MFA because "Other", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When Ben answers and proves who he is
    Then support calls the number on file within 1 day
    When Ben answers and proves who he is
    Then support calls the number on file within 1 day
    When Ben answers and proves who he is
    Then support does not reset MFA
    When 1 day passes
    Then support resets MFA

  Scenario: Each code belongs to its own call, though both ring the same phone
    Given the story "shared-phone"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana hangs up
    And Ben has verified his email address
    And he chooses "Call me now"
    Then Ben's phone rings within 1 minute
    When Ben keys in the code displayed on his screen
    Then his phone number is verified
    And Ana's phone number is not verified

  Scenario: Both come back on their own, at the same time
    Given the story "shared-phone"
    When everybody acts by habit
    And 3 days pass
    Then Ana is back in
    And Ben is back in

  Scenario: A fault of one strikes the emails and calls of one, though both go to the same place
    Given the story "shared-mailbox"
    When Ben signs in with his user name and password
    And he chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And he chooses "Send verification email"
    Then no email reaches Ben's inbox within 10 minutes
    When Ana has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana hangs up
    And Ben has verified his email address
    And he chooses "Call me now"
    Then Ben's phone does not ring within 1 minute

  Scenario: What one orders to a shared mailbox is charged to one
    An oracle asked whose the address was, and charged all to the first account that has it.

    Given the story "mails-of-one"
    When everybody acts by habit
    And at 00:00:01 Ben is lured into posting "Send verification email" from another site
    And at 00:00:59 Ben chooses "Resend the email"
    And at 00:01:00 Ben chooses "Resend the email"
    And at 00:01:01 Ben chooses "Resend the email"
    And at 00:01:02 Ben chooses "Resend the email"
    And at 00:01:03 Ben chooses "Resend the email"
    And at 00:01:04 Ben chooses "Resend the email"
    And at 00:01:05 Ben chooses "Resend the email"
    And at 00:01:06 Ben chooses "Resend the email"
    And at 00:01:07 Ben chooses "Resend the email"
    And at 00:01:08 Ben chooses "Resend the email"
    Then the story comes to its end

  Scenario: What three order to a shared mailbox is charged to each
    Given the story "mails-of-three"
    When everybody acts by habit
    And at 00:00:10 Mallory signs in and chooses alternative factors
    And at 00:00:28 Mallory chooses "Send verification email"
    And at 00:15:56 Mallory chooses "Resend the email"
    Then the story comes to its end

  Scenario: A right code stays right, though another's device happens to show the same digits
    The recorder took a code for that of the first device that showed it, in whosever account.

    Given the story "same-code-by-chance"
    When everybody acts by habit
    Then the story comes to its end

  Scenario: The digits of one call are posted once more after another keyed in his own
    An oracle looked for the digits in whatever call was the last in which keys were pressed.

    Given the story "digits-of-two"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana keys in the code displayed on her screen
    And 30 seconds pass
    And Ben has verified his email address
    And he chooses "Call me now"
    Then Ben's phone rings within 1 minute
    When Ben keys in the code displayed on his screen
    Then his phone number is verified
    When Mallory posts the digits of the last call once more
    And Ana goes straight to "Step 3: sign in"
    And she chooses "Sign in to the console"
    Then she is signed in

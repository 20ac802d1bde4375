Feature: People who share a phone
  Two people share a phone, and support calls it. To prove one's identity is not enough: it must be that
  of the owner of the ticket's account (NIST SP 800-63B-4 sections 4.2 and 4.2.2.2, ASVS 6.4.4).

  Background:
    Given the story "shared-phone"

  Scenario: Whoever answers for another proves nothing, and a stranger's ticket moves nobody
    When Mallory asks support to reset MFA because "Other", giving "+34600000001" as the phone number
    Then support calls Ana's number within 1 day
    When Ben answers and proves who he is
    Then support does not reset MFA
    When Mallory signs in with her user name and password
    Then she is asked for an MFA code
    And nobody but Ana has ever been signed in

  Scenario: The owner is called again after another answered, and gets her reset
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
    When everybody acts by habit
    And 3 days pass
    Then Ana is back in
    And Ben is back in

Feature: Support
  If self-service fails, support agents help: slowly, and by calling the number on file.

  @W31
  Scenario Outline: <what>
    Given the story "<story>"
    When Ana is left alone for 3 days
    Then she is back in
    And support resets MFA

    Examples:
      | what                                    | story          |
      | Support loses the ticket                | ticket-lost    |
      | The ticket lies in the wrong queue      | ticket-late    |
      | The owner misses support's first call   | support-missed |

  @W32
  Scenario: Personal data alone move nobody at the desk
    Given the story "stranger-with-data"
    When Mallory asks support to reset MFA because "Other", giving "+14155550100" as the phone number
    Then support calls Ana's number within 1 day
    When Ana answers and cannot prove who she is
    Then support does not reset MFA

  @W28
  Scenario: With no number on file, papers prove who asks
    Given the story "no-phone-on-file"
    When Ana is left alone for 2 days
    Then she is back in
    And support resets MFA

  @W28
  Scenario: Who hears of the reset while the app is down signs in once it is up
    Given the story "crash-at-the-notice"
    When Ana is left alone for 30 hours
    Then the console crashed and came back
    And Ana is back in

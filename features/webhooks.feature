Feature: Callbacks and documents
  Callbacks of the phone company arrive late, twice, out of order or not at all, and the app crashes
  at the worst moment.

  @W26
  Scenario Outline: <what>, and the number is verified all the same
    Given the story "<story>"
    When Ana is left alone for 1 hour
    Then she is back in
    And 1 call was placed

    Examples:
      | what                                 | story           |
      | Status callbacks are lost            | callbacks-lost  |
      | Status callbacks come twice          | callbacks-twice |
      | A callback comes after its successors | callback-late  |

  @W27
  Scenario Outline: <what>
    Given the story "<story>"
    When Ana is left alone for 1 hour
    Then she is back in

    Examples:
      | what                                                  | story                   |
      | The answer to the digits is no document               | digits-unreadable       |
      | The answer to the digits is a redirect                | digits-redirected       |
      | The digits count, and the call does not hear of it    | digits-heard-unanswered |

  @W30
  Scenario Outline: The app crashes <when>
    Given the story "<story>"
    When Ana is left alone for 1 day
    Then the console crashed and came back
    And she is back in

    Examples:
      | when                                      | story               |
      | before the mail leaves                    | crash-before-mail   |
      | after it ordered the call                 | crash-after-call    |
      | after it took the digits                  | crash-at-the-digits |
      | while support resets MFA                  | crash-at-the-reset  |

  @W30
  Scenario: A crash after the call was ordered does not ring twice
    Given the story "crash-after-call"
    When Ana has verified her email address
    And she chooses "Call me now"
    And 5 minutes pass
    Then 1 call was placed

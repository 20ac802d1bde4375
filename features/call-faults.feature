Feature: Calls that fail
  However a call fails, only the right digits keyed in during the call verify the number. The page
  says that the verification could not be completed, and offers a retry and support.

  Scenario Outline: <what>, and the next call verifies the number
    Given the story "<story>"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 3 minutes she reads "Phone verification could not be completed"
    And the call ended "<status>"
    And the number shown is hers
    When she chooses "Call me now" again
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified

    @W16
    Examples: Busy and turned away
      | what                              | story         | status |
      | The phone is busy                 | call-busy     | busy   |
      | The carrier turns the call away   | call-rejected | failed |
      | The phone declines by itself      | call-declined | no-answer |
      | Somebody cancels the call         | call-canceled | canceled |

    @W18
    Examples: Machines
      | what                                     | story              | status    |
      | Voicemail picks up and nobody can tell   | call-to-voicemail  | completed |

  @W27
  Scenario Outline: <what>, and the next call verifies the number
    Given the story "<story>"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she picks up
    Then within 1 minute she reads "Phone verification could not be completed"
    And the call ended "completed"
    When she chooses "Call me now" again
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified

    Examples:
      | what                                  | story             |
      | The document cannot be had            | document-fails    |
      | The document does not come in time    | document-late     |

  @W18
  Scenario: Voicemail picks up, and machine detection tells
    Given the story "voicemail-detected"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 2 minutes she reads "Phone verification could not be completed"
    And the phone company took who answered for "machine_start"
    When she chooses "Call me now" again
    Then her phone rings within 1 minute

  @W19
  Scenario: The line drops while the code is keyed in
    Given the story "call-drops"
    When Ana is left alone for 1 hour
    Then she is back in
    And 2 calls were placed

  @W20
  Scenario Outline: <what>, and it is keyed in once more
    Given the story "<story>"
    When Ana is left alone for 1 hour
    Then she is back in
    And a phone code was refused

    Examples:
      | what                        | story       |
      | A key gets through twice    | key-doubled |

  @W20
  Scenario: A key is lost, and the next call brings all six
    Given the story "key-lost"
    When Ana is left alone for 1 hour
    Then she is back in

  @W20
  Scenario: No key gets through, and support is the way
    Given the story "keys-silent"
    When Ana is left alone for 1 day
    Then she is back in
    And support resets MFA

  @W15
  Scenario: The call never leaves the queue
    Given the story "call-stuck"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 2 minutes she reads "Phone verification could not be completed"
    When she chooses "Call me now" again
    Then her phone rings within 1 minute

  @W22
  Scenario: The code has expired when the call comes
    Given the story "call-late"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 2 minutes she reads "Phone verification could not be completed"
    And her phone rings within 15 minutes
    When she picks up
    Then her phone number is not verified
    When she chooses "Call me now" again
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified

  @W23
  Scenario: "Call me now" twice, and the first call's code counts no more
    Given the story "lost-device"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she chooses "Call me now" again
    And she picks up
    Then her phone number is not verified
    And her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified

  @W25
  Scenario Outline: <what>
    Given the story "<story>"
    When Ana is left alone for 1 hour
    Then she is back in
    And 1 call was placed

    Examples:
      | what                                                     | story                    |
      | The provider takes no orders for a while                 | provider-throttles       |
      | The provider fails, and the next order works             | provider-fails           |
      | The provider fails, and calls all the same               | provider-fails-and-calls |
      | The provider does not answer, and calls all the same     | provider-times-out       |

  @W21
  Scenario: The tries of a code are used up, and a new code does not refill them
    Given the story "lost-device"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in a wrong code 5 times
    Then she reads 'Too many wrong codes: choose "Call me now" again later'
    When she chooses "Call me now" again
    Then she reads 'Too many wrong codes: choose "Call me now" again later'
    When 1 minute passes
    And she chooses "Call me now" again
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    Then her phone number is verified

  @W29
  Scenario: The number on file lacks its country code
    Given the story "no-country-code"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 1 minute she reads "Phone verification could not be completed"
    And the phone company refused the order with error 21211

  @W29
  Scenario: The number on file is one that no country has
    Given the story "number-of-no-plan"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then within 1 minute she reads "Phone verification could not be completed"
    And the phone company refused the order with error 21217

  @W29
  Scenario: The number on file is not hers any more, and papers prove who she is
    Given the story "number-changed"
    When Ana is left alone for 2 days
    Then she is back in
    And support resets MFA

  Scenario: The other direction: the call speaks the code
    Given the story "spoken-code"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she picks up
    And she types the code that she hears
    Then her phone number is verified

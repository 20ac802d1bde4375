Feature: Steps that nobody has written

  Scenario: One is nearly right, one is new, one comes with a table
    Given the story "lost-device"
    When Ana sings in with her user name and password
    And the cow jumps over Ana's moon 3 times within 10 minutes
    Then she reads these words:
      | MFA code |

Feature: A gateway of our own
  Steps of this crate and of lostkey stand side by side.

  Scenario: Ana quotes the reference of the text that she was sent
    Given the story "gateway"
    When Ana signs in with her user name and password
    And our gateway texts her the reference GW-17
    Then she can quote GW-17 on "MFA code"

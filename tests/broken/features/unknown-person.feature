Feature: People who are not in the story

  Scenario: Somebody else
    Given the story "lost-device"
    When Anna signs in with her user name and password

  Scenario: Nobody was named
    Given the story "stranger-with-password"
    When she signs in with her user name and password

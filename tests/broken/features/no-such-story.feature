Feature: The story is not there

  Scenario: The device is lost
    Given the story "lost-devise"

Feature: A scenario is empty

  Scenario: The device is lost
    This scenario says what it is about, and then nothing happens.

  Scenario: The call never comes
    Given the story "call-never-arrives"

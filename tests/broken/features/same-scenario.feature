Feature: Two scenarios of one name

  Scenario: The device is lost
    Given the story "lost-device"

  Scenario: Another
    Given the story "call-busy"

  Scenario: The device is lost
    Given the story "lost-device"

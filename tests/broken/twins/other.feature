Feature: The same name twice

  Scenario: The device is lost
    Given the story "lost-device"

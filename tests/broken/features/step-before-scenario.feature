Feature: A step outside of a scenario
  Given the story "lost-device"

  Scenario: The device is lost
    Given the story "lost-device"

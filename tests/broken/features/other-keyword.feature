Feature: A step after another keyword

  Scenario: The device is lost
    When the story "lost-device"

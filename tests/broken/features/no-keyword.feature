Feature: A step has no keyword

  Scenario: The device is lost
    Given the story "lost-device"
    she signs in with her user name and password

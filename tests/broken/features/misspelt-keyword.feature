Feature: A keyword is misspelt

  Scenario: The device is lost
    Gven the story "lost-device"
    When Ana signs in with her user name and password

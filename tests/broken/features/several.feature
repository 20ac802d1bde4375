Feature: Several mistakes at once

  Senario: The first
    Given the story "lost-device"

  Scenario: The second
    Gven the story "lost-device"
    When Ana signs in with her user name and password
    Then she is on "Nowhere"

  Scenario: The third

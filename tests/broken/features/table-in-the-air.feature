Feature: A table that belongs to nothing

  | a | b |

  Scenario: The device is lost
    Given the story "lost-device"

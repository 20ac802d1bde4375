Scenario: There is no feature
  Given the story "lost-device"

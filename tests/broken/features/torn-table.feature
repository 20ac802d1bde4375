Feature: A table is torn

  Scenario Outline: The device is lost
    Given the story "<story>"

    Examples:
      | story       | page |
      | lost-device |

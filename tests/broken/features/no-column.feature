Feature: A placeholder without a column

  Scenario Outline: The device is lost
    Given the story "<storey>"
    When <who> signs in with her user name and password

    Examples:
      | story       |
      | lost-device |

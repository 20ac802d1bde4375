Feature: A row that names no story

  Scenario Outline: The device is lost
    Given the story "<story>"
    When <who> signs in with her user name and password

    Examples:
      | story       | who  |
      | lost-device | Ana  |
      # the next is misspelt
      | lost-devise | Ana  |
      | call-busy   | Anna |

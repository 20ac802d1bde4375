Feature: Outlines that are never played

  Scenario Outline: Without examples
    Given the story "<story>"

  Scenario Outline: Without rows
    Given the story "<story>"

    Examples:
      | story |

Feature: Words that the flow does not have

  Background:
    Given the story "lost-device"

  Scenario: A button, a page and a notice
    When Ana signs in with her user name and password
    And she chooses "Call me"
    Then she is on "Sing in"
    And within 10 minuts she reads "Hello"
    And the oracle "wayout" objects

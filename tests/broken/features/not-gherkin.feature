# language: xx
Feature: A language that nobody speaks

  Scenario: The device is lost
    Given the story "lost-device"

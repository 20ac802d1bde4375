Feature: Nothing but words
  Somebody meant to write scenarios here.

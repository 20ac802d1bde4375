Feature: Each oracle objects to a weak policy
  Each story in the folder beside this feature has one weakness: its policy allows what the norm
  forbids, and the oracle reports it.

  Scenario: Access, where the e-mail link alone recovers an account
    Given the story "email-is-enough"
    When Ana has verified her email address as the only step
    And she chooses "Sign in to the console"
    Then she is signed in
    And the oracle "access" objects

  Scenario: Support proof, where support resets without asking who asks
    Given the story "support-asks-nothing"
    When Mallory asks support to reset MFA because "Other", giving "+1 415 555 0100" as the phone number
    And 1 day passes
    Then the oracle "support-proof" objects

  Scenario: Single use, where nothing is remembered of codes
    Given the story "codes-work-twice"
    When Ana signs in with her user name, password and a code
    And she signs out
    And she signs in with her user name, password and the same code
    Then she is signed in
    And the oracle "single-use" objects

  Scenario: Access, where a counter may run ahead by a thousand codes
    Given the story "looks-far-ahead"
    When Ana presses the button of "token" 200 times
    And she signs in with her user name, password and a code
    Then she is signed in
    And the oracle "access" objects

  Scenario: Single use, where a counter forgets what it has passed
    Given the story "counter-goes-back"
    When Ana signs in with her user name, password and a code
    And she signs out
    And she signs in with her user name, password and the same code
    Then she is signed in
    And the oracle "single-use" objects

  Scenario: Single use, where an old pair takes a counter back
    Given the story "old-pairs-work"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters two consecutive codes
    And she chooses "Troubleshoot MFA" and "Re-sync MFA device"
    And she enters the same two codes again
    Then her device is in sync
    And the oracle "single-use" objects

  Scenario: Single use, where a link works for ever
    Given the story "links-work-twice"
    When Ana has verified her email address
    And she opens the link and confirms
    Then the oracle "single-use" objects

  Scenario: Lifetime, where links live for a month
    Given the story "links-live-long"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    And 2 days pass
    And she opens the link and confirms
    Then the oracle "lifetime" objects

  Scenario: Lifetime, where a device shows a code for five minutes
    Given the story "slow-codes"
    When Ana signs in with her user name, password and a code
    Then she is signed in
    And the oracle "lifetime" objects

  Scenario: Number called, where whatever was typed last is called
    Given the story "last-number-typed"
    When Mallory asks support to reset MFA because "Other", giving "+1 415 555 0100" as the phone number
    And Ana has verified her email address
    And she chooses "Call me now"
    Then the oracle "number-called" objects

  Scenario: Notices, where nobody is told
    Given the story "nobody-is-told"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then her phone rings within 1 minute
    When she keys in the code displayed on her screen
    And she chooses "Sign in to the console"
    And she deactivates the MFA device
    Then the oracle "notices" objects

  Scenario: Way out, where the support form stands behind the sign-in
    Given the story "support-behind-sign-in"
    When Ana is left alone for 3 days
    Then the oracle "way-out" objects

  Scenario: Order, where any page can be reached by its address
    Given the story "any-page-by-address"
    When Mallory signs in with her user name and password
    And she goes straight to "Step 3: sign in"
    And she chooses "Sign in to the console"
    Then she is signed in
    And the oracle "order" objects
    And the oracle "access" objects

  Scenario: Budgets, where nobody counts wrong codes
    Given the story "guesses-are-free"
    When Mallory signs in with her user name and password
    And she enters a wrong code 30 times
    Then the oracle "budgets" objects

  Scenario: Webhook, where requests of calls need no signature
    Given the story "calls-are-not-signed"
    When Mallory has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Mallory forges the digits of a call without a signature
    And 1 minute passes
    Then Mallory's phone number is verified
    And the oracle "webhook" objects

  Scenario: Session, where a session keeps its name
    Given the story "session-keeps-its-name"
    When Ana signs in with her user name, password and a code
    Then the oracle "session" objects

  Scenario: Session, where other sessions go on when a factor changes
    Given the story "sessions-live-on"
    When Ana signs in with her user name, password and a code
    And she goes on in another browser
    And she signs in with her user name, password and the next code
    And she deactivates the MFA device
    And 1 minute passes
    And she goes on in the first browser
    And she goes straight to "Your Security Credentials"
    Then she is signed in
    And the oracle "session" objects

  Scenario: Old session, where signing out only drops the cookie in the browser
    Given the story "sign-out-drops-the-cookie"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana signs out
    And Mallory comes back with the stolen session cookie
    Then she is on "Your Security Credentials"
    When she deactivates the MFA device
    Then the oracle "old-session" objects

  Scenario: Old session, where other sessions go on when a factor changes
    Given the story "sessions-live-on"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana goes on in another browser
    And she signs in with her user name, password and the next code
    And she assigns a new MFA device
    And 1 minute passes
    And Mallory comes back with the stolen session cookie
    Then she is on "Your Security Credentials"
    And the oracle "old-session" objects
    And the oracle "session" objects

  Scenario: Old session, where sessions outlive a reset by support
    Given the story "sessions-outlive-a-reset"
    When Ana signs in with her user name, password and a code
    And Mallory steals the session cookie
    And Ana asks support to reset MFA because "I did not receive the call", giving her email address, account number, phone number and full name
    Then support calls the number on file within 1 day
    When she answers and proves who she is
    Then support resets MFA
    When 1 minute passes
    And Mallory comes back with the stolen session cookie
    Then she is on "Your Security Credentials"
    And the oracle "old-session" objects
    And the oracle "session" objects

  Scenario: Enumeration, where page 1 says which user names nobody has
    Given the story "names-are-told"
    When Mallory signs in with a user name that nobody has
    Then she reads "There is no account with this user name"
    When she signs in with a wrong password
    Then the oracle "enumeration" objects

  Scenario: Lock-out, where three wrong codes shut the account for good
    Given the story "three-strikes"
    When Mallory signs in with her user name and password
    And she enters a wrong code 3 times
    And 2 hours pass
    And Ana signs in with her user name, password and a code
    Then she is not signed in
    And the oracle "lock-out" objects

  Scenario: Lock-out, where a stranger's tries make the owner wait, again and again
    Given the story "strangers-count-too"
    When Mallory signs in with a wrong password every 10 minutes for 200 minutes
    And Ana signs in with her user name, password and a code
    Then she is not signed in
    When Mallory signs in with a wrong password every 10 minutes for 50 minutes
    And Ana signs in with her user name, password and a code
    Then she is not signed in
    When Mallory signs in with a wrong password every 10 minutes for 50 minutes
    And Ana signs in with her user name, password and a code
    Then she is not signed in
    And the oracle "lock-out" objects

  Scenario: Budgets, where wrong codes never disable a device
    Given the story "never-disabled"
    When Mallory signs in with her user name and password
    And she enters a wrong code every 4 minutes for 7 hours
    Then the oracle "budgets" objects

  Scenario: Old secret, where links outlive a change of factors
    Given the story "links-outlive-changes"
    When Mallory signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches Mallory's inbox within 10 minutes
    When Ana signs in with her user name, password and a code
    And she deactivates the MFA device
    And Mallory opens the link and confirms
    Then the oracle "old-secret" objects
    And the oracle "session" objects

  Scenario: Right code, where sign-in looks back and not ahead
    Given the story "sign-in-looks-back"
    When Ana signs in with her user name, password and a code
    Then she is not signed in
    And the oracle "right-code" objects

  Scenario: Good link, where whoever fetches a link has used it up
    Given the story "links-burn"
    When Ana signs in with her user name and password
    And she chooses "Troubleshoot MFA" and "Sign in using alternative factors"
    And she chooses "Send verification email"
    Then an email with a verification link reaches Ana's inbox within 10 minutes
    When Mallory opens the link
    And Ana opens the link
    Then the oracle "good-link" objects

  Scenario: Factors, where a new device counts before its codes came
    Given the story "new-devices-count-at-once"
    When Ana signs in with her user name, password and a code
    And she assigns a new MFA device
    Then the oracle "factors" objects

  Scenario: Honest notice, where a call of which nothing is heard is said to be coming
    Given the story "waits-for-ever"
    When Ana is left alone for 1 hour
    Then she is back in
    And the oracle "honest-notice" objects

  Scenario: Support proof, where whoever answers need not be the owner
    Given the story "support-asks-no-owner"
    When Mallory asks support to reset MFA because "Other", giving "+34 600 000 001" as the phone number
    Then support calls Ana's number within 1 day
    When Ben answers and proves who he is
    And Mallory signs in with her user name and password
    Then the oracle "support-proof" objects

  Scenario: Support proof, where support calls the number of an accomplice who has an account, too
    Given the story "support-calls-an-accomplice"
    When Mallory asks support to reset MFA because "Other", giving "+34 600 000 009" as the phone number
    And 3 hours pass
    And Trudy answers and proves who she is
    And Mallory signs in with her user name and password
    Then the oracle "support-proof" objects

  Scenario: Support proof, where a reset goes to the first account with that number
    Given the story "support-resets-the-first"
    When Ben asks support to reset MFA because "Other", giving his email address, account number, phone number and full name
    Then support calls Ben's number within 1 day
    When Ben answers and proves who he is
    Then the oracle "support-proof" objects

  Scenario: Right code, where the call of one is compared with the code of another
    Given the story "calls-known-by-number"
    When Ana has verified her email address
    And she chooses "Call me now"
    Then Ana's phone rings within 1 minute
    When Ana hangs up
    And Ben has verified his email address
    And he chooses "Call me now"
    Then Ben's phone rings within 1 minute
    When Ben keys in the code displayed on his screen
    Then the oracle "right-code" objects

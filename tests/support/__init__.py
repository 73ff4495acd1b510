"""What the tests of several rooms share: the law without a database, facts, people, a small city, cases, threads."""

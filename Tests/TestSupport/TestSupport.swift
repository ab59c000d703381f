// Samples and tolerances shared by the tests.

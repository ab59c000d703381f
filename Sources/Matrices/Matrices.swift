// The Matrices module.

// The Workers module.

// The Combiners module.

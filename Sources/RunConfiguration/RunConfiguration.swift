// The RunConfiguration module.

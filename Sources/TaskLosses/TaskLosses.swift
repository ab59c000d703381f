// The TaskLosses module.

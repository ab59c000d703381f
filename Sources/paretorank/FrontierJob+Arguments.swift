public import ArgumentParser
public import Jobs

extension FrontierJob.Method: ExpressibleByArgument {}
extension FrontierJob.Measure: ExpressibleByArgument {}

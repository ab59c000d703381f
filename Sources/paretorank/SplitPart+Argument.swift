public import ArgumentParser
public import Interactions

extension SplitPart: ExpressibleByArgument {}

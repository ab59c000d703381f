import Files
import Interactions

/// Columns of mapped files can give back their pages.
extension MappedFile: PagedMemory {}

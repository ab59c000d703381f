import Files
import Glibc

/// Whether a folder can be read and holds nothing.
func isEmptyFolder(_ path: String) throws(ModelFileError) -> Bool {
  guard let folder = unsafe opendir(path) else { throw .last(path) }
  unsafe closedir(folder)
  return entryNames(in: path).isEmpty
}

/// What a path means.
enum PathKind { case nothing, file, folder, other }

/// What lies at `path`, after following links.
func kind(ofPath path: String) throws(ModelFileError) -> PathKind {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else {
    if errno == ENOENT || errno == ENOTDIR { return .nothing }
    throw .last(path)
  }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return .file
  case S_IFDIR: return .folder
  default: return .other
  }
}

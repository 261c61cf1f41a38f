#include <mailpod/transfer/folder.hpp>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailpod/base/log.hpp>

namespace mailpod::transfer {
namespace {

[[noreturn]] void fail(const char* call, const std::string& name) {
  throw std::system_error(errno, std::system_category(), std::string(call) + " " + base::printable(name));
}

/// Calls again what a signal interrupted.
template <class Call>
auto persist(Call call) {
  for (;;) {
    const auto answer = call();
    if (answer >= 0 || errno != EINTR) return answer;
  }
}

const char* checked(const std::string& name) {
  const bool single = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                      name.find('\0') == std::string::npos;
  if (!single) throw std::invalid_argument("this is no name of a file");
  return name.c_str();
}

/// There is none of the kind that is wanted: not there, a link, or something else.
bool means_none(int error) {
  return error == ENOENT || error == ELOOP || error == ENOTDIR || error == ENXIO;
}

class FileSource final : public Folder::Source {
public:
  FileSource(int number, const struct stat& found)
      : number_(number),
        size_(static_cast<std::uint64_t>(found.st_size)),
        changed_(base::from_seconds(found.st_mtim.tv_sec < 0 ? 0 : static_cast<std::uint64_t>(found.st_mtim.tv_sec))) {}
  ~FileSource() override { ::close(number_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  std::uint64_t size() const override { return size_; }
  base::Time changed() const override { return changed_; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto got = persist(
          [&] { return ::pread(number_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done)); });
      if (got < 0) fail("read", "");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

private:
  int number_;
  std::uint64_t size_;
  base::Time changed_;
};

/// Takes the descriptor over.
std::unique_ptr<FileSource> source_of(int number, const std::string& name) {
  struct stat found{};
  if (::fstat(number, &found) != 0) {
    const int error = errno;
    ::close(number);
    errno = error;
    fail("fstat", name);
  }
  if (S_ISREG(found.st_mode)) return std::make_unique<FileSource>(number, found);
  ::close(number);
  return nullptr;
}

class FileOutput final : public Folder::Output {
public:
  FileOutput(int number, std::string name) : number_(number), name_(std::move(name)) {
    const auto end = ::lseek(number_, 0, SEEK_END);
    if (end < 0) fail("lseek", name_);
    size_ = static_cast<std::uint64_t>(end);
  }
  ~FileOutput() override { ::close(number_); }
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  void write(std::string_view octets) override {
    while (!octets.empty()) {
      const auto done =
          persist([&] { return ::pwrite(number_, octets.data(), octets.size(), static_cast<off_t>(size_)); });
      if (done < 0) fail("write", name_);
      octets.remove_prefix(static_cast<std::size_t>(done));
      size_ += static_cast<std::uint64_t>(done);
    }
  }
  std::uint64_t size() const override { return size_; }
  void cut(std::uint64_t size) override {
    if (persist([&] { return ::ftruncate(number_, static_cast<off_t>(size)); }) < 0) fail("truncate", name_);
    size_ = size;
  }
  void set_changed(base::Time time) override {
    const timespec moment{static_cast<time_t>(base::to_seconds(time)), 0};
    const std::array<timespec, 2> times{moment, moment};
    if (::futimens(number_, times.data()) != 0) fail("utimes", name_);
  }
  void sync() override {
    if (persist([&] { return ::fsync(number_); }) < 0) fail("fsync", name_);
  }

private:
  int number_;
  std::string name_;
  std::uint64_t size_ = 0;
};

Folder::Kind kind_for(mode_t mode) {
  if (S_ISREG(mode)) return Folder::Kind::file;
  return S_ISDIR(mode) ? Folder::Kind::folder : Folder::Kind::other;
}

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

}  // namespace

Folder Folder::at(const std::string& path) {
  const int number = persist([&] { return ::open(path.c_str(), directory_flags); });
  if (number < 0) fail("open", path);
  return Folder(number);
}

Folder Folder::make_at(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("mkdir", path);
  return at(path);
}

Folder::~Folder() {
  if (number_ >= 0) ::close(number_);
}

Folder Folder::same() const {
  const int number = persist([&] { return ::fcntl(number_, F_DUPFD_CLOEXEC, 0); });
  if (number < 0) fail("dup", ".");
  return Folder(number);
}

std::vector<Folder::Entry> Folder::list() const {
  // A description of its own: the place in the directory is the description's.
  const int number = persist([&] { return ::openat(number_, ".", directory_flags); });
  if (number < 0) fail("open", ".");
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(number), [](DIR* all) { return ::closedir(all); });
  if (!open) {
    ::close(number);
    fail("opendir", ".");
  }
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(open.get());
    if (entry == nullptr) break;
    std::string name(entry->d_name);
    if (name == "." || name == "..") continue;
    auto kind = entry->d_type == DT_REG ? Kind::file : entry->d_type == DT_DIR ? Kind::folder : Kind::other;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat found{};
      if (::fstatat(number_, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) continue;
      kind = kind_for(found.st_mode);
    }
    entries.push_back({std::move(name), kind});
  }
  if (errno != 0) fail("readdir", ".");
  return entries;
}

std::optional<Folder> Folder::folder(const std::string& name) const {
  const int number = persist([&] { return ::openat(number_, checked(name), directory_flags | O_NOFOLLOW); });
  if (number >= 0) return Folder(number);
  if (!means_none(errno)) fail("open", name);
  return std::nullopt;
}

Folder Folder::make_folder(const std::string& name) const {
  if (::mkdirat(number_, checked(name), 0700) != 0 && errno != EEXIST) fail("mkdir", name);
  auto made = folder(name);
  if (made) return std::move(*made);
  errno = ENOTDIR;
  fail("open", name);
}

std::unique_ptr<Folder::Source> Folder::read(const std::string& name) const {
  // A named pipe in a file's place must not make us wait.
  const int number =
      persist([&] { return ::openat(number_, checked(name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); });
  if (number < 0 && means_none(errno)) return nullptr;
  if (number < 0) fail("open", name);
  return source_of(number, name);
}

std::optional<std::string> Folder::read_whole(const std::string& name, std::uint64_t limit) const {
  const auto file = read(name);
  if (!file || file->size() > limit) return std::nullopt;
  std::string octets(static_cast<std::size_t>(file->size()), '\0');
  octets.resize(file->read_at(0, octets));
  return octets;
}

std::unique_ptr<Folder::Output> Folder::write(const std::string& name, Begin begin) const {
  if (begin == Begin::fresh) remove(name);
  const int how = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (begin == Begin::fresh ? O_EXCL : 0);
  const int number = persist([&] { return ::openat(number_, checked(name), how, 0600); });
  if (number < 0) fail("open", name);
  return std::make_unique<FileOutput>(number, name);
}

void Folder::replace(const std::string& name, std::string_view octets) const {
  const auto part = name + ".part";
  {
    const auto file = write(part, Begin::fresh);
    file->write(octets);
    file->sync();
  }
  rename(part, *this, name);
  sync();
}

void Folder::rename(const std::string& name, const Folder& to, const std::string& new_name) const {
  if (::renameat(number_, checked(name), to.number_, checked(new_name)) != 0) fail("rename", new_name);
}

void Folder::remove(const std::string& name) const {
  if (::unlinkat(number_, checked(name), 0) != 0 && errno != ENOENT) fail("unlink", name);
}

void Folder::sync() const {
  if (persist([&] { return ::fsync(number_); }) < 0) fail("fsync", ".");
}

std::unique_ptr<Folder::Source> open_file(const std::string& path) {
  const int number = persist([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (number < 0) fail("open", path);
  auto source = source_of(number, path);
  if (source) return source;
  errno = EINVAL;
  fail("open", path);
}

}  // namespace mailpod::transfer

#include <mailpod/base/disk.hpp>

#include <cerrno>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mailpod::base {

namespace {

[[noreturn]] void fail(const char* call, const std::string& path) {
  throw std::system_error(errno, std::system_category(), std::string(call) + " " + path);
}

/// Calls again what a signal interrupted.
template <class Call>
auto persist(Call call) {
  for (;;) {
    const auto answer = call();
    if (answer >= 0 || errno != EINTR) return answer;
  }
}

class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

private:
  int number_;
};

off_t offset_for(std::uint64_t offset) {
  return static_cast<off_t>(offset);
}

// Octets. A journal's small changes for a good while: some hundred of a member's commands.
constexpr std::uint64_t room_ahead = 32 * 1024;

class LinuxFile final : public File {
public:
  LinuxFile(int descriptor, std::string path, Disk::Open how)
      : descriptor_(descriptor), path_(std::move(path)), goes_on_(how == Disk::Open::read_write) {}

  std::size_t read_at(std::uint64_t offset, std::span<char> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto got = persist([&] {
        return ::pread(descriptor_.number(), into.data() + done, into.size() - done, offset_for(offset + done));
      });
      if (got < 0) fail("read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  void write_at(std::uint64_t offset, std::string_view octets) override {
    const auto end = offset + octets.size();
    while (!octets.empty()) {
      const auto done =
          persist([&] { return ::pwrite(descriptor_.number(), octets.data(), octets.size(), offset_for(offset)); });
      if (done < 0) fail("write", path_);
      octets.remove_prefix(static_cast<std::size_t>(done));
      offset += static_cast<std::size_t>(done);
    }
    if (goes_on_ && end + room_ahead / 2 > room_until_) take_room_from(end);
  }

  void truncate(std::uint64_t size) override {
    if (persist([&] { return ::ftruncate(descriptor_.number(), offset_for(size)); }) < 0) fail("truncate", path_);
    room_until_ = size;
  }

  std::uint64_t size() override {
    struct stat information{};
    if (::fstat(descriptor_.number(), &information) < 0) fail("fstat", path_);
    return static_cast<std::uint64_t>(information.st_size);
  }

  void sync(std::source_location) override {
    // Not retried after EIO: Linux reports a lost write once and then forgets it.
    if (persist([&] { return ::fdatasync(descriptor_.number()); }) < 0) fail("fdatasync", path_);
    goes_on_ = true;
  }

private:
  /// What is written to again after a sync is a journal, and will be again. So there is always some room behind its
  /// end, and it can grow a little on a full disk too: docs/decisions/0016-a-journal-holds-room-ready.md. A disk that
  /// has none, or a file system that cannot, is no failure.
  void take_room_from(std::uint64_t end) {
    const auto take = [&] {
      return ::fallocate(descriptor_.number(), FALLOC_FL_KEEP_SIZE, offset_for(end), offset_for(room_ahead));
    };
    if (persist(take) == 0) room_until_ = end + room_ahead;
  }

  Descriptor descriptor_;
  std::string path_;
  bool goes_on_;
  std::uint64_t room_until_ = 0;  ///< offset
};

class LinuxLock final : public Disk::Lock {
public:
  explicit LinuxLock(int descriptor) : descriptor_(descriptor) {}

private:
  Descriptor descriptor_;  // closing it gives the lock back
};

Disk::Kind kind_for(mode_t mode) {
  if (S_ISREG(mode)) return Disk::Kind::file;
  if (S_ISDIR(mode)) return Disk::Kind::directory;
  return Disk::Kind::other;
}

/// A symbolic link in the place of one of our files is never followed: somebody else put it there.
int flags_for(Disk::Open how) {
  constexpr int always = O_CLOEXEC | O_NOFOLLOW;
  switch (how) {
    case Disk::Open::read:
      return always | O_RDONLY;
    case Disk::Open::read_write:
      return always | O_RDWR;
    case Disk::Open::create_new:
      return always | O_RDWR | O_CREAT | O_EXCL;
    // O_EXCL: the file can never be given a name afterwards. The directory itself may be reached by a link.
    case Disk::Open::unnamed:
      return O_CLOEXEC | O_RDWR | O_TMPFILE | O_EXCL;
  }
  return always | O_RDONLY;
}

/// Reading a directory succeeds in open(2) and would fail later, less clearly.
void refuse_directory(int descriptor, const std::string& path) {
  struct stat information{};
  if (::fstat(descriptor, &information) < 0) fail("fstat", path);
  if (!S_ISDIR(information.st_mode)) return;
  errno = EISDIR;
  fail("open", path);
}

class LinuxDisk final : public Disk {
public:
  std::unique_ptr<File> open(const std::string& path, Open how) override {
    const int descriptor = persist([&] { return ::open(path.c_str(), flags_for(how), 0600); });
    if (descriptor < 0) fail("open", path);
    auto file = std::make_unique<LinuxFile>(descriptor, path, how);
    if (how != Open::create_new) refuse_directory(descriptor, path);
    // A journal's segment. Each begins with a head that is read before anything else, and they are opened together: the
    // disk can fetch all heads at once. No more than a hint.
    if (how == Open::read_write) ::posix_fadvise(descriptor, 0, 1, POSIX_FADV_WILLNEED);
    return file;
  }

  void rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) < 0) fail("rename", from + " to " + to);
  }

  void unlink(const std::string& path) override {
    if (::unlink(path.c_str()) < 0) fail("unlink", path);
  }

  void make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) == 0) return;
    const int error = errno;
    const auto existing = error == EEXIST ? status(path) : std::nullopt;
    if (existing && existing->kind == Kind::directory) return;
    errno = error;
    fail("mkdir", path);
  }

  void remove_directory(const std::string& path) override {
    if (::rmdir(path.c_str()) < 0) fail("rmdir", path);
  }

  void sync_directory(const std::string& path, std::source_location) override {
    const Descriptor directory(persist([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (directory.number() < 0) fail("open", path);
    if (persist([&] { return ::fsync(directory.number()); }) < 0) fail("fsync", path);
  }

  std::vector<Entry> list(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()),
                                                        [](DIR* open) { return ::closedir(open); });
    if (!directory) fail("opendir", path);
    std::vector<Entry> entries;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      std::string name(entry->d_name);
      if (name == "." || name == "..") continue;
      const auto kind = kind_of(*entry, join(path, name));
      if (kind) entries.push_back({std::move(name), *kind});
    }
    if (errno != 0) fail("readdir", path);
    return entries;
  }

  std::optional<Information> status(const std::string& path) override {
    struct stat information{};
    if (::lstat(path.c_str(), &information) < 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      fail("lstat", path);
    }
    return Information{kind_for(information.st_mode), static_cast<std::uint64_t>(information.st_size),
                       static_cast<std::uint32_t>(information.st_mode & 07777), information.st_uid};
  }

  std::unique_ptr<Lock> lock(const std::string& path) override {
    const int descriptor =
        persist([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600); });
    if (descriptor < 0) fail("open", path);
    auto held = std::make_unique<LinuxLock>(descriptor);
    if (persist([&] { return ::flock(descriptor, LOCK_EX | LOCK_NB); }) == 0) return held;
    if (errno == EWOULDBLOCK) return nullptr;
    fail("flock", path);
  }

private:
  /// Nothing if the entry went away meanwhile.
  std::optional<Kind> kind_of(const dirent& entry, const std::string& path) {
    if (entry.d_type == DT_REG) return Kind::file;
    if (entry.d_type == DT_DIR) return Kind::directory;
    if (entry.d_type != DT_UNKNOWN) return Kind::other;
    const auto information = status(path);  // the file system does not say
    if (!information) return std::nullopt;
    return information->kind;
  }
};

}  // namespace

std::unique_ptr<Disk> make_linux_disk() {
  return std::make_unique<LinuxDisk>();
}

}  // namespace mailpod::base

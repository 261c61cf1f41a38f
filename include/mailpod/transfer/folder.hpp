#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>

namespace mailpod::transfer {

/// A folder of the machine's own file system that somebody else may change at the same time, and nothing outside of it:
/// whoever runs the command may be allowed more than whose files these are. Names are single ones, any octets but `/`;
/// `.`, `..` and empty ones are refused (std::invalid_argument), symbolic links are never followed. Not base::Disk,
/// which works on the pod by paths and keeps no dates. Not shared between threads. Failures throw std::system_error.
class Folder {
public:
  enum class Kind { file, folder, other };
  struct Entry {
    std::string name;
    Kind kind;
  };

  /// What `path` leads to; here links are followed, since it is what the caller named.
  static Folder at(const std::string& path);
  /// The same, made if it is missing (mode 0700; its parent exists).
  static Folder make_at(const std::string& path);
  ~Folder();
  Folder(Folder&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Folder& operator=(Folder&&) = delete;

  /// Another handle of the same folder.
  Folder same() const;
  /// Unordered. Links are `other`.
  std::vector<Entry> list() const;
  /// Nothing if there is no folder of this name.
  std::optional<Folder> folder(const std::string& name) const;
  Folder make_folder(const std::string& name) const;

  /// A file open for reading: its octets as it was found, and when it was changed last.
  class Source : public base::OctetSource {
  public:
    virtual base::Time changed() const = 0;
  };
  /// Nothing if there is no regular file of this name.
  std::unique_ptr<Source> read(const std::string& name) const;
  /// All of it; nothing if there is none, or if it is larger than `limit`.
  std::optional<std::string> read_whole(const std::string& name, std::uint64_t limit) const;

  /// A file being written.
  class Output {
  public:
    virtual ~Output() = default;
    virtual void write(std::string_view octets) = 0;
    virtual std::uint64_t size() const = 0;
    /// Cuts it off there; what follows is written there.
    virtual void cut(std::uint64_t size) = 0;
    virtual void set_changed(base::Time time) = 0;
    /// Makes octets and date durable.
    virtual void sync() = 0;
  };
  /// Mode 0600. `fresh` replaces what has the name; `further` goes on at its end.
  enum class Begin { fresh, further };
  std::unique_ptr<Output> write(const std::string& name, Begin begin) const;
  /// Durably and as a whole, by `<name>.part`.
  void replace(const std::string& name, std::string_view octets) const;

  void rename(const std::string& name, const Folder& to, const std::string& new_name) const;
  /// No failure if there is none.
  void remove(const std::string& name) const;
  /// Makes names durable.
  void sync() const;

private:
  explicit Folder(int number) : number_(number) {}
  int number_;
};

/// Syncs all of them, several at a time: the file system makes one write of what is asked for together.
void sync_all(const std::vector<Folder::Output*>& files);

/// One file that the caller named: links are followed. Throws std::system_error.
std::unique_ptr<Folder::Source> open_file(const std::string& path);

}  // namespace mailpod::transfer

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/transfer/folder.hpp>
#include <mailpod/transfer/label.hpp>

namespace mailpod::transfer {

/// A mailbox that another program left.
struct FoundMailbox {
  std::string name;  ///< UTF-8, levels separated by `/`; what it is called there
  std::string use;   ///< `sent` …, if it is known; else empty
  bool subscribed = true;
  std::string place;  ///< for people: below what the caller named; empty: that itself
};

struct FoundMessage {
  Label label;
  std::string place;    ///< for people: which message it is
  std::string trouble;  ///< why it could not be read; empty: it was
  bool mail = true;     ///< false: a mail program's own notes, which nobody misses
};

/// Where imported mail comes from. Hostile input: links are not followed, names are any octets, messages of any size
/// pass by in pieces. Memory is bounded but for the names in one mailbox. Not shared between threads; failures of the
/// machine throw std::system_error.
class Reader {
public:
  using Take = std::function<void(std::string_view)>;
  virtual ~Reader() = default;

  virtual const std::vector<FoundMailbox>& mailboxes() const = 0;
  /// Begins with the first message of the mailbox at this place in mailboxes(). Answers what stood there and is no
  /// mail.
  virtual std::vector<FoundMessage> open(std::size_t mailbox) = 0;
  /// The next message: its octets, with CRLF line ends, go to `take`. Nothing after the last one.
  virtual std::optional<FoundMessage> next(const Take& take) = 0;
  /// The octets of the same message once more.
  virtual void again(const Take& take) = 0;
};

struct ReaderLimits {
  std::size_t levels = 32;         ///< of folders in folders
  std::size_t mailboxes = 10'000;  ///< what is beyond is passed over
};

/// A Maildir: Maildir++ (`.Archive.2024`), folders in folders (`Archive/2024`), or both.
std::unique_ptr<Reader> make_maildir_reader(Folder folder, ReaderLimits limits = {});
/// A folder of mbox files, as Thunderbird keeps them (`Archive`, `Archive.sbd/2024`) or `mailpod export` wrote them.
std::unique_ptr<Reader> make_mbox_folder_reader(Folder folder, ReaderLimits limits = {});
/// One mbox file, which is called `name`.
std::unique_ptr<Reader> make_mbox_reader(std::unique_ptr<Folder::Source> file, const std::string& name);

/// Whether somebody's Maildir lies here: cur/ or new/, or folders with them.
bool looks_like_maildir(const Folder& folder);

}  // namespace mailpod::transfer

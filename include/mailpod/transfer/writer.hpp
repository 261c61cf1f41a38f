#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/transfer/folder.hpp>
#include <mailpod/transfer/label.hpp>
#include <mailpod/transfer/maildir_name.hpp>

namespace mailpod::transfer {

/// A mailbox on its way out of a vault.
struct MailboxToWrite {
  std::string name;  ///< UTF-8, levels separated by `/`
  std::string use;   ///< `sent` …, or empty
  bool subscribed = true;
  std::uint32_t uid_validity = 0;  ///< no two mailboxes have the same
  std::vector<std::string> keywords;
};

struct MessageToWrite {
  Label label;
  MessageNumber number;
  std::uint64_t size = 0;
};

/// Where exported mail goes: one format each. What was settled is whole, whenever the process ends; whoever begins
/// again in the same folder is told what is there. Memory is bounded but for the names in one mailbox. Not shared
/// between threads; failures of the machine throw std::system_error.
class Writer {
public:
  virtual ~Writer() = default;

  /// Before anything else: all there are, the chosen ones and the others.
  virtual void begin(const std::vector<MailboxToWrite>& mailboxes) = 0;
  /// False if it is whole already, and stays as it is.
  virtual bool open_mailbox(const MailboxToWrite& mailbox) = 0;
  /// Whether the message is there; its flags are brought up to date. UIDs ascend.
  virtual bool has(const MessageToWrite& message) = 0;

  virtual void begin_message(const MessageToWrite& message) = 0;
  virtual void write(std::string_view octets) = 0;
  /// False if the same message must be begun once more: its octets need another form.
  virtual bool end_message() = 0;
  /// Instead of end_message(): it cannot be read.
  virtual void drop_message() = 0;
  /// Makes durable and visible what was ended so far.
  virtual void settle() = 0;

  virtual void close_mailbox() = 0;
  virtual void end() = 0;
};

/// Maildir++: INBOX in `folder` itself, `.Archive.2024` beside it; flags and dates in names, dates also as the files'.
std::unique_ptr<Writer> make_maildir_writer(Folder folder);
/// One mboxrd file a mailbox, `Archive.2024.mbox`.
std::unique_ptr<Writer> make_mbox_writer(Folder folder);
/// One age file a message, `UIDVALIDITY/UID.age`, and what they are in `manifest.age`.
std::unique_ptr<Writer> make_sealed_writer(Folder folder, base::Entropy& entropy, crypto::AgeRecipient recipient);

}  // namespace mailpod::transfer

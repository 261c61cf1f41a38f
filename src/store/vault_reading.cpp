#include <algorithm>
#include <unordered_set>

#include <mailpod/message/scanner.hpp>

#include "sealed_file.hpp"
#include "sealed_vault.hpp"

namespace mailpod::store {
namespace {

/// The mail inside a sealed file, as the journal describes it.
class OpenMessage final : public StoredMessage {
public:
  OpenMessage(std::unique_ptr<FileSource> file, crypto::AgePayload payload, std::uint64_t size,
              std::shared_ptr<std::atomic<bool>> stopped)
      : file_(std::move(file)), payload_(std::move(payload)), size_(size), stopped_(std::move(stopped)) {}

  std::uint64_t size() const override { return size_; }

  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    if (*stopped_) throw std::system_error(make_error_code(Errc::closed));
    if (offset >= size_ || into.empty()) return 0;
    // What follows the mail in the file is not the mail.
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    const auto got = payload_.read_at(offset, into.first(wanted));
    if (!got || *got == 0) throw std::system_error(make_error_code(Errc::damaged));
    return *got;
  }

private:
  std::unique_ptr<FileSource> file_;
  crypto::AgePayload payload_;
  std::uint64_t size_;
  std::shared_ptr<std::atomic<bool>> stopped_;
};

}  // namespace

std::shared_ptr<const VaultState> SealedVault::state() const {
  const std::scoped_lock lock(shown_);
  return listing_.state;
}

std::shared_ptr<void> SealedVault::subscribe(std::function<void()> bell) {
  auto token = std::make_shared<Bell>(std::move(bell));
  const std::scoped_lock lock(shown_);
  bells_.push_back(token);
  return token;
}

void SealedVault::ring() const {
  std::vector<std::shared_ptr<Bell>> ringing;
  {
    const std::scoped_lock lock(shown_);
    for (const auto& bell : bells_) {
      if (auto alive = bell.lock()) ringing.push_back(std::move(alive));
    }
  }
  for (const auto& bell : ringing) (*bell)();
}

void SealedVault::stop() {
  *stopped_ = true;
  ring();
}

/// Where an ADD stands now that may have stood elsewhere when its reader's state was made.
std::uint64_t SealedVault::present_place(std::uint64_t record) const {
  const std::scoped_lock lock(shown_);
  const auto moved = moved_.find(record);
  return moved == moved_.end() ? record : moved->second;
}

std::optional<AddRecord> SealedVault::read_add(std::uint64_t record) const {
  auto add = read_add_at(record);
  if (add) return add;
  const auto place = present_place(record);
  return place != record ? read_add_at(place) : std::nullopt;
}

std::optional<AddRecord> SealedVault::read_add_at(std::uint64_t place) const {
  const auto content = journal_->read({place});
  if (!content || content->type != static_cast<std::uint8_t>(RecordType::add)) return std::nullopt;
  auto add = AddRecord::decode(content->payload);
  if (!add || add->wrap != 0 || add->file_key.size() != 16) return std::nullopt;
  return std::move(*add);
}

std::string SealedVault::path_of(const MessageId& id) const {
  const std::scoped_lock lock(shown_);
  const auto untaken = untaken_steps_.find(id);
  return untaken == untaken_steps_.end() || untaken->second.remove ? maildir_.in_cur(id) : untaken->second.from;
}

bool SealedVault::awaits_its_rename(const MessageId& id) const {
  const std::scoped_lock lock(shown_);
  const auto untaken = untaken_steps_.find(id);
  return untaken != untaken_steps_.end() && !untaken->second.remove;
}

boost::system::error_code SealedVault::why_missing(const MessageId& id) const {
  const std::scoped_lock lock(shown_);
  return listing_.expunged.contains(id) ? Errc::gone : Errc::damaged;
}

Result<std::unique_ptr<StoredMessage>> SealedVault::open_message(const MessageState& message) {
  if (*stopped_) return make_error_code(Errc::closed);
  const auto add = read_add(message.record);
  if (!add) return make_error_code(Errc::damaged);
  const auto path = path_of(add->message);
  const auto information = ports_.disk.status(path);
  if (!information) return why_missing(add->message);
  if (information->size != add->sealed_size) return make_error_code(Errc::damaged);
  std::unique_ptr<FileSource> file;
  try {
    file = std::make_unique<FileSource>(ports_.disk.open(path, base::Disk::Open::read));
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    return why_missing(add->message);
  }
  const auto key = *base::byte_array<16>(add->file_key);
  auto payload = crypto::AgePayload::open(*file, key, add->payload_offset);
  if (!payload || add->size > payload->size()) return make_error_code(Errc::damaged);
  return std::make_unique<OpenMessage>(std::move(file), std::move(*payload), add->size, stopped_);
}

Result<std::shared_ptr<const message::Structure>> SealedVault::structure(const MessageState& message) {
  if (*stopped_) return make_error_code(Errc::closed);
  const auto add = read_add(message.record);
  if (!add) return make_error_code(Errc::damaged);
  if (!add->structure.empty()) {
    auto kept = message::decode(add->structure);
    // One of another version can be made anew from the octets.
    if (kept) return std::make_shared<const message::Structure>(std::move(*kept));
  }
  const auto opened = open_message(message);
  if (!opened) return opened.error();
  return std::make_shared<const message::Structure>(message::scan(**opened));
}

Result<Vault::Particulars> SealedVault::particulars(const MessageState& message) {
  if (*stopped_) return make_error_code(Errc::closed);
  const auto add = read_add(message.record);
  if (!add) return make_error_code(Errc::damaged);
  const auto added = static_cast<std::uint32_t>(add->save_date);
  return Particulars{add->email_id, message.save_date != 0 ? message.save_date : added};
}

Result<base::ByteArray<32>> SealedVault::mail_hash(const MessageState& message) {
  if (*stopped_) return make_error_code(Errc::closed);
  const auto add = read_add(message.record);
  if (!add) return make_error_code(Errc::damaged);
  return add->mail_hash;
}

}  // namespace mailpod::store

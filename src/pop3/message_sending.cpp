#include "message_sending.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "message_lines.hpp"

namespace mailpod::pop3 {
namespace {

/// One message, read from front to back. On the pool.
class Reading {
public:
  Reading(store::Vault& vault, const store::MessageState& message, std::size_t slice)
      : vault_(vault), message_(message), slice_(slice) {}

  /// Everything that can be wrong with the message, and its first octets.
  Status begin() {
    auto opened = vault_.open_message(message_);
    if (opened.has_error()) return opened.error();
    stored_ = std::move(*opened);
    return go_on();
  }
  /// Throws std::system_error where the octets are damaged.
  Status go_on() {
    const auto left = stored_->size() - done_;
    piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(slice_, left)));
    const auto read = stored_->read_at(done_, piece_);
    if (read != piece_.size()) return boost::system::error_code(store::Errc::damaged);
    done_ += read;
    return {};
  }
  bool at_end() const { return done_ == stored_->size(); }
  const std::string& piece() const { return piece_; }
  std::uint64_t size() const { return stored_->size(); }

private:
  store::Vault& vault_;
  const store::MessageState& message_;
  const std::size_t slice_;
  std::unique_ptr<store::StoredMessage> stored_;
  std::string piece_;
  std::uint64_t done_ = 0;
};

/// Another session may have expunged it, or moved it elsewhere: then it is in this maildrop no longer.
bool is_still_there(Session& session, store::Uid uid) {
  const auto newest = session.vault().state()->find(session.maildrop().mailbox());
  return newest != nullptr && newest->find(uid).has_value();
}

}  // namespace

awaitable<Reply> send_message(Session& session, const store::MessageState& message,
                              std::optional<std::uint64_t> body_lines) {
  if (!is_still_there(session, message.uid)) co_return reply_for(store::make_error_code(store::Errc::gone));
  Reading reading(session.vault(), message, session.settings().read_slice);
  const auto begin = [&] { return reading.begin(); };
  auto beginning = store::on_pool(session.open_vault(), begin);
  const auto begun = co_await std::move(beginning);
  if (begun.has_error()) co_return session.reply_for_vault(begun.error());
  session.begin_lines(body_lines ? std::string("The top follows") : fmt::format("{} octets", reading.size()));
  MessageLines lines(body_lines);
  lines.add(reading.piece(), session.out().text());
  while (!reading.at_end() && !lines.complete()) {
    co_await session.out().flush();
    const auto go_on = [&] { return reading.go_on(); };
    auto going_on = store::on_pool(session.open_vault(), go_on);
    const auto more = co_await std::move(going_on);
    if (more.has_error()) throw std::system_error(more.error());
    lines.add(reading.piece(), session.out().text());
  }
  lines.finish(session.out().text());
  session.end_message();
  co_return given();
}

}  // namespace mailpod::pop3

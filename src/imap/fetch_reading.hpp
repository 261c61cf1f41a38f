#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/store/vault.hpp>

#include "fetch_items.hpp"
#include "view.hpp"

namespace mailpod::imap {

/// The untagged FETCH responses for some messages, read piece by piece, so that neither a message nor a mailbox must
/// fit in memory and no thread is held for long.
///
/// Where no item needs more than the state, next() never blocks; else it is for the pool. The view must not change
/// meanwhile.
class FetchReading {
public:
  struct Budget {
    std::size_t octets = 64 * 1024;          ///< of one piece, about
    std::chrono::microseconds time{50'000};  ///< of one piece, about
  };
  struct What {
    const std::vector<FetchItem>& items;  ///< borrowed
    Need need;                            ///< the greatest of the items
    const Enabled& enabled;               ///< borrowed
  };

  /// Everything is borrowed.
  FetchReading(const What& what, const View& view, NumberRanges numbers, store::Vault& vault, base::Clock& clock,
               Budget budget);
  ~FetchReading();

  /// Appends the next octets of the responses; true if more is to come. Throws std::system_error if a message that was
  /// begun cannot be read on: the client waits for octets that do not exist.
  bool next(std::string& out);

  /// Octets of a message have been given, and not yet all of them.
  bool is_within_message() const { return current_ != nullptr; }

  /// Messages whose flags the responses told although nobody asked: they changed meanwhile. Ascending.
  const std::vector<store::Uid>& told_flags() const { return told_flags_; }
  /// Messages left out because they were expunged, or because what is on disk is damaged.
  std::uint32_t gone() const { return gone_; }
  std::uint32_t damaged() const { return damaged_; }
  /// Messages left out because a part of theirs is in an encoding that nobody knows.
  std::uint32_t undecodable() const { return undecodable_; }

private:
  struct Current;

  bool begin_message();
  Status prepare(Current& current);
  bool can_decode(const Current& current) const;
  void write_on(std::string& out, std::size_t end);
  void write_label(std::string& out, const FetchItem& item);
  bool is_ready(const FetchItem& item);
  bool write_item(std::string& out, const FetchItem& item, std::size_t end);
  bool write_octets(std::string& out, const FetchItem& item, std::size_t end);
  bool write_decoded(std::string& out, const FetchItem& item, std::size_t end);
  void write_preview(std::string& out, const FetchItem& item);
  void write_fields(std::string& out, const Section& section, message::Range header);
  void write_untold(std::string& out);
  void finish_message(std::string& out);
  void count_failure(const boost::system::error_code& error);

  const What what_;
  const View& view_;
  const NumberRanges numbers_;
  store::Vault& vault_;
  base::Clock& clock_;
  const Budget budget_;

  std::size_t range_ = 0;
  std::uint32_t number_ = 0;  // the next; 0: at the beginning of the range
  std::unique_ptr<Current> current_;
  std::vector<store::Uid> told_flags_;
  std::uint32_t gone_ = 0;
  std::uint32_t damaged_ = 0;
  std::uint32_t undecodable_ = 0;
};

}  // namespace mailpod::imap

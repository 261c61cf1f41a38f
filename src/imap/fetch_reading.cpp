#include "fetch_reading.hpp"

#include <algorithm>
#include <system_error>

#include <mailpod/message/preview.hpp>

#include "binary_section.hpp"
#include "response.hpp"
#include "section_octets.hpp"

namespace mailpod::imap {
namespace {

void write_literal_size(std::string& out, std::uint64_t octets) {
  out += '{';
  write_number(out, octets);
  out += "}\r\n";
}

/// What PREVIEW (LAZY) may read of a message: it stands in a list that somebody waits for. RFC 8970 §4.1.
constexpr std::uint64_t lazy_preview_octets = 16 * 1024;

using Form = FetchItemRow::Form;

bool wants_record(const FetchItem& item) {
  return item.row->record == FetchItemRow::Record::wanted;
}

}  // namespace

struct FetchReading::Current {
  Current(store::SeqNum the_number, const store::MessageState& the_state) : number(the_number), state(the_state) {}

  store::SeqNum number;
  const store::MessageState& state;
  std::shared_ptr<const message::Structure> structure;
  std::unique_ptr<store::StoredMessage> stored;
  std::optional<store::Vault::Particulars> record;
  std::optional<BinarySection> binary;  ///< of the item that is being written
  bool measured = false;                ///< it is counted
  std::size_t item = 0;                 // being written
  std::uint64_t done = 0;               // octets of it
  bool label_written = false;
  bool begun = false;  // octets of it have left in an earlier piece
};

FetchReading::FetchReading(const What& what, const View& view, NumberRanges numbers, store::Vault& vault,
                           base::Clock& clock, Budget budget)
    : what_(what), view_(view), numbers_(std::move(numbers)), vault_(vault), clock_(clock), budget_(budget) {}

FetchReading::~FetchReading() = default;

bool FetchReading::next(std::string& out) {
  const auto end = out.size() + budget_.octets;
  const auto deadline = clock_.monotonic() + budget_.time;
  if (current_) current_->begun = current_->begun || current_->item > 0 || current_->label_written;
  auto start = out.size();  // of what this piece holds of the message; items that take several steps may stand before
  while (out.size() < end && clock_.monotonic() < deadline) {
    if (!current_) {
      start = out.size();
      if (!begin_message()) return false;
    }
    if (!current_) continue;  // it was left out
    try {
      write_on(out, end);
    } catch (const std::system_error& error) {
      // Not even why can be said within a literal: the client would take it for the message.
      if (current_->begun) throw std::system_error(std::make_error_code(std::errc::io_error), error.what());
      out.resize(start);
      count_failure(error.code());
      current_.reset();
    }
  }
  return true;
}

/// False if there are no more messages. Leaves current_ empty if this one cannot be shown.
bool FetchReading::begin_message() {
  if (range_ == numbers_.size()) return false;
  const auto& range = numbers_[range_];
  if (number_ == 0) number_ = range.first;
  const store::SeqNum number{number_};
  if (number_ == range.last) {
    ++range_;
    number_ = 0;
  } else {
    ++number_;
  }
  auto current = std::make_unique<Current>(number, view_.at(number));
  Status status;
  try {
    status = prepare(*current);
  } catch (const std::system_error& error) {
    status = boost::system::error_code(error.code());
  }
  if (status.has_error()) {
    count_failure(status.error());
  } else if (!can_decode(*current)) {
    ++undecodable_;
  } else {
    current_ = std::move(current);
  }
  return true;
}

/// Everything that can fail for this message alone, before its first octet is written.
Status FetchReading::prepare(Current& current) {
  if (what_.need == Need::state) return {};
  if (std::ranges::any_of(what_.items, wants_record)) {
    auto record = vault_.particulars(current.state);
    if (record.has_error()) return record.error();
    current.record = *record;
  }
  if (what_.need == Need::record) return {};
  auto structure = vault_.structure(current.state);
  if (structure.has_error()) return structure.error();
  current.structure = std::move(*structure);
  if (what_.need == Need::structure) return {};
  auto stored = vault_.open_message(current.state);
  if (stored.has_error()) return stored.error();
  current.stored = std::move(*stored);
  return {};
}

/// RFC 3516 §4.3: the request fails if it asks for what cannot be decoded.
bool FetchReading::can_decode(const Current& current) const {
  return std::ranges::all_of(what_.items, [&](const FetchItem& item) {
    const bool decodes = item.row->form == Form::decoded || item.row->form == Form::decoded_size;
    return !decodes || BinarySection::can_decode(*current.structure, item.section);
  });
}

/// Goes on with the current message until it is complete or `out` reaches `end`.
void FetchReading::write_on(std::string& out, std::size_t end) {
  auto& current = *current_;
  for (; current.item < what_.items.size(); ++current.item) {
    if (out.size() >= end) return;
    const auto& item = what_.items[current.item];
    if (!is_ready(item)) return;
    if (!current.label_written) write_label(out, item);
    if (!write_item(out, item, end)) return;
    current.done = 0;
    current.label_written = false;
    current.binary.reset();
    current.measured = false;
  }
  finish_message(out);
}

/// Whether the item can be begun: of what is decoded the size comes first. Else it is a step nearer.
bool FetchReading::is_ready(const FetchItem& item) {
  auto& current = *current_;
  const bool decodes = item.row->form == Form::decoded || item.row->form == Form::decoded_size;
  if (!decodes || current.measured) return true;
  if (message::part_for(*current.structure, item.section.part) == nullptr) return true;
  if (!current.binary) current.binary.emplace(*current.stored, *current.structure, item.section);
  current.measured = current.binary->measure();
  return current.measured;
}

/// The value of an item, from where it stopped; true when it is complete.
bool FetchReading::write_item(std::string& out, const FetchItem& item, std::size_t end) {
  auto& current = *current_;
  if (item.row->need != Need::octets) {
    const auto* record = current.record ? &*current.record : nullptr;
    const auto global = what_.enabled.imap4rev2 ? GlobalMessages::as_messages : GlobalMessages::as_basic;
    item.row->write(
        out, {current.state, view_.mailbox().keywords, current.structure.get(), record, vault_.member(), global});
    return true;
  }
  switch (item.row->form) {
    case Form::as_sent:
      return write_octets(out, item, end);
    case Form::decoded:
      return write_decoded(out, item, end);
    case Form::decoded_size:
      write_number(out, current.binary ? current.binary->size() : 0);
      return true;
    case Form::preview:
      write_preview(out, item);
      return true;
  }
  return true;
}

/// BINARY. What holds NUL is a literal8, all else a literal: so the client need not look. RFC 3516 §4.3.
bool FetchReading::write_decoded(std::string& out, const FetchItem&, std::size_t end) {
  auto& current = *current_;
  if (!current.binary) {
    out += "NIL";
    return true;
  }
  auto& binary = *current.binary;
  if (current.done == 0) {
    if (binary.has_nul()) out += '~';
    write_literal_size(out, binary.size());
  }
  while (current.done < binary.size() && out.size() < end) {
    const auto octets = binary.next();
    out += octets;
    current.done += octets.size();
  }
  return current.done == binary.size();
}

void FetchReading::write_preview(std::string& out, const FetchItem& item) {
  message::PreviewLimits limits;
  if (item.lazy) limits.octets = lazy_preview_octets;
  const auto preview = message::preview(*current_->stored, *current_->structure, limits);
  if (item.lazy && !preview.is_whole) {
    out += "NIL";
  } else {
    write_string(out, preview.text);
  }
}

void FetchReading::write_label(std::string& out, const FetchItem& item) {
  auto& current = *current_;
  if (current.item == 0) {
    write_fetch_begin(out, current.number, current.state.uid, what_.enabled);
  } else {
    out += ' ';
  }
  out += item.row->shown;
  if (item.row->name.ends_with('[')) write_section(out, item.section);
  out += ' ';
  current.label_written = true;
}

/// What a section names, from where it stopped; true when it is complete.
bool FetchReading::write_octets(std::string& out, const FetchItem& item, std::size_t end) {
  auto& current = *current_;
  const auto& section = item.section;
  auto range = message::range_for(*current.structure, section.part, section.text);
  if (!range) {
    out += "NIL";
    return true;
  }
  if (section.fields != Section::Fields::all) {
    write_fields(out, section, *range);
    return true;
  }
  if (section.partial) range = narrowed(*range, section.partial->first, section.partial->count);
  if (current.done == 0) write_literal_size(out, range->size());
  // What a piece can hold is read whole, so that a damaged message is noticed before anything of it is sent.
  const auto left = range->size() - current.done;
  const auto room = out.size() < end ? end - out.size() : 1;
  const auto count = left <= budget_.octets ? left : std::min<std::uint64_t>(left, room);
  const auto begin = range->begin + current.done;
  const auto octets = read_range(*current.stored, {begin, begin + count});
  if (octets.size() != count) throw std::system_error(std::make_error_code(std::errc::io_error), "message too short");
  out += octets;
  current.done += count;
  return current.done == range->size();
}

/// HEADER.FIELDS and HEADER.FIELDS.NOT.
void FetchReading::write_fields(std::string& out, const Section& section, message::Range header) {
  auto octets = read_wanted_fields(*current_->stored, header, section);
  if (section.partial) {
    const auto part = narrowed({0, octets.size()}, section.partial->first, section.partial->count);
    octets = octets.substr(static_cast<std::size_t>(part.begin), static_cast<std::size_t>(part.size()));
  }
  write_literal_size(out, octets.size());
  out += octets;
}

/// RFC 3501 §6.4.5: flags that the fetch itself changed SHOULD be part of its response. RFC 7162 §3.2.4: so must UID
/// and MODSEQ then be, of whoever follows them.
void FetchReading::write_untold(std::string& out) {
  const auto& state = current_->state;
  const auto asked = [&](std::string_view name) {
    return std::ranges::any_of(what_.items, [&](const FetchItem& item) { return item.row->name == name; });
  };
  const bool follows = what_.enabled.condstore;
  if (follows && !what_.enabled.uid_only && !asked("UID")) {
    out += " UID ";
    write_number(out, state.uid.value);
  }
  if (!asked("FLAGS")) {
    out += " FLAGS ";
    write_flags(out, state.flags, view_.mailbox().keywords);
  }
  if (follows && !asked("MODSEQ")) {
    out += " MODSEQ ";
    write_mod_seq(out, state.mod_seq);
  }
}

void FetchReading::finish_message(std::string& out) {
  const auto uid = current_->state.uid;
  if (view_.flags_untold(uid)) {
    write_untold(out);
    told_flags_.push_back(uid);
  }
  out += ")\r\n";
  current_.reset();
}

void FetchReading::count_failure(const boost::system::error_code& error) {
  if (error == store::Errc::gone) {
    ++gone_;
  } else if (error == store::Errc::closed) {
    throw std::system_error(error);
  } else {
    ++damaged_;
  }
}

}  // namespace mailpod::imap

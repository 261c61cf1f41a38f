#include <mailpod/queue/entry.hpp>

#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t most_recipients = 10'000;

// Stored: never renumber.
enum class Tag : std::uint8_t {
  submitter = 1,
  marks = 2,
  reverse_path = 3,
  envelope_id = 4,
  return_content = 5,
  body = 6,
  priority = 7,
  pinned_route = 8,
  recipient = 9,
};

// Stored: never renumber.
constexpr std::uint8_t mark_sender_authenticated = 1, mark_require_tls = 2, mark_smtp_utf8 = 4;
constexpr std::uint8_t mark_held = 8, mark_delay_told = 16, mark_passed_on = 32, mark_braked = 64;
constexpr std::uint8_t mark_tls_optional = 128;
constexpr std::uint8_t all_marks = 255;
// Of a recipient, in the octet of its state.
constexpr std::uint8_t mark_told = 16;

std::uint64_t micros_or_zero(const std::optional<base::Time>& time) {
  return time ? base::to_micros(*time) : 0;
}

std::optional<base::Time> time_unless_zero(std::uint64_t micros) {
  if (micros == 0) return std::nullopt;
  return base::from_micros(micros);
}

std::string octet(std::uint8_t value) {
  return std::string(1, static_cast<char>(value));
}

std::string encode(const Recipient& recipient) {
  base::Encoder out;
  const int state = static_cast<int>(recipient.state) | (recipient.told ? mark_told : 0);
  out.u8(static_cast<std::uint8_t>(state)).u8(recipient.notify).u32(recipient.attempts);
  out.u64(micros_or_zero(recipient.last_attempt));
  out.var(recipient.address).var(recipient.original_recipient).var(recipient.last_reply).var(recipient.last_host);
  return out.take();
}

bool decode_into(std::string_view octets, Recipient& recipient) {
  base::Decoder in(octets);
  const std::uint8_t marked = in.u8();
  const auto state = static_cast<std::uint8_t>(marked & ~mark_told);
  recipient.state = static_cast<RecipientState>(state);
  recipient.told = state != marked;
  recipient.notify = in.u8();
  recipient.attempts = in.u32();
  recipient.last_attempt = time_unless_zero(in.u64());
  recipient.address = in.var();
  recipient.original_recipient = in.var();
  recipient.last_reply = in.var();
  recipient.last_host = in.var();
  return in.ok() && in.at_end() && state <= static_cast<std::uint8_t>(RecipientState::expanded);
}

bool take_octet(std::string_view value, std::uint8_t highest, std::uint8_t& into) {
  if (value.size() != 1 || static_cast<std::uint8_t>(value[0]) > highest) return false;
  into = static_cast<std::uint8_t>(value[0]);
  return true;
}

bool take_marks(std::string_view value, Entry& entry) {
  std::uint8_t marks = 0;
  if (!take_octet(value, all_marks, marks)) return false;
  entry.sender_authenticated = (marks & mark_sender_authenticated) != 0;
  entry.require_tls = (marks & mark_require_tls) != 0;
  entry.smtp_utf8 = (marks & mark_smtp_utf8) != 0;
  entry.held = (marks & mark_held) != 0;
  entry.delay_told = (marks & mark_delay_told) != 0;
  entry.passed_on = (marks & mark_passed_on) != 0;
  entry.braked = (marks & mark_braked) != 0;
  entry.tls_optional = (marks & mark_tls_optional) != 0;
  return true;
}

bool take_submitter(std::string_view value, Entry& entry) {
  const auto id = base::byte_array<16>(value);
  if (id) entry.submitter = MemberId{*id};
  return id.has_value();
}

bool take_field(Tag tag, std::string_view value, Entry& entry) {
  std::uint8_t number = 0;
  switch (tag) {
    case Tag::submitter:
      return take_submitter(value, entry);
    case Tag::marks:
      return take_marks(value, entry);
    case Tag::reverse_path:
      entry.reverse_path = value;
      return true;
    case Tag::envelope_id:
      entry.envelope_id = value;
      return true;
    case Tag::return_content:
      if (!take_octet(value, static_cast<std::uint8_t>(Return::headers), number)) return false;
      entry.return_content = static_cast<Return>(number);
      return true;
    case Tag::body:
      if (!take_octet(value, static_cast<std::uint8_t>(Body::binary), number)) return false;
      entry.body = static_cast<Body>(number);
      return true;
    case Tag::priority:
      if (!take_octet(value, UINT8_MAX, number)) return false;
      entry.priority = static_cast<std::int8_t>(number);
      return entry.priority >= -9 && entry.priority <= 9;
    case Tag::pinned_route:
      entry.pinned_route = value;
      return true;
    case Tag::recipient:
      return entry.recipients.size() < most_recipients && decode_into(value, entry.recipients.emplace_back());
  }
  return false;
}

}  // namespace

std::optional<EntryId> EntryId::parse(std::string_view digits) {
  const auto octets = base::unhex(digits);
  if (!octets || base::hex(*octets) != digits) return std::nullopt;
  const auto bytes = base::byte_array<16>(*octets);
  if (!bytes) return std::nullopt;
  return EntryId{*bytes};
}

void try_at_once(Entry& entry, base::Time now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  entry.next_try = second == entry.next_try ? second - std::chrono::seconds(1) : second;
}

std::string encode(const Entry& entry) {
  base::Encoder out;
  const auto field = [&](Tag tag, std::string_view value) { out.field(static_cast<std::uint8_t>(tag), value); };
  out.u8(version).u64(base::to_micros(entry.arrival)).u64(micros_or_zero(entry.expires));
  out.u64(entry.size).fixed(entry.message_key).fixed(entry.message_hash);

  if (entry.submitter) field(Tag::submitter, base::octets(entry.submitter->bytes));
  const int marks = (entry.sender_authenticated ? mark_sender_authenticated : 0) |
                    (entry.require_tls ? mark_require_tls : 0) | (entry.smtp_utf8 ? mark_smtp_utf8 : 0) |
                    (entry.held ? mark_held : 0) | (entry.delay_told ? mark_delay_told : 0) |
                    (entry.passed_on ? mark_passed_on : 0) | (entry.braked ? mark_braked : 0) |
                    (entry.tls_optional ? mark_tls_optional : 0);
  field(Tag::marks, octet(static_cast<std::uint8_t>(marks)));
  field(Tag::reverse_path, entry.reverse_path);
  field(Tag::envelope_id, entry.envelope_id);
  field(Tag::return_content, octet(static_cast<std::uint8_t>(entry.return_content)));
  field(Tag::body, octet(static_cast<std::uint8_t>(entry.body)));
  field(Tag::priority, octet(static_cast<std::uint8_t>(entry.priority)));
  field(Tag::pinned_route, entry.pinned_route);
  for (const Recipient& recipient : entry.recipients) field(Tag::recipient, encode(recipient));
  return out.take();
}

Result<Entry> decode(std::string_view octets) {
  base::Decoder in(octets);
  if (in.u8() != version) return octets.empty() ? Errc::damaged : Errc::unknown_version;
  Entry entry;
  entry.arrival = base::from_micros(in.u64());
  entry.expires = time_unless_zero(in.u64());
  entry.size = in.u64();
  entry.message_key = in.fixed<32>();
  entry.message_hash = in.fixed<32>();
  while (const auto field = in.field()) {
    if (!take_field(static_cast<Tag>(field->tag), field->value, entry)) return Errc::damaged;
  }
  if (!in.ok()) return Errc::damaged;
  return entry;
}

}  // namespace mailpod::queue

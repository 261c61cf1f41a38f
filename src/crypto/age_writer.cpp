#include <algorithm>
#include <stdexcept>

#include <mailpod/crypto/age.hpp>

#include "age_cipher.hpp"
#include "base64.hpp"

namespace mailpod::crypto {

namespace {

constexpr std::size_t most_recipients = 32;

std::string stanza_for(const AgeRecipient& recipient, const AgeFileKey& file_key, base::Entropy& entropy) {
  AgeSecret ephemeral;
  entropy.fill(ephemeral.octets());
  const auto share = x25519_point(ephemeral.octets().data());
  AgeSecret shared;
  if (!x25519(shared.octets(), ephemeral.octets().data(), recipient.point)) {
    throw std::invalid_argument("an age recipient of low order");
  }
  AgeSecret wrap_key;
  derive_wrap_key(wrap_key, shared, share, recipient);
  const auto wrapped = wrap_file_key(wrap_key, file_key);
  // 32 octets are 43 characters: one short line, which also ends the body.
  return "-> X25519 " + write_base64(base::octets(share), Padding::none) + "\n" +
         write_base64(base::octets(wrapped), Padding::none) + "\n";
}

}  // namespace

std::uint64_t age_payload_size(std::uint64_t plain_size) {
  const auto chunks = plain_size == 0 ? 1 : (plain_size + age_chunk - 1) / age_chunk;
  return age_payload_nonce + plain_size + chunks * age_tag;
}

struct AgeWriter::State {
  explicit State(Sink into) : sink(std::move(into)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    wipe(file_key);
    wipe(held);
  }

  void put(std::string_view octets) {
    sink(octets);
    written += octets.size();
  }
  void put_chunk(std::string_view plaintext, AgeChunk kind) {
    sealed.resize(plaintext.size() + age_tag);
    seal_chunk(sealed.data(), payload_key, next_chunk++, kind, plaintext);
    put(sealed);
  }

  Sink sink;
  AgeFileKey file_key{};
  AgeSecret payload_key;
  std::uint64_t payload_offset = 0;
  std::uint64_t written = 0;
  std::uint64_t next_chunk = 0;
  std::string held;  // plaintext of the chunk in the making: whether it is the last one is known only later
  std::string sealed;
  bool finished = false;
};

AgeWriter::AgeWriter(base::Entropy& entropy, std::span<const AgeRecipient> recipients, Sink sink)
    : state_(std::make_unique<State>(std::move(sink))) {
  if (recipients.empty() || recipients.size() > most_recipients) {
    throw std::invalid_argument("an age file has 1 to 32 recipients");
  }
  entropy.fill(state_->file_key);
  auto header = std::string(age_version_line) + "\n";
  for (const auto& recipient : recipients) header += stanza_for(recipient, state_->file_key, entropy);
  header += "---";
  header += " " + write_base64(base::octets(header_mac(state_->file_key, header)), Padding::none) + "\n";
  state_->payload_offset = header.size();

  const auto nonce = entropy.bytes<age_payload_nonce>();
  derive_payload_key(state_->payload_key, state_->file_key, base::octets(nonce));
  state_->put(header.append(base::octets(nonce)));
}

AgeWriter::~AgeWriter() = default;

void AgeWriter::write(std::string_view plaintext) {
  if (state_->finished) throw std::logic_error("write after finish");
  auto& held = state_->held;
  while (!plaintext.empty()) {
    if (held.size() == age_chunk) {
      state_->put_chunk(held, AgeChunk::more);
      held.clear();
    }
    if (held.empty() && plaintext.size() > age_chunk) {
      state_->put_chunk(plaintext.substr(0, age_chunk), AgeChunk::more);
      plaintext.remove_prefix(age_chunk);
      continue;
    }
    const auto taken = plaintext.substr(0, age_chunk - held.size());
    held.append(taken);
    plaintext.remove_prefix(taken.size());
  }
}

void AgeWriter::finish() {
  if (state_->finished) throw std::logic_error("an age file ends once");
  state_->put_chunk(state_->held, AgeChunk::last);
  state_->finished = true;
  wipe(state_->held);
}

const AgeFileKey& AgeWriter::file_key() const {
  return state_->file_key;
}
std::uint64_t AgeWriter::payload_offset() const {
  return state_->payload_offset;
}
std::uint64_t AgeWriter::written() const {
  return state_->written;
}

}  // namespace mailpod::crypto

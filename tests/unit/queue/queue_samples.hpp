#pragma once

#include <mailpod/queue/spool.hpp>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::queue {

/// Uses every field of the format. tests/formats/queue-entry-1.bin is its encoding, made by version 1 and never made
/// again.
inline Entry full_entry() {
  Entry entry;
  for (std::size_t i = 0; i < 16; ++i) entry.id.bytes[i] = static_cast<unsigned char>(0xe0 + i);
  entry.arrival = base::from_micros(1'767'225'600'123'456);
  entry.next_try = base::from_seconds(1'767'226'500);
  entry.expires = base::from_seconds(1'767'657'600);
  MemberId submitter;
  submitter.bytes.fill(0x5a);
  entry.submitter = submitter;
  entry.sender_authenticated = true;
  entry.reverse_path = "alice@pod.lab";
  entry.envelope_id = "QQ314159";
  entry.return_content = Return::headers;
  entry.body = Body::eight_bit;
  entry.require_tls = true;
  entry.smtp_utf8 = true;
  entry.priority = -4;
  entry.pinned_route = "mx.partner.example";
  Recipient failing;
  failing.address = "friend@partner.example";
  failing.original_recipient = "rfc822;friend@partner.example";
  failing.notify = Notify::failure | Notify::delay;
  failing.attempts = 3;
  failing.last_attempt = base::from_seconds(1'767'226'000);
  failing.last_reply = "451 4.7.1 greylisted\nsecond line";
  failing.last_host = "mx.partner.example";
  Recipient done;
  done.address = "other@partner.example";
  done.state = RecipientState::delivered;
  done.attempts = 1;
  entry.recipients = {failing, done};
  entry.size = 70'000;
  entry.message_key.fill(0x11);
  entry.message_hash.fill(0x22);
  return entry;
}

/// A queue on a simulated disk.
struct QueueWorld {
  explicit QueueWorld(std::uint64_t seed = 1)
      : entropy(seed), server_key(crypto::Key::copy_of(arena, std::string(32, 'k'))) {}

  Spool::Ports ports(base::Disk& on) { return {on, entropy, base::silent_log(), arena, server_key}; }
  std::unique_ptr<Spool> open(base::Disk& on) { return std::make_unique<Spool>(ports(on), "/queue"); }

  simulation::Entropy entropy;
  crypto::KeyArena arena;
  crypto::Key server_key;
};

/// Octets that no seal could hide by chance.
inline std::string message_of(std::size_t size) {
  std::string octets = "Subject: canary-in-the-queue\r\n\r\n";
  while (octets.size() < size) octets += static_cast<char>('a' + octets.size() % 26);
  octets.resize(size);
  return octets;
}

inline std::string read_all(const base::OctetSource& source) {
  std::string octets(static_cast<std::size_t>(source.size()), '\0');
  octets.resize(source.read_at(0, octets));
  return octets;
}

}  // namespace mailpod::queue

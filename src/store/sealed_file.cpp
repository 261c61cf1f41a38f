#include "sealed_file.hpp"

#include <algorithm>

#include <mailpod/crypto/padme.hpp>
#include <mailpod/store/error.hpp>

namespace mailpod::store {
namespace {

constexpr std::size_t piece = 64 * 1024;
constexpr std::size_t length_size = 4;

/// Calls `each` with pieces of [begin, end); what `source` cannot give ends it early.
template <class Source, class Each>
bool for_each_piece(const Source& source, std::uint64_t begin, std::uint64_t end, Each&& each) {
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(piece, end - begin)), '\0');
  while (begin < end) {
    const std::span<char> into(buffer.data(),
                               static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - begin)));
    const std::size_t got = source(begin, into);
    if (got == 0) return false;
    each(std::string_view(buffer).substr(0, got));
    begin += got;
  }
  return true;
}

}  // namespace

SealedFile write_sealed_file(base::File& file, const base::OctetSource& mail, const Sealing& sealing) {
  SealedFile sealed;
  crypto::Sha256 sealed_hash;
  crypto::Sha256 mail_hash;
  crypto::AgeWriter writer(sealing.entropy, sealing.recipients, [&](std::string_view octets) {
    file.write_at(sealed.size, octets);
    sealed_hash.update(octets);
    sealed.size += octets.size();
  });
  sealed.key = writer.file_key();
  sealed.payload_offset = writer.payload_offset();

  const auto read = [&](std::uint64_t offset, std::span<char> into) { return mail.read_at(offset, into); };
  const bool complete = for_each_piece(read, 0, mail.size(), [&](std::string_view octets) {
    mail_hash.update(octets);
    if (sealing.watch) sealing.watch(octets);
    writer.write(octets);
  });
  if (!complete) throw std::system_error(EIO, std::generic_category(), "a message ended early");

  sealed.record = sealing.record(mail_hash.finish());
  const std::uint64_t content = mail.size() + sealed.record.size() + length_size;
  std::uint64_t left = crypto::padme(content) - content;
  const std::string zeros(static_cast<std::size_t>(std::min<std::uint64_t>(piece, left)), '\0');
  while (left > 0) {
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left, zeros.size()));
    writer.write(std::string_view(zeros).substr(0, some));
    left -= some;
  }
  writer.write(sealed.record);
  writer.write(base::Encoder().u32(static_cast<std::uint32_t>(sealed.record.size())).str());
  writer.finish();
  sealed.hash = sealed_hash.finish();
  return sealed;
}

Result<Unlocked> unlock(const base::OctetSource& file, const std::vector<crypto::AgeIdentity>& drop_keys) {
  const auto header = crypto::parse_age_header(file, {max_recipients, max_age_header});
  if (!header) return make_error_code(Errc::damaged);
  for (const auto& identity : drop_keys) {
    const auto key = crypto::unwrap(*header, identity);
    if (key) return Unlocked{*key, header->payload_offset};
  }
  return make_error_code(Errc::damaged);
}

Result<std::string> read_sealed_record(const base::OctetSource& file, const Unlocked& unlocked) {
  const auto payload = crypto::AgePayload::open(file, unlocked.key, unlocked.payload_offset);
  if (!payload || !payload->check_end() || payload->size() < length_size) return make_error_code(Errc::damaged);
  std::string length_octets(length_size, '\0');
  const std::uint64_t end = payload->size() - length_size;
  const auto got = payload->read_at(end, length_octets);
  if (!got || *got != length_size) return make_error_code(Errc::damaged);
  const std::uint32_t length = base::Decoder(length_octets).u32();
  if (length > end || length > max_sealed_record) return make_error_code(Errc::damaged);
  std::string record(length, '\0');
  std::size_t done = 0;
  while (done < length) {
    const auto more = payload->read_at(end - length + done, std::span(record).subspan(done));
    if (!more || *more == 0) return make_error_code(Errc::damaged);
    done += *more;
  }
  return record;
}

Status verify_mail(const base::OctetSource& file, const Unlocked& unlocked, const SealedRecord& record) {
  const auto payload = crypto::AgePayload::open(file, unlocked.key, unlocked.payload_offset);
  if (!payload || !payload->check_end()) return make_error_code(Errc::damaged);
  const auto encoded = read_sealed_record(file, unlocked);
  if (!encoded) return encoded.error();
  const std::uint64_t tail = encoded->size() + length_size;
  const bool fits = record.size <= payload->size() && tail <= payload->size() - record.size;
  if (!fits || crypto::padme(record.size + tail) != payload->size()) return make_error_code(Errc::damaged);

  const auto read = [&](std::uint64_t offset, std::span<char> into) -> std::size_t {
    const auto got = payload->read_at(offset, into);
    return got ? *got : 0;
  };
  crypto::Sha256 hash;
  if (!for_each_piece(read, 0, record.size, [&](std::string_view octets) { hash.update(octets); }) ||
      hash.finish() != record.mail_hash) {
    return make_error_code(Errc::damaged);
  }
  bool zeros = true;
  const bool padded = for_each_piece(read, record.size, payload->size() - tail, [&](std::string_view octets) {
    zeros = zeros && octets.find_first_not_of('\0') == std::string_view::npos;
  });
  if (!padded || !zeros) return make_error_code(Errc::damaged);
  return {};
}

crypto::Digest hash_of(const base::OctetSource& octets) {
  crypto::Sha256 hash;
  const auto read = [&](std::uint64_t offset, std::span<char> into) { return octets.read_at(offset, into); };
  for_each_piece(read, 0, octets.size(), [&](std::string_view some) { hash.update(some); });
  return hash.finish();
}

}  // namespace mailpod::store

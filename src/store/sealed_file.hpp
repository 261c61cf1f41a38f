#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/crypto/digest.hpp>

#include "sealed_record.hpp"

/// A sealed message: an age file whose plaintext is the mail · Padmé zeros · its record · u32 length of the record.
/// docs/storage-format.md, "sealed message". Frozen.
namespace mailpod::store {

/// Member's drop key and archive recipient: no honest file has more stanzas.
inline constexpr std::size_t max_recipients = 2;
/// Octets; two stanzas take less than 400.
inline constexpr std::size_t max_age_header = 4096;

/// What is known of a sealed file once it is written.
struct SealedFile {
  crypto::AgeFileKey key{};
  crypto::Digest hash{};  ///< of the sealed octets
  std::uint64_t size = 0;
  std::uint64_t payload_offset = 0;
  std::string record;  ///< as it was sealed
};

/// How a file is to be sealed.
struct Sealing {
  base::Entropy& entropy;
  std::span<const crypto::AgeRecipient> recipients;
  /// Sees the mail pass by, piece by piece.
  std::function<void(std::string_view)> watch;
  /// Answers the encoded record, once the mail's hash is known.
  std::function<std::string(const crypto::Digest& mail_hash)> record;
};

/// Writes `mail` into the empty `file`; the caller syncs it.
SealedFile write_sealed_file(base::File& file, const base::OctetSource& mail, const Sealing& sealing);

/// A file as octets to read; owns it.
class FileSource final : public base::OctetSource {
public:
  explicit FileSource(std::unique_ptr<base::File> file) : file_(std::move(file)), size_(file_->size()) {}
  std::uint64_t size() const override { return size_; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    return file_->read_at(offset, into);
  }

private:
  std::unique_ptr<base::File> file_;
  std::uint64_t size_;
};

/// The key of a sealed file, by one of the member's drop keys.
struct Unlocked {
  crypto::AgeFileKey key{};
  std::uint64_t payload_offset = 0;
};
/// Errors: damaged (no age file, too many recipients, for none of these keys, changed).
Result<Unlocked> unlock(const base::OctetSource& file, const std::vector<crypto::AgeIdentity>& drop_keys);

/// The encoded record, read from the file's end; nothing of the mail is looked at. Errors: damaged.
Result<std::string> read_sealed_record(const base::OctetSource& file, const Unlocked& unlocked);

/// Reads the whole file against its record: the mail's hash, the padding, the size. Errors: damaged.
Status verify_mail(const base::OctetSource& file, const Unlocked& unlocked, const SealedRecord& record);

/// SHA-256 of all octets.
crypto::Digest hash_of(const base::OctetSource& octets);

}  // namespace mailpod::store

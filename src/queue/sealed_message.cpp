#include "sealed_message.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/padme.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

namespace {

constexpr std::string_view label = "mailpod/v1/queue-message";
constexpr std::uint64_t sealed_chunk_size = chunk_size + crypto::tag_size;

/// Where things lie in a message file; an empty message has one empty chunk.
struct Layout {
  explicit Layout(std::uint64_t message_size) : padded(crypto::padme(message_size)) {}
  std::uint64_t chunks() const { return padded == 0 ? 1 : (padded + chunk_size - 1) / chunk_size; }
  std::uint64_t file_size() const { return padded + chunks() * crypto::tag_size; }
  std::uint64_t plain_size(std::uint64_t chunk) const { return std::min(chunk_size, padded - chunk * chunk_size); }
  std::uint64_t padded;
};

crypto::Nonce nonce_for(std::uint64_t chunk, const Layout& layout) {
  base::Encoder out;
  out.fixed(std::string(15, '\0')).u64(chunk).u8(chunk + 1 == layout.chunks() ? 1 : 0);
  return *base::byte_array<crypto::nonce_size>(out.str());
}

std::string associated_data(const EntryId& id, std::uint64_t message_size) {
  base::Encoder out;
  out.var(label).fixed(id.bytes).u64(message_size);
  return out.take();
}

class SealedMessage final : public base::OctetSource {
public:
  SealedMessage(std::unique_ptr<base::File> file, const Entry& entry, crypto::Key key)
      : file_(std::move(file)),
        size_(entry.size),
        layout_(entry.size),
        associated_(associated_data(entry.id, entry.size)),
        key_(std::move(key)) {}

  std::uint64_t size() const override { return size_; }

  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size() && offset + done < size_) {
      const std::uint64_t at = offset + done;
      const std::string& plain = chunk(at / chunk_size);
      const std::uint64_t left = std::min<std::uint64_t>(size_ - at, into.size() - done);
      done += std::string_view(plain).substr(at % chunk_size, left).copy(into.data() + done, into.size() - done);
    }
    return done;
  }

private:
  const std::string& chunk(std::uint64_t number) const {
    if (number == opened_) return plain_;
    std::string sealed(static_cast<std::size_t>(layout_.plain_size(number) + crypto::tag_size), '\0');
    const std::size_t count = file_->read_at(number * sealed_chunk_size, sealed);
    auto plain = crypto::open(key_, nonce_for(number, layout_), associated_, std::string_view(sealed).substr(0, count));
    if (!plain) throw std::system_error(EIO, std::system_category(), "a queued message is damaged");
    plain_ = std::move(*plain);
    opened_ = number;
    return plain_;
  }

  std::unique_ptr<base::File> file_;
  std::uint64_t size_;
  Layout layout_;
  std::string associated_;
  crypto::Key key_;
  mutable std::uint64_t opened_ = UINT64_MAX;
  mutable std::string plain_;
};

}  // namespace

base::ByteArray<32> write_sealed_message(base::Disk& disk, const std::string& path, const EntryId& id,
                                         const crypto::Key& key, const base::OctetSource& message) {
  const Layout layout(message.size());
  const std::string associated = associated_data(id, message.size());
  const auto file = disk.open(path, base::Disk::Open::create_new);
  crypto::Sha256 hash;
  std::string plain;
  for (std::uint64_t chunk = 0; chunk < layout.chunks(); ++chunk) {
    plain.assign(static_cast<std::size_t>(layout.plain_size(chunk)), '\0');
    const std::size_t count = message.read_at(chunk * chunk_size, plain);
    hash.update(std::string_view(plain).substr(0, count));
    file->write_at(chunk * sealed_chunk_size, crypto::seal(key, nonce_for(chunk, layout), associated, plain));
  }
  file->sync();
  return hash.finish();
}

Result<std::unique_ptr<base::OctetSource>> open_sealed_message(base::Disk& disk, const std::string& path,
                                                               const Entry& entry, crypto::Key key) {
  const auto found = disk.status(path);
  if (!found) return Errc::no_such_entry;
  auto file = disk.open(path, base::Disk::Open::read);
  if (file->size() != Layout(entry.size).file_size()) return Errc::damaged;
  return std::unique_ptr<base::OctetSource>(std::make_unique<SealedMessage>(std::move(file), entry, std::move(key)));
}

}  // namespace mailpod::queue

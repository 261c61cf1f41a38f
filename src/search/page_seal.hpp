#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::search {

/// Names a database; part of its file's name, of its key and of what its pages are bound to.
using DatabaseId = base::ByteArray<16>;

/// How a page of a database lies on the disk: `ciphertext 4056 | tag 16 | nonce 24`, bound to the database and to its
/// place in it. docs/storage-format.md, "search". SQLite leaves the last 40 octets of each page free for this.
class PageSeal {
public:
  static constexpr std::size_t page_octets = 4'096;
  static constexpr std::size_t reserved_octets = 40;
  static constexpr std::size_t text_octets = page_octets - reserved_octets;

  /// `root` is the vault's search key; the database's own is derived from it. Entropy is borrowed.
  PageSeal(const crypto::VaultKey& root, const DatabaseId& database, base::Entropy& entropy);

  /// Pages are counted from 0. `into` may be where `page` is.
  void seal(std::uint64_t number, std::span<const char, page_octets> page, std::span<char, page_octets> into) const;
  /// In place; the reserved octets become zeros. False, and a page of zeros, if it is not this page of this database.
  bool open(std::uint64_t number, std::span<char, page_octets> page) const;

private:
  std::string bound_to(std::uint64_t number) const;

  DatabaseId database_;
  crypto::Key key_;
  base::Entropy& entropy_;
};

}  // namespace mailpod::search

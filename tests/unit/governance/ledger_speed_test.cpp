// How fast the ledger is, on this machine's own disk. With MAILPOD_LEDGER_LEAVES=1000000 at the size that is promised;
// otherwise small, so that it goes on working.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>

#include "ledger_household.hpp"

namespace mailpod::governance {
namespace {

namespace fs = std::filesystem;

std::uint64_t wanted_leaves() {
  const char* wish = std::getenv("MAILPOD_LEDGER_LEAVES");
  return wish != nullptr ? std::strtoull(wish, nullptr, 10) : 3'000;
}

/// As long as an act with two signatures.
std::string entry_like(std::uint64_t i) {
  return base::Encoder().u64(i).fixed(std::string(1100, 'x')).take();
}

class LedgerSpeed : public testing::Test {
protected:
  LedgerSpeed() : folder(fs::temp_directory_path() / ("mailpod-ledger-" + std::to_string(::getpid()))) {
    fs::create_directories(folder / "governance");
  }
  ~LedgerSpeed() override { fs::remove_all(folder); }
  template <class F>
  static double seconds(const F& what) {
    const auto began = std::chrono::steady_clock::now();
    what();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }

  fs::path folder;
  std::unique_ptr<base::Disk> disk = base::make_linux_disk();
  simulation::Entropy entropy{5};
  crypto::KeyArena arena;
  crypto::SigningKey key = crypto::SigningKey::random(arena, entropy);
};

TEST_F(LedgerSpeed, OfAppendingProvingAndVerifying) {
  constexpr std::uint64_t batch = 10'000;
  const std::uint64_t leaves = wanted_leaves();
  const std::string place = (folder / "governance/ledger").string();
  const Hash first = leaf_hash(entry_like(0));
  const Record record{{&first, 1}, entry_like, {}};
  auto ledger = Ledger::open({*disk, place, "pod.lab", key}, record).value();
  double appending = 0;
  while (ledger->size() < leaves) {
    std::vector<std::string> entries;
    for (std::uint64_t i = ledger->size(); i < leaves && entries.size() < batch; ++i) entries.push_back(entry_like(i));
    appending += seconds([&] { ledger->append(entries); });
  }
  std::mt19937_64 random(1);
  constexpr int proofs = 1000;
  const double proving = seconds([&] {
    for (int i = 0; i < proofs; ++i) ASSERT_TRUE(ledger->prove(random() % leaves));
  });
  const double proving_from_files = seconds([&] {
    for (int i = 0; i < proofs; ++i) {
      const TileFolder tiles(*disk, place, leaves);
      const auto index = random() % leaves;
      const auto proof = inclusion_proof(tiles, index, leaves);
      ASSERT_EQ(root_by_inclusion(leaf_hash(entry_like(index)), index, leaves, proof), ledger->head().root);
    }
  });
  LedgerReport report;
  const auto processor = std::clock();
  const double verifying = seconds([&] { report = examine_ledger(*disk, place, {}); });
  const double verifying_on_processor = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
  // Its entries are none, and that is all there is to say against it.
  EXPECT_EQ(report.faults.size(), 2u);
  EXPECT_EQ(report.faults[0].code, Errc::record_damaged);
  EXPECT_EQ(report.faults[1].code, Errc::note_unsigned);
  std::printf(
      "%llu leaves: %.0f leaves/s appended; a proof %.3f ms, from files %.3f ms; the whole verified in %.2f s, %.2f s "
      "of "
      "the processor\n",
      static_cast<unsigned long long>(leaves), static_cast<double>(leaves) / appending, proving, proving_from_files,
      verifying, verifying_on_processor);
}

}  // namespace
}  // namespace mailpod::governance

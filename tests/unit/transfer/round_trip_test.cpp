// What writers write, readers read: octets, dates, flags and names.

#include <map>

#include <gmock/gmock.h>

#include <mailpod/transfer/reader.hpp>
#include <mailpod/transfer/writer.hpp>
#include <simulation/entropy.hpp>

#include "scratch.hpp"

namespace mailpod::transfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

struct Mail {
  std::string octets;
  std::uint64_t seconds = 0;
  FlagWords flags;
  friend bool operator==(const Mail&, const Mail&) = default;
};

Mail mail(std::string octets, std::uint64_t seconds, FlagWords flags = {}) {
  std::ranges::sort(flags);
  return {std::move(octets), seconds, std::move(flags)};
}

class RoundTrip : public Scratch {
protected:
  using Box = std::pair<MailboxToWrite, std::vector<Mail>>;

  static MessageToWrite message_of(const MailboxToWrite& mailbox, const Mail& one, std::uint32_t uid) {
    return {{base::from_seconds(one.seconds), one.flags}, {mailbox.uid_validity, uid}, one.octets.size()};
  }

  static void give(Writer& writer, const MessageToWrite& message, const std::string& octets) {
    do {
      writer.begin_message(message);
      for (std::size_t at = 0; at < octets.size(); at += 5) writer.write(std::string_view(octets).substr(at, 5));
    } while (!writer.end_message());
  }

  /// How many were written; `stop_after` so many, as a process that is killed.
  static std::size_t write(Writer& writer, const std::vector<Box>& boxes, std::size_t stop_after = 1000) {
    std::vector<MailboxToWrite> all;
    for (const auto& box : boxes) all.push_back(box.first);
    writer.begin(all);
    std::size_t written = 0;
    for (const auto& [mailbox, messages] : boxes) {
      if (!writer.open_mailbox(mailbox)) continue;
      for (std::uint32_t i = 0; i < messages.size(); ++i) {
        const auto message = message_of(mailbox, messages[i], i + 1);
        if (writer.has(message)) continue;
        if (written == stop_after) {
          writer.begin_message(message);
          writer.write("half");
          return written;
        }
        give(writer, message, messages[i].octets);
        writer.settle();
        ++written;
      }
      writer.close_mailbox();
    }
    writer.end();
    return written;
  }

  static std::map<std::string, std::vector<Mail>> read(Reader& reader) {
    std::map<std::string, std::vector<Mail>> all;
    for (std::size_t i = 0; i < reader.mailboxes().size(); ++i) {
      auto& box = all[reader.mailboxes()[i].name + "|" + reader.mailboxes()[i].use];
      for (const auto& other : reader.open(i)) ADD_FAILURE() << other.place << other.trouble;
      for (;;) {
        std::string octets;
        const auto found = reader.next([&](std::string_view piece) { octets.append(piece); });
        if (!found) break;
        EXPECT_EQ(found->trouble, "");
        std::string again;
        reader.again([&](std::string_view piece) { again.append(piece); });
        EXPECT_EQ(again, octets);
        box.push_back(mail(octets, base::to_seconds(found->label.date), found->label.flags));
      }
    }
    return all;
  }

  static std::vector<Box> boxes(const std::vector<Mail>& inbox) {
    std::vector<std::string> many;
    for (int i = 0; i < 27; ++i) many.push_back("k" + std::to_string(i));
    return {{{"INBOX", "", true, 5, {"Blue", "$Forwarded"}}, inbox},
            {{"Größe/a.b", "", true, 6, many}, {mail("Subject: b\r\n\r\nb\r\n", 1'600'000'002, {"k0", "k25", "k26"})}},
            {{"Gesendet", "sent", false, 7, {}}, {}},
            {{std::string(300, 'x'), "", true, 8, {}}, {mail("Subject: long\r\n\r\n", 1'600'000'003)}}};
  }
  static std::map<std::string, std::vector<Mail>> expected(const std::vector<Box>& boxes) {
    std::map<std::string, std::vector<Mail>> all;
    for (const auto& [mailbox, messages] : boxes) all[mailbox.name + "|" + mailbox.use] = messages;
    return all;
  }
};

const std::vector<Mail> plain{
    mail("Subject: one\r\n\r\nFrom here\r\n", 1'600'000'000, {"\\Seen", "\\Answered", "Blue"}),
    mail("Subject: two\r\nStatus: mine\r\n\r\n>From\r\n\r\n", 1'600'000'001, {"\\Deleted", "\\Draft", "$Forwarded"}),
    mail("Subject: three\r\n\r\n" + std::string(100'000, 'x') + "\r\n", 1'600'000'002, {"\\Flagged"})};

TEST_F(RoundTrip, Maildir) {
  auto inbox = plain;
  inbox.push_back(mail("Subject: bare\r\n\r\na\nb\r\n", 1'600'000'005));
  inbox.push_back(mail("Subject: bare\n\na\nb", 1'600'000'006));
  inbox.push_back(mail("Subject: no end\r\n\r\na\r\r\nb", 1'600'000'007));
  const auto all = boxes(inbox);
  write(*make_maildir_writer(folder()), all);
  EXPECT_EQ(read(*make_maildir_reader(folder())), expected(all));
  EXPECT_EQ(folder().folder("cur")->list().size(), inbox.size());
  EXPECT_TRUE(folder().folder("tmp")->list().empty());
}

TEST_F(RoundTrip, Mbox) {
  const auto all = boxes(plain);
  write(*make_mbox_writer(folder()), all);
  EXPECT_EQ(read(*make_mbox_folder_reader(folder())), expected(all));
}

TEST_F(RoundTrip, AnInterruptedExportGoesOnWhereItEnded) {
  const auto all = boxes(plain);
  for (const bool maildir : {true, false}) {
    const auto where = path / (maildir ? "maildir" : "mbox");
    for (std::size_t written = 0, runs = 0; runs < 6; ++runs) {
      auto target = Folder::make_at(where);
      const auto writer = maildir ? make_maildir_writer(std::move(target)) : make_mbox_writer(std::move(target));
      const auto now = write(*writer, all, 1);
      EXPECT_EQ(now, written < 5 ? 1U : 0U) << runs;
      written += now;
    }
    const auto reader = maildir ? make_maildir_reader(Folder::at(where)) : make_mbox_folder_reader(Folder::at(where));
    EXPECT_EQ(read(*reader), expected(all));
  }
  for (const auto& file : files()) EXPECT_FALSE(file.ends_with(".part") || file.ends_with(".progress")) << file;
}

TEST_F(RoundTrip, AFileThatWasCutIsWrittenAgainAndFlagsFollow) {
  auto all = boxes(plain);
  write(*make_maildir_writer(folder()), all);
  const auto cur = path / "cur";
  for (const auto& entry : std::filesystem::directory_iterator(cur)) {
    if (entry.path().filename().string().find("U1.") != std::string::npos) std::filesystem::resize_file(entry, 3);
  }
  all[0].second[1].flags = {"\\Seen"};
  EXPECT_EQ(write(*make_maildir_writer(folder()), all), 1U);
  EXPECT_EQ(read(*make_maildir_reader(folder())), expected(all));
}

TEST_F(RoundTrip, AgeFilesOpenByTheirRecipientsKey) {
  simulation::Entropy entropy{3};
  crypto::KeyArena arena;
  const auto identity = crypto::AgeIdentity::random(arena, entropy);
  const auto all = boxes(plain);
  const auto opened = [&](const Folder& where, const std::string& name) {
    const auto file = where.read(name);
    const auto header = crypto::parse_age_header(*file).value();
    const auto payload =
        crypto::AgePayload::open(*file, crypto::unwrap(header, identity).value(), header.payload_offset).value();
    std::string octets(payload.size(), '\0');
    octets.resize(payload.read_at(0, octets).value());
    return octets;
  };
  EXPECT_EQ(write(*make_sealed_writer(folder(), entropy, identity.recipient()), all, 2), 2U);
  EXPECT_EQ(folder().read("manifest.age"), nullptr);
  EXPECT_EQ(write(*make_sealed_writer(folder(), entropy, identity.recipient()), all), 3U);
  EXPECT_EQ(opened(*folder().folder("5"), "1.age"), plain[0].octets);
  EXPECT_EQ(opened(*folder().folder("5"), "3.age"), plain[2].octets);
  const auto manifest = opened(folder(), "manifest.age");
  EXPECT_THAT(manifest, HasSubstr("mailpod manifest 1\nmailbox\t5\t-\tsubscribed\tINBOX\n"));
  EXPECT_THAT(manifest, HasSubstr("message\t5/2.age\t1600000001\t"));
  EXPECT_THAT(manifest, HasSubstr("mailbox\t7\tsent\t-\tGesendet\n"));
  EXPECT_THAT(files(), SizeIs(6));
}

TEST_F(RoundTrip, MaildirsOfOthersAreRead) {
  put("cur/1600000000.a:2,S", "Subject: one\n\none\n");
  put("new/1500000000.b", "Subject: older\n\n");
  put(".INBOX.Sent/cur/1.c:2,", "Subject: sent\n\n");
  put(".Entw&APw-rfe.2024/cur/1.d:2,D", "Subject: draft\n\n");
  put("Plain/Below/new/1.e", "Subject: plain\n\n");
  put(".trouble/tmp/x", "no mailbox");
  put("dovecot-keywords", "0 blue\n");
  put("cur/1600000001.f:2,a", "Subject: blue\n\n");
  put("cur/.hidden", "no mail");
  std::filesystem::create_directory_symlink("/etc", path / ".Evil");
  std::filesystem::last_write_time(
      path / "new/1500000000.b", std::chrono::file_clock::from_sys(std::chrono::sys_seconds(std::chrono::seconds(7))));
  const auto reader = make_maildir_reader(folder());
  const auto all = read(*reader);
  EXPECT_THAT(all.at("INBOX|"), SizeIs(3));
  EXPECT_EQ(all.at("INBOX|")[0].octets, "Subject: older\r\n\r\n");
  EXPECT_EQ(all.at("INBOX|")[0].seconds, 7U) << "the file's date";
  EXPECT_THAT(all.at("INBOX|")[2].flags, ElementsAre("blue"));
  EXPECT_THAT(all.at("Sent|sent"), SizeIs(1));
  EXPECT_THAT(all.at("Entwürfe/2024|")[0].flags, ElementsAre("\\Draft"));
  EXPECT_THAT(all.at("Plain/Below|"), SizeIs(1));
  EXPECT_THAT(all, SizeIs(4));
}

TEST_F(RoundTrip, ALinkInAMaildirIsNamedAndNotRead) {
  put("cur/1.a:2,", "Subject: a\n\n");
  std::filesystem::create_symlink("/etc/passwd", path / "cur/2.b:2,");
  const auto reader = make_maildir_reader(folder());
  const auto others = reader->open(0);
  ASSERT_THAT(others, SizeIs(1));
  EXPECT_EQ(others[0].place, "cur/2.b:2,");
  EXPECT_TRUE(reader->next([](std::string_view) {}));
  EXPECT_FALSE(reader->next([](std::string_view) {}));
}

TEST_F(RoundTrip, ThunderbirdsFoldersAreRead) {
  const std::string one = "From - Mon Nov 30 03:29:14 2026\nX-Mozilla-Status: 0001\nSubject: a\n\nb\n\n";
  put("Inbox", one + one);
  put("Inbox.msf", "// <!-- <mdb:mork:z v=\"1.4\"/> -->");
  put("Archives.sbd/2024", one);
  put("Trash", "");
  put("filterlog.html", "<html>");
  const auto all = read(*make_mbox_folder_reader(folder()));
  EXPECT_THAT(all, SizeIs(2));
  EXPECT_THAT(all.at("Inbox|"), SizeIs(2));
  EXPECT_THAT(all.at("Archives/2024|")[0].flags, ElementsAre("\\Seen"));
}

TEST_F(RoundTrip, OneFileHasTheNameItIsGiven) {
  put("x", "From a Mon Nov 30 03:29:14 2026\nSubject: a\n\nb\n");
  const auto reader = make_mbox_reader(open_file(path / "x"), "old mail");
  EXPECT_THAT(read(*reader).at("old mail|"), SizeIs(1));
  put("y", "no mbox\n");
  EXPECT_THAT(make_mbox_reader(open_file(path / "y"), "y")->open(0), SizeIs(1));
  EXPECT_TRUE(looks_like_maildir(folder()) == false);
}

}  // namespace
}  // namespace mailpod::transfer

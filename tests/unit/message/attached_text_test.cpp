#include <mailpod/message/attached_text.hpp>

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/message/searched_text.hpp>
#include <mailpod/text/base64.hpp>

#include "zip_archive.hpp"

// What search reads of attachments. Seen to fail with a budget that is not used up, and without the end of a file that
// is described behind it.
namespace mailpod::message {
namespace {

using test::ZipArchive;
using Way = ZipArchive::Way;

/// The text of an attachment that is a document, fed in such pieces.
std::string text_of(AttachedForm form, std::string_view octets, AttachmentBudget budget = {}, std::size_t piece = 5) {
  Part part;
  part.transfer_encoding = "binary";
  AttachedText text(form, part, budget);
  std::string all;
  for (; !octets.empty() && !text.is_over(); octets.remove_prefix(std::min(piece, octets.size())))
    all += text.feed(octets.substr(0, piece));
  return all + text.finish();
}

std::string office(const ZipArchive& archive) {
  return text_of(AttachedForm::office, archive.str());
}

std::string attached(std::string_view type, std::string_view name, std::string_view octets) {
  return "Content-Type: " + std::string(type) + "\r\nContent-Disposition: attachment; filename=\"" + std::string(name) +
         "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text::write_base64_lines(octets);
}

/// All that search looks at in the body.
class Collected final : public TextReader {
public:
  void begin(Place place) override {
    takes_ = place == Place::body;
    if (takes_) text += '|';
  }
  void more(std::string_view folded) override {
    if (takes_) text += folded;
  }
  bool has_enough() const override { return false; }
  std::string text;

private:
  bool takes_ = false;
};

std::string searched(const std::string& mail, Searched what = Searched::attachments) {
  Collected collected;
  read_searched_text(base::MemorySource(mail), scan(mail), what, collected);
  return collected.text;
}

constexpr std::string_view word_document =
    "<?xml version=\"1.0\"?><w:document xmlns:w=\"x\"><w:body><w:p><w:pPr><w:tabs/></w:pPr><w:r><w:t>Hel</w:t></w:r>"
    "<w:r><w:t xml:space=\"preserve\">lo </w:t></w:r><w:r><w:instrText>FIELD</w:instrText></w:r><w:r><w:t>you &amp; "
    "M&#xFC;ller&apos;s</w:t></w:r></w:p><!-- not <w:t>this</w:t> --><w:p><w:r><w:t>next</w:t><w:tab/><w:t>cell</w:t>"
    "</w:r></w:p></w:body></w:document>";

TEST(AttachedText, OfOfficeOpenXmlIsWhatStandsInRuns) {
  EXPECT_EQ(office(ZipArchive()
                       .add("[Content_Types].xml", "<Types><t>types</t></Types>")
                       .add("word/media/image1.png", std::string(3'000, 'x'), Way::stored)
                       .add("word/document.xml", word_document)
                       .add("word/footnotes.xml", "<w:t>note</w:t>")),
            "  Hello you & Müller's next cell note");
  EXPECT_EQ(office(ZipArchive()
                       .add("ppt/slides/slide1.xml", "<a:p><a:r><a:t>slide</a:t></a:r></a:p>")
                       .add("xl/sharedStrings.xml", "<sst><si><t>one</t></si><si><t>two</t></si></sst>")),
            "  slide  one two");
}

TEST(AttachedText, OfOpenDocumentIsAllOfItsContent) {
  EXPECT_EQ(office(ZipArchive()
                       .add("mimetype", "application/vnd.oasis.opendocument.text", Way::stored)
                       .add("content.xml",
                            "<office:text><text:h>Title</text:h><text:p>w<text:span>or</text:span>d"
                            "<text:s text:c=\"3\"/>end<text:line-break/>line</text:p></office:text>")
                       .add("meta.xml", "<dc:title>hidden</dc:title>")),
            "  Title word end line");
}

TEST(AttachedText, ReadsReferencesThatAreNoneAsTheyStand) {
  EXPECT_EQ(office(ZipArchive().add("content.xml", "<p>AT&T &amp &aaaaaaaaaaaaaaa; &aaaaaaaaaü&aaé;</p>")),
            "  AT&T &amp &aaaaaaaaaaaaaaa; &aaaaaaaaaü&aaé;");
}

TEST(AttachedText, IsFoundWhereFilesAreDescribedBehindThem) {
  EXPECT_EQ(office(ZipArchive()
                       .add("word/styles.xml", std::string(100'000, 's'), Way::described_behind)
                       .add("word/document.xml", word_document, Way::described_behind)
                       .add("word/endnotes.xml", "<w:t>last</w:t>", Way::described_behind)),
            "  Hello you & Müller's next cell last");
}

TEST(AttachedText, IsTheSameHoweverItIsCut) {
  const auto archive = ZipArchive().add("word/document.xml", word_document).add("content.xml", "<p>u</p>").str();
  const auto whole = text_of(AttachedForm::office, archive, {}, archive.size());
  for (std::size_t piece = 1; piece < 60; ++piece)
    EXPECT_EQ(text_of(AttachedForm::office, archive, {}, piece), whole) << piece;
  // An archive that is cut gives what came, and nothing else happens.
  for (std::size_t length = 0; length < archive.size(); ++length) {
    const auto cut = text_of(AttachedForm::office, std::string_view(archive).substr(0, length));
    EXPECT_TRUE(whole.starts_with(cut)) << length;
  }
}

TEST(AttachedText, EndsAtADocumentTypeSoThatThereAreNoEntities) {
  EXPECT_EQ(office(ZipArchive().add("content.xml", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><p>&a;text</p>")), " ");
}

TEST(AttachedText, UnpacksNoMoreThanTheBudgetOfTheMessage) {
  const auto bomb = ZipArchive().add("content.xml", std::string(20'000'000, 'x')).str();
  EXPECT_LT(bomb.size(), 30'000U);
  EXPECT_EQ(text_of(AttachedForm::office, bomb, {.unpacked = 100'000}).size(), 100'001U);
  const auto mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
                    attached("application/octet-stream", "1.odt", bomb) + "\r\n--b\r\n" +
                    attached("application/octet-stream", "2.odt", bomb) + "\r\n--b\r\n" +
                    attached("application/octet-stream", "3.odt", bomb) + "\r\n--b--\r\n";
  const auto all = searched(mail);
  EXPECT_GT(all.size(), std::size_t{32} << 20U);
  EXPECT_LT(all.size(), (std::size_t{32} << 20U) + 100) << "of all three together";
}

TEST(AttachedText, LooksAtSoManyFilesOfArchives) {
  ZipArchive archive;
  for (int n = 0; n < 20; ++n) archive.add("x", "", Way::stored);
  archive.add("content.xml", "<p>found</p>");
  EXPECT_EQ(text_of(AttachedForm::office, archive.str(), {.files = 21}), "  found");
  EXPECT_EQ(text_of(AttachedForm::office, archive.str(), {.files = 20}), "");
}

TEST(AttachedText, PassesOverWhatIsEncryptedOrNoArchive) {
  auto archive = ZipArchive().add("content.xml", "<p>one</p>").add("content.xml", "<p>two</p>").str();
  archive[6] = 1;
  EXPECT_EQ(text_of(AttachedForm::office, archive), "  two");
  EXPECT_EQ(text_of(AttachedForm::office, "<p>no archive</p>"), "");
}

TEST(SearchedAttachments, AreReadByTypeAndWhereItSaysNothingByName) {
  const auto document = ZipArchive().add("content.xml", "<p>Mädchen</p>").str();
  EXPECT_EQ(searched(attached("application/vnd.oasis.opendocument.text", "a.odt", document)), "|a.odt|  madchen");
  EXPECT_EQ(searched(attached("application/octet-stream", "B.ODT", document)), "|b.odt|  madchen");
  EXPECT_EQ(searched(attached("application/octet-stream", "b.exe", document)), "|b.exe");
  EXPECT_EQ(searched(attached("application/json", "c", "{\"a\": 1}")), "|c|{\"a\": 1}");
  EXPECT_EQ(searched(attached("application/octet-stream", "d.htm", "w<b>or</b>d")), "|d.htm|word");
  EXPECT_EQ(searched(attached("application/rtf", "e", "{\\rtf1 caf\\'e9}")), "|e|cafe");
  EXPECT_EQ(searched(attached("application/pdf", "bill.pdf", "%PDF-1.7 text")), "|bill.pdf");
  EXPECT_EQ(searched("Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n"), "|status: 5.1.1\r\n");
}

TEST(SearchedAttachments, AreNotReadUnlessAskedFor) {
  const auto document = ZipArchive().add("content.xml", "<p>word</p>").str();
  EXPECT_EQ(searched(attached("application/vnd.oasis.opendocument.text", "a.odt", document), Searched::texts), "");
  EXPECT_EQ(searched(attached("text/csv", "a.csv", "one,two"), Searched::texts), "|one,two");
  EXPECT_EQ(searched(attached("text/csv", "a.csv", "one,two")), "|a.csv|one,two");
}

}  // namespace
}  // namespace mailpod::message

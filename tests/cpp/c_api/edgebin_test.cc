// The C interface: results, which are compared with the oracle's, errors, and misuse.
#include "edgebin/edgebin.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/float_bits.h"
#include "c_api/c99.h"
#include "runtime/corpus.h"
#include "runtime/hostile.h"
#include "runtime/written.h"

namespace edgebin {
namespace {

constexpr char kShipped[] = EDGEBIN_SHIPPED;

using Owner = std::unique_ptr<edgebin_model, decltype(&edgebin_free)>;

Owner load(const std::string& path, const edgebin_options* options = nullptr) {
  edgebin_model* model = nullptr;
  EXPECT_EQ(edgebin_load(path.c_str(), options, &model), EDGEBIN_OK) << edgebin_last_error();
  return {model, edgebin_free};
}

edgebin_value output_of(const Owner& model, std::size_t index = 0) {
  edgebin_value value{};
  value.size = sizeof value;
  EXPECT_EQ(edgebin_get_output(model.get(), index, &value), EDGEBIN_OK);
  return value;
}

edgebin_value input_of(const Owner& model) {
  edgebin_value value{};
  value.size = sizeof value;
  EXPECT_EQ(edgebin_get_input(model.get(), &value), EDGEBIN_OK);
  return value;
}

edgebin_info info_of(const Owner& model) {
  edgebin_info info{};
  info.size = sizeof info;
  EXPECT_EQ(edgebin_get_info(model.get(), &info), EDGEBIN_OK);
  return info;
}

void expect_one_line(std::string_view part) {
  const std::string line = edgebin_last_error();
  EXPECT_NE(line.find(part), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
}

TEST(CApi, WorksFromC99) { EXPECT_EQ(elements_from_c(kShipped), 10); }

TEST(CApi, TellsWhatTheModelIs) {
  const Owner model = load(kShipped);
  const edgebin_info info = info_of(model);
  EXPECT_EQ(info.size, sizeof info);
  EXPECT_STREQ(info.name, "cifar10-resnet20");
  EXPECT_EQ(std::string(info.producer).rfind("edgebin ", 0), 0u);
  EXPECT_STREQ(info.colour, "rgb");
  EXPECT_STREQ(info.isa, edgebin_isa_name(0));
  EXPECT_EQ(info.threads, 1);
  EXPECT_EQ(info.output_count, 1u);
  EXPECT_EQ(info.label_count, 10u);
  EXPECT_EQ(info.file_bytes, bytes_of(kShipped).size());
  EXPECT_GT(info.arena_bytes, 0u);
  EXPECT_STREQ(edgebin_label(model.get(), 8), "ship");
  EXPECT_EQ(edgebin_label(model.get(), 10), nullptr);
  const edgebin_value input = input_of(model);
  EXPECT_EQ(input.height, 32);
  EXPECT_EQ(input.width, 32);
  EXPECT_EQ(input.channels, 3);
  EXPECT_EQ(input.elements, 3072u);
  EXPECT_EQ(output_of(model).elements, 10u);
}

TEST(CApi, ListsInstructionSets) {
  const std::size_t count = edgebin_isa_count();
  ASSERT_GT(count, 0u);
  EXPECT_STREQ(edgebin_isa_name(count - 1), "scalar");
  EXPECT_EQ(edgebin_isa_name(count), nullptr);
}

// One model of the corpus, loaded as `loaded`, against the oracle's file.
void expect_oracle(const std::filesystem::path& path, const Owner& loaded) {
  const auto expected = bytes_of(std::filesystem::path(path).replace_extension(".bin"));
  const std::size_t outputs = info_of(loaded).output_count;
  std::size_t each = input_of(loaded).elements;
  for (std::size_t i = 0; i < outputs; ++i) each += output_of(loaded, i).elements * sizeof(float);
  const std::size_t count = expected.size() / each;
  const std::size_t bytes = count * input_of(loaded).elements;
  const auto* const images = reinterpret_cast<const std::uint8_t*>(expected.data());
  std::vector<std::vector<float>> found;
  std::vector<float*> pointers;
  std::vector<std::size_t> elements;
  for (std::size_t i = 0; i < outputs; ++i) {
    elements.push_back(count * output_of(loaded, i).elements);
    pointers.push_back(found.emplace_back(elements.back()).data());
  }
  ASSERT_EQ(
      edgebin_run_outputs(loaded.get(), images, bytes, pointers.data(), elements.data(), outputs),
      EDGEBIN_OK)
      << edgebin_last_error();
  std::size_t at = bytes;
  for (const auto& output : found) {
    const auto* const bytes_of_output = reinterpret_cast<const std::byte*>(expected.data() + at);
    EXPECT_EQ(bits_of(output), bits_of(bytes_of_output, output.size())) << path;
    at += output.size() * sizeof(float);
  }
  std::vector<float> first(found.front().size());
  ASSERT_EQ(edgebin_run(loaded.get(), images, bytes, first.data(), first.size()), EDGEBIN_OK);
  EXPECT_EQ(std::memcmp(first.data(), found.front().data(), first.size() * sizeof(float)), 0);
}

TEST(CApi, EqualsTheOracleFromFileAndMemory) {
  const auto models = corpus();
  EDGEBIN_SKIP_WITHOUT_CORPUS(models);
  edgebin_options options{};
  options.size = sizeof options;
  options.threads = 2;
  for (const auto& path : models) {
    const Owner loaded = load(path.string(), &options);
    const bool takes_images = input_of(loaded).type == EDGEBIN_TYPE_U8;
    if (!takes_images || info_of(loaded).input_count > 1) continue;  // TypedCApi has those
    expect_oracle(path, loaded);
    const auto file = bytes_of(path);
    edgebin_model* model = nullptr;
    ASSERT_EQ(edgebin_load_memory(file.data(), file.size(), nullptr, &model), EDGEBIN_OK);
    expect_oracle(path, {model, edgebin_free});
  }
}

TEST(CApi, NullPointersAreErrors) {
  const Owner model = load(kShipped);
  edgebin_model* made = nullptr;
  edgebin_info info{};
  edgebin_value value{};
  const std::uint8_t image[3072] = {};
  float scores[10] = {};
  EXPECT_EQ(edgebin_load(nullptr, nullptr, &made), EDGEBIN_ERROR_INPUT);
  expect_one_line("path: is a null pointer");
  EXPECT_EQ(edgebin_load(kShipped, nullptr, nullptr), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_load_memory(nullptr, 1, nullptr, &made), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_load_memory(image, 1, nullptr, nullptr), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(made, nullptr);
  EXPECT_EQ(edgebin_get_info(nullptr, &info), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_get_info(model.get(), nullptr), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_get_input(nullptr, &value), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_get_input(model.get(), nullptr), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_get_output(nullptr, 0, &value), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_get_output(model.get(), 0, nullptr), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_label(nullptr, 0), nullptr);
  EXPECT_EQ(edgebin_run(nullptr, image, 3072, scores, 10), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_run(model.get(), nullptr, 3072, scores, 10), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_run(model.get(), image, 3072, nullptr, 10), EDGEBIN_ERROR_INPUT);
  const std::size_t ten = 10;
  float* nowhere = nullptr;
  EXPECT_EQ(edgebin_run_outputs(model.get(), image, 3072, nullptr, &ten, 1), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_run_outputs(model.get(), image, 3072, &nowhere, nullptr, 1),
            EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_run_outputs(model.get(), image, 3072, &nowhere, &ten, 1), EDGEBIN_ERROR_INPUT);
  edgebin_free(nullptr);
}

TEST(CApi, EachKindOfErrorHasItsStatus) {
  edgebin_model* model = nullptr;
  EXPECT_EQ(edgebin_load("no/such\n.ebn", nullptr, &model), EDGEBIN_ERROR_MODEL_FILE);
  expect_one_line("cannot be opened");
  EXPECT_EQ(edgebin_load_memory("short", 5, nullptr, &model), EDGEBIN_ERROR_MODEL_FILE);
  expect_one_line("has 5 bytes");
  EXPECT_STREQ(edgebin_last_error_code(), "container.size");
  edgebin_options options{};
  options.size = sizeof options;
  options.isa = "abacus";
  EXPECT_EQ(edgebin_load(kShipped, &options, &model), EDGEBIN_ERROR_OPTION);
  expect_one_line("\"abacus\"");
  options.isa = nullptr;
  options.threads = 257;
  EXPECT_EQ(edgebin_load(kShipped, &options, &model), EDGEBIN_ERROR_OPTION);
  expect_one_line("257");
  EXPECT_STREQ(edgebin_last_error_code(), "");
  EXPECT_EQ(model, nullptr);
}

TEST(CApi, VerificationNamesTheLayerThatDiffers) {
  const Owner model = load(kShipped);
  EXPECT_EQ(edgebin_verify(model.get()), EDGEBIN_OK) << edgebin_last_error();
  EXPECT_EQ(edgebin_verify(nullptr), EDGEBIN_ERROR_INPUT);
  expect_one_line("model: is a null pointer");

  std::vector<std::byte> file = bytes_of(kShipped);
  std::uint32_t header = 0;
  std::memcpy(&header, file.data() + 12, sizeof header);
  file[kPrefix + header - 1] ^= std::byte{1};  // the hash of the last layer
  seal(file);
  edgebin_model* made = nullptr;
  ASSERT_EQ(edgebin_load_memory(file.data(), file.size(), nullptr, &made), EDGEBIN_OK);
  const Owner wrong = {made, edgebin_free};
  EXPECT_EQ(edgebin_verify(wrong.get()), EDGEBIN_ERROR_DIFFERENT);
  expect_one_line("layer \"head\" (linear, kernel ");
  expect_one_line(": expected 0x");
}

TEST(CApi, SizesThatDoNotFitAreErrors) {
  const Owner model = load(kShipped);
  const std::vector<std::uint8_t> images(2 * 3072);
  std::vector<float> scores(21, -1.0f);
  const auto run = [&](std::size_t bytes, std::size_t elements) {
    return edgebin_run(model.get(), images.data(), bytes, scores.data(), elements);
  };
  EXPECT_EQ(run(3071, 10), EDGEBIN_ERROR_INPUT);
  expect_one_line("images: expected a multiple of 32x32x3 bytes, found 3071");
  EXPECT_EQ(run(0, 10), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(run(6144, 10), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(run(3072, 20), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(run(3072, 0), EDGEBIN_ERROR_INPUT);
  expect_one_line("elements: expected those of the output, found 0");
  EXPECT_EQ(run(6144, 21), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(scores, std::vector<float>(21, -1.0f));
  EXPECT_EQ(run(6144, 20), EDGEBIN_OK);
  EXPECT_EQ(scores[20], -1.0f);
  float* const outputs[2] = {scores.data(), nullptr};
  const std::size_t elements[2] = {10, 0};
  EXPECT_EQ(edgebin_run_outputs(model.get(), images.data(), 3072, outputs, elements, 2),
            EDGEBIN_ERROR_INPUT);
  expect_one_line("outputs: expected 1, found 2");
  edgebin_value value{};
  value.size = sizeof value;
  EXPECT_EQ(edgebin_get_output(model.get(), 1, &value), EDGEBIN_ERROR_INPUT);
}

TEST(CApi, TheArenaCanBeLimited) {
  const std::size_t needed = info_of(load(kShipped)).arena_bytes;
  edgebin_options options{};
  options.size = sizeof options;
  options.max_arena_bytes = needed;
  EXPECT_EQ(info_of(load(kShipped, &options)).arena_bytes, needed);
  edgebin_model* model = nullptr;
  options.max_arena_bytes = needed - 1;
  EXPECT_EQ(edgebin_load(kShipped, &options, &model), EDGEBIN_ERROR_MODEL_FILE);
  EXPECT_STREQ(edgebin_last_error_code(), "arena.limit");
  options.size = offsetof(edgebin_options, max_arena_bytes);  // of a caller from before it
  EXPECT_EQ(edgebin_load(kShipped, &options, &model), EDGEBIN_OK) << edgebin_last_error();
  edgebin_free(model);
}

struct FutureOptions {
  edgebin_options known;
  void* appended;
};

TEST(CApi, StructuresMayGrow) {
  const Owner model = load(kShipped);
  FutureOptions future{};
  future.known.size = sizeof future;
  edgebin_model* made = nullptr;
  ASSERT_EQ(edgebin_load(kShipped, &future.known, &made), EDGEBIN_OK) << edgebin_last_error();
  edgebin_free(made);
  future.appended = &future;
  EXPECT_EQ(edgebin_load(kShipped, &future.known, &made), EDGEBIN_ERROR_INPUT);
  future.known.size = 0;
  EXPECT_EQ(edgebin_load(kShipped, &future.known, &made), EDGEBIN_ERROR_INPUT);
  expect_one_line("options: expected a size of at least");
  struct {
    edgebin_value known;
    std::size_t appended;
  } value{};
  value.known.size = sizeof value;
  value.appended = 7;
  EXPECT_EQ(edgebin_get_input(model.get(), &value.known), EDGEBIN_OK);
  EXPECT_EQ(value.known.elements, 3072u);
  EXPECT_EQ(value.known.size, sizeof value);
  EXPECT_EQ(value.appended, 7u);
  value.known.size = 8;
  EXPECT_EQ(edgebin_get_input(model.get(), &value.known), EDGEBIN_ERROR_INPUT);
}

TEST(CApi, ThreadsShareAModelAndHaveErrorsOfTheirOwn) {
  const Owner model = load(kShipped);
  edgebin_free(nullptr);
  EXPECT_NE(edgebin_load("none.ebn", nullptr, nullptr), EDGEBIN_OK);
  const std::string mine = edgebin_last_error();
  std::vector<std::vector<float>> scores(4, std::vector<float>(10));
  std::vector<std::thread> threads;
  for (auto& own : scores) {
    threads.emplace_back([&] {
      EXPECT_STREQ(edgebin_last_error(), "");
      const std::vector<std::uint8_t> image(3072, 77);
      for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(edgebin_run(model.get(), image.data(), 3072, own.data(), 10), EDGEBIN_OK);
      }
      EXPECT_NE(edgebin_run(model.get(), image.data(), 1, own.data(), 10), EDGEBIN_OK);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& own : scores) EXPECT_EQ(own, scores.front());
  EXPECT_EQ(edgebin_last_error(), mine);
}

// Two inputs of other types than images: the mean of f32 and s8 elements.
std::vector<std::byte> typed_network() {
  WrittenNetwork network = {{1, 2, 2}, {floats({2}, {1, 1}), floats({2}, {-128, -128})}, {}};
  network.version = 3;
  network.input_type = EDGEBIN_TYPE_F32;
  network.more_inputs = {{EDGEBIN_TYPE_S8, {1, 2, 2}}};
  network.nodes.push_back({"affine", {1}, {{"scale", 0}, {"bias", 1}}, {}});
  network.nodes.push_back({"add", {0, 2}, {}, {}});
  return written(network);
}

edgebin_tensor tensor_of(void* data, std::size_t bytes, edgebin_type type) {
  return {.size = sizeof(edgebin_tensor), .data = data, .bytes = bytes, .type = type};
}

struct TypedRun {
  std::vector<float> first = {1, 2, 3, 4, 5, 6, 7, 8};  // two images
  std::vector<std::int8_t> second = {-128, 127, 0, 1, -1, 2, 3, 4};
  std::vector<float> result = std::vector<float>(8);

  std::vector<edgebin_tensor> inputs() {
    return {tensor_of(first.data(), first.size() * sizeof(float), EDGEBIN_TYPE_F32),
            tensor_of(second.data(), second.size(), EDGEBIN_TYPE_S8)};
  }
  edgebin_tensor output() {
    return tensor_of(result.data(), result.size() * sizeof(float), EDGEBIN_TYPE_F32);
  }
};

class TypedCApi : public testing::Test {
 protected:
  void SetUp() override {
    edgebin_model* loaded = nullptr;
    ASSERT_EQ(edgebin_load_memory(file_.data(), file_.size(), nullptr, &loaded), EDGEBIN_OK)
        << edgebin_last_error();
    model_.reset(loaded);
  }

  edgebin_status run(const std::vector<edgebin_tensor>& inputs, const edgebin_tensor& output) {
    return edgebin_run_tensors(model_.get(), inputs.data(), inputs.size(), &output, 1);
  }

  std::vector<std::byte> file_ = typed_network();
  Owner model_{nullptr, edgebin_free};
  TypedRun given_;
};

TEST_F(TypedCApi, RunsInputsOfEachType) {
  ASSERT_EQ(run(given_.inputs(), given_.output()), EDGEBIN_OK) << edgebin_last_error();
  EXPECT_EQ(given_.result, (std::vector<float>{-127, 129, 3, 5, 4, 8, 10, 12}));
}

TEST_F(TypedCApi, TellsWhatTheInputsAre) {
  const edgebin_info info = info_of(model_);
  EXPECT_EQ(info.input_count, 2u);
  EXPECT_STREQ(info.task, "raw");
  EXPECT_EQ(input_of(model_).type, EDGEBIN_TYPE_F32);
  edgebin_value second{};
  second.size = sizeof second;
  ASSERT_EQ(edgebin_get_input_at(model_.get(), 1, &second), EDGEBIN_OK);
  EXPECT_EQ(second.type, EDGEBIN_TYPE_S8);
  EXPECT_EQ(second.elements, 4u);
  EXPECT_EQ(edgebin_get_input_at(model_.get(), 2, &second), EDGEBIN_ERROR_INPUT);
  expect_one_line("input: expected 0 to 1, found 2");
}

TEST_F(TypedCApi, RefusesTheCallForImages) {
  const std::vector<std::uint8_t> image(4);
  EXPECT_EQ(edgebin_run(model_.get(), image.data(), 4, given_.result.data(), 4),
            EDGEBIN_ERROR_INPUT);
  expect_one_line("images: expected 2 inputs, f32 first");
}

TEST_F(TypedCApi, RefusesOtherTypesAndSizes) {
  std::vector<edgebin_tensor> inputs = given_.inputs();
  inputs[1].type = EDGEBIN_TYPE_U8;
  EXPECT_EQ(run(inputs, given_.output()), EDGEBIN_ERROR_INPUT);
  expect_one_line("of type 2 (s8), found 0");
  inputs = given_.inputs();
  inputs[1].bytes = 7;
  EXPECT_EQ(run(inputs, given_.output()), EDGEBIN_ERROR_INPUT);
  expect_one_line("expected 2 x 4 bytes, found 7");
  inputs = given_.inputs();
  inputs[0].data = reinterpret_cast<std::byte*>(given_.first.data()) + 1;
  inputs[0].bytes = 16;
  inputs[1].bytes = 4;
  EXPECT_EQ(run(inputs, given_.output()), EDGEBIN_ERROR_INPUT);
  expect_one_line("an address that 4 divides");
  inputs = given_.inputs();
  inputs.pop_back();
  EXPECT_EQ(run(inputs, given_.output()), EDGEBIN_ERROR_INPUT);
  expect_one_line("inputs: expected 2, found 1");
  inputs = given_.inputs();
  inputs[0].size = 8;
  EXPECT_EQ(run(inputs, given_.output()), EDGEBIN_ERROR_INPUT);
  expect_one_line("inputs: expected a size of at least");
  edgebin_tensor output = given_.output();
  output.bytes = 6;
  EXPECT_EQ(run(given_.inputs(), output), EDGEBIN_ERROR_INPUT);
  EXPECT_EQ(edgebin_run_tensors(model_.get(), nullptr, 2, &output, 1), EDGEBIN_ERROR_INPUT);
  expect_one_line("inputs: is a null pointer");
}

// The corpus has a detector of red pixels, of 8 x 8.
class DetectingCApi : public testing::Test {
 protected:
  void SetUp() override {
    EDGEBIN_SKIP_WITHOUT_CORPUS(corpus());
    model_ = load(std::string(std::getenv("EDGEBIN_CORPUS")) + "/detect-image-0.ebn");
    const std::size_t middle = 3 * (8 * 4 + 4);
    pixels_[middle] = 255;
  }

  edgebin_status detect(std::int32_t width, std::int32_t height, std::size_t capacity) {
    return edgebin_detect(model_.get(), pixels_.data(), pixels_.size(), width, height,
                          found_.data(), capacity, &count_);
  }

  Owner model_{nullptr, edgebin_free};
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(8 * 8 * 3);
  std::vector<edgebin_detection> found_ = std::vector<edgebin_detection>(5);
  std::size_t count_ = 99;
};

TEST_F(DetectingCApi, FindsObjects) {
  EXPECT_EQ(info_of(model_).max_boxes, 5u);
  EXPECT_STREQ(info_of(model_).task, "detect");
  ASSERT_EQ(detect(0, 0, 5), EDGEBIN_OK) << edgebin_last_error();
  ASSERT_EQ(count_, 1u);
  EXPECT_EQ(found_[0].left, 3.5f);
  EXPECT_EQ(found_[0].bottom, 5.5f);
  EXPECT_EQ(found_[0].score, 1.0f);
  EXPECT_STREQ(edgebin_label(model_.get(), static_cast<std::size_t>(found_[0].index)), "red");
  ASSERT_EQ(detect(80, 80, 5), EDGEBIN_OK) << edgebin_last_error();
  EXPECT_EQ(found_[0].left, 35.0f);
  ASSERT_EQ(edgebin_detect(model_.get(), pixels_.data(), pixels_.size(), 8, 8, nullptr, 0, &count_),
            EDGEBIN_OK);
  EXPECT_EQ(count_, 0u);
}

TEST_F(DetectingCApi, RefusesWhatIsWrong) {
  EXPECT_EQ(detect(-1, 5, 5), EDGEBIN_ERROR_INPUT);
  expect_one_line("width and height: expected both at least 1, or both 0, found -1 and 5");
  EXPECT_EQ(detect(0, 5, 5), EDGEBIN_ERROR_INPUT);
  pixels_.pop_back();
  EXPECT_EQ(detect(5, 5, 5), EDGEBIN_ERROR_INPUT);
  expect_one_line("pixels: expected 192 bytes, found 191");
  EXPECT_EQ(edgebin_detect(model_.get(), pixels_.data(), 192, 5, 5, nullptr, 5, &count_),
            EDGEBIN_ERROR_INPUT);
  expect_one_line("detections: is a null pointer");
  const Owner classifier = load(kShipped);
  EXPECT_EQ(edgebin_detect(classifier.get(), pixels_.data(), 192, 5, 5, found_.data(), 5, &count_),
            EDGEBIN_ERROR_INPUT);
  expect_one_line("task: expected detect, found classify");
  EXPECT_EQ(count_, 99u);
}

}  // namespace
}  // namespace edgebin

/* The C interface of edgebin, for every language that can call C: load an .ebn file, query what it
 * is, and run images through it. It decodes no image files: pixels go in, the network's numbers or,
 * by edgebin_detect, boxes come out.
 *
 *   edgebin_model* model = NULL;
 *   if (edgebin_load("resnet18.ebn", NULL, &model) != EDGEBIN_OK) {
 *     fprintf(stderr, "%s\n", edgebin_last_error());
 *     return 1;
 *   }
 *   edgebin_value input = {.size = sizeof input}, output = {.size = sizeof output};
 *   edgebin_get_input(model, &input);         // input.elements bytes are an image
 *   edgebin_get_output(model, 0, &output);
 *   float* scores = malloc(output.elements * sizeof *scores);
 *   edgebin_run(model, pixels, input.elements, scores, output.elements);
 *   edgebin_free(model);
 *
 * Rules for all functions:
 * - A function that returns edgebin_status returns EDGEBIN_OK, or an error which is described by
 *   edgebin_last_error(); then it has written to none of its results. A null pointer where none is
 *   allowed is an error, not a crash.
 * - A loaded model never changes. Any number of threads may use it at once; each concurrent run has
 *   working memory and threads of its own. Only edgebin_free() needs exclusive access.
 * - Strings are UTF-8, end with a zero and belong to the library: those of a model are valid as
 *   long as the model, all others forever, except for the text of an error.
 * - Structures begin with their size, which the caller sets to sizeof the structure. Later versions
 *   append fields, so programs need not be recompiled.
 */
#ifndef EDGEBIN_EDGEBIN_H_
#define EDGEBIN_EDGEBIN_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define EDGEBIN_API __attribute__((visibility("default")))
#else
#define EDGEBIN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Rises when a function or structure changes incompatibly. Additions leave it unchanged. */
#define EDGEBIN_ABI_VERSION 1

/* EDGEBIN_ABI_VERSION of the linked library. If it differs from the header's, do not continue. */
EDGEBIN_API uint32_t edgebin_abi_version(void);

/* The version of the library, such as "0.1.0". */
EDGEBIN_API const char* edgebin_version(void);

typedef enum edgebin_status {
  EDGEBIN_OK = 0,
  EDGEBIN_ERROR_MODEL_FILE = 1, /* missing, damaged, or describes an impossible network */
  EDGEBIN_ERROR_INPUT = 2,      /* an argument does not fit the network, or is null */
  EDGEBIN_ERROR_OPTION = 3,     /* an option, EDGEBIN_ISA or EDGEBIN_CONV_ALGO has no such value
                                   here, or no thread can be started */
  EDGEBIN_ERROR_MEMORY = 4,     /* there is not enough memory */
  EDGEBIN_ERROR_INTERNAL = 5,   /* a bug in edgebin: please report it */
  EDGEBIN_ERROR_DIFFERENT = 6   /* a result differs from the file's fingerprint */
} edgebin_status;

/* One line about the last call of the calling thread that failed, "" before the first: the thing,
 * what was expected and what was found. At most 1023 bytes. Valid until the thread's next failing
 * call. */
EDGEBIN_API const char* edgebin_last_error(void);

/* For the same call, the code of the rule of FORMAT.md that the file breaks, such as
 * "container.magic", which also stands in brackets at the end of the line; "" if the call failed
 * for any other reason. Valid forever. */
EDGEBIN_API const char* edgebin_last_error_code(void);

/* Instruction sets that this library has and this machine can run, best first. The name at an index
 * past the last is null. Thread-safe. */
EDGEBIN_API size_t edgebin_isa_count(void);
EDGEBIN_API const char* edgebin_isa_name(size_t index);

typedef struct edgebin_model edgebin_model;

/* All fields but size may be zero. */
typedef struct edgebin_options {
  size_t size;     /* sizeof(edgebin_options) */
  const char* isa; /* null: the environment variable EDGEBIN_ISA if it is set, else the best */
  int32_t threads; /* of one run, 1 to 256; 0 is 1 */
  int32_t pin;     /* 1: pin each started thread to a core of its own and leave the first core to
                      the calling thread; needs as many cores as threads */
  uint64_t max_arena_bytes; /* a network that needs more working memory for one run is refused
                               before it is allocated: 1 to 2^31; 0 is 2^31 */
} edgebin_options;

/* Loads the file at `path` and prepares it for this machine. `options` may be null. The caller owns
 * *model and frees it with edgebin_free(). The file is mapped and must not change until then. */
EDGEBIN_API edgebin_status edgebin_load(const char* path, const edgebin_options* options,
                                        edgebin_model** model);

/* As above, from the `size` bytes of a file in memory, at any alignment. They are not copied and
 * must not change until edgebin_free(). */
EDGEBIN_API edgebin_status edgebin_load_memory(const void* file, size_t size,
                                               const edgebin_options* options,
                                               edgebin_model** model);

/* Frees the model and its strings. Does nothing for null. No other thread may be using the
 * model. */
EDGEBIN_API void edgebin_free(edgebin_model* model);

typedef struct edgebin_info {
  size_t size; /* sizeof(edgebin_info) */
  const char* name;
  const char* producer; /* what wrote the file */
  const char* colour;   /* of the input: "rgb", "bgr" or "grey" */
  const char* filter;   /* of the resize: "nearest", "bilinear", "bicubic" or "lanczos" */
  const char* isa;      /* whose kernels it runs */
  uint32_t resize;      /* short side before the centre crop; 0 stretches to the input's size */
  int32_t threads;      /* of one run */
  size_t output_count;  /* at least 1 */
  size_t label_count;   /* may be less than the number of classes */
  size_t file_bytes;
  size_t arena_bytes; /* working memory of each concurrent run */
  /* Since 0.2. */
  size_t input_count; /* 1 to 16 */
  const char* task;   /* "classify", "detect", "segment", "embed" or "raw" */
  float temperature;  /* of "classify": scores are softmax(logits / temperature) */
  float threshold;    /* of "classify": an image whose best score is lower is of no class; of
                         "detect": boxes of a lower score are left out */
  int32_t letterbox;  /* 1: instead of resize and crop, the whole image, its aspect kept, centred */
  int32_t fill;       /* of the letterbox, 0 to 255 */
  size_t max_boxes;   /* of "detect": the most that edgebin_detect finds in an image; else 0 */
} edgebin_info;

typedef enum edgebin_type {
  EDGEBIN_TYPE_U8 = 0,
  EDGEBIN_TYPE_F32 = 1,
  EDGEBIN_TYPE_S8 = 2
} edgebin_type;

/* An input or output of the network. Its elements lie row by row, channels innermost. */
typedef struct edgebin_value {
  size_t size; /* sizeof(edgebin_value) */
  const char* name;
  int32_t height;        /* 1 for a single position, as for scores of classes */
  int32_t width;         /* 1 for a single position */
  int32_t channels;      /* number of classes, for scores */
  int32_t probabilities; /* 1: the output of a softmax; 0: anything else */
  size_t elements;       /* height x width x channels, of one image */
  /* Since 0.2. */
  int32_t type; /* an edgebin_type; outputs are EDGEBIN_TYPE_F32 */
} edgebin_value;

/* These fill in the structure, whose size the caller has set. edgebin_get_input is for the first
 * input. Thread-safe. */
EDGEBIN_API edgebin_status edgebin_get_info(const edgebin_model* model, edgebin_info* info);
EDGEBIN_API edgebin_status edgebin_get_input(const edgebin_model* model, edgebin_value* value);
EDGEBIN_API edgebin_status edgebin_get_input_at(const edgebin_model* model, size_t index,
                                                edgebin_value* value);
EDGEBIN_API edgebin_status edgebin_get_output(const edgebin_model* model, size_t index,
                                              edgebin_value* value);

/* The name of a class; null if the model has no name for it. Thread-safe. */
EDGEBIN_API const char* edgebin_label(const edgebin_model* model, size_t index);

/* Runs one or more images and returns the first output.
 *
 * pictures: `bytes` bytes: a whole number n of uint8 images, one after the other, each (height,
 *           width, channels) of the input, in the colour order that edgebin_info has.
 * output:   memory for float32 (n, height, width, channels) of the output.
 * elements: the number of those floats, which must be n times the output's elements.
 *
 * No pointer is kept. Thread-safe. */
EDGEBIN_API edgebin_status edgebin_run(const edgebin_model* model, const uint8_t* pictures,
                                       size_t bytes, float* output, size_t elements);

/* As above, for all outputs: `outputs` and `elements` have an entry for each of the `count` outputs
 * of the network, null and 0 for one that is not wanted. */
EDGEBIN_API edgebin_status edgebin_run_outputs(const edgebin_model* model, const uint8_t* pictures,
                                               size_t bytes, float* const* outputs,
                                               const size_t* elements, size_t count);

/* The elements of one input or output. */
typedef struct edgebin_tensor {
  size_t size;  /* sizeof(edgebin_tensor) */
  void* data;   /* floats are aligned; of an output null where it is not wanted */
  size_t bytes; /* of all images; of an output 0 where it is not wanted */
  int32_t type; /* an edgebin_type, that of the input or output */
} edgebin_tensor;

/* As edgebin_run_outputs, for networks with inputs of any number and type, which the two calls
 * above refuse: `inputs` has an entry for each of the `input_count` inputs, `outputs` for each of
 * the `output_count` outputs. All have a size that is the distance from one entry to the next.
 * Elements of inputs are only read. Since 0.2. */
EDGEBIN_API edgebin_status edgebin_run_tensors(const edgebin_model* model,
                                               const edgebin_tensor* inputs, size_t input_count,
                                               const edgebin_tensor* outputs, size_t output_count);

/* An object in an image, with the edges of its box in pixels from the left and from the top. */
typedef struct edgebin_detection {
  float left;
  float top;
  float right;
  float bottom;
  float score;   /* the threshold of the model to 1 */
  int32_t index; /* of the class, as edgebin_label takes it */
} edgebin_detection;

/* Runs one image of a network of the task "detect", and finds the objects in it, best first.
 *
 * pixels:     `bytes` bytes: one image, (height, width, channels) of the input, as for edgebin_run.
 * width:      and height: of the upright image that the pixels were made from by the model's
 *             preprocessing; boxes are in its pixels. Both 0: in pixels of the input.
 * detections: memory for `capacity` of them, for all with the max_boxes of edgebin_info.
 * count:      how many have been written.
 *
 * No pointer is kept. Thread-safe. Since 0.2. */
EDGEBIN_API edgebin_status edgebin_detect(const edgebin_model* model, const uint8_t* pixels,
                                          size_t bytes, int32_t width, int32_t height,
                                          edgebin_detection* detections, size_t capacity,
                                          size_t* count);

/* Runs the probe images of the fingerprint with the options of the loaded model and compares the
 * output of every layer, bit for bit, with what the file promises. EDGEBIN_ERROR_DIFFERENT: the
 * text names the first layer that differs, with what was expected and found.
 * EDGEBIN_ERROR_MODEL_FILE: the file has no fingerprint. Thread-safe. */
EDGEBIN_API edgebin_status edgebin_verify(const edgebin_model* model);

#ifdef __cplusplus
}
#endif

#endif /* EDGEBIN_EDGEBIN_H_ */
